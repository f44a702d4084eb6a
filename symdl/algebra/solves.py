"""A rule for linear systems whose right-hand sides are columns of the identity matrix."""

from __future__ import annotations

from dataclasses import replace

from symdl.algebra.bodies import entries, equation, rebuilt
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot
from symdl.language.bounds import within
from symdl.language.form import Form, Idx
from symdl.language.inline import is_view
from symdl.language.linalg import inv
from symdl.language.owners import Application
from symdl.language.primitives.solve import Solve
from symdl.language.scheme import Access
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Part, Tensor


def columns(y: Equation, network: Network) -> Tensor | None:
    """X = A⁻¹ B with B[r, j] = [r = c] b(j) makes X[i, j] = A⁻¹[i, c] b(j)."""
    s = y.scheme
    for k, x in entries(s):
        t = x.tensor
        if isinstance(t, Part) and isinstance(t.owner, Application) and (
                isinstance(t.owner.primitive, Solve)):
            found = _by_columns(*t.owner.operands)
            if found is not None:
                entry = Access(found, x.index, x.mask)
                return rebuilt(y, replace(s, leaves=(*s.leaves[:k], entry, *s.leaves[k + 1:])))
    return None


def _by_columns(a: Tensor, b: Tensor) -> Tensor | None:
    """The solution as entries of the inverse times what stands beside the delta."""
    if not isinstance(b, Equation) or b.scheme.reduce != "none":
        return None
    s, row = b.scheme, Idx(b.ndim - 2)
    for g in s.guards:
        parts = g.form.split(row) if g.relation == "==" else None
        if parts is None or parts[0].constant not in (1, -1):
            continue
        column = -parts[1] if parts[0] == 1 else parts[1]
        entry = _inverse_at(a, Form.of(row), column)
        if entry is None or not within(column, s.sizes[row.position], s.sizes):
            continue
        rest = replace(s, guards=tuple(h for h in s.guards if h != g)).substitute({row: column})
        return equation(replace(rest, body=rest.body * slot(len(rest.leaves)),
                                leaves=(*rest.leaves, entry)))
    return None


def _inverse_at(a: Tensor, i: Form, j: Form) -> Access | None:
    """A⁻¹[i, j] of a matrix, of a transposed or a repeated one."""
    if is_view(a) and isinstance(a, Equation) and isinstance(shown := a.scheme.leaves[0], Access):
        rows, columns = at(a.ndim - 2), at(a.ndim - 1)
        turned = shown.index == (columns, rows)
        plain = not a.scheme.guards and not shown.mask
        if plain and (turned or shown.index == (rows, columns)):
            return Access(inv(shown.tensor), (j, i) if turned else (i, j))
    return Access(inv(a), (i, j)) if a.ndim == 2 else None


RULES = (
    Rule("solve for columns of the identity", "each right-hand side is a multiple of such a "
         "column, and the matrix is one for all of them", "a system less", columns),
)
