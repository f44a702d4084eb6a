"""A small example of a kernel: inputs that are drawn, and the outputs to 50 digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.claims.evaluate import evaluate
from symdl.claims.points import draw_inputs
from symdl.claims.sizes import draw_sizes, size_of
from symdl.kernels.oracle import oracle
from symdl.kernels.preconditions import preconditions
from symdl.language import operators as op
from symdl.language.errors import ShapeError, SymdlError
from symdl.language.form import Dim
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Tensor, Variable, topological

Array = np.ndarray[Any, Any]
TRIALS = 4
"""How many points are drawn, of which one is taken."""
ENOUGH = 0.8
"""The part of the outputs' entries that aren't 0 with which a point is taken at once."""
RELATIVE = {"float64": 1e-10, "float32": 2e-5}
"""How far an output may be from the exact numbers, relative to its largest entry."""


@dataclass(frozen=True)
class Example:
    """Inputs and outputs.

    Attributes
    ----------
    sizes : mapping of Dim to int
        All sizes.
    inputs : mapping of str to ndarray
        Arrays by name.
    outputs : tuple of ndarray
        What the equations give, evaluated entry by entry in 50 digits, and rounded.
    tolerances : tuple of float
        How far a kernel's outputs may be from that, whatever the entry.
    """

    sizes: Mapping[Dim, int]
    inputs: Mapping[str, Array]
    outputs: tuple[Array, ...]
    tolerances: tuple[float, ...]


def example_of(roots: Sequence[Tensor], inputs: Sequence[Variable], dtype: str, seed: int = 0,
               given: Mapping[str, Any] | None = None, sizes: Mapping[str, int] | None = None,
               ) -> Example:
    """Draw a point at which a program has a value, and evaluate it there.

    Parameters
    ----------
    roots, inputs : sequence of Tensor
        The program.
    dtype : {"float64", "float32"}
        The type that inputs are rounded to before anything is computed from them.
    seed : int
        The same one gives the same point.
    given : mapping of str to array_like, optional
        Inputs that aren't drawn.
    sizes : mapping of str to int, optional
        Sizes that aren't drawn.

    Raises
    ------
    SymdlError
        If no point is found, or what is given contradicts itself.
    """
    numbers, arrays = drawn(roots, inputs, dtype, seed, given, sizes)
    outputs = exact(roots, arrays, numbers)
    return Example(numbers, arrays, outputs, _tolerances(roots, arrays, numbers, outputs, dtype))


def drawn(roots: Sequence[Tensor], inputs: Sequence[Variable], dtype: str, seed: int = 0,
          given: Mapping[str, Any] | None = None, sizes: Mapping[str, int] | None = None,
          ) -> tuple[dict[Dim, int], dict[str, Array]]:
    """The sizes and inputs of an example; see `example_of`."""
    known = {v.name: v for v in inputs if v.name is not None}
    fixed = {}
    for name, x in (given or {}).items():
        if name not in known:
            raise SymdlError(f"{name} is no input of the kernel, which takes {', '.join(known)}")
        fixed[name] = np.asarray(x, dtype if known[name].dtype == "real" else np.int64)
    numbers = _sizes(roots, inputs, fixed, sizes or {}, seed)
    arrays = _point(roots, inputs, dtype, seed, fixed, numbers)
    for k in range(1, TRIALS):
        if _alive(roots, arrays, numbers) > ENOUGH:
            break
        other = _point(roots, inputs, dtype, seed + k, fixed, numbers)
        arrays = max(arrays, other, key=lambda point: _alive(roots, point, numbers))
    return numbers, arrays


def _tolerances(roots: Sequence[Tensor], arrays: Mapping[str, Array], sizes: Mapping[Dim, int],
                outputs: Sequence[Array], dtype: str) -> tuple[float, ...]:
    """What rounding may do: a part of the size of an output, and what it does to the inputs.

    The change of an output when all inputs change by random parts u of themselves is measured
    at a larger u.
    """
    unit, step = float(np.finfo(dtype).eps), 1e-8
    generator = np.random.default_rng(0)
    base = _evaluated(roots, arrays, sizes)
    spread = [0.0] * len(roots)
    for _ in range(TRIALS):
        moved = {name: a * (1 + step * generator.choice([-1.0, 1.0], a.shape))
                 if a.dtype.kind == "f" else a for name, a in arrays.items()}
        for k, (x, y) in enumerate(zip(_evaluated(roots, moved, sizes), base, strict=True)):
            change = np.abs(x - y)
            spread[k] = max(spread[k], float(change[np.isfinite(change)].max(initial=0.0)))
    scales = [float(np.abs(a[np.isfinite(a)]).max(initial=1e-3)) for a in outputs]
    least = 100 * unit * max(scales, default=0.0)
    return tuple(float(f"{RELATIVE[dtype] * scale + 200 * unit / step * s + least:.1g}")
                 for scale, s in zip(scales, spread, strict=True))


def _evaluated(roots: Sequence[Tensor], arrays: Mapping[str, Array], sizes: Mapping[Dim, int],
               ) -> list[Array]:
    """The outputs in float64."""
    wide = {name: arrays[name].astype(np.float64) if arrays[name].dtype.kind == "f" else
            arrays[name] for name in _names(roots)}
    return evaluate(roots, wide, {str(d): n for d, n in sizes.items()})


def _sizes(roots: Sequence[Tensor], inputs: Sequence[Variable], fixed: Mapping[str, Array],
           stated: Mapping[str, int], seed: int) -> dict[Dim, int]:
    """Small sizes, all different where the program allows it: equal ones hide exchanged axes."""
    whole = _scalar(roots)
    known = {k: a for k, a in fixed.items() if k in _names([whole])}
    missing = sorted(str(d) for d in dims_of([*roots, *inputs])
                     if str(d) not in stated and not any(
                         d in f.all_atoms for v in inputs if v.name in fixed for f in v.shape))
    different = dict(zip(missing, (3, 2, 4, 5, 6, 7, 8), strict=False))
    for attempt in ({**different, **stated}, stated):
        try:
            found = draw_sizes(whole, known, attempt, seed)
            found |= dict.fromkeys(dims_of([*roots, *inputs]) - found.keys(), 2)
            for p in preconditions(roots):
                p.check(found)
            if all(size_of(f, found) > 0 for t in topological(roots) for f in t.shape):
                return found
        except ShapeError:
            if attempt is stated:
                raise
    return found


def _point(roots: Sequence[Tensor], inputs: Sequence[Variable], dtype: str, seed: int,
           fixed: Mapping[str, Array], sizes: Mapping[Dim, int]) -> dict[str, Array]:
    """Arrays for all inputs, those that nothing depends on included."""
    point = draw_inputs(_scalar(roots), fixed, sizes, seed, evaluate)
    generator = np.random.default_rng(seed)
    arrays: dict[str, Array] = {}
    for v in inputs:
        name, shape = str(v.name), [size_of(f, sizes) for f in v.shape]
        drawn = point[name] if name in point else (
            generator.normal(size=shape) if v.dtype == "real" else np.zeros(shape))
        arrays[name] = np.asarray(drawn, dtype if v.dtype == "real" else np.int64)
    return arrays


def _alive(roots: Sequence[Tensor], point: Mapping[str, Array], sizes: Mapping[Dim, int],
           ) -> float:
    """The part of the outputs' entries that aren't 0: a unit that is off shows nothing."""
    found = _evaluated(roots, point, sizes)
    return sum(np.count_nonzero(a) for a in found) / max(sum(a.size for a in found), 1)


def exact(roots: Sequence[Tensor], arrays: Mapping[str, Array], sizes: Mapping[Dim, int],
          ) -> tuple[Array, ...]:
    """The outputs as the equations say, by the oracle in 50 digits."""
    needed = {str(d): sizes[d] for d in dims_of(roots)}
    used = {name: arrays[name] for name in _names(roots)}
    found = oracle(roots, used, "mpf", **needed)
    return tuple(np.array(a.tolist(), np.float64 if r.dtype == "real" else np.int64
                          ).reshape(a.shape) for r, a in zip(roots, found, strict=True))


def _names(roots: Sequence[Tensor]) -> list[str]:
    return [str(v.name) for v in variables_of(roots)]


def _scalar(roots: Sequence[Tensor]) -> Tensor:
    """One number that all outputs go into, so that a point suits each of them."""
    total: Tensor = op.as_tensor(0)
    for r in roots:
        total = total + (op.sum(r) if r.ndim else r)
    return total
