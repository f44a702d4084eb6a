"""An accuracy certificate: a kernel's errors against 50 digits, beside its condition numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from symdl.claims.evaluate import evaluate
from symdl.claims.example import drawn
from symdl.kernels.oracle import oracle
from symdl.kernels.trees import leaves, named_leaves
from symdl.language.errors import shape_text
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Tensor

if TYPE_CHECKING:
    from symdl.kernels.kernel import Kernel

Array = np.ndarray[Any, Any]
Compute = Callable[..., Any]

STEP = 1e-6
"""The part of itself by which an input's entry is moved to measure a condition number."""
MOST = 200
"""Entries of the inputs up to which each is moved by itself."""
DIRECTIONS = 32
"""How often all entries are moved at once, where they are more."""
FACTOR = 100
"""How many times the inputs' own rounding an error may be."""


@dataclass(frozen=True)
class Accuracy:
    """How accurate an output is.

    Attributes
    ----------
    label : str
        The output.
    shape : str
        Its shape.
    error : float
        The largest error of an entry over the largest entry, at all points.
    condition : float
        The largest change of an entry over the largest entry, for a relative change of the
        inputs' entries by 1 in the worst direction; from below where the inputs have more than
        200 entries, which then are moved together in 32 random directions.
    unit : float
        Half the distance from 1 to the next number of the type: what rounding the inputs may
        change them by.
    """

    label: str
    shape: str
    error: float
    condition: float
    unit: float

    @property
    def ratio(self) -> float:
        """The error in units of what rounding the inputs and the output does."""
        return self.error / ((1 + self.condition) * self.unit)

    def __bool__(self) -> bool:
        return self.ratio <= FACTOR


@dataclass(frozen=True)
class Certificate:
    """Measured errors of a kernel; true if each is what the type and the formula allow.

    Attributes
    ----------
    rows : tuple of Accuracy
        One for each real output.
    dtype, backend : str
        What computed.
    points : int
        How many points were tried.
    sizes : mapping of str to int
        The sizes.
    """

    rows: tuple[Accuracy, ...]
    dtype: str
    backend: str
    points: int
    sizes: Mapping[str, int]

    def __bool__(self) -> bool:
        return all(self.rows)

    def __str__(self) -> str:
        sizes = ", ".join(f"{d} = {n}" for d, n in self.sizes.items())
        lines = [f"accuracy of {self.dtype} ({self.backend}) against 50 digits at {self.points} "
                 f"points{f', {sizes}' if sizes else ''}",
                 f"{'output':<24}{'error':>10}{'condition':>12}{'error/(1+condition)u':>22}"]
        lines += [f"{r.label + ' ' + r.shape:<24}{r.error:>10.1e}{r.condition:>12.1e}"
                  f"{r.ratio:>22.2f}{'' if r else '  inaccurate'}" for r in self.rows]
        return "\n".join(lines)


def certify(kernel: Kernel, points: int = 3, seed: int = 0, compute: Compute | None = None,
            ) -> Certificate:
    r"""Measure the accuracy of a kernel.

    Points are drawn as by `check_grad`, at small sizes. For an output f with inputs x, rounded to
    the kernel's type, the error is :math:`\max_i |\hat f_i - f_i| / \max_i |f_i|` and the
    condition number :math:`\max_i \sum_j |\partial f_i / \partial x_j| |x_j| / \max_i |f_i|`
    (N. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., 2002, sections 1.6 and
    6.2): the error that rounding the inputs alone may make is the condition number times u.

    Parameters
    ----------
    kernel : Kernel
        What is measured.
    points : int
        How many points are drawn.
    seed : int
        Of the points.
    compute : callable, optional
        What is measured in the kernel's place, with its arguments and outputs.

    Returns
    -------
    Certificate
    """
    unit = float(np.finfo(kernel.dtype).eps) / 2
    labels = [path or str(t.name or "output") for path, t in named_leaves(kernel.outputs)]
    errors = [0.0] * len(kernel.roots)
    conditions = [0.0] * len(kernel.roots)
    for k in range(points):
        numbers, point = drawn(kernel.roots, kernel.inputs, kernel.dtype, seed + k)
        sizes = {str(d): n for d, n in numbers.items()}
        stated = {d: n for d, n in sizes.items() if d in _loose(kernel)}
        found = leaves((compute or kernel)(**point, **stated))
        for n, (f, x) in enumerate(zip(found, _exact(kernel.roots, point, sizes), strict=True)):
            errors[n] = max(errors[n], _error(f, x))
        for n, c in enumerate(_conditions(kernel.roots, point, sizes)):
            conditions[n] = max(conditions[n], c)
    rows = tuple(Accuracy(labels[n], shape_text(r.shape) if r.ndim else "", errors[n],
                          conditions[n], unit)
                 for n, r in enumerate(kernel.roots) if r.dtype == "real")
    return Certificate(rows, kernel.dtype, kernel.backend, points, sizes if points else {})


def _loose(kernel: Kernel) -> set[str]:
    """The sizes that are no axis of an input."""
    stated = {f.atom for v in kernel.inputs for f in v.shape}
    return {str(d) for d in kernel.sizes if d not in stated}


def _exact(roots: Sequence[Tensor], point: Mapping[str, Array], sizes: Mapping[str, int],
           ) -> list[Array]:
    """The outputs in 50 digits, not rounded."""
    needed = {str(d): sizes[str(d)] for d in dims_of(roots)}
    inputs = {str(v.name): point[str(v.name)] for v in variables_of(roots)}
    return oracle(roots, inputs, "mpf", **needed)


def _error(found: Any, exact: Array) -> float:
    """The largest error over the largest entry, subtracted in 50 digits."""
    values = np.asarray(found)
    largest = max((abs(x) for x in exact.flat), default=0)
    worst = max((abs(x - type(x)(values[i].item())) for i, x in np.ndenumerate(exact)), default=0)
    if worst != worst or largest != largest:
        return float("inf")
    return float(worst / largest) if largest else (0.0 if worst == 0 else float("inf"))


def _conditions(roots: Sequence[Tensor], point: Mapping[str, Array], sizes: Mapping[str, int],
                ) -> list[float]:
    """The condition number of each output, by central differences in float64."""
    inputs = {str(v.name): point[str(v.name)] for v in variables_of(roots)}
    wide = {name: a.astype(np.float64) for name, a in inputs.items() if a.dtype.kind == "f"}
    alone = sum(a.size for a in wide.values()) <= MOST
    totals: list[Array] = [np.zeros(()) for _ in roots]
    base = _values(roots, {**inputs, **wide}, sizes)
    for move in _entries(wide) if alone else _signs(wide):
        ends = [_values(roots, {**inputs, **{name: a * (1 + sign * STEP * move[name])
                                             for name, a in wide.items()}}, sizes)
                for sign in (1, -1)]
        for n, (plus, minus) in enumerate(zip(*ends, strict=True)):
            slope = np.abs(plus - minus) / (2 * STEP)
            totals[n] = totals[n] + slope if alone else np.maximum(totals[n], slope)
    return [_quotient(t, b) for t, b in zip(totals, base, strict=True)]


def _entries(inputs: Mapping[str, Array]) -> Iterator[dict[str, Array]]:
    """Moves of one entry each."""
    for name, a in inputs.items():
        for i in np.ndindex(a.shape):
            move = {other: np.zeros(x.shape) for other, x in inputs.items()}
            move[name][i] = 1.0
            yield move


def _signs(inputs: Mapping[str, Array]) -> Iterator[dict[str, Array]]:
    """Moves of all entries at once, with random signs: each gives a lower bound."""
    generator = np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        yield {name: generator.choice([-1.0, 1.0], a.shape) for name, a in inputs.items()}


def _values(roots: Sequence[Tensor], inputs: Mapping[str, Array], sizes: Mapping[str, int],
            ) -> list[Array]:
    return [np.asarray(a, np.float64) for a in evaluate(roots, inputs, sizes)]


def _quotient(change: Array, base: Array) -> float:
    above, below = float(np.max(change, initial=0.0)), float(np.abs(base).max(initial=0.0))
    return above / below if below else 0.0
