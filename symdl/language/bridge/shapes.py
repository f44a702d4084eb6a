"""The shapes of indexed tensors and the sizes that an expression of SymPy's speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy
from sympy.matrices.expressions import FunctionMatrix
from sympy.tensor.array import ArrayComprehension
from sympy.tensor.array.expressions import ArraySymbol

Shape = tuple[Any, ...]


def shapes_of(e: Any, axes: Sequence[Any]) -> Mapping[str, Shape]:
    """The shape of each IndexedBase: as stated, else the ranges of the indices it is read at."""
    ranges = dict(_ranges(e))
    found: dict[str, list[Any]] = {}
    for entry in nodes(e, sympy.Indexed):
        name, stated = str(entry.base.label), entry.base.shape
        sizes = found.setdefault(name, [None] * len(entry.indices))
        for k, index in enumerate(entry.indices[:len(sizes)]):
            size = stated[k] if stated is not None else _size(index, ranges)
            sizes[k] = size if sizes[k] is None else sizes[k]
    return {name: tuple(sizes) for name, sizes in found.items() if None not in sizes}


def _size(index: Any, ranges: Mapping[Any, Any]) -> Any:
    if isinstance(index, sympy.Idx) and index.upper is not None and index.lower == 0:
        return index.upper + 1
    return ranges.get(index)


def _ranges(e: Any) -> Iterator[tuple[Any, Any]]:
    """Indices that start at 0, and how far they run."""
    for variable, low, high in _limits(e):
        if low == 0:
            yield variable, high + 1


def _limits(e: Any) -> Iterator[tuple[Any, Any, Any]]:
    for x in nodes(e, sympy.Sum, sympy.Product, ArrayComprehension):
        yield from (limit for limit in x.limits if len(limit) == 3)
    for x in nodes(e, FunctionMatrix):
        yield from ((v, sympy.S.Zero, n - 1)
                    for v, n in zip(x.lamda.variables, x.shape, strict=True))


def sizes_in(e: Any) -> frozenset[Any]:
    """Symbols that occur in shapes and limits, indices excepted: they are sizes."""
    forms = [sympy.S(n) for x in nodes(e, sympy.MatrixExpr, ArraySymbol) for n in x.shape]
    forms += [n for x in nodes(e, sympy.Indexed) for n in x.base.shape or ()]
    forms += [n for x in nodes(e, sympy.Idx) for n in (x.lower, x.upper) if n is not None]
    limits = list(_limits(e))
    forms += [n for _, low, high in limits for n in (low, high)]
    bound = {variable for variable, _, _ in limits}
    return frozenset(s for f in forms for s in f.free_symbols if s not in bound)


def nodes(e: Any, *kinds: type) -> Iterator[Any]:
    """The subexpressions of some kinds, inside arrays and lists too."""
    if isinstance(e, kinds):
        yield e
    parts = e if isinstance(e, (sympy.MatrixBase, sympy.NDimArray)) else getattr(e, "args", ())
    for a in parts:
        yield from nodes(a, *kinds)
