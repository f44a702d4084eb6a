"""Primitives as functions of tensors."""

from __future__ import annotations

from typing import Any

from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.owners import Application
from symdl.language.primitives.argsort import Argsort
from symdl.language.primitives.base import Primitive
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.det import Det
from symdl.language.primitives.eigh import Eigh
from symdl.language.primitives.expm import Expm
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.logm import Logm
from symdl.language.primitives.pinv import Pinv
from symdl.language.primitives.slogdet import Slogdet
from symdl.language.primitives.solve import Solve
from symdl.language.primitives.sqrtm import Sqrtm
from symdl.language.primitives.stop_gradient import StopGradient
from symdl.language.primitives.svd import Svd
from symdl.language.primitives.triangular_solve import TriangularSolve
from symdl.language.shaping import axis_of, broadcast_to, expand_dims, squeeze, swapaxes
from symdl.language.tensor import Tensor


def applied(primitive: Primitive, *operands: Any) -> Tensor:
    """The first output of a primitive, batch axes broadcast."""
    return outputs(primitive, *operands)[0]


def outputs(primitive: Primitive, *operands: Any) -> tuple[Tensor, ...]:
    """All outputs of a primitive, batch axes broadcast."""
    tensors = _same_batches(primitive, [as_tensor(x) for x in operands])
    return Application(primitive, tuple(tensors)).outputs()


def _same_batches(primitive: Primitive, tensors: list[Tensor]) -> list[Tensor]:
    cores = primitive.core
    for t, core in zip(tensors, cores, strict=True):
        if t.ndim < core:
            raise ShapeError(f"{primitive.name} acts on {core} axes, but {t.label} has shape "
                             f"{shape_text(t.shape)}")
    leads = [t.shape[:t.ndim - core] for t, core in zip(tensors, cores, strict=True)]
    widest = max(leads, key=len)
    return [t if lead == widest else broadcast_to(t, (*widest, *t.shape[t.ndim - core:]))
            for t, lead, core in zip(tensors, leads, cores, strict=True)]


def inv(a: Any) -> Tensor:
    """The inverse of a square matrix, batched over leading axes."""
    return applied(Inv(), a)


def det(a: Any) -> Tensor:
    """The determinant of a square matrix, batched over leading axes."""
    return applied(Det(), a)


def logdet(a: Any) -> Tensor:
    """Log det A; NaN where the determinant is negative, -inf where it is 0."""
    return applied(Logdet(), a)


def slogdet(a: Any) -> tuple[Tensor, Tensor]:
    """Return the sign of the determinant and the logarithm of its magnitude.

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        The matrix.

    Returns
    -------
    sign : Tensor, (...)
        1, 0 or -1; its derivative is 0.
    logabsdet : Tensor, (...)
        log |det A|, -inf where the determinant is 0.

    Raises
    ------
    ShapeError
        If the matrix isn't square.

    References
    ----------
    K. B. Petersen, M. S. Pedersen, The Matrix Cookbook, 2012, eq. 57.
    """
    sign, value = outputs(Slogdet(), a)
    return sign, value


def cholesky(a: Any) -> Tensor:
    """The lower triangular L with L Lᵀ = A; reads A's lower triangle."""
    return applied(Cholesky(), a)


def solve(a: Any, b: Any) -> Tensor:
    """X with A X = B for a matrix or a vector B, batched over leading axes."""
    return _system(Solve(), a, b)


def triangular_solve(a: Any, b: Any, lower: bool = True) -> Tensor:
    """X with A X = B, reading the lower (or upper) triangle of A only."""
    return _system(TriangularSolve(bool(lower)), a, b)


def _system(primitive: Primitive, a: Any, b: Any) -> Tensor:
    a, b = as_tensor(a), as_tensor(b)
    if b.ndim == 1 and a.ndim == 2:
        return squeeze(applied(primitive, a, expand_dims(b, 1)), 1)
    return applied(primitive, a, b)


def eigh(a: Any) -> tuple[Tensor, Tensor]:
    r"""Return the eigenvalues and eigenvectors of a symmetric matrix.

    .. math:: A = V \operatorname{diag}(w) V^\top, \quad V^\top V = I

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        The matrix; of any other than a symmetric one the symmetric part (A + Aᵀ)/2 counts.

    Returns
    -------
    w : Tensor, (..., n)
        The eigenvalues in ascending order.
    V : Tensor, (..., n, n)
        The eigenvectors as columns. In each the first entry of at least a tenth of the largest
        magnitude is positive.

    Raises
    ------
    ShapeError
        If the matrix isn't square.

    Notes
    -----
    The gradient is symmetric: of the k-th eigenvalue it is :math:`v_k v_k^\top`. Where two
    eigenvalues are equal the eigenvectors have no derivative, and neither has one of the two
    alone; `kinks` lists it. The gradient of a symmetric function of the eigenvalues, such as
    their sum, is right there too.

    References
    ----------
    K. B. Petersen, M. S. Pedersen, The Matrix Cookbook, 2012, eq. 67 and 68.
    M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic
    differentiation, 2008, section 3.1.
    """
    w, v = outputs(Eigh(), a)
    return w, v


def eigvalsh(a: Any) -> Tensor:
    """The ascending eigenvalues of a symmetric matrix, or of the symmetric part; see `eigh`."""
    return eigh(a)[0]


def svd(a: Any) -> tuple[Tensor, Tensor, Tensor]:
    r"""Return the thin singular value decomposition.

    .. math:: A = U \operatorname{diag}(s) V^\top, \quad U^\top U = V^\top V = I

    Parameters
    ----------
    a : tensor-like, (..., m, n)
        The matrix.

    Returns
    -------
    U : Tensor, (..., m, k)
        The left singular vectors as columns, k = min(m, n). In each the first entry of at least a
        tenth of the largest magnitude is positive.
    s : Tensor, (..., k)
        The singular values in descending order.
    Vt : Tensor, (..., k, n)
        The right singular vectors as rows.

    Raises
    ------
    ShapeError
        If a is no matrix.

    Notes
    -----
    Where singular values are equal or 0 there is no derivative; `kinks` lists it. The gradient of
    a symmetric function of the singular values, such as their sum, is right at equal ones too.

    References
    ----------
    J. Townsend, Differentiating the singular value decomposition, 2016.
    M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic
    differentiation, 2008, section 3.2.
    """
    u, s, vt = outputs(Svd(), a)
    return u, s, vt


def svdvals(a: Any) -> Tensor:
    """The descending singular values of a matrix; see `svd`."""
    return svd(a)[1]


def pinv(a: Any, rcond: float = 0.0) -> Tensor:
    r"""Return Moore and Penrose's inverse :math:`A^+`.

    Parameters
    ----------
    a : tensor-like, (..., m, n)
        The matrix.
    rcond : float
        Singular values of at most max(rcond, max(m, n) ε) times the largest count as 0, where ε
        is the distance from 1 to the next number of the kernel's type.

    Returns
    -------
    Tensor, (..., n, m)

    Raises
    ------
    ShapeError
        If a is no matrix.
    SymdlError
        If rcond is no number between 0 and 1.

    Notes
    -----
    The derivative is that along changes which keep the rank; `kinks` lists where it changes.

    References
    ----------
    G. H. Golub, V. Pereyra, The differentiation of pseudo-inverses and nonlinear least squares
    problems whose variables separate, SIAM J. Numer. Anal. 10, 1973, eq. 4.12.
    """
    if not isinstance(rcond, (int, float)) or not 0 <= rcond < 1:
        raise SymdlError(f"pinv: rcond is a number from 0 to 1, not {rcond!r}")
    return applied(Pinv(float(rcond)), a)


def expm(a: Any) -> Tensor:
    r"""Return the exponential of a square matrix.

    .. math:: e^A = \sum_k A^k / k!

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        The matrix.

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    ShapeError
        If the matrix isn't square.

    References
    ----------
    N. J. Higham, Functions of Matrices, 2008, chapter 10; the derivative: eq. 3.16.
    """
    return applied(Expm(), a)


def sqrtm(a: Any) -> Tensor:
    r"""Return the principal square root of a square matrix.

    .. math:: X X = A

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        A symmetric positive definite matrix, or any other one without eigenvalues on the closed
        negative real axis. A symmetric one may be singular.

    Returns
    -------
    Tensor, (..., n, n)
        NaN where there is no such root.

    Raises
    ------
    ShapeError
        If the matrix isn't square.

    Notes
    -----
    All entries are read, and the gradient is that of a function of all entries.

    References
    ----------
    N. J. Higham, Functions of Matrices, 2008, chapter 6; the derivative: eq. 3.16.
    """
    return applied(Sqrtm(), a)


def logm(a: Any) -> Tensor:
    r"""Return the principal logarithm of a square matrix.

    .. math:: e^X = A

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        A symmetric positive definite matrix, or any other one without eigenvalues on the closed
        negative real axis.

    Returns
    -------
    Tensor, (..., n, n)
        NaN where there is no such logarithm.

    Raises
    ------
    ShapeError
        If the matrix isn't square.

    Notes
    -----
    All entries are read, and the gradient is that of a function of all entries.

    References
    ----------
    N. J. Higham, Functions of Matrices, 2008, chapter 11; the derivative: eq. 3.16.
    """
    return applied(Logm(), a)


def stop_gradient(x: Any) -> Tensor:
    """x, counted as a constant by every derivative."""
    return applied(StopGradient(), x)


def argsort(x: Any, axis: int = -1, descending: bool = False) -> Tensor:
    """The places of the sorted entries along an axis, integers without a gradient."""
    x = as_tensor(x)
    axis = axis_of(x, axis)
    order = applied(Argsort(bool(descending)), swapaxes(x, axis, x.ndim - 1))
    return swapaxes(order, axis, x.ndim - 1)
