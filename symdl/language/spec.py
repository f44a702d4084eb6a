"""The validity spec of the node kinds, checked whenever one is built.

**Scheme** (an equation's inside)
 1. The reduction is one of `REDUCTIONS`; `none` has no bound index, an arg-reduction's
    component is the number of one of its bound indices.
 2. Sizes hold no index: ranges that depend on others are guards.
 3. Every index in a guard, a mask or a leaf that the body reads is the position of a range.
 4. An access has one index an axis of its tensor; a read inside an index is of an integer
    tensor.
 5. The body's placeholders are numbers of leaves.

**Recurrence**
 6. A member has the time axis, whose size is the length.
 7. A member reads another one at its own time only if that one is computed before it in the
    step, and otherwise at a fixed lag against the direction of time.

The body itself is checked where a user's expression enters (`body.check_body`), and reads
that leave their tensor by `define.checked`, by the kernels' preconditions and, for every
entry, by the oracle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symdl.language.body import slots_of
from symdl.language.errors import SymdlError
from symdl.language.form import Form, Idx, Read
from symdl.language.scheme import REDUCTIONS, Access, Scheme

if TYPE_CHECKING:
    from symdl.language.owners import Member


class SpecError(SymdlError):
    """A node that breaks the validity spec."""


def check_scheme(s: Scheme) -> None:
    """Check rules 1 to 5.

    Raises
    ------
    SpecError
        Naming the rule.
    """
    bound = len(s.sizes) - s.axes
    if s.reduce not in REDUCTIONS or bound < 0 or (s.reduce == "none" and bound) or (
            s.reduce.startswith("arg") and not 0 <= s.component < bound):
        raise SpecError(f"rule 1: reduction {s.reduce!r} over {bound} bound indices")
    if any(f.indices for f in s.sizes):
        raise SpecError("rule 2: a size depends on an index")
    used = slots_of(s.body)
    if used and used[-1] >= len(s.leaves):
        raise SpecError(f"rule 5: the body {s.body} has {len(s.leaves)} leaves")
    leaves = [s.leaves[k] for k in used]
    for form in (*(g.form for g in s.guards), *(f for x in leaves for f in x.forms)):
        if any(k >= len(s.sizes) for k in form.indices):
            raise SpecError(f"rule 3: {form} holds an index without a range")
        if any(isinstance(a, Read) and (a.tensor.dtype == "real" or len(a.inner) != a.tensor.ndim)
               for a in form.all_atoms):
            raise SpecError(f"rule 4: {form} reads a tensor that is no integer tensor of its rank")
    for leaf in leaves:
        if isinstance(leaf, Access) and len(leaf.index) != leaf.tensor.ndim:
            raise SpecError(f"rule 4: {leaf} has {len(leaf.index)} indices")


def check_members(length: Form, reverse: bool, members: Sequence[Member]) -> None:
    """Check rules 6 and 7.

    Raises
    ------
    SpecError
        Naming the rule.
    """
    for k, m in enumerate(members):
        if m.tensor.ndim <= m.time or m.tensor.shape[m.time] != length:
            raise SpecError(f"rule 6: {m.tensor.said} has no time axis of length {length}")
        scheme: Scheme | None = getattr(m.tensor, "scheme", None)
        for leaf in scheme.leaves if scheme else ():
            number = getattr(getattr(leaf, "tensor", None), "number", None)
            if not isinstance(leaf, Access) or not isinstance(number, tuple):
                continue
            now = Form.of(0 if length == 1 else Idx(m.time))
            lag = (leaf.index[m.time] - now).constant
            past = lag is not None and (lag > 0 if reverse else lag < 0)
            if not past and not (lag == 0 and number[1] < k):
                raise SpecError(f"rule 7: {m.tensor.said} reads member {number[1]} at "
                                f"{leaf.index[m.time]}")
