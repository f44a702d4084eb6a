"""What a function of a kernel calls its arrays, its numbers and its loop variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from symdl.kernels.form_code import form_code, guard_code
from symdl.kernels.labels import may_leave
from symdl.language.form import Atom, Dim, Form, Free, Idx, Operation, Read, remainder
from symdl.language.guard import Conjunction, Guard
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import variable_form


@dataclass(frozen=True)
class Place:
    """Where a result of a nest lives: which of its axes are stored, if any.

    One that isn't a number is a whole array, or a scratch array of the nest's own.
    """

    kept: tuple[int, ...]
    whole: bool

    @property
    def array(self) -> bool:
        """Whether it is stored at all."""
        return self.whole or bool(self.kept)


@dataclass(frozen=True)
class Here:
    """A point of an equation: its indices' loop variables and ranges, the guards that hold."""

    names: Mapping[int, str] = field(default_factory=dict)
    sizes: Sequence[Form] = ()
    known: Conjunction = ()

    def under(self, guards: Iterable[Guard]) -> Here:
        """The point where more guards hold."""
        return Here(self.names, self.sizes, (*self.known, *guards))


@dataclass
class Scope:
    """Names, given as they are first needed; arrays and numbers become arguments."""

    outer: frozenset[str] = frozenset()
    arrays: dict[Tensor, str] = field(default_factory=dict)
    numbers: dict[Form, str] = field(default_factory=dict)
    locals: dict[Tensor, str] = field(default_factory=dict)
    places: dict[Tensor, Place] = field(default_factory=dict)
    from_zero: set[str] = field(default_factory=set)  # variables of loops that begin at 0
    steps: Mapping[Tensor, int] = field(default_factory=dict)  # how many steps are kept

    def array(self, t: Tensor) -> str:
        """The array that holds a tensor."""
        return self.arrays.setdefault(t, f"x{len(self.arrays)}")

    def local(self, t: Tensor) -> str:
        """The number that a tensor is in one iteration."""
        return self.locals.setdefault(t, f"v{len(self.locals)}")

    def number(self, form: Form) -> str:
        """A size, or the variable of a loop around all this."""
        return self.numbers.setdefault(form, f"n{len(self.numbers)}")

    def form(self, form: Form, here: Here) -> str:
        """The code of a form; what needs work and is the same in all loops is an argument."""
        return self.number(form) if is_derived_size(form) else (
            form_code(form, lambda a: self._atom(a, here)))

    def _atom(self, a: Atom, here: Here) -> str | None:
        if isinstance(a, Read):
            return self.entry(a.tensor, a.inner, here)
        if isinstance(a, (Idx, Free)):
            name = here.names[a.position] if isinstance(a, Idx) else str(a)
            if name in self.outer:
                self.numbers.setdefault(variable_form(name), name)
            return name
        form = Form.of(a)
        return self.number(form) if isinstance(a, Dim) or is_derived_size(form) else None

    def conditions(self, guards: Iterable[Guard], here: Here) -> str:
        """The code of guards that all hold; those that read tensors are asked last."""
        reading = [g for g in guards if reads(g)]
        plain = [g for g in guards if not reads(g)]
        inside = here.under(plain)
        codes = [guard_code(g, lambda a: self._atom(a, here)) for g in plain]
        codes += [guard_code(g, lambda a: self._atom(a, inside)) for g in reading]
        return " and ".join(codes)

    def index(self, form: Form, size: Form, here: Here) -> str:
        """The code of an index; one that may leave the axis is checked when it is used."""
        text = self.form(form, here)
        if here.sizes and may_leave(form, size, here.sizes, here.known):
            return f"_inside({text}, {self.form(size, here)})"
        return text if text in self.from_zero or text.isdigit() else f"_at({text})"

    def entry(self, t: Tensor, index: Sequence[Form], here: Here) -> str:
        """An entry of an array that holds a whole tensor, or the axes of it that are stored."""
        kept = self.places[t].kept if t in self.places else range(t.ndim)
        index, shape = rolled(t, index, self.steps), stored_shape(t, self.steps)
        at = ", ".join(self.index(index[k], shape[k], here) for k in kept)
        return f"{self.array(t)}[{at or '0'}]"


def rolled(t: Tensor, index: Sequence[Form], steps: Mapping[Tensor, int]) -> Sequence[Form]:
    """An index of an array that keeps some steps of a recurrence only."""
    if t not in steps or not index:
        return index
    return (remainder(index[0], Form.of(steps[t])), *index[1:])


def stored_shape(t: Tensor, steps: Mapping[Tensor, int]) -> Sequence[Form]:
    """The shape of the array that holds a tensor, or some steps of it."""
    return (Form.of(steps[t]), *t.shape[1:]) if t in steps else t.shape


def is_derived_size(form: Form) -> bool:
    """Whether a form holds sizes only and takes more than an operation or two."""
    if any(not isinstance(a, (Dim, Operation)) for a in form.all_atoms):
        return False
    return len(form.terms) > 2 or any(not isinstance(a, Dim) for a in form.atoms)


def reads(g: Guard) -> bool:
    """Whether a guard reads a tensor."""
    return any(isinstance(a, Read) for a in g.form.all_atoms)
