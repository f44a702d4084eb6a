"""Functions of the catalogue found in scalar bodies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import sympy

from symdl.language.body import literal
from symdl.language.scalars import CATALOGUE, Scalar

_WRITTEN_OUT = frozenset({"identity", "square", "reciprocal", "expm1", "log1p", "logit", "pow",
                          "polygamma", "rsqrt"})
"""Functions whose formula reads better than their name."""


@lru_cache(maxsize=1 << 14)
def function_of(e: Any) -> tuple[str, tuple[Any, ...]] | None:
    """The catalogue's function that an expression is a value of, and its arguments."""
    if e.is_Atom or not isinstance(e, sympy.Expr):
        return None
    for entry, arguments in _applications(e):
        if entry.formula(*arguments, **_parameters(entry)) == e:
            return entry.name, arguments
    return None


@lru_cache(maxsize=1 << 12)
def factor_of(e: Any) -> tuple[str, tuple[Any, ...], Any] | None:
    """A catalogue's function that some factors of a product are, its arguments, and the rest."""
    if not e.is_Mul or len(e.args) < 3:
        return None
    factors = set(e.args)
    for entry, arguments in _applications(e):
        value = entry.formula(*arguments, **_parameters(entry))
        if value.is_Mul and {f for f in value.args if not f.is_number} <= factors:
            return entry.name, arguments, e / value
    return None


def _applications(e: Any) -> Iterator[tuple[Scalar, tuple[Any, ...]]]:
    """The functions of the same head that may occur, applied to parts of the expression."""
    candidates = None
    heads = _heads(e)
    for entry in _by_head().get(e.func, ()):
        if _heads(entry.body()) <= heads:
            if candidates is None:
                candidates = list(_candidates(e))
            yield from ((entry, a) for a in product(candidates, repeat=entry.arity))


@lru_cache(maxsize=1 << 12)
def _heads(e: Any) -> frozenset[type]:
    """The functions that occur, sums and products apart."""
    return frozenset(type(x) for x in sympy.preorder_traversal(e) if isinstance(x, _TELLING))


_TELLING = (sympy.Function, sympy.Piecewise)


@lru_cache(maxsize=1)
def _by_head() -> dict[type, list[Scalar]]:
    """The functions to look for, by the head of their formula, the longest first."""
    found: dict[type, list[Scalar]] = {}
    entries = [x for x in CATALOGUE.values() if x.name not in _WRITTEN_OUT]
    for entry in sorted(entries, key=lambda x: -x.body().count_ops()):
        body = entry.body()
        if len(body.args) > 1 or (body.args and not body.args[0].is_Symbol):
            found.setdefault(body.func, []).append(entry)
    return found


def _parameters(entry: Scalar) -> dict[str, Any]:
    return {key: literal(value) for key, value in entry.params.items()}


def _candidates(e: Any) -> Iterator[Any]:
    """What the function may have been applied to: a part of the expression, or its negative."""
    branches = isinstance(e, sympy.Piecewise)
    parts = {x for x in sympy.preorder_traversal(e)
             if isinstance(x, sympy.Expr) and x.free_symbols and x != e
             and not (branches and x.has(sympy.Piecewise))}
    yield from sorted(parts, key=sympy.default_sort_key)
    yield from (-x for x in sorted(parts, key=sympy.default_sort_key))

