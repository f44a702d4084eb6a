"""Which integers an integer tensor may hold: those of the axes it addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from symdl.calculus.kinks import definitions
from symdl.language.form import Atom, Dim, Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor, Variable, topological

DEFAULT = 3
"""How many values an integer tensor takes that addresses nothing."""


def integer_range(variable: Variable, root: Tensor, sizes: Mapping[Dim, int]) -> tuple[int, int]:
    """Return the integers k with low <= k < high that a tensor may hold.

    Parameters
    ----------
    variable : Variable
        An integer tensor.
    root : Tensor
        The program that reads it.
    sizes : mapping of Dim to int
        All sizes.

    Returns
    -------
    tuple of int
        The range that every place where the tensor is read as an index allows: of an axis of
        size n at index c*k + r that is 0 <= c*k + r < n, of a comparison with an index (a one-hot
        row) the range of that index.
    """
    if "binary" in variable.facts:
        return 0, 2
    low, high = 0, None
    for read, form, stop in _uses(root):
        if variable not in topological([read.tensor]):
            continue
        parts = form.split(read)
        if parts is None or any(isinstance(a, (Idx, Read)) for p in parts for a in p.all_atoms):
            continue
        c, r, size = (size_of(f, sizes) for f in (*parts, stop))
        if c > 0:
            low = max(low, -(r // c))
            limit = (size - 1 - r) // c + 1
            high = limit if high is None else min(high, limit)
    return low, low + DEFAULT if high is None else high


def size_of(form: Form, sizes: Mapping[Dim, int]) -> int:
    """Return the number that a size stands for.

    Parameters
    ----------
    form : Form
        A size.
    sizes : mapping of Dim to int
        What it is made of.

    Returns
    -------
    int
    """
    values: dict[Atom, int] = dict(sizes.items())
    return form.value(values)


def _uses(root: Tensor) -> Iterator[tuple[Read, Form, Form]]:
    """Yield each entry of an integer tensor in an index, with the index and its range."""
    for _, definition in definitions([root]):
        if not isinstance(definition, Equation):
            continue
        s = definition.scheme
        for leaf in s.leaves:
            if isinstance(leaf, Access):
                for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
                    yield from ((a, form, size) for a in form.atoms if isinstance(a, Read))
            for guard in leaf.mask:
                yield from _compared(guard, s)
        for guard in s.guards:
            yield from _compared(guard, s)


def _compared(guard: Guard, s: Scheme) -> Iterator[tuple[Read, Form, Form]]:
    """Read `entry = index` as an entry in the range of that index."""
    atoms: list[Any] = list(guard.form.atoms)
    reads = [a for a in atoms if isinstance(a, Read)]
    indices = [a for a in atoms if isinstance(a, Idx)]
    if guard.relation == "==" and len(reads) == len(indices) == 1 and len(atoms) == 2:
        yield reads[0], Form.of(reads[0]), s.sizes[indices[0].position]  # type: ignore[arg-type]
