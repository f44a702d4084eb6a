"""From what a kernel is called with to the arrays and sizes its code takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdl.kernels.trees import named_leaves
from symdl.language.bounds import attained_minimum, guard_range
from symdl.language.errors import ShapeError, SymdlError
from symdl.language.form import Dim, Form, Idx, Read
from symdl.language.owners import Recurrence
from symdl.language.scheme import Access, Scheme
from symdl.language.sizes import infer_sizes
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Precondition:
    """What the sizes must satisfy: `form >= 0` unless one of `scope` is 0."""

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
            raise ShapeError(f"{self.text} would be read outside its shape with {stated}: "
                             f"{self} fails")

    def __str__(self) -> str:
        left = Form((m, c) for m, c in self.form.terms if c > 0)
        right = Form((m, -c) for m, c in self.form.terms if c < 0)
        return f"{left} >= {right}"


@dataclass(frozen=True)
class LabelRange:
    """An integer input whose entries must lie in `0 <= label < size`."""

    tensor: Tensor
    size: Form

    def check(self, array: Array, sizes: Mapping[Dim, int]) -> None:
        """Raise SymdlError where an entry is out of range."""
        n = self.size.value(sizes)  # type: ignore[arg-type]
        if array.size and (array.min() < 0 or array.max() >= n):
            bad = array.max() if array.max() >= n else array.min()
            raise SymdlError(f"{self.tensor.name} holds the label {bad}, but labels index an axis "
                             f"of size {self.size} = {n}: they run from 0 to {n - 1}")


def schemes(roots: Iterable[Tensor]) -> Iterable[Scheme]:
    """The schemes of all equations of a program, members of recurrences included."""
    for t in topological(roots):
        if isinstance(t, Equation):
            yield t.scheme
        elif isinstance(t, Part) and isinstance(t.owner, Recurrence):
            yield from (m.tensor.scheme for m in t.owner.members
                        if isinstance(m.tensor, Equation))


def preconditions(roots: Sequence[Tensor]) -> tuple[Precondition, ...]:
    """What a program's reads require of the sizes."""
    found: dict[tuple[Form, tuple[Form, ...]], Precondition] = {}
    for s in schemes(roots):
        if s.guards:
            continue
        for leaf in s.leaves:
            if isinstance(leaf, Access) and not leaf.mask:
                for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
                    if isinstance(form.atom, (Idx, Read)) and _fits(form, size, s):
                        continue
                    for guard in guard_range(form, size, s.sizes):
                        lowest = attained_minimum(guard.form, s.sizes)
                        if lowest is not None:
                            scope = tuple(s.sizes[k] for k in sorted(_used(leaf)))
                            found.setdefault((lowest, scope), Precondition(
                                lowest, scope, str(leaf)))
    return tuple(found.values())


def _fits(form: Form, size: Form, s: Scheme) -> bool:
    atom = form.atom
    return isinstance(atom, Read) or (isinstance(atom, Idx) and s.sizes[atom.position] == size)


def _used(leaf: Access) -> frozenset[int]:
    return frozenset[int]().union(*(f.indices for f in leaf.index))


def label_ranges(roots: Sequence[Tensor]) -> tuple[LabelRange, ...]:
    """The ranges in which a program's integer inputs index something."""
    found: dict[LabelRange, None] = {}
    for s in schemes(roots):
        for leaf in s.leaves:
            if isinstance(leaf, Access):
                for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
                    if isinstance(form.atom, Read) and isinstance(form.atom.tensor, Variable):
                        found[LabelRange(form.atom.tensor, size)] = None
        guards = [*s.guards, *(g for x in s.leaves for g in x.mask)]
        for g in guards:
            for a in g.form.atoms:
                if g.relation == "==" and isinstance(a, Read) and isinstance(a.tensor, Variable):
                    parts = g.form.split(a)
                    index = (parts[1] if parts and parts[0] == -1 else -parts[1]).atom \
                        if parts else None
                    if isinstance(index, Idx):
                        found[LabelRange(a.tensor, s.sizes[index.position])] = None
    return tuple(found)


def flattened(positional: Sequence[Any], keywords: Mapping[str, Any], inputs: Sequence[Variable],
              sizes: Sequence[Dim], structure: Mapping[str, Any] | None) -> tuple[
                  dict[str, Any], dict[str, int]]:
    """Arguments by input name, and sizes given by name.

    Raises
    ------
    SymdlError
        For missing, superfluous or repeated arguments.
    """
    names = [str(v.name) for v in inputs]
    wanted = list(structure) if structure is not None else names
    if len(positional) > len(wanted):
        raise SymdlError(f"the kernel takes {len(wanted)} arrays ({', '.join(wanted)}), but "
                         f"{len(positional)} are given")
    given: dict[str, Any] = {}
    stated: dict[str, int] = {}
    pairs = [*zip(wanted, positional, strict=False), *keywords.items()]
    for key, value in pairs:
        if structure is not None and key in structure:
            entries = _matched(key, structure[key], value)
        elif key in names:
            entries = [(key, value)]
        elif any(str(d) == key for d in sizes):
            stated[key] = int(value)
            continue
        elif isinstance(value, (dict, list, tuple)):
            entries = list(named_leaves(value))
        else:
            entries = [(key, value)]
        for name, x in entries:
            if name not in names:
                raise SymdlError(_unknown(name, names, sizes))
            if name in given:
                raise SymdlError(f"the argument {name} is given twice")
            given[name] = x
    missing = [n for n in names if n not in given]
    if missing:
        raise SymdlError(f"missing argument{'s' if len(missing) > 1 else ''} "
                         f"{', '.join(missing)}; the kernel takes {', '.join(names)}")
    return given, stated


def _matched(key: str, tensors: Any, values: Any) -> list[tuple[str, Any]]:
    names = [str(t.name) for _, t in named_leaves(tensors)]
    found = [x for _, x in named_leaves(values)] if isinstance(tensors, (dict, list, tuple)) \
        else [values]
    if isinstance(tensors, dict) and isinstance(values, dict) and set(tensors) != set(values):
        raise SymdlError(f"{key} must have the keys {', '.join(map(str, tensors))}, not "
                         f"{', '.join(map(str, values))}")
    if isinstance(tensors, dict) and isinstance(values, dict):
        return [e for k in tensors for e in _matched(f"{key}[{k!r}]", tensors[k], values[k])]
    if len(found) != len(names):
        raise SymdlError(f"{key} must hold {len(names)} arrays, not {len(found)}")
    return list(zip(names, found, strict=True))


def _unknown(name: str, names: Sequence[str], sizes: Sequence[Dim]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [*names, *map(str, sizes)], 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"the kernel has no argument {name}{hint} It takes {', '.join(names)}"


def converted(v: Variable, x: Any, dtype: str) -> Array:
    """The array of an argument, in memory order, of the kernel's type.

    Raises
    ------
    SymdlError
        For another type: nothing is rounded or promoted silently.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise SymdlError(f"{v.name}: an array of {array.dtype} objects isn't numeric"
                         if array.dtype.kind == "O" else
                         f"{v.name}: an array of {array.dtype} isn't real")
    if v.dtype != "real":
        if array.dtype.kind == "f":
            raise SymdlError(f"{v.name} takes integers, but the array is {array.dtype}")
        return _plain(array, np.int64)
    plain = not isinstance(x, (np.ndarray, np.generic))
    if array.dtype.kind != "f" and not plain:
        raise SymdlError(f"{v.name} takes {dtype}, but the array is {array.dtype}; "
                         f"convert it with .astype({dtype!r})")
    if array.dtype.kind == "f" and array.dtype != dtype and not plain:
        raise SymdlError(f"{v.name} takes {dtype}, but the array is {array.dtype}; convert it, or "
                         f"compile with dtype={str(array.dtype)!r}")
    return _plain(array, dtype)


def _plain(array: Array, dtype: Any) -> Array:
    out = np.ascontiguousarray(array, dtype=dtype)
    if not out.flags.writeable or not out.flags.aligned:
        out = out.copy()
    return out.reshape(1) if array.ndim == 0 else out


def sizes_of(arrays: Mapping[Variable, Array], originals: Mapping[Variable, tuple[int, ...]],
             stated: Mapping[str, int], sizes: Sequence[Dim]) -> dict[Dim, int]:
    """The sizes, checked against every array.

    Raises
    ------
    SymdlError
        If a size is stated by neither an array nor a keyword.
    """
    found = infer_sizes(originals, stated)
    for d in sizes:
        if d not in found:
            raise SymdlError(f"the size {d} is in no argument's shape; give it as a keyword, "
                             f"{d}=...")
        if found[d] < 0:
            raise ShapeError(f"the size {d} = {found[d]} is negative")
    return found
