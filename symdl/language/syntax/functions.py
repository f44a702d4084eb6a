"""Functions by name: those of the scalar catalogue, reductions, and functions of matrices.

A rule answers with the shape at once and with the function that makes the tensor later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from symdl.language import operators as op
from symdl.language.form import ONE
from symdl.language.functions.softmax import log_softmax, logsumexp, softmax
from symdl.language.scalars import CATALOGUE
from symdl.language.syntax.arithmetic import entrywise, transpose
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.matrix_functions import MATRIX_RULES
from symdl.language.syntax.operands import Context, Made, Make, Operand
from symdl.language.syntax.options import option
from symdl.language.syntax.tree import Number
from symdl.language.tensor import Tensor

Options = Mapping[str, Any]
Rule = Callable[[Context, str, list[Operand], Options], Made]

ALIASES: Mapping[str, str] = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "trace": "tr", "normF": "norm_fro",
}
"""Other names of functions."""


def _only(options: Options, *known: str) -> None:
    for key in options:
        if key not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise Refusal(f"there is no option {key}; {has}")


def _catalogue(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    entry = CATALOGUE[name]
    _only(options, *entry.params)
    if len(args) == entry.arity + 1 and entry.params and args[-1].number is not None:
        *args, last = args
        key = next(iter(entry.params))
        options = {key: option(key, Number(0, 0, str(last.number))), **options}
    if len(args) != entry.arity:
        raise Refusal(f"{name} takes {entry.arity} argument{'s' * (entry.arity > 1)}, "
                      f"not {len(args)}")
    function = getattr(op, name)
    return entrywise(c, name, lambda *x: function(*x[:entry.arity], **options), args)


def _reciprocal(name: str) -> Rule:
    def rule(c: Context, own: str, args: list[Operand], options: Options) -> Made:
        _only(options)
        return entrywise(c, own, lambda x: op.reciprocal(getattr(op, name)(x)), args)

    return rule


def _where(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    _only(options)
    return entrywise(c, name, op.where, args)


def axes(a: Operand, axis: Any) -> tuple[int, ...]:
    """The axes that an option names, counted from the front; None: all of them."""
    if axis is None:
        return tuple(range(a.rank))
    found = []
    for k in axis if isinstance(axis, tuple) else (axis,):
        if not isinstance(k, int) or isinstance(k, bool) or not -a.rank <= k < a.rank:
            raise Refusal(f"{a.text} has {a.rank} axes, counted from 0: there is no axis {k}")
        found.append(k % a.rank)
    if len(set(found)) < len(found):
        raise Refusal("an axis is named twice")
    return tuple(found)


def _reduction(function: Make) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        if name in ("max", "min") and len(args) == 2:
            _only(options)
            return entrywise(c, name, op.maximum if name == "max" else op.minimum, args)
        _only(options, "axis", "keepdims")
        (a,) = args
        gone, keep = axes(a, options.get("axis")), bool(options.get("keepdims", False))
        shape = tuple(ONE if k in gone else s for k, s in enumerate(a.shape)
                      if keep or k not in gone)
        return Made(shape, lambda x: function(x, gone, keep))

    return rule


def _along(function: Make) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        _only(options, "axis")
        (a,) = args
        if not a.rank:
            raise Refusal(f"{name} takes a vector or a matrix, but {a.said(c.sizes)}")
        axis = options.get("axis", -1)
        axes(a, axis)
        return Made(a.shape, lambda x: function(x, axis), a.row)

    return rule


def _square(function: Make, scalar: bool) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        _only(options)
        (a,) = args
        c.square(a, name)
        return Made(() if scalar else a.shape, function)

    return rule


def _vector_norm(function: Make, instead: str) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        _only(options)
        (a,) = args
        if a.rank > 1:
            raise Refusal(f"{a.said(c.sizes)}: {name} is of a vector. "
                          f"Did you mean {instead.format(a.text)}?")
        return Made((), function)

    return rule


def _frobenius(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    _only(options)
    return Made((), norm2)


def norm1(x: Tensor) -> Tensor:
    """The sum of absolute values."""
    return op.sum(op.abs(x))


def norm2(x: Tensor) -> Tensor:
    """The root of the sum of squares."""
    return op.sqrt(op.sum(op.square(x)))  # type: ignore[no-any-return]


def adjugate(a: Tensor) -> Tensor:
    """Adj A = det(A) A⁻¹, for an invertible A."""
    return op.det(a) * op.inv(a)


def _diag(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    _only(options)
    (a,) = args
    if a.rank == 1:
        return Made((a.shape[0], a.shape[0]), op.diag)
    c.square(a, name)
    return Made(a.shape[:1], op.diag)


def _solve(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    _only(options)
    a, b = args
    c.square(a, name)
    if b.rank not in (1, 2) or b.row:
        raise Refusal(f"{b.said(c.sizes)}: a right-hand side is a column or a matrix")
    c.same(a.shape[0], b.shape[0], lambda: f"{a.said(c.sizes)}, {b.said(c.sizes)}")
    return Made(b.shape, op.solve)


def _triangle(function: Make) -> Rule:
    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        _only(options)
        (a,) = args
        if a.rank != 2:
            raise Refusal(f"{name} takes a matrix, but {a.said(c.sizes)}")
        return Made(a.shape, function)

    return rule


def _filled(rank: int) -> Rule:
    """`vector(1)`, `matrix(0)`: one number at every place, of the size that fits."""

    def rule(c: Context, name: str, args: list[Operand], options: Options) -> Made:
        _only(options)
        (a,) = args
        if a.rank:
            raise Refusal(f"{name} repeats a scalar, but {a.said(c.sizes)}")
        shape = tuple(c.sizes.fresh() for _ in range(rank))
        return Made(shape, lambda x: op.full(tuple(map(c.sizes.form, shape)), x))

    return rule


def _transposed(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    _only(options)
    return transpose(c, args[0])


RULES: Mapping[str, tuple[int | tuple[int, ...], Rule]] = {
    "sum": (1, _reduction(op.sum)), "mean": (1, _reduction(op.mean)),
    "prod": (1, _reduction(op.prod)), "var": (1, _reduction(op.var)),
    "max": ((1, 2), _reduction(op.max)), "min": ((1, 2), _reduction(op.min)),
    "logsumexp": (1, _reduction(logsumexp)), "softmax": (1, _along(softmax)),
    "log_softmax": (1, _along(log_softmax)), "cumsum": (1, _along(op.cumsum)),
    "cumprod": (1, _along(op.cumprod)), "where": (3, _where),
    "norm1": (1, _vector_norm(norm1, "sum(abs({}))")),
    "norm2": (1, _vector_norm(norm2, "normF({0}), or norm_spec({0}), its largest singular value")),
    "norm_fro": (1, _frobenius),
    "tr": (1, _square(op.trace, True)), "det": (1, _square(op.det, True)),
    "logdet": (1, _square(op.logdet, True)), "inv": (1, _square(op.inv, False)),
    "adj": (1, _square(adjugate, False)), "cholesky": (1, _square(op.cholesky, False)),
    "diag": (1, _diag), "solve": (2, _solve), "transpose": (1, _transposed),
    **{own: (1, _reciprocal(name)) for own, name in (
        ("sec", "cos"), ("csc", "sin"), ("cot", "tan"), ("sech", "cosh"), ("csch", "sinh"),
        ("coth", "tanh"))},
    "tril": (1, _triangle(op.tril)), "triu": (1, _triangle(op.triu)),
    "vector": (1, _filled(1)), "matrix": (1, _filled(2)), **MATRIX_RULES,
}
"""Name -> how many arguments, and the rule; the scalar catalogue comes beside it."""


def names() -> list[str]:
    """Every function that a formula may use."""
    return sorted({*RULES, *CATALOGUE, *ALIASES})


def call(c: Context, name: str, args: list[Operand], options: Options) -> Made:
    """The rule's answer for a function by name.

    Raises
    ------
    Refusal
        For an unknown name, with the nearest known one, or a wrong number of arguments.
    """
    name = ALIASES.get(name, name)
    if name not in RULES:
        if name in CATALOGUE:
            return _catalogue(c, name, args, options)
        near = get_close_matches(name, names(), 1)
        hint = f". Did you mean {near[0]}?" if near else ""
        raise Refusal(f"there is no function {name}{hint}")
    count, rule = RULES[name]
    if name in MATRIX_RULES:
        _only(options)
    allowed = count if isinstance(count, tuple) else (count,)
    if len(args) not in allowed:
        wanted = " or ".join(map(str, allowed))
        raise Refusal(f"{name} takes {wanted} argument{'s' * (wanted != '1')}, not {len(args)}")
    return rule(c, name, args, options)
