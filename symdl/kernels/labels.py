"""Labels, entries of integer tensors that address an axis, and other indices that may leave it.

An input's labels are checked once, when a kernel is called. Labels that a program computes are
checked where they are used, unless they can't be wrong: an order of an axis, by `argsort`. So is
an index that is neither proved to stay inside nor a precondition on the sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.kernels.preconditions import is_precondition, schemes
from symdl.language.bounds import nonnegative
from symdl.language.errors import SymdlError
from symdl.language.form import Dim, Form, Idx, Read
from symdl.language.guard import Conjunction, Guard
from symdl.language.owners import Application
from symdl.language.primitives.argsort import Argsort
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Part, Tensor, Variable

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class LabelRange:
    """An integer input whose entries must lie in `0 <= label < size`."""

    tensor: Tensor
    size: Form

    def check(self, array: Array, sizes: Mapping[Dim, int]) -> None:
        """Raise SymdlError where an entry is out of range."""
        n = self.size.value(sizes)  # type: ignore[arg-type]
        if array.size and array.view(np.uint64).max() >= n:  # a negative one is very large
            bad = array.max() if array.max() >= n else array.min()
            size = str(n) if self.size.constant is not None else f"{self.size} = {n}"
            allowed = f"they run from 0 to {n - 1}" if n else "there is nothing to choose from"
            raise SymdlError(f"{self.tensor.name} holds the label {bad}, but its labels index an "
                             f"axis of size {size}: {allowed}")


def label_ranges(roots: Iterable[Tensor]) -> tuple[LabelRange, ...]:
    """The ranges in which a program's integer inputs address something.

    A label that is only compared with an index, `label = i`, addresses that index's axis, unless
    the axis is a part of one that it addresses elsewhere.
    """
    addressed: dict[LabelRange, None] = {}
    compared: dict[LabelRange, None] = {}
    for s in schemes(roots):
        for form, size in _addressed(s):
            if isinstance(form.atom, Read) and isinstance(form.atom.tensor, Variable):
                addressed[LabelRange(form.atom.tensor, size)] = None
        for g in (*s.guards, *(g for leaf in s.leaves for g in leaf.mask)):
            compared.update(dict.fromkeys(_compared(g, s)))
    own = [c for c in compared if not any(
        a.tensor is c.tensor and nonnegative(a.size - c.size, ()) for a in addressed)]
    return (*addressed, *own)


def _addressed(s: Scheme) -> Iterator[tuple[Form, Form]]:
    """Each index of what a scheme reads, with the size of the axis."""
    for leaf in s.leaves:
        if isinstance(leaf, Access):
            yield from zip(leaf.index, leaf.tensor.shape, strict=True)
    for form in s.forms:
        for atom in form.all_atoms:
            if isinstance(atom, Read):
                yield from zip(atom.inner, atom.tensor.shape, strict=True)


def _compared(g: Guard, s: Scheme) -> Iterator[LabelRange]:
    """An input's label that is compared with an index: `label = i`."""
    for atom in g.form.atoms if g.relation == "==" else ():
        parts = g.form.split(atom)
        if isinstance(atom, Read) and isinstance(atom.tensor, Variable) and parts:
            index = (parts[1] if parts[0] == -1 else -parts[1]).atom
            if isinstance(index, Idx):
                yield LabelRange(atom.tensor, s.sizes[index.position])


def may_leave(form: Form, size: Form, sizes: Sequence[Form], known: Conjunction) -> bool:
    """Whether an index may be outside an axis, given the indices' ranges and guards that hold."""
    atom = form.atom
    if isinstance(atom, Idx) and sizes[atom.position] == size:
        return False
    if all(_proved(x, sizes, known) for x in (form, size - 1 - form)):
        return False
    reads = [a for a in form.all_atoms if isinstance(a, Read)]
    if reads:
        computed = any(not isinstance(a.tensor, Variable) for a in reads)
        return computed and not _is_order(form, size)
    return bool(known) or not is_precondition(form, size, sizes)


def _proved(form: Form, sizes: Sequence[Form], known: Conjunction) -> bool:
    """Whether `form >= 0` follows from the ranges, or from them and one guard."""
    if nonnegative(form, sizes):
        return True
    slack = [form - g.form for g in known if g.relation != "!="]
    slack += [form + g.form for g in known if g.relation == "=="]
    return any(nonnegative(x, sizes) for x in slack)


def _is_order(form: Form, size: Form) -> bool:
    """Whether the index is an entry of an axis's sorting order."""
    t = form.atom.tensor if isinstance(form.atom, Read) else None
    return (isinstance(t, Part) and isinstance(t.owner, Application)
            and isinstance(t.owner.primitive, Argsort) and t.shape[-1] == size)
