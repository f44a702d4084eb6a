"""Functions of matrices by name, beside those of `functions`: their shapes and tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdl.language import operators as op
from symdl.language.form import Form
from symdl.language.functions.norms import norm
from symdl.language.functions.products import kron, vec
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.operands import Context, Made, Make, Operand

Options = Mapping[str, Any]
Rule = Callable[[Context, str, list[Operand], Options], Made]


def _matrix(c: Context, name: str, a: Operand) -> Operand:
    if a.rank != 2:
        raise Refusal(f"{name} takes a matrix, but {a.said(c.sizes)}")
    return a


def _product(c: Context, a: Operand, axis: int) -> Form:
    return c.sizes.form(a.shape[axis])


def _kron(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    a, b = args
    if a.rank == b.rank == 1:
        return Made((_product(c, a, 0) * _product(c, b, 0),), kron, a.row)
    shape = tuple(_product(c, _matrix(c, name, a), k) * _product(c, _matrix(c, name, b), k)
                  for k in (0, 1))
    return Made(shape, kron)


def _vec(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    (a,) = args
    _matrix(c, name, a)
    return Made((_product(c, a, 0) * _product(c, a, 1),), vec)


def _pinv(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    (a,) = args
    return Made(_matrix(c, name, a).shape[::-1], op.pinv)


def _square(function: Make) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        (a,) = args
        c.square(a, name)
        return Made(a.shape, function)

    return rule


def _eigenvalues(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    (a,) = args
    c.square(a, name)
    return Made(a.shape[:1], op.eigvalsh)


def _outer(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    a, b = args
    for x in (a, b):
        if x.rank != 1:
            raise Refusal(f"outer takes vectors, but {x.said(c.sizes)}")
    return Made((a.shape[0], b.shape[0]), op.outer)


def _matrix_norm(order: str | int) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        (a,) = args
        _matrix(c, name, a)
        return Made((), lambda x: norm(x, order))

    return rule


def _bars(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    """Bars around a matrix are its determinant, around anything else absolute values."""
    (a,) = args
    if a.rank != 2:
        return Made(a.shape, op.abs, a.row)
    c.square(a, "a determinant")
    return Made((), op.det)


def _p_norm(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    """(Σ |x|^p)^(1/p)."""
    a, p = args
    if a.rank > 1 or p.rank:
        wrong, what = (a, "a vector") if a.rank > 1 else (p, "a number")
        raise Refusal(f"{wrong.said(c.sizes)}: {name} takes {what} here")
    return Made((), lambda x, p: op.power(op.sum(op.power(op.abs(x), p)), op.reciprocal(p)))


MATRIX_RULES: Mapping[str, tuple[int | tuple[int, ...], Rule]] = {
    "kron": (2, _kron), "vec": (1, _vec), "pinv": (1, _pinv), "outer": (2, _outer),
    "expm": (1, _square(op.expm)), "logm": (1, _square(op.logm)), "sqrtm": (1, _square(op.sqrtm)),
    "eigvalsh": (1, _eigenvalues), "norm_nuc": (1, _matrix_norm("nuc")),
    "norm_spec": (1, _matrix_norm(2)), "norm_p": (2, _p_norm), "bars": (1, _bars),
}
"""Name -> how many arguments, and the rule; none has options."""
