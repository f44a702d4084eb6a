"""The language's operators by NumPy itself: a line's text, evaluated on arrays.

Everything else takes the equations that the language builds for granted. Lines that hold
indices, mapped expressions or gradients have no mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import sympy
from scipy import linalg

from symdl.language.scalars import CATALOGUE
from tests.fuzz.program import Array, Program

UNMIRRORED = ("sd.indices", "sd.vmap", "sd.grad")


def mirrored(p: Program, values: dict[str, Array]) -> Iterator[tuple[str, Array]]:
    """What NumPy makes of each line that has a mirror, given the values of all names."""
    scope = {"sd": NUMPY, "np": np, "sympy": sympy, "PROBE": lambda t: 0, **p.sizes, **values}
    for x in p.lines:
        if any(word in x.text for word in UNMIRRORED):
            continue
        try:
            with np.errstate(all="ignore"), catch_warnings():
                simplefilter("ignore", RuntimeWarning)  # the mean of nothing is NaN, here too
                found = np.asarray(eval(x.text, scope), float)
        except (ValueError, IndexError):
            if 0 not in p.sizes.values():  # NumPy refuses what has no entries now and then
                raise
        else:
            yield x.name, found


class _States(np.ndarray[Any, Any]):
    """All states of a recurrence, with the one before the first."""

    start: Array


def _recur(names: Any, length: int, init: Any, step: Callable[..., Any], lags: int = 1) -> Any:
    several = not isinstance(names, str)
    past = [list(s) if lags > 1 else [s] for s in (init if several else (init,))]
    begin = [np.asarray(s[0]) for s in past]
    rows: list[list[Array]] = [[] for _ in past]
    for t in range(length):
        new = step(t, *(tuple(s) if lags > 1 else s[0] for s in past))
        for state, row, x in zip(past, rows, new if several else (new,), strict=True):
            row.append(np.asarray(x))
            state[:] = [row[-1], *state[:-1]]
    out = []
    for row, first in zip(rows, begin, strict=True):
        states = np.array(row).reshape(length, *first.shape).view(_States)
        states.start = first
        out.append(states)
    return tuple(out) if several else out[0]


def _final(states: Any) -> Array:
    if len(states):
        return np.asarray(states[-1])
    if not isinstance(states, _States):
        raise ValueError("the states don't tell the initial one")
    return states.start


def _scalar(name: str) -> Callable[..., Array]:
    entry = CATALOGUE[name]

    def function(*args: Any, **params: Any) -> Array:
        names = sympy.symbols(f"z0:{entry.arity}", real=True)
        values = {**entry.params, **params}
        formula = entry.formula(*names, **{k: sympy.nsimplify(v) for k, v in values.items()})
        return _apply(lambda *_: formula, *args, symbols=names)

    return function


def _apply(body: Callable[..., Any], *args: Any, symbols: Any = None) -> Array:
    names = symbols or sympy.symbols(f"z0:{len(args)}", real=True)
    text = sympy.lambdify(names, body(*names), modules=["scipy", "numpy"])
    return np.asarray(np.vectorize(text, otypes=[float])(*args)) if np.size(args[0]) else (
        np.broadcast_arrays(*args)[0].astype(float))


def _sort(x: Array, axis: int = -1, descending: bool = False) -> Array:
    found = np.sort(x, axis)
    return np.flip(found, axis) if descending else found


def _pad(x: Array, widths: Sequence[tuple[int, int]]) -> Array:
    return np.pad(x, widths)


def _triangular_solve(a: Array, b: Array, lower: bool = True) -> Array:
    whole = np.tril(a) if lower else np.triu(a)
    return _solve(whole, b)


def _solve(a: Array, b: Array) -> Array:
    return np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else np.linalg.solve(a, b)


def _of_matrix(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return np.vectorize(function, otypes=[float], signature="(n,n)->(n,n)")


def _one_hot(y: Array, size: int) -> Array:
    return (y[..., None] == np.arange(size)).astype(float)


def _full(shape: Any, value: Any) -> Array:
    return np.broadcast_to(value, shape)


_SAME = (
    np.sum, np.mean, np.max, np.min, np.prod, np.var, np.cumsum, np.cumprod, np.einsum, np.outer,
    np.argmax, np.argmin, np.argsort, np.transpose, np.swapaxes, np.reshape, np.concatenate,
    np.stack, np.flip, np.expand_dims, np.squeeze, np.broadcast_to, np.eye, np.arange, np.take,
    np.where, np.less, np.maximum, np.minimum, np.clip, np.tril, np.triu, np.tanh, np.sin, np.cos,
    np.exp, np.log, np.sqrt)

NUMPY = SimpleNamespace(
    **{name: _scalar(name) for name in CATALOGUE}
    | {function.__name__: function for function in _SAME} | {"max": np.max, "min": np.min}
    | {"apply": _apply, "recur": _recur, "final": _final, "sort": _sort, "pad": _pad,
       "top_k": lambda x, k: (_sort(x, -1, True)[..., :k],), "one_hot": _one_hot,
       "ne": np.not_equal, "eq": np.equal, "stop_gradient": np.asarray, "full": _full,
       "ones": lambda *shape: np.ones(shape), "zeros": lambda *shape: np.zeros(shape),
       "diag": lambda x: np.diag(x) if x.ndim < 3 else np.diagonal(x, 0, -2, -1),
       "diagonal": lambda x: np.diagonal(x, 0, -2, -1),
       "trace": lambda x: np.trace(x, 0, -2, -1),
       "inv": np.linalg.inv, "det": np.linalg.det, "cholesky": np.linalg.cholesky,
       "logdet": lambda a: np.linalg.slogdet(a)[1], "solve": _solve,
       "pinv": np.linalg.pinv, "eigvalsh": np.linalg.eigvalsh, "norm": np.linalg.norm,
       "svdvals": lambda a: np.linalg.svd(a, compute_uv=False),
       "matrix_power": np.linalg.matrix_power, "kron": np.kron,
       **{name: _of_matrix(getattr(linalg, name)) for name in ("expm", "sqrtm", "logm")},
       "triangular_solve": _triangular_solve, "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
       "softplus": lambda x: np.logaddexp(x, 0)})
"""What `sd` stands for in a mirrored line."""

