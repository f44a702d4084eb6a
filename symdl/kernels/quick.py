"""The short way through a kernel's call: arguments that are as they should be at first sight.

Whatever isn't is looked at by `arguments`, which converts it or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdl.kernels.form_code import form_code
from symdl.language.form import Atom, Dim
from symdl.language.tensor import Variable

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]
Sizes = tuple[int, ...]


class Quick:
    """What arguments look like that a kernel can take as they are."""

    def __init__(self, inputs: Sequence[Variable], sizes: Sequence[Dim], dtype: str) -> None:
        self.expected = [(str(v.name), np.dtype(dtype if v.dtype == "real" else np.int64), v.ndim)
                         for v in inputs]
        self._sizes: Callable[..., Sizes | None] = _size_reader(inputs, sizes)

    def taken(self, given: Mapping[str, Any]) -> tuple[list[Array], Sizes] | None:
        """The inputs and the sizes in order, or None where something has to be looked at."""
        arrays = self._arrays(given)
        sizes = self._sizes(*(a.shape for a in arrays)) if arrays else None
        return (arrays, sizes) if arrays and sizes is not None else None

    def _arrays(self, given: Mapping[str, Any]) -> list[Array] | None:
        """The inputs in order; None where one is missing, superfluous or to be converted."""
        if len(given) != len(self.expected):
            return None
        found: list[Array] = []
        for name, dtype, rank in self.expected:
            a = given.get(name)
            if type(a) is not np.ndarray or a.dtype is not dtype or a.ndim != rank:
                return None
            if not a.flags.carray:
                return None
            found.append(a if rank else a.reshape(1))
        return found


def _size_reader(inputs: Sequence[Variable], sizes: Sequence[Dim]) -> Callable[..., Sizes | None]:
    """A function from the inputs' shapes to the sizes; None where they contradict each other."""
    names: dict[Atom, str] = {}
    known: list[str] = []
    for k, v in enumerate(inputs):
        for axis, form in enumerate(v.shape):
            if isinstance(form.atom, Dim) and form.atom not in names:
                names[form.atom] = f"z{len(names)}"
                known.append(f"    {names[form.atom]} = s{k}[{axis}]\n")
    if any(d not in names for d in sizes):
        return lambda *shapes: None
    rules = [f"s{k}[{axis}] != {form_code(form, names.get)}"
             for k, v in enumerate(inputs) for axis, form in enumerate(v.shape)]
    text = (f"def sizes({', '.join(f's{k}' for k in range(len(inputs)))}):\n{''.join(known)}"
            f"    if {' or '.join(rules) or 'False'}:\n        return None\n"
            f"    return ({''.join(f'{names[d]}, ' for d in sizes)})\n")
    space: dict[str, Any] = {}
    exec(text, space)  # the names in it are made here
    reader: Callable[..., Sizes | None] = space["sizes"]
    return reader
