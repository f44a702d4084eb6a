"""The comparisons that a program must pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symdl.calculus.gradient import grad
from symdl.evidence.compare import compare_arrays
from symdl.evidence.gradient import gradient_check
from symdl.kernels.kernel import Kernel
from symdl.kernels.kernel import compile as compiled
from symdl.kernels.oracle import oracle
from symdl.language.errors import DifferentiationError, ShapeError, SymdlError
from symdl.language.form import Dim
from symdl.language.owners import Application
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Part, Tensor, topological
from tests.fuzz.kinks import distance
from tests.fuzz.mirror import mirrored
from tests.fuzz.program import Array, Program

EXACT, LOOSE, NUMERIC, TINY = 1e-12, 1e-9, 1e-6, 1e-11
ROUNDED = {"orthogonal", "unit_norm", "idempotent", "simplex"}
"""Facts that hold up to the digits of a program's inputs only."""


@dataclass(frozen=True)
class Failure:
    """What went wrong: the kind is what stays the same while a program is made smaller."""

    kind: str
    message: str


@dataclass(frozen=True)
class Result:
    """The first failure, if any, and what differences said of the gradient."""

    failure: Failure | None
    differences: str = "not tried"


def checked(p: Program, backends: Sequence[str] = ("python",), directions: int = 2,
            simplify: bool = False) -> Result:
    """Compare the language with NumPy, kernels with the oracle, its gradient with differences.

    Differences are taken along so many random directions of all variables at once. If it is asked
    for, the simplified gradients are compared with the gradients too.
    """
    stage = "building"
    try:
        scope = p.build()
        loss, wrt = scope[p.loss], [scope[name] for name in p.wrt]
        stage = "grad"
        gradients = grad(loss, wrt) if wrt else []
        roots = [loss, *gradients]
        stage = "oracle"
        lines = [x.name for x in p.lines if isinstance(scope[x.name], Tensor)]
        arrays = [np.asarray(x, float) for x in oracle(
            [*roots, *(scope[name] for name in lines)], p.values, **p.sizes)]
        expected = arrays[:len(roots)]
        stage = "language"
        found = _language(p, dict(zip(lines, arrays[len(roots):], strict=True)))
        found = found or _shapes(p, wrt, gradients, expected)
        for backend in backends:
            stage = backend
            found = found or _kernel(p, roots, expected, backend)
        stage = "simplify"
        if simplify and not any(ROUNDED & set(x.facts) for x in p.inputs):
            found = found or _simplified(p, gradients, expected[1:])
        stage = "differences"
        if found is None and directions and wrt:
            return _differences(p, expected[1:], directions)
    except ShapeError as error:
        if stage == "building" and "over an axis of size 0 has no value" in str(error):
            return Result(None)  # the extremum of an empty slice is refused, as by NumPy
        return Result(Failure(f"{stage}: ShapeError", str(error)))
    except DifferentiationError as error:
        if "may show an entry of" in str(error):
            return Result(None)  # a gather that the loss isn't written with is no variable
        return Result(Failure(f"{stage}: DifferentiationError", str(error)))
    except Exception as error:  # any error in a well-typed program is a finding
        return Result(Failure(f"{stage}: {type(error).__name__}", str(error)))
    return Result(found)


def _language(p: Program, values: dict[str, Array]) -> Failure | None:
    """What the lines' equations say against what NumPy makes of their text."""
    for name, array in mirrored(p, {**values, **p.values}):
        if array.shape != values[name].shape:
            return Failure("language: shape", f"{name} is {values[name].shape}, not {array.shape}")
        apart = compare_arrays(values[name], array)
        if not apart.rho <= LOOSE:
            return Failure("language: number", f"{name}: the oracle against NumPy: {apart}")
    return None


def _shapes(p: Program, wrt: Sequence[Tensor], gradients: Sequence[Tensor],
            expected: Sequence[Array]) -> Failure | None:
    for name, x, g, value in zip(p.wrt, wrt, gradients, expected[1:], strict=True):
        if g.shape != x.shape:
            return Failure("shape", f"{name} is {x.shape}, its gradient {g.shape}")
        if g.dtype != "real":
            return Failure("dtype", f"the gradient in {name} is of dtype {g.dtype}")
        if not np.all(np.isfinite(value)):
            return Failure("oracle: not finite", f"the gradient in {name} is {value}")
    return None


def _simplified(p: Program, gradients: Sequence[Tensor], expected: Sequence[Array],
                ) -> Failure | None:
    simple = [g.simplify() for g in gradients]
    values = oracle(simple, p.values, **{str(d): p.sizes[str(d)] for d in dims_of(simple)})
    for name, x, value in zip(p.wrt, values, expected, strict=True):
        apart = compare_arrays(np.asarray(x, float), value)
        if not apart.rho <= LOOSE:
            return Failure("simplify: number", f"{name}: {apart}")
    return None


def _kernel(p: Program, roots: Sequence[Tensor], expected: Sequence[Array], backend: str,
            ) -> Failure | None:
    """One kernel at the program's point, and at variants of it where they have a value."""
    kernel = compiled(list(roots), backend=backend)
    found = _outputs(p, kernel, roots, expected, backend)
    for what, q in _variants(p):
        if q is None or found or not _admits(kernel, q) or _ties_by_rounding(q, roots[0]):
            continue
        try:
            values = [np.asarray(x, float) for x in oracle(roots, q.values, **q.sizes)]
        except (SymdlError, ValueError):  # a size or an index is negative
            continue
        found = _outputs(q, kernel, roots, values, f"{backend} {what}")
    return found


def _ties_by_rounding(p: Program, loss: Tensor) -> bool:
    """Whether entries that tie went through a matrix function, of which each way rounds its own."""
    made = topological([loss])
    inexact = any(isinstance(t, Part) and isinstance(t.owner, Application)
                  and t.owner.primitive.name not in ("argsort", "stop_gradient") for t in made)
    try:
        return inexact and distance(made, p.values, p.sizes) < LOOSE
    except (SymdlError, ValueError):  # it has no value there
        return False


def _admits(kernel: Kernel, p: Program) -> bool:
    """Whether the sizes meet what the kernel's signature requires of them."""
    sizes = {Dim(name): n for name, n in p.sizes.items()}
    try:
        for stated in kernel.preconditions:
            stated.check(sizes)
    except ShapeError:
        return False
    return True


def _variants(p: Program) -> Iterator[tuple[str, Program | None]]:
    """The program at smaller sizes, and where it has ties, zeros and kinks."""
    names = [name for name, n in p.sizes.items() if n > 1]
    for n in (1, 0) if names else ():
        name = names[p.seed % len(names)]
        yield f"at {name}={n}", p.resized({**p.sizes, name: n})
    whole = (replace(x, value=np.round(x.value)) if x.real and not x.facts else x
             for x in p.inputs)
    yield "at whole numbers", replace(p, inputs=tuple(whole))


def _outputs(p: Program, kernel: Kernel, roots: Sequence[Tensor], expected: Sequence[Array],
             what: str) -> Failure | None:
    needed = {v.name for v in variables_of(roots)}
    stated = {str(f.atom) for v in variables_of(roots) for f in v.shape}
    sizes = {str(a): p.sizes[str(a)] for a in dims_of(roots) if str(a) not in stated}
    given = {x.name: x for x in p.inputs if x.name in needed}
    kernel(**{k: np.full_like(x.value, np.nan) if x.real else x.value for k, x in given.items()},
           **sizes)  # leaves nothing but NaN in the memory that the next call finds
    outputs = [np.full(value.shape, np.nan) if root.dtype == "real" else
               np.full(value.shape, -9) for root, value in zip(roots, expected, strict=True)]
    kernel(**{k: x.value for k, x in given.items()}, **sizes, out=outputs)
    for name, out, value in zip(["value", *p.wrt], outputs, expected, strict=True):
        apart = compare_arrays(out, value)
        if not apart.rho <= EXACT:
            return Failure(f"{what.split()[0]}: number",
                           f"{name}: {what} against the oracle: {apart}")
    return None


def _differences(p: Program, gradients: Sequence[Array], directions: int) -> Result:
    """The gradients against differences of the loss, both by the oracle."""
    loss, values, names = p.probed()
    claimed = {names[x]: g for x, g in zip(p.wrt, gradients, strict=True)}

    def value(point: dict[str, Any]) -> Any:
        return float(oracle([loss], point, **p.sizes)[0][()])

    report = gradient_check(value, lambda _: claimed, values, directions=directions,
                            entries=0, seed=p.seed, tolerance=NUMERIC)
    far = [c for c in report.of_status("failed") if c.gap > TINY]
    wrong = Failure("differences", str(report)) if far else None
    return Result(wrong, report.status)
