"""Rules that read a definition in place of the tensor it defines."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symdl.algebra.bodies import entries, indices, rebuilt
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slots_of
from symdl.language.inline import inlinable, inlined, is_view
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, view
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor
from symdl.language.unit_axes import narrowed

_MOST, _FEW = 60, 9
"""The longest body that a definition is read into; the longest exponential read twice."""


def views(y: Equation, network: Network) -> Tensor | None:
    """Y[i] = X[s(i)] makes f(Y[j]) = f(X[s(j)]); deltas are solved for the summed index."""
    return _read(y, lambda x: _is_address(x.tensor))


def _is_address(t: Tensor) -> bool:
    """Whether a definition only re-addresses: a view, a constant, a delta."""
    if not inlinable(t) or not isinstance(t, Equation) or t.name is not None:
        return False
    s = t.scheme
    conditions = (*s.guards, *(g for x in s.leaves for g in x.mask))
    if any(g.relation != "==" for g in conditions):
        return False
    return is_view(t) or (not t.operands and s.body.count_ops() <= 1)


def elementwise(y: Equation, network: Network) -> Tensor | None:
    """F[i] = f(X[i]) makes g(F[j]) = g(f(X[j]))."""
    plain = y.scheme.body.is_Symbol and y.scheme.reduce != "none"
    if not plain and y.scheme.reduce != "none":
        return None
    return _read(y, lambda x: _is_scalar_function(x.tensor, y, network))


def _is_scalar_function(t: Tensor, y: Equation, network: Network) -> bool:
    if not inlinable(t) or not isinstance(t, Equation) or t.name is not None:
        return False
    s = t.scheme
    if s.guards and (y.scheme.reduce not in ("none", "sum") or not _is_product(s.body)):
        return False
    if s.body.count_ops() + y.scheme.body.count_ops() > _MOST:
        return False
    return network.single(t) or _is_light(s)


def _is_product(body: sympy.Expr) -> bool:
    """Whether the body is a product of entries, which stays finite where they are read as 0."""
    return all(f.is_Symbol or f.is_Number or (f.is_Pow and f.base.is_Symbol and f.exp.is_Integer)
               for f in sympy.Mul.make_args(body))


def _is_light(s: Scheme) -> bool:
    """Whether a definition reads as well as a name: one entry, scaled; or an exponential."""
    if s.guards:
        return False
    if isinstance(s.body, sympy.exp):
        return bool(s.body.count_ops() <= _FEW)
    return sum(isinstance(x, Access) for x in s.leaves) <= 1 and _is_product(s.body)


def _read(y: Equation, wanted: Callable[[Access], bool]) -> Tensor | None:
    s = y.scheme
    k = next((k for k, x in entries(s) if wanted(x)), None)
    if k is None:
        return None
    branches = s.body.count(sympy.Piecewise)
    inner = s.leaves[k].tensor.scheme.body.count(sympy.Piecewise)  # type: ignore[union-attr]
    new = solved(inlined(s, k)) if s.reduce in ("none", "sum") else inlined(s, k)
    if new is None:
        return rebuilt(y, Scheme(y.shape, y.ndim, "none", (), sympy.S.Zero, ()))
    grown = new.body.count(sympy.Piecewise) > branches + inner * len(slots_of(s.body))
    return None if grown else rebuilt(y, new)


def unit_axes(y: Equation, network: Network) -> Tensor | None:
    """Y of shape (n, 1) is y[:, None] with y of shape (n,)."""
    if y.name is not None or is_view(y) or not y.operands:
        return None
    slim = narrowed(y)
    return None if slim is y else slim


def unused_axes(y: Equation, network: Network) -> Tensor | None:
    """Y[i, j] = f(X[i]) is a view of y[i] = f(X[i])."""
    s = y.scheme
    if y.name is not None or is_view(y) or not y.operands:
        return None
    used = indices(s.body, s).union(*(g.form.indices for g in s.guards),
                                    *(f.indices for f in s.sizes[s.axes:]))
    gone = [k for k in range(s.axes) if k not in used]
    if not gone:
        return None
    kept = [k for k in range(s.axes) if k not in gone]
    place = {k: at(n) for n, k in enumerate([*kept, *s.bound])}
    index = [place.get(k, at(k)) for k in range(len(s.sizes))]
    sizes = [s.sizes[k] for k in [*kept, *s.bound]]
    inner = Equation.make(s.place(sizes, len(kept), index), y.dtype)
    return view(inner, y.shape, [at(k) for k in kept])


RULES = (
    Rule("view", "the operand has no name; what guards it are equalities",
         "each step removes a read of a view", views),
    Rule("axis of size 1", "the equation has no name", "an axis less", unit_axes),
    Rule("unused axis", "the equation has no name and isn't a view", "an axis less", unused_axes),
    Rule("elementwise", "the operand has no name, is read once or is short, and the reader is "
         "elementwise or a plain sum", "an equation less to read", elementwise),
)
