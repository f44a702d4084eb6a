"""Eigenvalues, singular values and functions of matrices; their text is copied into kernels.

Each takes one batch entry and writes into its last arguments. Where a matrix isn't finite, or a
function has no value, the result is NaN; nothing raises. The decompositions are LAPACK's, which
NumPy and Numba call alike.
"""

from typing import Any

import numpy as np

from symdl.kernels.matrices import _copy, _eliminate
from symdl.kernels.prelude import floor, log, nan, one, real, sqrt, zero

Array = Any


def _fill(out: Array, x: float) -> None:
    """Write x into every entry of a matrix."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = x


def _is_finite(a: Array) -> bool:
    """Whether no entry of a matrix is infinite or NaN."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] - a[i, j] != zero:
                return False
    return True


def _orientation(v: Array, j: int) -> float:
    """The sign of the first entry of a column of at least a tenth of the largest magnitude."""
    largest = zero
    for i in range(v.shape[0]):
        if abs(v[i, j]) > largest:
            largest = abs(v[i, j])
    for i in range(v.shape[0]):
        if real(10.0) * abs(v[i, j]) >= largest:
            return one if v[i, j] >= zero else -one
    return one


def _symmetric(a: Array) -> Array:
    """The symmetric part of a matrix."""
    n = a.shape[0]
    out = np.empty((n, n), real)
    for i in range(n):
        for j in range(i + 1):
            out[i, j] = out[j, i] = (a[i, j] + a[j, i]) * real(0.5)
    return out


def _eigh(a: Array, w: Array, v: Array) -> None:
    """Write the ascending eigenvalues of the symmetric part into w, eigenvectors into v."""
    n = a.shape[0]
    work = _symmetric(a)
    if n == 0 or not _is_finite(work):
        w[:] = nan
        _fill(v, nan)
        return
    values, vectors = np.linalg.eigh(work)
    for j in range(n):
        w[j] = values[j]
        sign = _orientation(vectors, j)
        for i in range(n):
            v[i, j] = sign * vectors[i, j]


def _svd(a: Array, u: Array, s: Array, vt: Array) -> None:
    """Write the thin singular value decomposition into u, s and vt."""
    m, n = a.shape
    work = np.empty((m, n), real)
    _copy(a, work)
    if m == 0 or n == 0 or not _is_finite(work):
        s[:] = nan
        _fill(u, nan)
        _fill(vt, nan)
        return
    left, values, right = np.linalg.svd(work, full_matrices=False)
    for k in range(s.shape[0]):
        s[k] = values[k]
        sign = _orientation(left, k)
        for i in range(m):
            u[i, k] = sign * left[i, k]
        for j in range(n):
            vt[k, j] = sign * right[k, j]


def _pinv(a: Array, rcond: float, out: Array) -> None:
    """Write the pseudo-inverse into out; see `symdl.pinv` for what counts as 0."""
    m, n = a.shape
    work = np.empty((m, n), real)
    _copy(a, work)
    if m == 0 or n == 0 or not _is_finite(work):
        _fill(out, nan)
        return
    u, s, vt = np.linalg.svd(work, full_matrices=False)
    least = max(real(rcond), real(max(m, n)) * real(np.finfo(real).eps)) * s[0]
    _fill(out, zero)
    for k in range(s.shape[0]):
        if s[k] > least:
            for i in range(n):
                for j in range(m):
                    out[i, j] += vt[k, i] * u[j, k] / s[k]


def _magnitude(a: Array) -> float:
    """The largest sum of magnitudes of a row."""
    largest = zero
    for i in range(a.shape[0]):
        total = zero
        for j in range(a.shape[1]):
            total += abs(a[i, j])
        if not total <= largest:
            largest = total
    return largest


def _expm(a: Array, out: Array) -> None:
    """Write e^a into out: Padé's approximant of degree 13, by scaling and squaring.

    The number of squarings follows ‖a⁴‖ and ‖a⁶‖, which large entries above the diagonal of a
    block triangular matrix don't blow up (Al-Mohy & Higham, *A new scaling and squaring algorithm
    for the matrix exponential*, 2009; coefficients: Higham, *Functions of Matrices*, 2008,
    10.3).
    """
    n = a.shape[0]
    x = np.empty((n, n), real)
    _copy(a, x)
    if n == 0 or not _is_finite(x):
        _fill(out, nan)
        return
    size = _magnitude(x)
    first = max(0, int(floor(np.log2(size))) - 40) if size > one else 0
    x = x * real(0.5)**first
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x2 @ x4
    size = max(_magnitude(x4) ** real(0.25), _magnitude(x6) ** real(1 / 6))
    squarings = 0
    while size > real(4.25) and squarings < 100:
        size = size * real(0.5)
        squarings += 1
    f = real(0.5)**squarings
    x, x2, x4, x6 = x * f, x2 * (f * f), x4 * (f * f * f * f), x6 * (f * f * f * f * f * f)
    unit = np.eye(n).astype(real)
    b = (64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
         129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
         40840800.0, 960960.0, 16380.0, 182.0, 1.0)
    odd = x6 @ (x6 * real(b[13]) + x4 * real(b[11]) + x2 * real(b[9]))
    odd = x @ (odd + x6 * real(b[7]) + x4 * real(b[5]) + x2 * real(b[3]) + unit * real(b[1]))
    even = x6 @ (x6 * real(b[12]) + x4 * real(b[10]) + x2 * real(b[8]))
    even = even + x6 * real(b[6]) + x4 * real(b[4]) + x2 * real(b[2]) + unit * real(b[0])
    total = even + odd
    if not _eliminate(even - odd, total):
        _fill(total, nan)
    for _ in range(squarings + first):
        total = total @ total
    _copy(total, out)


def _is_symmetric(a: Array) -> bool:
    """Whether a matrix is exactly symmetric."""
    for i in range(a.shape[0]):
        for j in range(i):
            if a[i, j] != a[j, i]:
                return False
    return True


def _principal_root(a: Array) -> Array:
    """The principal square root, NaN where there is none: Iannazzo's form of Newton's iteration.

    X_0 = A, E_0 = (I - A)/2, X_{k+1} = X_k + E_k, E_{k+1} = -E_k X_{k+1}⁻¹ E_k / 2, at A over its
    largest diagonal entry (Higham, *Functions of Matrices*, 2008, eq. 6.20).
    """
    n = a.shape[0]
    scale = zero
    for i in range(n):
        scale = max(scale, abs(a[i, i]))
    if scale == zero:
        scale = one
    x = a / scale
    e = (np.eye(n).astype(real) - x) * real(0.5)
    more = 2
    small = sqrt(real(np.finfo(real).eps))
    for _ in range(200):
        x = x + e
        if _magnitude(e) <= small * _magnitude(x):
            more -= 1
        if more < 0:
            return x * sqrt(scale)
        correction = e.copy()
        if not _eliminate(x.copy(), correction) or not _is_finite(correction):
            break
        e = (e @ correction) * real(-0.5)
    _fill(x, nan)
    return x


def _root_of_symmetric(a: Array) -> Array:
    """The square root of a positive semidefinite matrix, by its eigenvalues."""
    n = a.shape[0]
    w, v = np.linalg.eigh(a)
    largest = max(abs(w[0]), abs(w[n - 1]))
    if w[0] < -largest * real(n) * real(np.finfo(real).eps):
        w[:] = nan
    for k in range(n):
        w[k] = sqrt(w[k]) if w[k] > zero else w[k] * zero
    return (v * w) @ np.ascontiguousarray(v.T)


def _sqrtm(a: Array, out: Array) -> None:
    """Write the principal square root into out."""
    n = a.shape[0]
    x = np.empty((n, n), real)
    _copy(a, x)
    if n == 0 or not _is_finite(x):
        _fill(out, nan)
    elif _is_symmetric(x):
        _copy(_root_of_symmetric(x), out)
    else:
        _copy(_principal_root(x), out)


def _log_of_symmetric(a: Array) -> Array:
    """The logarithm of a positive definite matrix, by its eigenvalues."""
    w, v = np.linalg.eigh(a)
    if w[0] <= zero:
        w[:] = nan
    for k in range(a.shape[0]):
        w[k] = log(w[k])
    return (v * w) @ np.ascontiguousarray(v.T)


def _principal_logarithm(a: Array) -> Array:
    """2^k log a^(1/2^k) with log x = 2 artanh((x + 1)⁻¹ (x - 1)), NaN where there is none.

    (Higham, *Functions of Matrices*, 2008, section 11.5 and eq. 11.24.)
    """
    n = a.shape[0]
    unit = np.eye(n).astype(real)
    root, factor = a, real(2.0)
    x = a
    for _ in range(200):
        x = root - unit
        if not _eliminate(root + unit, x):
            _fill(x, real(2.0))
        if _magnitude(x) <= real(0.25):
            break
        root, factor = _principal_root(root), factor * real(2.0)
        if root[0, 0] != root[0, 0]:
            return root
    square, power = x @ x, x
    total = x.copy()
    for k in range(1, 20):
        power = power @ square
        total = total + power * (one / real(2 * k + 1))
    return total * factor


def _logm(a: Array, out: Array) -> None:
    """Write the principal logarithm into out."""
    n = a.shape[0]
    x = np.empty((n, n), real)
    _copy(a, x)
    if n == 0 or not _is_finite(x):
        _fill(out, nan)
    elif _is_symmetric(x):
        _copy(_log_of_symmetric(x), out)
    else:
        _copy(_principal_logarithm(x), out)
