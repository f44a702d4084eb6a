"""Matrix functions of well-conditioned matrices."""

from __future__ import annotations

from tests.fuzz.constructs.registry import also, construct
from tests.fuzz.draft import Draft


def _definite(d: Draft) -> tuple[str, list[str]]:
    """A positive definite matrix, its last size, and a batch axis now and then."""
    if d.one_in(2):
        x = d.square(d.pick((2, 2, 3)))
        shape = d.shape(x)
        return f"({x} @ sd.swapaxes({x}, -1, -2) + 2*sd.eye({shape[-1]}))", shape
    n = d.pick(list(d.sizes))
    shape = [d.size(), n, n] if d.one_in(3) else [n, n]
    return d.input(shape, "positive_definite"), shape


def _dominant(d: Draft) -> tuple[str, list[str]]:
    """A matrix with a dominant diagonal."""
    x = d.square(d.pick((2, 2, 3)))
    shape = d.shape(x)
    return f"(3*sd.eye({shape[-1]}) + sd.sin({x}))", shape


def _matrix(d: Draft) -> tuple[str, list[str]]:
    return _definite(d) if d.one_in(2) else _dominant(d)


@construct
def inv(d: Draft) -> str:
    return f"sd.inv({_matrix(d)[0]})"


@construct
def solve(d: Draft) -> str:
    a, shape = _matrix(d)
    if len(shape) == 2 and d.one_in(2):
        return f"sd.solve({a}, {d.like(shape[-1:])})"
    return f"sd.solve({a}, {d.like([*shape[:-1], d.size()])})"


@construct
def det(d: Draft) -> str:
    return f"sd.det({_dominant(d)[0]})"


@construct
def logdet(d: Draft) -> str:
    return f"sd.logdet({_matrix(d)[0]})"


@construct
def cholesky(d: Draft) -> str:
    return f"sd.cholesky({_definite(d)[0]})"


@construct
def triangular_solve(d: Draft) -> str:
    a, shape = _dominant(d)
    lower = ", lower=False" if d.one_in(2) else ""
    if len(shape) == 2 and d.one_in(2):
        return f"sd.triangular_solve({a}, {d.like(shape[-1:])}{lower})"
    return f"sd.triangular_solve({a}, {d.like([*shape[:-1], d.size()])}{lower})"


@construct
def spectral(d: Draft) -> str:
    """Functions of eigenvalues and singular values that don't depend on their order."""
    n = d.pick(list(d.sizes))
    a = d.input([d.size(), n, n] if d.one_in(3) else [n, n], "positive_definite")
    return d.pick([f"sd.sum(sd.log(sd.eigvalsh({a})), axis=-1)", f"sd.pinv({a})",
                   f"sd.sum(sd.svdvals({a})**3, axis=-1)", f"sd.norm({a}, 'nuc', (-2, -1))"])


@construct
def matrix_function(d: Draft) -> str:
    if d.one_in(3):
        return f"sd.expm(sd.sin({d.square(d.pick((2, 2, 3)))}))"
    if d.one_in(3):
        return f"sd.matrix_power({_matrix(d)[0]}, {d.pick((-2, 2, 3))})"
    return f"sd.{d.pick(('sqrtm', 'logm'))}({_definite(d)[0]})"


@also("outer")
def kronecker(d: Draft) -> str | None:
    left, right = [d.size(), d.size()], [d.size(), d.size()]
    return f"sd.kron({d.like(left)}, {d.like(right)})" if d.entries([*left, *right]) else None
