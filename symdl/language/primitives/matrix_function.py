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
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, swapaxes, view
from symdl.language.tensor import Equation, Shape, Tensor


@dataclass(frozen=True)
class MatrixFunction(Primitive):
    """B = f(A) for an analytic f: Ā is the upper right block of f([[Aᵀ, B̄], [0, Aᵀ]]).

    That block is the Fréchet derivative L(Aᵀ, B̄), the adjoint of L(A, ·), and holds for repeated
    eigenvalues too (Higham, *Functions of Matrices*, 2008, eq. 3.16 and section 3.2). Of a
    multiple of the identity, L(Aᵀ, c I) = c f'(A)ᵀ.
    """

    core = (2,)

    def signature(self, *operands: Tensor) -> tuple[tuple[Shape, str], ...]:
        square(self.name, operands[0])
        return ((operands[0].shape, "real"),)

    def pullback(self, operands: Sequence[Tensor], outputs: Sequence[Tensor],
                 cotangents: Sequence[Tensor | None]) -> tuple[Tensor | None, ...]:
        (a,), (b,), (db,) = operands, outputs, cotangents
        assert db is not None
        factor = multiple_of_identity(db)
        if factor is not None:
            return (factor * swapaxes(self.derivative(a, b), -1, -2),)
        f = Application(self, (_block(a, db),)).outputs()[0]
        lead, n = [at(k) for k in range(a.ndim - 1)], a.shape[-1]
        return (view(f, a.shape, [*lead, n + at(a.ndim - 1)]),)

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


def _block(a: Tensor, g: Tensor) -> Tensor:
    """[[Aᵀ, G], [0, Aᵀ]]."""
    n, lead = a.shape[-1], tuple(at(k) for k in range(a.ndim - 2))
    i, j = at(a.ndim - 2), at(a.ndim - 1)
    left, right = Guard(n - 1 - j, ">="), Guard(j - n, ">=")
    upper, lower = Guard(n - 1 - i, ">="), Guard(i - n, ">=")
    leaves = (Access(a, (*lead, j, i), (upper, left)), Access(g, (*lead, i, j - n), (upper, right)),
              Access(a, (*lead, j - n, i - n), (lower, right)))
    shape = (*a.shape[:-2], n + n, n + n)
    return Equation.make(Scheme(shape, a.ndim, "none", (), slot(0) + slot(1) + slot(2), leaves))


def multiple_of_identity(t: Tensor) -> Tensor | None:
    """The factor c, of t's shape, where t is defined as c I."""
    if not isinstance(t, Equation) or t.scheme.reduce != "none":
        return None
    s, i, j = t.scheme, t.ndim - 2, t.ndim - 1
    forms = [f for x in s.leaves for f in (
        *(x.index if isinstance(x, Access) else (x.form,)), *(g.form for g in x.mask))]
    diagonal = [g for g in s.guards if g.relation == "==" and g.form in (
        at(i) - at(j), at(j) - at(i))]
    others = tuple(g for g in s.guards if g not in diagonal)
    if not diagonal or any({i, j} & f.indices for f in (*forms, *(g.form for g in others))):
        return None
    return Equation.make(replace(s, guards=others))
