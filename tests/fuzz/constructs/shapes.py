"""Re-addressing: reshape, transpose, slices, joining, diagonals, triangles."""

from __future__ import annotations

from tests.fuzz.constructs.registry import also, construct
from tests.fuzz.draft import Draft


@also("reshape")
def reshape_split(d: Draft) -> str:
    a, b = d.pick(list(d.sizes)), d.pick([*d.sizes, "2", "3"])
    rest = [d.size()] if d.one_in(2) else []
    x = d.input([*rest, f"{a}*{b}"])
    parts = ", ".join([*rest, a, d.pick([b, "-1"]) if d.value(a) else b])
    return f"sd.reshape({x}, ({parts}))"


@also("reshape")
def reshape_merge(d: Draft) -> str:
    x = d.real(d.pick((2, 3)))
    shape = d.shape(x)
    if len(shape) == 2:
        return f"sd.reshape({x}, (({shape[0]})*({shape[1]}),))"
    return d.pick([f"sd.reshape({x}, (({shape[0]})*({shape[1]}), {shape[2]}))",
                   f"sd.reshape({x}, ({shape[0]}, ({shape[1]})*({shape[2]})))",
                   f"sd.reshape(sd.swapaxes({x}, 0, 1), (({shape[0]})*({shape[1]}), {shape[2]}))"])


@construct
def transpose(d: Draft) -> str:
    x = d.real(least=2)
    rank = d.scope[x].ndim
    order = d.rng.sample(range(rank), rank)
    return d.pick([f"{x}.T", f"sd.transpose({x}, {tuple(order)})", f"sd.swapaxes({x}, 0, -1)"])


@construct
def slices(d: Draft) -> str:
    x = d.real(least=1)
    keys = []
    for s in d.shape(x):
        n = d.value(s)
        whole = [":", "::-1", "::2", "::-2"]
        keys.append(d.pick(whole + [k for k, least in (
            ("1:", 1), (":-1", 1), ("1::2", 1), ("1:-1", 2), ("-2::-1", 2), ("-2:", 2), (":1", 1),
            ("-1:0:-1", 1), (f":{s} - 1", 1), ("2:", 2), ("1::3", 1)) if n >= least]))
    return f"{x}[{', '.join(keys)}]"


@construct
def integer_index(d: Draft) -> str:
    x = d.real(fits=lambda x: any(d.value(s) for s in d.shape(x)))
    keys, done = [], False
    for s in d.shape(x):
        n = d.value(s)
        if n and not done:
            keys.append(d.pick(["0", "-1", f"{s} - 1", str(n - 1), str(-n), "0, None"]))
        else:
            keys.append(":")
        done = done or n > 0
    return f"{x}[{', '.join(keys)}]" if keys else f"{x}[None]"


@construct
def concatenate(d: Draft) -> str:
    x = d.real(least=1)
    shape = d.shape(x)
    a = d.pick(range(len(shape)))
    parts = [x, d.input([*shape[:a], d.size(), *shape[a + 1:]]), x]
    return f"sd.concatenate([{', '.join(parts[:d.pick((2, 3))])}], axis={a})"


@also("concatenate")
def stack(d: Draft) -> str:
    x = d.real()
    shape = d.shape(x)
    parts = [x, d.like(shape), d.like(shape)][: d.pick((1, 2, 3))]
    return f"sd.stack([{', '.join(parts)}], axis={d.pick(range(len(shape) + 1))})"


@construct
def pad(d: Draft) -> str:
    x = d.real(least=1)
    widths = [d.pick([(0, 0), (1, 1), (0, 2), (1, 0)]) for _ in d.shape(x)]
    return f"sd.pad({x}, {widths})"


@construct
def flip(d: Draft) -> str:
    x = d.real(least=1)
    return f"sd.flip({x}, axis={d.pick(range(d.scope[x].ndim))})"


@also("integer_index")
def expand_and_squeeze(d: Draft) -> str:
    x = d.real()
    rank = d.scope[x].ndim
    one = d.input(["1", *d.shape(x)])
    return d.pick([f"sd.expand_dims({x}, {d.pick(range(rank + 1))})", f"sd.squeeze({one}, 0)"])


@construct
def diagonal_matrix(d: Draft) -> str:
    x = d.real(1)
    return d.pick([f"sd.diag({x})", f"sd.diag({x}) @ {d.like([d.shape(x)[0], d.size()])}"])


@construct
def diagonal(d: Draft) -> str:
    x = d.square(d.pick((2, 2, 3)))
    return d.pick([f"sd.diagonal({x})", f"sd.diag({x})"])


@construct
def triangle(d: Draft) -> str:
    x = d.real(d.pick((2, 2, 3)))
    return f"sd.{d.pick(['tril', 'triu'])}({x}, {d.pick((-1, 0, 0, 1))})"


@construct
def eye(d: Draft) -> str:
    x = d.square()
    n = d.shape(x)[0]
    return d.pick([f"{x} + 2*sd.eye({n})", f"sd.eye({n}) * {x}", f"sd.eye({n}) @ {x}",
                   f"sd.eye({n})[:, ::-1] * {d.like([n])}"])
