"""What the sizes must satisfy for a program to read inside its tensors: checked at each call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symdl.language.bounds import attained_minimum, guard_range, nonnegative
from symdl.language.errors import ShapeError, lettered
from symdl.language.form import Dim, Form, Idx, Read
from symdl.language.owners import Recurrence
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Part, Tensor, topological


@dataclass(frozen=True)
class Precondition:
    """What the sizes must satisfy: `form >= 0` unless one of `scope` is 0.

    The text says what happens otherwise.
    """

    form: Form
    scope: tuple[Form, ...]
    text: str

    def check(self, sizes: Mapping[Dim, int]) -> None:
        """Raise ShapeError where the sizes fail it."""
        env: Any = sizes
        if all(f.value(env) > 0 for f in self.scope) and self.form.value(env) < 0:
            stated = ", ".join(f"{d} = {sizes[d]}" for d in sorted(
                {a for f in (self.form, *self.scope) for a in f.all_atoms if isinstance(a, Dim)},
                key=str))
            raise ShapeError(f"{self.text} with {stated}: {self} fails")

    def __str__(self) -> str:
        left = Form((m, c) for m, c in self.form.terms if c > 0)
        right = Form((m, -c) for m, c in self.form.terms if c < 0)
        return f"{left} >= {right}"


def schemes(roots: Iterable[Tensor]) -> Iterator[Scheme]:
    """The schemes of all equations of a program, members of recurrences included."""
    for t in topological(roots):
        if isinstance(t, Equation):
            yield t.scheme
        elif isinstance(t, Part) and isinstance(t.owner, Recurrence):
            yield from (m.tensor.scheme for m in t.owner.members
                        if isinstance(m.tensor, Equation))


def preconditions(roots: Sequence[Tensor]) -> tuple[Precondition, ...]:
    """What a program's shapes and reads require of the sizes."""
    found: dict[tuple[Form, tuple[Form, ...]], Precondition] = {}
    for t in topological(roots):
        for size in (factor for n in t.shape for factor in _factors(n)):
            if not nonnegative(size, ()):
                found[size, ()] = Precondition(size, (), f"the size {size} is negative")
    for s in schemes(roots):
        for tensor, index, read in _certain_reads(s):
            used = frozenset[int]().union(*(f.indices for f in index))
            scope = tuple(s.sizes[k] for k in sorted(used))
            for form, size in zip(index, tensor.shape, strict=True):
                for lowest in _lowest(form, size, s.sizes):
                    if lowest is not None and (lowest, scope) not in found:
                        text = lettered(f"{read} would be read outside its shape")
                        found[lowest, scope] = Precondition(lowest, scope, text)
    return tuple(found.values())


def _certain_reads(s: Scheme) -> Iterator[tuple[Tensor, tuple[Form, ...], object]]:
    """What is read wherever its indices have values: the tensor, the place, the read itself."""
    for leaf in s.leaves:
        if isinstance(leaf, Access) and not s.guards and not leaf.mask:
            yield leaf.tensor, leaf.index, leaf
    free = [f for x in s.leaves if not s.guards and not x.mask for f in x.forms]
    for form in (*free, *(g.form for g in s.guards)):
        others = frozenset[int]().union(*(g.form.indices for g in s.guards if g.form is not form))
        for atom in form.all_atoms:
            if isinstance(atom, Read) and not others & Form.of(atom).indices:
                yield atom.tensor, atom.inner, atom


def _factors(size: Form) -> list[Form]:
    """The factors of a product of sizes, else the size itself."""
    if len(size.terms) != 1:
        return [size]
    ((atoms, _),) = size.terms
    return [Form.of(a) for a in atoms]


def _lowest(form: Form, size: Form, sizes: Sequence[Form]) -> Iterator[Form | None]:
    """The least values of what must not be negative for an index to stay inside an axis."""
    atom = form.atom
    if isinstance(atom, Read) or (isinstance(atom, Idx) and sizes[atom.position] == size):
        return
    for guard in guard_range(form, size, sizes):
        yield attained_minimum(guard.form, sizes)


def is_precondition(form: Form, size: Form, sizes: Sequence[Form]) -> bool:
    """Whether an index that isn't guarded stays inside if the preconditions hold."""
    return None not in _lowest(form, size, sizes)
