"""What functions of a square matrix have in common: their derivative."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symdl.language.body import slot
from symdl.language.guard import Guard
from symdl.language.owners import Application
from symdl.language.primitives.base import Functions, Matrix, Primitive, square
from symdl.language.primitives.jacobi import finite
from symdl.language.reductions import matmul
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at, swapaxes, view
from symdl.language.tensor import Equation, Shape, Tensor


@dataclass(frozen=True)
class MatrixFunction(Primitive):
    """B = f(A) for an analytic f: Ḃ = L(A, Ȧ) and Ā = L(Aᵀ, B̄), the Fréchet derivative.

    L(A, E) is the upper right block of f([[A, E], [0, A]]), for repeated eigenvalues too, and
    L(Aᵀ, ·) is the adjoint of L(A, ·) (Higham, *Functions of Matrices*, 2008, eq. 3.16 and
    section 3.2). Where E commutes with A, L(A, E) = E f'(A).
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square(self.name, operands[0])
        return ((operands[0].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (a,), (b,), (db,) = operands, outputs, cotangents
        assert db is not None
        slope = self.derivative(a, b)
        return (self._frechet(swapaxes(a, -1, -2), db, swapaxes(slope, -1, -2)),)

    def pushforward(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                    tangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (a,), (b,), (da,) = operands, outputs, tangents
        assert da is not None
        return (self._frechet(a, da, self.derivative(a, b)),)

    def _frechet(self, a: Tensor, e: Tensor, slope: Tensor) -> Tensor:
        """L(A, E), from f'(A) where E is a multiple of the identity or of what A is one of."""
        factor = multiple_of_identity(e)
        if factor is not None:
            return factor * slope
        if multiplied_by_scalars(e) is multiplied_by_scalars(a):
            return matmul(e, slope)
        f = Application(self, (_block(a, e),)).outputs()[0]
        lead, n = [at(k) for k in range(a.ndim - 1)], a.shape[-1]
        return view(f, a.shape, [*lead, n + at(a.ndim - 1)])

    @abstractmethod
    def derivative(self, a: Tensor, b: Tensor) -> Tensor:
        """f'(A), from A and B = f(A)."""

    def evaluate(self, functions: Functions, *operands: Any) -> tuple[Any, ...]:
        (a,) = operands
        value = self.of_matrix(functions, a) if a and finite(a) else None
        return (value or [[None] * len(a) for _ in a],)

    @abstractmethod
    def of_matrix(self, functions: Functions, a: Matrix) -> Matrix | None:
        """The value at a finite matrix that isn't empty; None where there is none."""

    def flops(self, *shapes: Shape) -> Any:
        return 20 * shapes[0][0] ** 3


def _block(a: Tensor, e: Tensor) -> Tensor:
    """[[A, E], [0, A]]."""
    n, lead = a.shape[-1], tuple(at(k) for k in range(a.ndim - 2))
    i, j = at(a.ndim - 2), at(a.ndim - 1)
    left, right = Guard(n - 1 - j, ">="), Guard(j - n, ">=")
    upper, lower = Guard(n - 1 - i, ">="), Guard(i - n, ">=")
    leaves = (Access(a, (*lead, i, j), (upper, left)), Access(e, (*lead, i, j - n), (upper, right)),
              Access(a, (*lead, i - n, j - n), (lower, right)))
    shape = (*a.shape[:-2], n + n, n + n)
    return Equation.make(Scheme(shape, a.ndim, "none", (), slot(0) + slot(1) + slot(2), leaves))


def multiple_of_identity(t: Tensor) -> Tensor | None:
    """The factor c, of t's shape, where t is defined as c I."""
    if not isinstance(t, Equation) or t.scheme.reduce != "none":
        return None
    s, i, j = t.scheme, t.ndim - 2, t.ndim - 1
    diagonal = [g for g in s.guards if g.relation == "==" and g.form in (
        at(i) - at(j), at(j) - at(i))]
    others = tuple(g for g in s.guards if g not in diagonal)
    if not diagonal or any({i, j} & found for found in (
            *map(_indices, s.leaves), *(g.form.indices for g in others))):
        return None
    return Equation.make(replace(s, guards=others))


def multiplied_by_scalars(t: Tensor) -> Tensor:
    """The matrix M where t is defined as c M, with c the same for all of its entries; else t."""
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t.scheme.guards:
        return t
    s, core = t.scheme, {t.ndim - 2, t.ndim - 1}
    inside = [k for k, x in enumerate(s.leaves) if core & _indices(x)]
    if len(inside) != 1:
        return t
    (k,) = inside
    read, c = s.leaves[k], s.body / slot(k)
    straight = tuple(at(q) for q in range(t.ndim))
    if c.has(slot(k)) or not isinstance(read, Access) or read.mask or read.index != straight:
        return t
    return read.tensor


def _indices(x: Leaf) -> set[int]:
    forms = [*(x.index if isinstance(x, Access) else (x.form,)), *(g.form for g in x.mask)]
    return {i for f in forms for i in f.indices}
