"""Reductions, contractions, running sums and products."""

from __future__ import annotations

from string import ascii_lowercase

from tests.fuzz.constructs.registry import also, construct, loop
from tests.fuzz.draft import Draft


def _axis(d: Draft, x: str) -> str:
    """An axis argument."""
    rank = d.scope[x].ndim
    axes = [str(k) for k in range(-rank, rank)]
    if rank > 1:
        axes.append(str(tuple(d.rng.sample(range(rank), 2))))
    return d.pick(axes)


def _plain(d: Draft, name: str) -> str:
    x = d.real(least=1)
    keep = ", keepdims=True" if d.one_in(4) else ""
    return f"sd.{name}({x}, axis={_axis(d, x)}{keep})"


@construct
def sum(d: Draft) -> str:
    return _plain(d, "sum")


@construct
def mean(d: Draft) -> str:
    return _plain(d, "mean")


@construct
def max(d: Draft) -> str:
    return _plain(d, "max")


@also("max")
def min(d: Draft) -> str:
    return _plain(d, "min")


@construct
def prod(d: Draft) -> str:
    return _plain(d, "prod")


@also("prod")
def prod_with_zeros(d: Draft) -> str:
    x = d.real(least=1)
    return f"sd.prod({x} * (abs({x}) > 0.4), axis={_axis(d, x)})"


@construct
def keepdims(d: Draft) -> str:
    x = d.real(least=1)
    name = d.pick(["sum", "mean", "max", "min"])
    return f"{x} - sd.{name}({x}, axis={_axis(d, x)}, keepdims=True)"


@also("mean")
def variance(d: Draft) -> str:
    return _plain(d, "var")


@construct
def log_sum_exp(d: Draft) -> str:
    x = d.real(least=1)
    a = d.pick(range(d.scope[x].ndim))
    return d.pick([f"sd.log(sd.sum(sd.exp({x}), axis={a}))",
                   f"sd.exp({x}) / sd.sum(sd.exp({x}), axis={a}, keepdims=True)"])


@also("running")
def cumsum(d: Draft) -> str:
    x = d.real(least=1)
    return f"sd.cumsum({x}, axis={d.pick(range(d.scope[x].ndim))})"


@also("running")
def cumprod(d: Draft) -> str:
    x = d.real(least=1)
    return f"sd.cumprod({x}, axis={d.pick(range(d.scope[x].ndim))})"


@construct
def matmul(d: Draft) -> str:
    x = d.real(least=1)
    shape = d.shape(x)
    kind = d.rng.randrange(4)
    if kind == 0 or len(shape) > 2:
        return f"{x} @ {d.like([shape[-1], d.size()])}"
    if kind == 1:
        return f"{d.like([d.size(), shape[0]])} @ {x}"
    if kind == 2:
        return f"{x} @ {d.like(shape[-1:])}"
    batch = d.size()
    return f"{d.like([batch, d.size(), shape[0]])} @ {x}"


@also("matmul")
def transposed_matmul(d: Draft) -> str:
    x = d.real(2)
    rows, columns = d.shape(x)
    return d.pick([f"{x}.T @ {d.like([rows, d.size()])}", f"{x} @ {d.like([d.size(), columns])}.T",
                   f"{d.like([columns, d.size()])}.T @ {x}.T"])


@construct
def einsum(d: Draft) -> str:
    x = d.real(d.pick((2, 3)))
    letters = ascii_lowercase[: d.scope[x].ndim]
    sizes = dict(zip(letters, d.shape(x), strict=True)) | {"z": d.size()}
    other = "".join(d.rng.sample(sorted(sizes), 2))
    y = d.like([sizes[c] for c in other])
    out = d.rng.sample(sorted(set(letters + other)), d.rng.randint(0, 2))
    third = f", {d.like([sizes[out[0]]])}" if out and d.one_in(4) else ""
    return (f"sd.einsum('{letters},{other}{',' + out[0] if third else ''}->{''.join(out)}', "
            f"{x}, {y}{third})")


@construct
def repeated_letter(d: Draft) -> str:
    x = d.square()
    n = d.shape(x)[0]
    return d.pick([f"sd.einsum('ii->i', {x})", f"sd.einsum('ii,i->', {x}, {d.like([n])})",
                   f"sd.einsum('ii,ij->j', {x}, {d.like([n, d.size()])})",
                   f"sd.einsum('ij,ji->i', {x}, {x})", f"sd.einsum('ii,jj->', {x}, {x})"])


@also("diagonal")
def trace(d: Draft) -> str:
    x = d.square(d.pick((2, 2, 3)))
    return d.pick([f"sd.trace({x})", f"sd.trace({x} @ {x})"])


@construct
def outer(d: Draft) -> str:
    return f"sd.outer({d.real(1)}, {d.real(1)})"


@construct
def contraction_by_hand(d: Draft) -> str:
    x = d.real(2)
    y = d.like([d.shape(x)[1], d.size()])
    return d.pick([
        loop("i j r", f"sd.define(None, (i, j), sd.sum({x}[i, r] * {y}[r, j], r))"),
        loop("i j r", f"sd.define(None, (j, i), sd.sum(sd.tanh({x}[i, r]) * {y}[r, j]**2, r))"),
        loop("i j r", f"sd.define(None, i, sd.max({x}[i, r] - {y}[r, j], (r, j)))"),
        loop("i r", f"sd.define(None, r, sd.mean({x}[i, r]**2, i))"),
        loop("i r", f"sd.sum({x}[i, r] * (i + r + 1), (i, r))")])


@construct
def triangular_range(d: Draft) -> str:
    x = d.real(1)
    n = d.shape(x)[0]
    name = d.pick(["sum", "max", "min", "prod"])
    order = d.pick(["j <= i", "j >= i", "(j <= i) & (i - j <= 1)"])
    return loop("i j", f"sd.define(None, i, sd.{name}({x}[j], j, where={order}))", n, n)


@construct
def mapped_over(d: Draft) -> str:
    x = d.real(2)
    w = d.like(d.shape(x)[1:])
    return loop("i", f"sd.vmap(sd.tanh({x}[i] @ {w}) * {w}, over=i)")
