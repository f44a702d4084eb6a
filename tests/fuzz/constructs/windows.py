"""Affine windows by hand: convolutions with stride, dilation and padding, pooling."""

from __future__ import annotations

from tests.fuzz.constructs.registry import also, construct, loop
from tests.fuzz.draft import Draft


def _long(d: Draft, *lead: str) -> tuple[str, str]:
    """A tensor whose last axis has room for windows, and that axis' size."""
    size = d.pick(["2*n + 3", "n + 4", "m + 5", "7"])
    return d.input([*lead, size]), size


def _filter(d: Draft, *lead: str) -> tuple[str, str]:
    """A short filter and its size, at least 1."""
    size = d.pick(["2", "3", *(s for s in d.sizes if 1 <= d.sizes[s] <= 3)])
    return d.input([*lead, size]), size


@construct
def window(d: Draft) -> str:
    x, _ = _long(d)
    f, _ = _filter(d)
    s, e = d.pick((1, 1, 2, 3)), d.pick((1, 1, 2))
    if (d.entries(d.shape(f)) - 1) * e >= d.entries(d.shape(x)):
        e = 1
    return loop("i r", f"sd.define(None, i, sd.sum({x}[{s}*i + {e}*r] * {f}[r], r))")


@also("window")
def window_of_stated_size(d: Draft) -> str | None:
    x, n = _long(d)
    f, k = _filter(d)
    p, s = d.pick((0, 1)), d.pick((1, 2, 3))
    if d.value(n) + 2 * p < d.value(k):
        return None
    padded = d.add(f"sd.pad({x}, [({p}, {p})])", "pad")
    return padded and loop("i r", f"sd.define(None, i, sd.sum({padded}[{s}*i + r] * {f}[r], r))",
                           f"({n} + {2 * p} - {k})//{s} + 1", k)


@construct
def masked_window(d: Draft) -> str:
    x, n = _long(d)
    f, k = _filter(d)
    s = d.pick((1, 2))
    at = f"{s}*i + r - 1"
    return loop("i r", f"sd.define(None, i, sd.sum(sd.where(({at} >= 0) & ({at} < {n}), "
                f"{x}[{at}] * {f}[r], 0), r))", d.pick([n, f"({n} + 1)//{s}"]), k)


@construct
def channels(d: Draft) -> str:
    x, _ = _long(d, "m")
    f, _ = _filter(d, d.size(), "m")
    s = d.pick((1, 2))
    return loop("o i c r", "sd.define(None, (o, i), sd.sum("
                f"{x}[c, {s}*i + r] * {f}[o, c, r], (c, r)))")


@also("pool")
def overlapping_pool(d: Draft) -> str:
    x, _ = _long(d, *([d.size()] if d.one_in(2) else []))
    name = d.pick(["max", "min", "max"])
    s, k = d.pick((1, 2)), d.pick((2, 3))
    if d.scope[x].ndim == 1:
        return loop("i r", f"sd.define(None, i, sd.{name}({x}[{s}*i + r], r))",
                    f"({d.shape(x)[0]} - {k})//{s} + 1", str(k))
    return loop("c i r", f"sd.define(None, (c, i), sd.{name}({x}[c, {s}*i + r], r))",
                d.shape(x)[0], f"({d.shape(x)[1]} - {k})//{s} + 1", str(k))


@also("pool")
def separate_pool(d: Draft) -> str:
    n, k = d.pick(list(d.sizes)), d.pick(("2", "3"))
    x = d.input([f"{n}*{k}"])
    name = d.pick(["max", "sum", "mean", "prod"])
    return loop("i r", f"sd.define(None, i, sd.{name}({x}[{k}*i + r], r))", n, k)


@construct
def transposed_window(d: Draft) -> str:
    f, k = _filter(d)
    x, n = d.input([n := d.pick(list(d.sizes))]), n
    s = d.pick((1, 2))
    return loop("j i r", f"sd.define(None, j, sd.sum(sd.where(sd.eq({s}*i + r, j), "
                f"{x}[i] * {f}[r], 0), (i, r)))", f"{s}*{n} + {k}", n, k)


@also("affine_index")
def strided_view(d: Draft) -> str:
    n = d.pick(list(d.sizes))
    x = d.input([f"2*{n} + 1"])
    return d.pick([loop("i", f"sd.define(None, i, {x}[2*i] * {x}[2*i + 1])", n),
                   loop("i j", f"sd.define(None, (i, j), {x}[i + j])", n, n),
                   loop("i", f"sd.define(None, i, {x}[2*{n} - i])", n)])


@also("affine_index")
def divided_index(d: Draft) -> str:
    n = d.pick(list(d.sizes))
    k = d.pick(("2", "3"))
    x, y = d.input([n]), d.input([k])
    return d.pick([loop("i", f"sd.define(None, i, {x}[i//{k}])", f"{k}*{n}"),
                   loop("i", f"sd.define(None, i, {x}[i//{k}] * {y}[i % {k}])", f"{k}*{n}")])
