"""Declaring sizes, indices and input tensors."""

from __future__ import annotations

from symdl.language.errors import SymdlError
from symdl.language.facts import FACTS, check_facts
from symdl.language.form import Dim, Form, Free, Intlike, fresh
from symdl.language.tensor import Variable


def dims(names: str) -> Form | tuple[Form, ...]:
    """Declare symbolic sizes, nonnegative integers.

    Parameters
    ----------
    names : str
        Names separated by spaces or commas; one name gives one size, several a tuple.

    Examples
    --------
    >>> import symdl as sd
    >>> n, d = sd.dims("n d")
    >>> 2 * n + 1
    2*n + 1
    """
    found = [Form.of(Dim(name)) for name in _names(names)]
    return found[0] if len(found) == 1 else tuple(found)


def indices(names: str, *sizes: Intlike) -> Form | tuple[Form, ...]:
    """Make indices to write equations with.

    Parameters
    ----------
    names : str
        Names separated by spaces or commas.
    *sizes : Form or int
        Ranges, one an index; left out, a range is read off the axes the index stands at.
    """
    split = _names(names)
    if sizes and len(sizes) != len(split):
        raise SymdlError(f"{len(split)} indices ({names}) but {len(sizes)} sizes")
    ranges: list[Form | None] = [Form.of(s) for s in sizes] if sizes else [None] * len(split)
    found = [Form.of(Free(name, fresh(), size))
             for name, size in zip(split, ranges, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def tensor(name: str, *shape: Intlike, **facts: bool) -> Variable:
    """Declare an input tensor.

    Parameters
    ----------
    name : str
        Its name, under which kernels take it.
    *shape : Form or int
        Sizes, one an axis; none for a scalar.
    **facts : bool
        What is known of the entries: `integer`, `symmetric`, `positive_definite`,
        `orthogonal`, `diagonal`, `lower_triangular`, `upper_triangular`, `simplex`,
        `one_hot`, `positive`, `nonnegative`, `unit_interval`, `unit_norm`, `idempotent`.

    Returns
    -------
    Variable

    Raises
    ------
    SymdlError
        For an unknown fact, a fact the shape can't have, or the name ``out``.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise SymdlError(f"a tensor's name must be a Python identifier, not {name!r}")
    sizes = tuple(map(Form.of, shape))
    if name == "out":
        raise SymdlError("a tensor can't be called out, as are the arrays that kernels write into")
    for s in sizes:
        if s.constant is not None and s.constant < 0:
            raise SymdlError(f"the size {s} of {name} is negative")
    held = frozenset(fact for fact, holds in facts.items() if holds)
    check_facts(name, sizes, held)
    return Variable.make(name, sizes, "int" if "integer" in held else "real", held)


def _names(names: str) -> list[str]:
    split = names.replace(",", " ").split()
    for name in split:
        if not name.isidentifier():
            raise SymdlError(f"{name!r} is not a name; write e.g. 'n d k'")
    if not split:
        raise SymdlError("no name given; write e.g. 'n d k'")
    return split


__all__ = ["FACTS", "dims", "indices", "tensor"]
