"""Rules that read a definition in place of the tensor it defines."""

from __future__ import annotations

from collections.abc import Callable

import sympy

from symdl.algebra.bodies import entries, equation, indices, length, moved, rebuilt, zero
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, substitute
from symdl.language.inline import inlinable, inlined, is_view
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at, view
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor
from symdl.language.unit_axes import narrowed

MOST, _FEW = 60, 9
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
    return is_view(t) or (not t.operands and length(s.body) <= 1)


def elementwise(y: Equation, network: Network) -> Tensor | None:
    """F[i] = f(X[i]) makes g(F[j]) = g(f(X[j]))."""
    if y.scheme.reduce == "none" or y.scheme.body.is_Symbol:
        return _read(y, lambda x: _is_scalar_function(x.tensor, y, network))
    return _read(y, lambda x: _is_cancelled_root(x, y.scheme))


def _is_cancelled_root(x: Access, s: Scheme) -> bool:
    """Whether an entry is a root of another one of which the body has whole powers only."""
    t = x.tensor
    if t.name is not None or not isinstance(t, Equation) or not inlinable(t) or t.scheme.guards:
        return False
    root = t.scheme.body
    if not (root.is_Pow and root.base.is_Symbol and root.exp.is_Rational) or s.leaves.count(x) > 1:
        return False
    entry = slot(s.leaves.index(x))
    used = [e for f in sympy.Mul.make_args(s.body) for b, e in [f.as_base_exp()] if b == entry]
    return bool(used) and all((e * root.exp).is_Integer for e in used) and (
        s.body.count(entry) == len(used))


def _is_scalar_function(t: Tensor, y: Equation, network: Network) -> bool:
    if not inlinable(t) or not isinstance(t, Equation) or t.name is not None:
        return False
    s = t.scheme
    if s.guards and not _is_product(s.body) and not all(
            is_factor(y.scheme, k) for k, x in entries(y.scheme) if x.tensor is t):
        return False
    if s.body.has(sympy.log) and y.scheme.body.has(sympy.exp):
        return False  # exp(log(f)) would hide a softmax
    return (network.single(t) or _is_light(s)) and length(s.body) + length(y.scheme.body) <= MOST


def _is_product(body: sympy.Expr) -> bool:
    """Whether the body is a product of powers of entries."""
    return all(f.is_Symbol or f.is_Number or (f.is_Pow and f.base.is_Symbol and f.exp.is_Rational)
               for f in sympy.Mul.make_args(body))


def _is_light(s: Scheme) -> bool:
    """Whether a definition reads as well as a name: powers of one entry; or an exponential."""
    if isinstance(s.body, sympy.exp):
        return length(s.body) <= _FEW
    one = sum(isinstance(x, Access) for x in s.leaves) <= 1
    return one and not s.guards and _is_product(s.body)


def _read(y: Equation, wanted: Callable[[Access], bool]) -> Tensor | None:
    s = y.scheme
    for k, x in entries(s):
        if wanted(x) and not _chooses_by_choice(s, k, x):
            written = in_place(s, k)
            new = solved(written) if s.reduce in ("none", "sum") else written
            return rebuilt(y, new or zero(y))
    return None


def _chooses_by_choice(s: Scheme, k: int, x: Access) -> bool:
    """Whether a condition reads leaf k and its definition is a choice itself."""
    if not isinstance(x.tensor, Equation) or not x.tensor.scheme.body.has(sympy.Piecewise):
        return False
    conditions = (c for node in s.body.atoms(sympy.Piecewise) for _, c in node.args)
    return any(slot(k) in c.free_symbols for c in conditions)


def in_place(s: Scheme, k: int) -> Scheme:
    """Read leaf k by its definition; of a factor the guards become the product's."""
    x = s.leaves[k]
    assert isinstance(x, Access)
    assert isinstance(x.tensor, Equation)
    inner = x.tensor.scheme
    if not inner.guards or not is_factor(s, k):
        return inlined(s, k)
    placed = inner.place(s.sizes, s.axes, x.index)
    leaves = list(s.leaves)
    body = substitute(s.body, {slot(k): moved(inner.body, placed.leaves, leaves)})
    return Scheme(s.sizes, s.axes, s.reduce, (*s.guards, *placed.guards, *x.mask), body,
                  tuple(leaves))


def is_factor(s: Scheme, k: int) -> bool:
    """Whether leaf k is a factor of the whole body."""
    return s.reduce in ("none", "sum") and slot(k) in sympy.Mul.make_args(s.body)


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
    inner = equation(s.place(sizes, len(kept), index), y.dtype)
    return view(inner, y.shape, [at(k) for k in kept])


RULES = (
    Rule("view", "the operand has no name; what guards it are equalities",
         "each step removes a read of a view", views),
    Rule("axis of size 1", "the equation has no name", "an axis less", unit_axes),
    Rule("unused axis", "the equation has no name and isn't a view", "an axis less", unused_axes),
    Rule("elementwise", "the operand has no name, is read once or is short, and the reader is "
         "elementwise or a plain sum", "an equation less to read", elementwise),
)
