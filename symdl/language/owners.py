"""What has several outputs: a recurrence over time, and a primitive applied to operands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from symdl.language.form import Form, Free
from symdl.language.spec import check_members
from symdl.language.tensor import Part, Shape, Slot, Tensor

if TYPE_CHECKING:
    from symdl.language.primitives.base import Primitive


def _digest(token: object) -> bytes:
    return blake2b(repr(token).encode(), digest_size=16).digest()


@dataclass(frozen=True, eq=False)
class Application:
    """A primitive applied to operands."""

    primitive: Primitive
    operands: tuple[Tensor, ...]

    @cached_property
    def digest(self) -> bytes:
        """The identity."""
        return _digest((self.primitive.token, [t.digest for t in self.operands]))

    @cached_property
    def signature(self) -> tuple[tuple[Shape, str], ...]:
        """Shape and dtype of each output."""
        return self.primitive.signature(*self.operands)

    @property
    def free(self) -> frozenset[Free]:
        """Users' indices that occur."""
        return frozenset[Free]().union(*(t.free for t in self.operands))

    @property
    def names(self) -> tuple[str | None, ...]:
        """Outputs have no names of their own."""
        return (None,) * len(self.signature)

    def outputs(self) -> tuple[Part, ...]:
        """All outputs."""
        return tuple(Part.make(self, k) for k in range(len(self.signature)))


@dataclass(frozen=True)
class Member:
    """One tensor of a recurrence: its definition, and which of its axes is time."""

    tensor: Tensor
    time: int


@dataclass(frozen=True, eq=False)
class Recurrence:
    """Tensors that share a time axis and read each other at fixed lags.

    A member reads another one through the slot `member_slot(k, shape)`. Members stand in the
    order in which a step computes them; `reverse` runs time from the end.
    """

    length: Form
    reverse: bool
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        check_members(self.length, self.reverse, self.members)

    @cached_property
    def digest(self) -> bytes:
        """The identity."""
        return _digest((self.length.token, self.reverse,
                        [(m.tensor.digest, m.time) for m in self.members]))

    @cached_property
    def signature(self) -> tuple[tuple[Shape, str], ...]:
        """Shape and dtype of each member."""
        return tuple((m.tensor.shape, m.tensor.dtype) for m in self.members)

    @cached_property
    def operands(self) -> tuple[Tensor, ...]:
        """The tensors read from outside."""
        found: dict[Tensor, None] = {}
        for m in self.members:
            found.update((t, None) for t in m.tensor.operands if not is_member(t))
        return tuple(found)

    @property
    def free(self) -> frozenset[Free]:
        """Users' indices that occur."""
        return frozenset[Free]().union(*(m.tensor.free for m in self.members))

    def outputs(self) -> tuple[Part, ...]:
        """All members as tensors."""
        return tuple(Part.make(self, k) for k in range(len(self.members)))

    @property
    def names(self) -> tuple[str | None, ...]:
        """The names of the members."""
        return tuple(m.tensor.name for m in self.members)


def member_slot(number: int, shape: Shape, dtype: str = "real") -> Slot:
    """What a member reads another member through."""
    return Slot.make(("member", number), shape, dtype)


def is_member(tensor: Tensor) -> bool:
    """Whether this is a member of the enclosing recurrence."""
    number = tensor.number if isinstance(tensor, Slot) else None
    return isinstance(number, tuple) and number[0] == "member"


def closed(length: Form, reverse: bool, tensors: Sequence[tuple[Tensor, Tensor, int]],
           ) -> Recurrence:
    """A recurrence from `(placeholder, definition, time axis)` triples in order of computation.

    Each definition may read any of the placeholders; they become member slots.
    """
    from symdl.language.rebuild import replaced

    slots: dict[Tensor, Tensor] = {
        placeholder: member_slot(k, placeholder.shape, placeholder.dtype)
        for k, (placeholder, _, _) in enumerate(tensors)
    }
    members = tuple(Member(replaced(definition, slots), time) for _, definition, time in tensors)
    return Recurrence(length, reverse, members)
