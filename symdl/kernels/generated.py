"""What generated source is: apart from what writes it, which is many modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class Source:
    """The text of a kernel.

    Attributes
    ----------
    text : str
        A module with the functions `kernel` and `workspace`.
    computed : tuple of int
        The outputs that `kernel` takes; the others are equal to an argument or to one of them.
    types : str
        Numba's signature of `kernel`.
    copies : tuple of (int, int)
        An output and what it is equal to, counted in inputs, constants and outputs.
    arrays, parts, passing : mapping of Tensor to str
        Of source for a reader, the names of tensors: those held in arrays, those held in part, in
        scratch arrays of a loop, and those that are only numbers inside a loop.
    """

    text: str
    types: str
    computed: tuple[int, ...]
    copies: tuple[tuple[int, int], ...]
    arrays: Mapping[Tensor, str] = field(default_factory=dict)
    parts: Mapping[Tensor, str] = field(default_factory=dict)
    passing: Mapping[Tensor, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether `kernel` takes the outputs as they are."""
        return not self.copies
