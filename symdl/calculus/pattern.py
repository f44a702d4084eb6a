"""The pattern of an equation: its tensors and its size symbols replaced by numbers.

What is proved of a size is that it is at least 0, or at least 1 while an index over it is in
scope, and that it equals itself: nothing that depends on its name. So a derivative is derived
once a pattern, and layers of any widths share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from symdl.calculus.terms import empty, in_range, read_in_place
from symdl.language.form import Atom, Dim, Form
from symdl.language.scheme import Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Slot, Tensor

COTANGENT, OUTPUT = "cotangent", "output"


@dataclass(frozen=True)
class Pattern:
    """A scheme over numbered tensors and sizes, and what the numbers stand for."""

    scheme: Scheme
    tensors: Mapping[Tensor, Tensor]
    sizes: Mapping[Atom, Form]

    def instance(self, s: Scheme, cotangent: Tensor, place: Slot) -> Tensor:
        """A scheme over the numbers as an equation; a light cotangent, at `place`, is read."""
        actual = renumbered(s, {**self.tensors, place: cotangent}, self.sizes)
        read = read_in_place(actual, cotangent)
        if read is not actual:
            read = solved(read) or empty(read)
        return Equation.make(in_range(read))


def pattern_of(y: Equation, value: Tensor | None = None) -> Pattern:
    """The equation's pattern; `value` is the tensor to read y's entries from, else y itself."""
    s = y.scheme
    sizes: dict[Atom, Form] = {d: Form.of(Dim(n)) for n, d in enumerate(_dims(_forms(s)))}
    slots: dict[Tensor, Tensor] = {
        t: Slot.make(("operand", n), tuple(f.substitute(sizes) for f in t.shape), t.dtype)
        for n, t in enumerate(s.tensors)}
    scheme = renumbered(s, slots, sizes)
    tensors = {slot: t for t, slot in slots.items()}
    tensors[Slot.make(OUTPUT, scheme.sizes[:s.axes])] = y if value is None else value
    return Pattern(scheme, tensors, {n.atom: Form.of(d) for d, n in sizes.items() if n.atom})


def renumbered(s: Scheme, tensors: Mapping[Tensor, Tensor], sizes: Mapping[Atom, Form]) -> Scheme:
    """The scheme over other tensors and sizes, its arg-maxima and partial products as well."""

    def other(t: Tensor) -> Tensor:
        if t in tensors or not isinstance(t, Equation):
            return tensors.get(t, t)
        return Equation.make(renumbered(t.scheme, tensors, sizes), t.dtype, t.name)

    resized = s.substitute(sizes)
    return replace(resized, sizes=tuple(f.substitute(sizes) for f in s.sizes)).retensor(other)


def _forms(s: Scheme) -> Iterator[Form]:
    yield from s.sizes
    for t in s.tensors:
        yield from t.shape
    yield from s.forms


def _dims(forms: Iterable[Form]) -> dict[Atom, None]:
    """The size symbols of some forms, at every level, in order of appearance."""
    found: dict[Atom, None] = {}
    for form in forms:
        for monomial, _ in form.terms:
            for a in monomial:
                if isinstance(a, Dim):
                    found[a] = None
                elif a.inner:
                    found.update(_dims(a.inner))
    return found
