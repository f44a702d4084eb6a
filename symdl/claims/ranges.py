"""Which integers an integer tensor may hold: those of the axes it addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from symdl.calculus.kinks import definitions
from symdl.claims.sizes import size_of
from symdl.language.body import slot, slots_of
from symdl.language.form import Atom, Dim, Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme
from symdl.language.tensor import Equation, Tensor, Variable, topological

DEFAULT = range(3)
"""What an integer tensor holds that addresses nothing."""


def integer_range(variable: Variable, root: Tensor, sizes: Mapping[Dim, int]) -> range:
    """Return the integers that a tensor may hold.

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
    range
        The longest run of integers that every place allows where the tensor is read as an index:
        at index c*k + r of an axis of size n those with 0 <= c*k + r < n, beside an index that it
        is compared with (in a one-hot row) the range of that index.
    """
    if "binary" in variable.facts:
        return range(2)
    allowed: set[int] | None = None
    for read, form, size in _uses(root):
        if variable not in topological([read.tensor]):
            continue
        n = size_of(size, sizes)
        reach = range(-2 * n - 2, 2 * n + 3)
        fitting = {
            k for k in reach if _fits(read, form, _image(read.tensor, variable, k), n, sizes)
        }
        allowed = fitting if allowed is None else allowed & fitting
    return DEFAULT if allowed is None else _longest_run(allowed)


def _fits(read: Read, form: Form, entry: int | None, n: int, sizes: Mapping[Dim, int]) -> bool:
    """Whether an index with this entry is in 0 ... n - 1; what else it holds counts as 0."""
    if entry is None:
        return False
    at: dict[Atom, int] = dict(sizes.items())
    at.update((a, 0) for a in form.all_atoms if isinstance(a, Idx))
    return 0 <= form.value(at, lambda r: entry if r is read else 0) < n


def _image(tensor: Tensor, variable: Variable, k: int) -> int | None:
    """The entries of a tensor computed from a variable whose entries are all k."""
    if tensor is variable:
        return k
    if not isinstance(tensor, Equation) or tensor.scheme.reduce != "none":
        return None
    values = {}
    for number in slots_of(tensor.scheme.body):
        leaf = tensor.scheme.leaves[number]
        entry = (
            _image(leaf.tensor, variable, k) if isinstance(leaf, Access) else (leaf.form.constant)
        )
        if entry is None:
            return None
        values[slot(number)] = entry
    return int(tensor.scheme.body.subs(values))


def _longest_run(allowed: Iterable[int]) -> range:
    best = range(0)
    first = last = None
    for k in sorted(allowed):
        first, last = (first, k) if first is not None and k - 1 == last else (k, k)
        if k + 1 - first > len(best):
            best = range(first, k + 1)
    return best


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
        yield reads[0], Form.of(reads[0]), s.sizes[indices[0].position]
