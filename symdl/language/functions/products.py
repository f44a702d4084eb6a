"""Kronecker products, vectorisation and powers of matrices, composed of products and views."""

from __future__ import annotations

from typing import Any

from symdl.language import operators as op
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.shaping import require_square
from symdl.language.tensor import Tensor


def vec(x: Any) -> Tensor:
    r"""Stack the columns of a matrix, the first one on top (column-major order).

    .. math:: \operatorname{vec}(X)_{jm + i} = X_{ij}

    With this order vec(AXB) = (Bᵀ ⊗ A) vec(X).

    Parameters
    ----------
    x : tensor-like, (..., m, n)
        The matrix.

    Returns
    -------
    Tensor, (..., m*n)

    Raises
    ------
    ShapeError
        If x is no matrix.

    References
    ----------
    J. R. Magnus, H. Neudecker, Matrix Differential Calculus, 3rd ed., 2007, section 2.4.
    """
    x = op.as_tensor(x)
    if x.ndim < 2:
        raise ShapeError(f"vec takes a matrix, but {x.said} has shape {shape_text(x.shape)}")
    *lead, m, n = x.shape
    return op.reshape(op.swapaxes(x, -1, -2), (*lead, m * n))


def kron(a: Any, b: Any) -> Tensor:
    r"""Return the Kronecker product: the blocks :math:`A_{ij} B`.

    .. math:: (A \otimes B)_{ip + k,\; jq + l} = A_{ij} B_{kl}

    Parameters
    ----------
    a : tensor-like, (..., m, n) or (m,)
        A matrix or a vector.
    b : tensor-like, (..., p, q) or (p,)
        The like of a. Leading axes broadcast.

    Returns
    -------
    Tensor, (..., m*p, n*q) or (m*p,)

    Raises
    ------
    ShapeError
        If one is a vector and the other a matrix: say whether the vector is a row or a column.

    References
    ----------
    K. B. Petersen, M. S. Pedersen, The Matrix Cookbook, 2012, eq. 505.
    """
    a, b = op.as_tensor(a), op.as_tensor(b)
    if a.ndim == b.ndim == 1:
        return op.reshape(op.outer(a, b), (a.shape[0] * b.shape[0],))
    if a.ndim < 2 or b.ndim < 2:
        raise ShapeError(f"kron({a.said}, {b.said}): shapes {shape_text(a.shape)} and "
                         f"{shape_text(b.shape)}; give two matrices or two vectors, a vector x "
                         "beside a matrix as the column x[:, None] or the row x[None, :]")
    (m, n), (p, q) = a.shape[-2:], b.shape[-2:]
    rows = op.expand_dims(op.expand_dims(a, a.ndim - 1), a.ndim + 1)
    columns = op.expand_dims(op.expand_dims(b, b.ndim - 2), b.ndim)
    blocks = op.multiply(rows, columns)
    return op.reshape(blocks, (*blocks.shape[:-4], m * p, n * q))


def matrix_power(a: Any, k: int) -> Tensor:
    r"""Return the product of k copies of a square matrix.

    .. math:: A^0 = I, \quad A^{2k} = (A^k)^2, \quad A^{2k+1} = A A^{2k}, \quad A^{-k} = (A^{-1})^k

    Parameters
    ----------
    a : tensor-like, (..., n, n)
        The matrix.
    k : int
        The exponent, a number. Negative ones invert the matrix.

    Returns
    -------
    Tensor, (..., n, n)

    Raises
    ------
    SymdlError
        If k is no integer.
    ShapeError
        If the matrix isn't square.

    References
    ----------
    N. J. Higham, Functions of Matrices, 2008, section 4.1.
    """
    a = op.as_tensor(a)
    require_square(a, "matrix_power")
    if not isinstance(k, int) or isinstance(k, bool):
        raise SymdlError(f"matrix_power({a.said}, {k}): the exponent is an integer number, "
                         f"not {k!r}")
    if k < 0:
        return matrix_power(op.inv(a), -k)
    if k == 0:
        return op.broadcast_to(op.eye(a.shape[-1]), a.shape)
    return _power(a, k)


def _power(a: Tensor, k: int) -> Tensor:
    """The product of k ≥ 1 copies, by repeated squaring."""
    if k == 1:
        return a
    half = _power(a, k // 2)
    even = op.matmul(half, half)
    return op.matmul(a, even) if k % 2 else even
