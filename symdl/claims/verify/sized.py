"""Expressions with numbers for some of their sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symdl.language.form import Atom, Dim, Form
from symdl.language.owners import Application, Member, Recurrence
from symdl.language.rebuild import replaced
from symdl.language.tensor import Equation, Part, Tensor, Variable, transform


def at_sizes(roots: Sequence[Tensor], sizes: Mapping[Dim, int]) -> list[Tensor]:
    """The program with numbers for sizes.

    Parameters
    ----------
    roots : sequence of Tensor
    sizes : mapping of Dim to int

    Returns
    -------
    list of Tensor
    """
    values: dict[Atom, Form] = {d: Form.of(n) for d, n in sizes.items()}

    def sized(t: Tensor, new: Mapping[Tensor, Tensor]) -> Tensor:
        if isinstance(t, Variable):
            shape = tuple(f.substitute(values) for f in t.shape)
            return Variable.make(t.name or "", shape, t.dtype, t.facts)
        if isinstance(t, Equation):
            return _equation(t, new)
        if isinstance(t, Part) and isinstance(t.owner, Recurrence):
            members = tuple(Member(_equation(m.tensor, new) if isinstance(m.tensor, Equation)
                                   else replaced(m.tensor, new), m.time) for m in t.owner.members)
            return Part.make(replace(t.owner, members=members), t.number)
        if isinstance(t, Part) and isinstance(t.owner, Application):
            return replaced(t, new)
        return t

    def _equation(t: Equation, new: Mapping[Tensor, Tensor]) -> Tensor:
        s = t.scheme.retensor(lambda x: new.get(x, x)).substitute(values)
        s = replace(s, sizes=tuple(f.substitute(values) for f in s.sizes))
        return Equation.make(s, t.dtype, t.name)

    at = transform(list(roots), sized)
    return [at[r] for r in roots]
