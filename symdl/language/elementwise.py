"""Scalar functions applied entry by entry, with NumPy's broadcasting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy

from symdl.language.body import exact, literal, slot, substitute
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ZERO, Form, Idx
from symdl.language.guard import Condition, equals
from symdl.language.scalars import CATALOGUE
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.tensor import Constant, Equation, Shape, Tensor, Variable

Operand = Any  # a tensor, size, index, number, array or SymPy expression


def as_tensor(x: Operand) -> Tensor:
    """A tensor from whatever can stand beside one in a formula."""
    if isinstance(x, Tensor):
        return x
    if isinstance(x, Form):
        return Equation.make(Scheme((), 0, "none", (), slot(0), (Value(x),)),
                             "int" if not x.free else "real")
    if isinstance(x, Condition):
        leaves: list[Leaf] = [Value(Form.of(1), case) for case in x.cases]
        body = sympy.Add(*(slot(k) for k in range(len(leaves))))
        return Equation.make(Scheme((), 0, "none", (), body, tuple(leaves)), "bool")
    if isinstance(x, (list, tuple, np.ndarray)) and np.ndim(x) > 0:
        return Constant.make(x)
    if isinstance(x, sympy.Expr) and x.free_symbols:
        return _from_scalar(x)
    dtype = "bool" if isinstance(x, (bool, np.bool_)) else (
        "int" if isinstance(x, (int, np.integer)) else "real")
    try:
        number = literal(x)
    except (TypeError, ValueError) as error:
        raise SymdlError(f"{x!r} ({type(x).__name__}) can't be part of a tensor expression"
                         ) from error
    return Equation.make(Scheme((), 0, "none", (), number, ()), dtype)


def _from_scalar(x: sympy.Expr) -> Tensor:
    """A SymPy expression: each of its symbols is a scalar input of that name."""
    symbols = sorted(x.free_symbols, key=str)
    variables = [Variable.make(str(s), ()) for s in symbols]
    body = x.xreplace({s: slot(k) for k, s in enumerate(symbols)})
    return mapped(body, variables)


def broadcast_shape(shapes: Sequence[Shape], what: str) -> Shape:
    """The common shape; sizes agree where they are equal or one is the number 1."""
    rank = max((len(s) for s in shapes), default=0)
    out: list[Form] = []
    for axis in range(rank):
        sizes = [s[axis - rank + len(s)] for s in shapes if axis - rank + len(s) >= 0]
        wide = list(dict.fromkeys(s for s in sizes if s.constant != 1)) or [Form.of(1)]
        if len(wide) > 1:
            raise ShapeError(_mismatch(shapes, wide[0], wide[1], what))
        out.append(wide[0])
    return tuple(out)


def _mismatch(shapes: Sequence[Shape], a: Form, b: Form, what: str) -> str:
    text = f"{what}: shapes {' and '.join(map(shape_text, shapes))} don't broadcast: " \
           f"sizes {a} and {b} differ"
    if a.constant is None or b.constant is None:
        text += (f". Only a size written as the number 1 broadcasts; use the same size for "
                 f"both, or declare the axis with size 1 if {a} or {b} stands for 1")
    turned = [s[::-1] for s in shapes]
    if len(shapes) == 2 and len(shapes[1]) == 2 and _fits([shapes[0], turned[1]]):
        text += ". Did you mean the transpose of the second?"
    elif len(shapes) == 2 and len(shapes[1]) == 1 and len(shapes[0]) > 1 and (
            shapes[0][0] == shapes[1][0]):
        text += ". Did you mean to add an axis, b[:, None]?"
    return text


def _fits(shapes: Sequence[Shape]) -> bool:
    return all(len({x for x in sizes if x.constant != 1}) <= 1
               for sizes in zip(*(s[::-1] for s in shapes), strict=False))


def aligned(tensor: Tensor, rank: int) -> Access:
    """The tensor's entry at the last indices of a broadcast shape of that rank."""
    first = rank - tensor.ndim
    index = (ZERO if s.constant == 1 else Form.of(Idx(first + k))
             for k, s in enumerate(tensor.shape))
    return Access(tensor, tuple(index))


def mapped(body: sympy.Expr, operands: Sequence[Operand], dtype: str = "real",
           what: str = "elementwise") -> Tensor:
    """The scalar body applied to the operands, entry by entry."""
    tensors = [as_tensor(x) for x in operands]
    shape = broadcast_shape([t.shape for t in tensors], what)
    leaves: list[Leaf] = []
    numbers: dict[sympy.Symbol, sympy.Expr] = {}
    for k, t in enumerate(tensors):
        leaves.append(aligned(t, len(shape)))
        if isinstance(t, Equation) and not t.shape and not t.operands and t.scheme.reduce == "none":
            inner = t.scheme
            if not inner.leaves and not inner.guards:
                numbers[slot(k)] = inner.body
            elif inner.body.is_Symbol and not inner.guards:
                leaves[k] = inner.leaves[0]
    if numbers:
        body = substitute(body, numbers)
    if body.has(sympy.zoo, sympy.nan, sympy.I):
        given = ", ".join(str(numbers.get(slot(k), t.said)) for k, t in enumerate(tensors))
        raise SymdlError(f"{what}({given}) is not a real number: a constant is outside the domain")
    return Equation.make(Scheme(shape, len(shape), "none", (), body, tuple(leaves)), dtype)


def function(name: str) -> Callable[..., Tensor]:
    """The catalogue's function of that name on tensors."""
    entry = CATALOGUE[name]

    def apply_entry(*operands: Operand, **params: Any) -> Tensor:
        if len(operands) != entry.arity:
            raise SymdlError(f"{name} takes {entry.arity} argument(s), not {len(operands)}")
        unknown = set(params) - set(entry.params)
        if unknown:
            raise SymdlError(f"{name} has no parameter {', '.join(sorted(unknown))}; "
                             f"it has {', '.join(entry.params) or 'none'}")
        values = {**entry.params, **params}
        body = entry.formula(*(slot(k) for k in range(entry.arity)),
                             **{k: literal(v) for k, v in values.items()})
        return mapped(body, operands, _dtype(name, operands), name)

    apply_entry.__name__ = apply_entry.__qualname__ = name
    apply_entry.__doc__ = f"{name}, entry by entry: {entry.reference}"
    return apply_entry


def _dtype(name: str, operands: Sequence[Operand]) -> str:
    integers = all(isinstance(x, (int, Form)) or getattr(x, "dtype", "") in ("int", "bool")
                   for x in operands)
    return "int" if integers and name in _INTEGER_VALUED else "real"


_INTEGER_VALUED = frozenset({"identity", "maximum", "minimum", "abs", "sign", "floor", "round",
                             "square"})


def apply(scalar: Callable[..., Any], *operands: Operand) -> Tensor:
    """A SymPy scalar function applied entry by entry.

    Parameters
    ----------
    scalar : callable
        Takes one real SymPy symbol an operand and returns a SymPy expression,
        e.g. ``lambda t: sympy.log(1 + t**2)``; Piecewise included.
    *operands : tensor-like
        Broadcast together.

    Raises
    ------
    BodyError
        If the expression holds a head that has no numeric meaning.
    """
    from symdl.language.body import check_body

    body = exact(sympy.S(scalar(*(slot(k) for k in range(len(operands))))))
    check_body(body, len(operands))
    return mapped(body, operands, what=getattr(scalar, "__name__", "apply"))


def _arithmetic(name: str, body: sympy.Expr, integers: bool) -> Callable[..., Tensor]:
    def operate(*operands: Operand) -> Tensor:
        tensors = [as_tensor(x) for x in operands]
        dtype = "int" if integers and all(t.dtype in ("int", "bool") for t in tensors) else "real"
        return mapped(body, tensors, dtype, name)

    operate.__name__ = operate.__qualname__ = name
    operate.__doc__ = f"NumPy's `{name}` on tensor expressions: {body}"
    return operate


def _comparison(name: str, relation: Callable[[Any, Any], Any],
                of_indices: Callable[[Any, Any], Condition]) -> Callable[..., Any]:
    body = sympy.Piecewise((1, relation(slot(0), slot(1))), (0, True))

    def compare(a: Operand, b: Operand) -> Tensor | Condition:
        if (isinstance(a, Form) and isinstance(b, (Form, int))) or (
                isinstance(a, int) and isinstance(b, Form)):
            return of_indices(Form.of(a), Form.of(b))
        return mapped(body, (a, b), "bool", name)

    compare.__name__ = compare.__qualname__ = name
    compare.__doc__ = (f"Entrywise comparison, true or false: {relation.__name__}; "
                       "of two sizes or indices a condition, for `where`.")
    return compare


_a, _b = slot(0), slot(1)
add = _arithmetic("add", _a + _b, True)
subtract = _arithmetic("subtract", _a - _b, True)
multiply = _arithmetic("multiply", _a * _b, True)
divide = _arithmetic("divide", _a / _b, False)
negative = _arithmetic("negative", -_a, True)
less = _comparison("less", sympy.Lt, lambda i, j: i < j)
less_equal = _comparison("less_equal", sympy.Le, lambda i, j: i <= j)
greater = _comparison("greater", sympy.Gt, lambda i, j: i > j)
greater_equal = _comparison("greater_equal", sympy.Ge, lambda i, j: i >= j)
equal_to = _comparison("eq", sympy.Eq, equals)
not_equal = _comparison("ne", sympy.Ne, lambda i, j: ~equals(i, j))
logical_and = _arithmetic("logical_and", _a * _b, True)
logical_or = _arithmetic("logical_or", _a + _b - _a * _b, True)
logical_not = _arithmetic("logical_not", 1 - _a, True)


def power(x: Operand, exponent: Operand) -> Tensor:
    """`x ** exponent`, entry by entry; a number as exponent stays a number."""
    return mapped(CATALOGUE["pow"].formula(_a, _b), (x, exponent), what="power")
