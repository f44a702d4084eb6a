"""Sums of Kronecker products that the eigenvectors of their factors make diagonal.

Where the factors of one place are multiples of the identity but for a symmetric S = Q Λ Qᵀ, they
are all Q times a diagonal matrix times Qᵀ; so with one S for each place

    A ⊗ B + C ⊗ D + ... = (Q₁ ⊗ Q₂) (Λ_A ⊗ Λ_B + Λ_C ⊗ Λ_D + ...) (Q₁ ⊗ Q₂)ᵀ

(Golub & Van Loan, *Matrix Computations*, 4th ed., 4.8.4, of Poisson's equation).
"""

from __future__ import annotations

from functools import partial
from functools import reduce as fold
from operator import add, mul

from symdl.algebra.structure.composite import KroneckerSum
from symdl.algebra.structure.determinants import Determinant, of_product
from symdl.algebra.structure.kinds import Diagonal, Structure
from symdl.algebra.structure.labelled import Labelled
from symdl.algebra.structure.woodbury import EPSILON, column
from symdl.language.elementwise import as_tensor, function, less_equal
from symdl.language.form import ZERO
from symdl.language.linalg import eigh
from symdl.language.reductions import matmul, max
from symdl.language.selection import where
from symdl.language.shaping import broadcast_to, expand_dims, reshape, swapaxes
from symdl.language.tensor import Tensor

_abs = function("abs")


def spectral_solution(h: KroneckerSum, b: Labelled) -> Labelled:
    """X with H X = B: to the eigenvectors of each place, by the eigenvalues, and back."""
    factors = h.products[0].factors
    turns = [(f.frame, eigh(s)[1]) for f, s in zip(factors, h.shared or (), strict=True)
             if s is not None]
    x = b
    for frame, q in turns:
        x = x.along(frame, partial(matmul, swapaxes(q, -2, -1)))
    x = x.along(h.frame, lambda m: m / column(_eigenvalues(h)))
    for frame, q in turns:
        x = x.along(frame, partial(matmul, q))
    return x


def spectral_determinant(h: KroneckerSum) -> Determinant:
    """The product of the eigenvalues."""
    return of_product(_eigenvalues(h))


def _eigenvalues(h: KroneckerSum) -> Tensor:
    """All eigenvalues, in the order of the merged rows.

    One of the size of the error that an eigenvalue has, the machine epsilon times the largest
    one times the sizes of the factors, counts as 0.
    """
    frame = h.frame
    products = (fold(mul, (_spread(f, s, h) for f, s in zip(p.factors, h.shared or (),
                                                            strict=True)))
                for p in h.products)
    each = broadcast_to(fold(add, products), (*frame.lead, *(p.height for p in frame.open)))
    flat = reshape(each, (*frame.lead, frame.rows))
    size = fold(add, (f.frame.rows for f in h.products[0].factors), ZERO)
    largest = max(_abs(flat), axis=-1, keepdims=True)
    return where(less_equal(_abs(flat), EPSILON * as_tensor(size) * largest), 0, flat)


def _spread(factor: Structure, shared: Tensor | None, h: KroneckerSum) -> Tensor:
    """The eigenvalues of a factor, an axis for each place of the whole map."""
    places, lead = factor.frame.open, h.frame.lead
    values = factor.entries if isinstance(factor, Diagonal) else eigh(shared)[0]
    one = values.shape[-1] == 1
    x = reshape(values, (*lead, *(1 if one else p.height for p in places)))
    for k, p in enumerate(h.frame.open):
        if p not in places:
            x = expand_dims(x, len(lead) + k)
    return x
