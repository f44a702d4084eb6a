"""Index equations by hand: `define` and sums over indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symdl.language.bind import bound_over, ranges_of
from symdl.language.body import slot
from symdl.language.bounds import nonnegative
from symdl.language.elementwise import as_tensor
from symdl.language.errors import RangeError, SymdlError, lettered
from symdl.language.form import Atom, Form, Free, Idx, Intlike
from symdl.language.guard import Condition, Guard
from symdl.language.inline import inlinable, inlined, is_view
from symdl.language.ranged import joined
from symdl.language.scheme import Access, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor, topological


def as_indices(over: Any) -> tuple[Free, ...]:
    """The indices in an argument such as `r` or `(i, j)`."""
    given = over if isinstance(over, (tuple, list)) else (over,)
    found = []
    for x in given:
        atom = x.atom if isinstance(x, Form) else x
        if not isinstance(atom, Free):
            raise SymdlError(f"{x} is not an index; make indices with sd.indices('i j')")
        found.append(atom)
    if len(set(found)) != len(found):
        raise SymdlError(f"an index occurs twice in {', '.join(map(str, found))}")
    return tuple(found)


def define(name: str | None, axes: Any, body: Any) -> Tensor:
    """Define a tensor entry by entry.

    Parameters
    ----------
    name : str or None
        The tensor's name, if it has one.
    axes : index or tuple of indices
        Its axes, in order.
    body : Tensor
        The entry at these indices: a formula over `X[i, j]`, sizes and indices.

    Returns
    -------
    Tensor

    Raises
    ------
    RangeError
        If an index has no range, or two, or leaves a tensor.

    Examples
    --------
    >>> import symdl as sd
    >>> n, d, k = sd.dims("n d k")
    >>> X, W = sd.tensor("X", n, d), sd.tensor("W", d, k)
    >>> i, j, r = sd.indices("i j r")
    >>> sd.define("C", (i, j), sd.sum(X[i, r] * W[r, j], r)).shape
    (n, k)
    """
    (entry,), wanted = joined([as_tensor(body)], as_indices(axes) if axes != () else ())
    loose = [str(f) for f in entry.free if f not in wanted]
    if loose and not _outer(entry, wanted):
        raise RangeError(f"{name or 'define'}: the index {loose[0]} is neither an axis nor summed "
                         f"over; add it to the axes or use sd.sum(..., {loose[0]})")
    whole, given = bound_over(entry, ranges_of([entry], wanted), keep=True), _given(entry)
    if whole in given:
        return whole if name is None else named(whole, name, copy=True)
    return named(checked(gathered(whole, given)), name)


def _given(entry: Tensor) -> frozenset[Tensor]:
    """The tensors that the user had before writing down an entry: they stay what they are."""
    return frozenset(t for t in topological([entry]) if not t.free)


def _outer(entry: Tensor, wanted: Sequence[Free]) -> bool:
    """Whether the loose indices belong to an enclosing definition, such as a step's time."""
    return any(f.size is not None for f in entry.free if f not in wanted)


def reduce_over(reduce: str, body: Tensor, over: tuple[Free, ...],
                within: tuple[Guard, ...] = ()) -> Tensor:
    """A reduction of an indexed expression over some of its indices, where the guards hold."""
    (body,), known = joined([body], over)
    namesakes: dict[Atom, Form] = {f: Form.of(g) for f, g in zip(over, known, strict=True)}
    within, over = tuple(g.substitute(namesakes) for g in within), tuple(known)
    ranges, given = ranges_of([body], over), _given(body)
    whole = gathered(bound_over(body, ranges, keep=True), given)
    if isinstance(whole, Equation) and whole not in given and whole.scheme.reduce == "none" and (
            not whole.scheme.guards or reduce == "sum"):
        s = whole.scheme
    else:
        index = tuple(Form.of(Idx(k)) for k in range(whole.ndim))
        s = Scheme(whole.shape, whole.ndim, "none", (), slot(0), (Access(whole, index),))
    m = len(over)
    kept = len(s.sizes) - m
    at = [Form.of(Idx(kept + k)) if k < m else Form.of(Idx(k - m)) for k in range(len(s.sizes))]
    placed = s.place((*s.sizes[m:], *s.sizes[:m]), kept, at)
    inside: dict[Atom, Form] = {f: Form.of(Idx(kept + k)) for k, f in enumerate(over)}
    guards = (*placed.guards, *(g.substitute(inside) for g in within))
    scheme = replace(placed, reduce=reduce, guards=guards)
    return Equation.make(solved(scheme) or replace(scheme, guards=(Guard(Form.of(-1), ">="),)))


def gathered(t: Tensor, given: frozenset[Tensor]) -> Tensor:
    """Read small definitions in place: an equation by hand is one equation.

    Tensors that were there before, those of `given`, are read as they are.
    """
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t in given:
        return t
    s = t.scheme
    while True:
        k = next((k for k, x in enumerate(s.leaves)
                  if isinstance(x, Access) and _part(x.tensor) and x.tensor not in given), None)
        if k is None:
            break
        s = inlined(s, k)
        s = replace(s)
        fresh = Equation.make(s, t.dtype)
        if not isinstance(fresh, Equation) or fresh.scheme.reduce != "none":
            return fresh
        s = fresh.scheme
    out = Equation.make(s, t.dtype)
    return _one_equation(out, given)


def _part(t: Tensor) -> bool:
    return inlinable(t) and t.name is None


def _one_equation(t: Tensor, given: frozenset[Tensor]) -> Tensor:
    """A bare copy of an unnamed reduction, its axes permuted, is that reduction."""
    if not is_view(t):
        return t
    s = t.scheme  # type: ignore[attr-defined]
    leaf = s.leaves[0]
    if not isinstance(leaf, Access) or leaf.mask or s.guards:
        return t
    inner = leaf.tensor
    if not isinstance(inner, Equation) or inner.name is not None or inner in given or (
            inner.scheme.reduce == "none"):
        return t
    positions = [f.atom.position if isinstance(f.atom, Idx) else -1 for f in leaf.index]
    if sorted(positions) != list(range(t.ndim)):
        return t
    bound = len(inner.scheme.sizes) - inner.scheme.axes
    at = [Form.of(Idx(p)) for p in positions]
    at += [Form.of(Idx(t.ndim + k)) for k in range(bound)]
    sizes = (*t.shape, *inner.scheme.sizes[inner.scheme.axes:])
    return Equation.make(inner.scheme.place(sizes, t.ndim, at), t.dtype)


def named(t: Tensor, name: str | None, copy: bool = False) -> Tensor:
    """The tensor under a name of its own; with `copy` as a tensor that reads it."""
    if name is not None and not name.isidentifier():
        raise SymdlError(f"a tensor's name must be a Python identifier, not {name!r}")
    if isinstance(t, Equation) and not copy:
        return t.renamed(name)
    index = tuple(Form.of(Idx(k)) for k in range(t.ndim))
    return Equation.make(Scheme(t.shape, t.ndim, "none", (), slot(0), (Access(t, index),)),
                         t.dtype, name)


def checked(t: Tensor) -> Tensor:
    """The tensor, after a look at its reads: none may certainly leave its tensor.

    Raises
    ------
    RangeError
        If a read is out of range for every size.
    """
    if isinstance(t, Equation):
        for leaf in t.scheme.leaves:
            if isinstance(leaf, Access):
                _check_read(leaf, t.scheme)
    return t


def _check_read(leaf: Access, s: Scheme) -> None:
    if leaf.mask or s.guards or any(size.constant == 0 for size in s.sizes):
        return
    for axis, (form, size) in enumerate(zip(leaf.index, leaf.tensor.shape, strict=True)):
        if nonnegative(-form - 1, s.sizes) or nonnegative(form - size, s.sizes):
            raise RangeError(lettered(
                f"{leaf}: the index {form} is outside axis {axis} of size {size}"))


def cases(condition: Condition) -> tuple[tuple[Guard, ...], ...]:
    """The disjoint cases of a condition."""
    return condition.cases


def sized(x: Intlike) -> Form:
    """A size from a size or an integer."""
    return Form.of(x)


def shape_of(shape: Sequence[Intlike] | Intlike) -> tuple[Form, ...]:
    """A shape from a size or several."""
    return tuple(map(Form.of, shape)) if isinstance(shape, (tuple, list)) else (Form.of(shape),)  # type: ignore[arg-type]
