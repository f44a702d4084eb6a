"""Reading a scalar body: SymPy's tree becomes a notation's own values, functions by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sympy

from symdl.language.body import slots_of
from symdl.language.functions.recognised import factor_of, function_of

X = TypeVar("X")
Make = Callable[[str, Sequence[X], Any], X]
"""`make(head, arguments, detail)`: what a notation does with one operation."""

_NAMES = {"loggamma": "lgamma", "Max": "maximum", "Min": "minimum", "Abs": "abs",
          "ceiling": "ceil", "atan2": "arctan2"}
_SIGNS = {"Equality": "==", "Unequality": "!=", "LessThan": "<=", "StrictLessThan": "<",
          "GreaterThan": ">=", "StrictGreaterThan": ">"}


def spelled(body: Any, leaf: Callable[[int], X], make: Make[X]) -> X:
    """Read a body over placeholders.

    Parameters
    ----------
    body : sympy expression
        A body of an equation, or a condition in it.
    leaf : callable
        What a placeholder's number stands for.
    make : callable
        Builds ``number`` (detail: the number), ``add``, ``neg``, ``quotient`` (detail: how many
        of the arguments stand above the line), ``power``, ``call`` (detail: the name),
        ``compare`` (detail: the sign), ``and``, ``or``, ``not``, ``cases``.
    """

    def read(e: Any) -> X:
        if e.is_Symbol:
            return leaf(slots_of(e)[0])
        if e in (sympy.true, sympy.false):
            return make("number", (), sympy.Integer(int(e == sympy.true)))
        named = function_of(e)
        if named is not None:
            return make("call", [read(a) for a in named[1]], named[0])
        if not e.args:
            return make("number", (), e)
        return _operation(e, read, make)

    return read(body)


def _operation(e: Any, read: Callable[[Any], X], make: Make[X]) -> X:
    if e.is_Add:
        return make("add", [read(t) for t in e.args], None)
    part = factor_of(e) if e.is_Mul else None
    if part is not None:
        name, arguments, rest = part
        return make("quotient", [make("call", [read(a) for a in arguments], name), read(rest)], 2)
    if e.is_Mul or is_below(e) or e.is_Rational:
        return _fraction(e, read, make)
    if e.is_Pow and e.exp == sympy.S.Half:
        return make("call", [read(e.base)], "sqrt")
    if e.is_Pow and e.exp.could_extract_minus_sign():
        return make("power", [read(1 / e.base), read(-e.exp)], None)
    if e.is_Pow:
        return make("power", [read(e.base), read(e.exp)], None)
    if isinstance(e, sympy.Piecewise):
        return make("cases", _cases(e, read), None)
    name = type(e).__name__
    if name in _SIGNS:
        return make("compare", [read(e.lhs), read(e.rhs)], _SIGNS[name])
    if name == "ITE":
        test, yes, no = e.args
        return read(sympy.Or(sympy.And(test, yes), sympy.And(sympy.Not(test), no)))
    if name in ("And", "Or", "Not"):
        return make(name.lower(), [read(a) for a in sorted(e.args, key=str)], None)
    if name in ("Max", "Min") and len(e.args) > 2:
        first, *others = sorted(e.args, key=sympy.default_sort_key)
        return make("call", [read(first), read(e.func(*others))], _NAMES[name])
    if name == "polygamma" and e.args[0] == 0:
        return make("call", [read(e.args[1])], "digamma")
    if name == "polygamma":
        return make("call", [read(e.args[1]), read(e.args[0])], "polygamma")
    return make("call", [read(a) for a in e.args], _NAMES.get(name, name))


def is_below(e: Any) -> bool:
    """Whether a factor belongs under the line."""
    return bool(e.is_Pow and e.exp.could_extract_minus_sign()) and not _is_function_power(e)


def _is_function_power(e: Any) -> bool:
    """Whether a negative power is a power of a named function: 1/(1 + exp(-x))^2."""
    return function_of(e) is not None or bool(e.exp.is_Integer and function_of(1 / e.base))


def _fraction(e: Any, read: Callable[[Any], X], make: Make[X]) -> X:
    coefficient, factors = e.as_coeff_mul()
    above = [read(f) for f in factors if not is_below(f)]
    below = [read(1 / f) for f in factors if is_below(f)]
    size = abs(coefficient)
    if size.is_Rational:
        numbers = (size.p, size.q)
        above[:0] = [make("number", (), sympy.Integer(n)) for n in numbers[:1] if n != 1]
        below[:0] = [make("number", (), sympy.Integer(n)) for n in numbers[1:] if n != 1]
    elif size != 1:
        above[:0] = [make("number", (), size)]
    out = make("quotient", [*above, *below], len(above))
    return make("neg", [out], None) if coefficient.is_negative else out


def _cases(e: sympy.Piecewise, read: Callable[[Any], X]) -> list[X]:
    """Values and conditions in turn, then the last value; a 0 comes last where it can."""
    pairs = [(v, c) for v, c in e.args]
    if pairs[-1][1] != sympy.true:
        pairs.append((sympy.nan, sympy.true))
    if len(pairs) == 2 and pairs[0][0] == 0:
        (first, when), (second, _) = pairs
        pairs = [(second, sympy.Not(when)), (first, sympy.true)]
    *chosen, (last, _) = pairs
    return [*(x for v, c in chosen for x in (read(v), read(c))), read(last)]
