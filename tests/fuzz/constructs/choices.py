"""Choosing entries: where, gather, one-hot, sorting, arg-maxima."""

from __future__ import annotations

from symdl.language.scalars import POSITIVE
from tests.fuzz.constructs.registry import also, construct, loop
from tests.fuzz.draft import Draft


@construct
def where_data(d: Draft) -> str:
    x = d.real()
    y = d.like(d.shape(x))
    return d.pick([f"sd.where({x} > 0.1, {x}, {y})", f"sd.where({x} < {y}, {x}*{y}, 0)",
                   f"sd.where({x} > 0.2, sd.log({d.within(x, POSITIVE)}), {y})",
                   f"sd.where({x} > 0.2, sd.log({x}), 0)",
                   f"sd.where({x} > {y}, sd.sqrt({x} - {y}), 1)"])


@construct
def where_index(d: Draft) -> str:
    x = d.real(d.pick((1, 2)))
    if d.scope[x].ndim == 1:
        n = d.shape(x)[0]
        return d.pick([loop("i", f"sd.define(None, i, sd.where(i > 0, {x}[i - 1], 0))", n),
                       loop("i", f"sd.define(None, i, sd.where(i + 1 < {n}, {x}[i + 1], {x}[i]))",
                            n),
                       loop("i j", f"sd.define(None, (i, j), sd.where(i > j, {x}[i], {x}[j]**2))")])
    y = d.like(d.shape(x))
    return d.pick([
        loop("i j", f"sd.define(None, (i, j), sd.where(i <= j, {x}[i, j], {y}[i, j]))"),
        loop("i j", f"sd.define(None, (i, j), sd.where(sd.eq(i, j), 0, {x}[i, j]))"),
        loop("i j", "sd.define(None, i, sd.sum("
             f"sd.where((j <= i) & (i - j < 2), {x}[i, j], 0), j))")])


@construct
def gather(d: Draft) -> str:
    x = d.real(least=1)
    shape = d.shape(x)
    a = d.pick(range(len(shape)))
    y = d.labels(d.pick([[d.size()], ["m"], [d.size(), "2"]]), shape[a])
    return d.pick([f"{x}[{':, ' * a}{y}]", f"sd.take({x}, {y}, axis={a})"])


@also("gather")
def gather_pairs(d: Draft) -> str:
    x = d.real(2)
    rows, columns = d.shape(x)
    y = d.labels([rows], columns)
    z = d.size()
    return d.pick([f"{x}[sd.arange({rows}), {y}]",
                   f"{x}[{d.labels([z], rows)}, {d.labels([z], columns)}]",
                   loop("i", f"sd.define(None, i, {x}[i, {y}[i]] ** 2)")])


@construct
def repeated_labels(d: Draft) -> str:
    x = d.real(d.pick((1, 2)))
    shape = d.shape(x)
    y = d.labels(["5"], shape[0])
    return d.pick([f"sd.sum({x}[{y}]**2, axis=0)", f"sd.cumsum({x}[{y}], axis=0)[1:]"])


@construct
def one_hot(d: Draft) -> str:
    n, m = d.size(), d.size()
    y = d.labels([n], m)
    return d.pick([f"sd.one_hot({y}, {m}) * {d.like([n, m])}",
                   f"sd.one_hot({y}, {m}) @ {d.like([m])}",
                   f"sd.sum(sd.one_hot({y}, {m}) * {d.like([n, m])}, axis=1)"])


@construct
def integers_as_numbers(d: Draft) -> str:
    x = d.real(1)
    n = d.shape(x)[0]
    y = d.labels([n], "3")
    return d.pick([f"{x} * {y}", f"sd.where({y} > 0, {x}, {x}**2)", f"{x} * sd.eq({y}, 1)"])


@construct
def sort(d: Draft) -> str:
    x = d.real(least=1)
    down = ", descending=True" if d.one_in(2) else ""
    return f"sd.sort({x}, axis={d.pick(range(d.scope[x].ndim))}{down})"


@construct
def top_k(d: Draft) -> str | None:
    x = d.real(least=1)
    n = d.value(d.shape(x)[-1])
    return f"sd.top_k({x}, {d.rng.randint(1, n)})[0]" if n else None


@construct
def at_argmax(d: Draft) -> str:
    x = d.real(d.pick((1, 2)), fits=lambda x: 0 not in d.numeric[x].shape)
    name = d.pick(["argmax", "argmin"])
    if d.scope[x].ndim == 1:
        return f"{d.like(d.shape(x))}[sd.{name}({x}, axis=0)]"
    rows, columns = d.shape(x)
    return d.pick([f"{d.like([columns])}[sd.{name}({x}, axis=1)]",
                   f"{x}[sd.arange({rows}), sd.{name}({x}, axis=1)]",
                   f"{d.like([rows, d.size()])}[sd.{name}({x}, axis=0)]"])


@also("sort")
def at_argsort(d: Draft) -> str:
    x = d.real(1)
    y = d.like(d.shape(x))
    return f"{y}[sd.argsort({x})]"
