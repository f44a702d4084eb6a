"""What generated source is: apart from what writes it, which is many modules."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    text: str
    types: str
    computed: tuple[int, ...]
    copies: tuple[tuple[int, int], ...]

    @property
    def plain(self) -> bool:
        """Whether `kernel` takes the outputs as they are."""
        return not self.copies
