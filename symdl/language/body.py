"""Scalar bodies: plain SymPy expressions over positional placeholders a0, a1, ...

A placeholder is a real symbol and stands for one access of an equation, whose tensor and
indices are kept beside the body. A body holds exact numbers and the heads named here and
nothing else: `check_body` is the validity spec. `loggamma` means log|Γ|, as in C's `lgamma`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from numbers import Rational as ExactNumber
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean, BooleanAtom

from symdl.language.errors import SymdlError

_FUNCTIONS = (
    "exp log sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh atan2 erf erfc "
    "loggamma gamma polygamma floor ceiling Abs sign Max Min"
)
_RELATIONS = "Equality Unequality LessThan StrictLessThan GreaterThan StrictGreaterThan"
_CONNECTIVES = "And Or Not ITE"
_LEAVES = (
    sympy.Rational, sympy.core.numbers.Infinity, sympy.core.numbers.NegativeInfinity,
    sympy.core.numbers.NaN, sympy.core.numbers.Pi, sympy.core.numbers.Exp1,
    sympy.core.numbers.EulerGamma, BooleanAtom,
)

HEADS: frozenset[type] = frozenset(
    getattr(sympy, name)
    for name in f"Add Mul Pow Piecewise {_FUNCTIONS} {_RELATIONS} {_CONNECTIVES}".split()
) | {ExprCondPair}
"""The heads of inner nodes that a body may hold."""

COMMUTATIVE: frozenset[str] = frozenset(
    {"Add", "Mul", "Max", "Min", "And", "Or", "Equality", "Unequality"}
)
"""The heads of `tree` whose arguments have no order."""

_ADVICE = {
    "Heaviside": "write Piecewise((1, t > 0), (0, True))",
    "Derivative": "call .doit() first",
    "Subs": "call .doit() first",
    "Float": "numbers are exact: see `exact`",
    "ComplexInfinity": "a constant divides by zero",
    "ImaginaryUnit": "bodies are real",
}


class BodyError(SymdlError):
    """A scalar expression that has no place in an equation."""


@cache
def slot(k: int) -> sympy.Symbol:
    """Return the placeholder a{k}, a real symbol."""
    return sympy.Symbol(f"a{k}", real=True)


@lru_cache(maxsize=1 << 16)
def slots_of(body: sympy.Basic) -> tuple[int, ...]:
    """Return the numbers of the placeholders that occur, ascending."""
    return tuple(sorted(int(s.name[1:]) for s in body.free_symbols))


def literal(x: Any) -> sympy.Expr:
    """Return the exact number that a Python, NumPy or SymPy number is written as.

    A float stands for its shortest decimal: 0.1 is 1/10.

    Raises
    ------
    TypeError
        If x is no real number, or an expression with free symbols.
    """
    if isinstance(x, sympy.Expr):
        if x.free_symbols:
            raise TypeError(f"{x} is an expression, not a number")
        return exact(x)
    if isinstance(x, float):
        return _decimal(float.__repr__(x))
    if isinstance(x, Decimal) and not x.is_snan():
        return _decimal(str(x) if x.is_finite() else str(float(x)))
    if isinstance(x, ExactNumber):
        return sympy.Rational(int(x.numerator), int(x.denominator))
    if hasattr(x, "dtype") and getattr(x, "ndim", 0) == 0:
        plain = x[()].item()
        return _decimal(str(x[()])) if isinstance(plain, float) else literal(plain)
    raise TypeError(f"{x!r} is not a real number")


def _decimal(text: str) -> sympy.Expr:
    special = {"inf": sympy.oo, "-inf": -sympy.oo, "nan": sympy.nan}
    if text in special:
        return special[text]
    value = Fraction(text)
    return sympy.Rational(value.numerator, value.denominator)


def exact(expr: sympy.Expr) -> sympy.Expr:
    """Replace every binary float by the decimal it is written as."""
    floats = expr.atoms(sympy.Float)
    if not floats:
        return expr
    return expr.xreplace({f: _decimal(_digits(f)) for f in floats})


def _digits(number: sympy.Float) -> str:
    return float.__repr__(float(number)) if number._prec <= 53 else str(number)


def check_body(expr: sympy.Basic, n_slots: int) -> None:
    """Check the validity spec of a body over the placeholders a0 ... a{n_slots - 1}.

    Raises
    ------
    BodyError
        If the expression holds another head, another symbol, or a number that isn't exact.
    """
    if not isinstance(expr, sympy.Expr):
        raise BodyError(f"{expr} is a condition: as a number, write Piecewise((1, ...), (0, True))")
    for node in sympy.preorder_traversal(expr):
        if isinstance(node, sympy.Symbol):
            _check_symbol(node, expr, n_slots)
        elif node.func not in HEADS and not isinstance(node, _LEAVES):
            name = node.func.__name__
            advice = f" ({_ADVICE[name]})" if name in _ADVICE else ""
            raise BodyError(f"{expr}: {name} has no meaning in a scalar formula{advice}")


def _check_symbol(symbol: sympy.Symbol, expr: sympy.Expr, n_slots: int) -> None:
    number = symbol.name[1:]
    if not (number.isdecimal() and int(number) < n_slots and slot(int(number)) == symbol):
        known = "no placeholder" if n_slots == 0 else f"only a0 ... a{n_slots - 1}, declared real"
        raise BodyError(f"{expr}: the symbol {symbol} is unknown here; there is {known}")


def rename(body: sympy.Expr, mapping: Mapping[int, int] | Sequence[int]) -> sympy.Expr:
    """Renumber the placeholders, all at once; a sequence gives the new number of each."""
    pairs = mapping.items() if isinstance(mapping, Mapping) else enumerate(mapping)
    used = slots_of(body)
    moved = tuple(sorted((old, new) for old, new in pairs if old != new and old in used))
    return _renamed(body, moved) if moved else body


@lru_cache(maxsize=1 << 16)
def _renamed(body: sympy.Expr, pairs: tuple[tuple[int, int], ...]) -> sympy.Expr:
    return substitute(body, {slot(old): slot(new) for old, new in pairs})


def substitute(expr: Any, mapping: Mapping[Any, Any]) -> Any:
    """Replace subexpressions, all at once.

    Like SymPy's `xreplace`, but a Piecewise, Max or Min around a change keeps its form instead of
    being analysed again, which is slow, and where 1/0 arises in a branch it is infinity.
    """
    if expr in mapping:
        return mapping[expr]
    if not expr.args:
        return expr
    args = [substitute(arg, mapping) for arg in expr.args]
    if all(new is old for new, old in zip(args, expr.args, strict=True)):
        return expr
    return rebuild(expr, args)


def rebuild(expr: Any, args: Sequence[Any]) -> Any:
    """Return the node with other arguments."""
    if isinstance(expr, sympy.Piecewise):
        return piecewise(*args)
    if isinstance(expr, (sympy.Max, sympy.Min)) and all(a.is_Symbol for a in args):
        return expr.func(*args, evaluate=False)
    new = expr.func(*args)
    if not new.has(sympy.zoo):
        return new
    below = isinstance(expr, sympy.log) or (
        isinstance(expr, sympy.polygamma) and expr.args[0].is_even)
    return substitute(new, {sympy.zoo: -sympy.oo if below else sympy.oo})


def piecewise(*cases: Any) -> sympy.Expr:
    """Return the first value whose condition holds, as written; NaN where none does.

    Equal neighbours are joined and unreachable cases dropped; nothing else is analysed.
    """
    kept: list[tuple[sympy.Expr, Boolean]] = []
    for value, when in _flat(cases):
        if kept and kept[-1][0] == value:
            kept[-1] = (value, sympy.Or(kept[-1][1], when))
        else:
            kept.append((value, when))
        if kept[-1][1] == sympy.true:
            break
    if not kept:
        return sympy.nan
    return kept[0][0] if kept[0][1] == sympy.true else sympy.Piecewise(*kept, evaluate=False)


def strong_product(zero: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
    """Return the product, and 0 where the first factor is 0 whatever the second one."""
    product = zero * other
    return piecewise((zero, sympy.Eq(zero, 0)), (product, True)) if other.free_symbols else product


def strong_factor(node: Any) -> sympy.Expr | None:
    """Return the factor z of a Piecewise that is z where z = 0, None of any other node."""
    if not isinstance(node, sympy.Piecewise) or len(node.args) != 2:
        return None
    (zero, when), (_, otherwise) = node.args
    return zero if otherwise == sympy.true and when == sympy.Eq(zero, 0) else None


def _flat(cases: Sequence[Any]) -> Iterator[tuple[sympy.Expr, Boolean]]:
    """Yield the cases that can be reached, a Piecewise in last place opened."""
    seen: set[Boolean] = {sympy.false}
    for value, condition in cases:
        when = sympy.S(condition)
        while isinstance(value, sympy.Piecewise) and value.args[0][1] == when:
            value = value.args[0][0]
        if when in seen:
            continue
        seen.add(when)
        if when == sympy.true and isinstance(value, sympy.Piecewise):
            yield from ((v, c) for v, c in value.args if c == sympy.true or c not in seen)
        else:
            yield sympy.S(value), when


@lru_cache(maxsize=1 << 16)
def tree(body: sympy.Basic) -> Any:
    """Return a nested tuple that says the body, the same in every process.

    A placeholder is ``("a", k)``, a number its text, an inner node ``(head, *arguments)``;
    the arguments of a head in `COMMUTATIVE` are sorted, a > b is said as b < a.
    """
    if isinstance(body, sympy.Symbol):
        return ("a", int(body.name[1:]))
    if not body.args:
        return str(body)
    name, args = type(body).__name__, [tree(arg) for arg in body.args]
    if name in _TURNED:
        name, args = _TURNED[name], args[::-1]
    return (name, *(sorted(args, key=repr) if name in COMMUTATIVE else args))


_TURNED = {"GreaterThan": "LessThan", "StrictGreaterThan": "StrictLessThan"}


@lru_cache(maxsize=1 << 12)
def kinks(body: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """Return expressions that vanish wherever the body or a derivative of it may jump.

    They are the differences compared in conditions, Max and Min, the arguments of Abs and
    sign, and sin(pi*u) for floor(u) and ceiling(u).
    """
    found: dict[sympy.Expr, None] = {}
    smooth = {sympy.Eq(z, 0) for node in body.atoms(sympy.Piecewise)
              if (z := strong_factor(node)) is not None}
    for node in sympy.preorder_traversal(body):
        if node not in smooth:
            found.update(dict.fromkeys(_kinks_at(node)))
    return tuple(expr for expr in found if expr.free_symbols)


def _kinks_at(node: Any) -> Iterator[sympy.Expr]:
    if isinstance(node, sympy.core.relational.Relational):
        yield node.lhs - node.rhs
    elif isinstance(node, (sympy.Max, sympy.Min)):
        yield from (a - b for n, a in enumerate(node.args) for b in node.args[n + 1:])
    elif isinstance(node, (sympy.Abs, sympy.sign)):
        yield node.args[0]
    elif isinstance(node, (sympy.floor, sympy.ceiling)):
        yield sympy.sin(sympy.pi * node.args[0])
