"""What a derivative is taken in: tensors in tuples, lists and dicts, and views of inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy

from symdl.calculus.terms import empty
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError, ShapeError, lettered, shape_text
from symdl.language.form import Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.inline import is_view
from symdl.language.ranged import ranged
from symdl.language.scheme import Access, Scheme
from symdl.language.solve import solved
from symdl.language.tensor import Equation, Tensor, topological


@dataclass(frozen=True)
class Place:
    """A variable as it lies in the tensor that is differentiated in.

    Attributes
    ----------
    variable : Tensor
        What was asked for.
    base : Tensor
        The variable itself, or the tensor that it is a view of.
    index : tuple of Form or None
        Where in the base each entry of a view lies.
    """

    variable: Tensor
    base: Tensor
    index: tuple[Form, ...] | None = None

    def gathered(self, gradient: Tensor) -> Tensor:
        """The variable's part of the base's gradient: `g[index(i)]`."""
        if self.index is None:
            return gradient
        shape = self.variable.shape
        if not isinstance(gradient, Equation):
            return Equation.make(Scheme(shape, len(shape), "none", (), slot(0),
                                        (Access(gradient, self.index),)))
        s = gradient.scheme
        bound = [s.sizes[k] for k in s.bound]
        at = [*self.index, *(Form.of(Idx(len(shape) + k)) for k in range(len(bound)))]
        entries = s.place((*shape, *bound), len(shape), at)
        return Equation.make(solved(entries) or empty(entries))

    def scattered(self, tangent: Tensor) -> Tensor:
        """The base's tangent where only the variable moves: `sum_i [j = index(i)] v[i]`."""
        if self.index is None:
            return tangent
        n = tangent.ndim
        return Equation.make(_found(self.base, self.index, Access(
            tangent, tuple(Form.of(Idx(self.base.ndim + k)) for k in range(n)))))


def over_ranges(*trees: Any) -> tuple[Any, ...]:
    """The nestings with their tensors' indices over the axes that they address."""
    tensors = [x for tree in trees for x in leaves_of(tree) if isinstance(x, Tensor)]
    new = dict(zip(tensors, ranged(tensors), strict=True))
    return tuple(like(tree, lambda x: new[x] if isinstance(x, Tensor) else x) for tree in trees)


def leaves_of(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dicts, in order."""
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in leaves_of(branch)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in leaves_of(branch)]
    return [tree]


def like(tree: Any, value: Callable[[Any], Any]) -> Any:
    """The same nesting with a value for each leaf."""
    if isinstance(tree, dict):
        return {key: like(branch, value) for key, branch in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(like(branch, value) for branch in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(like(branch, value) for branch in tree)
    return value(tree)


def places_of(what: str, wrt: Any, roots: Sequence[Tensor]) -> list[Place]:
    """The variables of a derivative, refused where there is none.

    Parameters
    ----------
    what : str
        The function that was called, for its errors.
    wrt : Tensor, or a tuple, list or dict of tensors
        The variables.
    roots : sequence of Tensor
        What is differentiated.

    Raises
    ------
    DifferentiationError
        If one isn't a tensor, holds integers, or shows an entry of another one twice.
    """
    variables = leaves_of(wrt)
    for v in variables:
        if not isinstance(v, Tensor):
            raise DifferentiationError(
                f"{what}: a derivative is taken in tensors, but {v!r} is none: pass an input or an "
                "intermediate that the loss was computed from")
        if v.dtype != "real":
            raise DifferentiationError(
                f"{what}: {v.said} holds {_HELD[v.dtype]} and has no gradient; declare it without "
                "integer=True if its entries are real numbers")
    return [_placed(what, v, roots) for v in variables]


_HELD = {"int": "integers", "bool": "truth values"}


def directions_of(what: str, wrt: Any, given: Any, places: Sequence[Tensor]) -> list[Tensor]:
    """One tensor for each of some tensors, of its shape.

    Raises
    ------
    ShapeError
        If the nesting or a shape differs.
    """
    tensors = [as_tensor(v) for v in _paired(what, wrt, given)]
    for x, v in zip(places, tensors, strict=True):
        if v.shape != x.shape:
            raise ShapeError(f"{what}: {x.said} has shape {shape_text(x.shape)}, but the tensor "
                             f"for it, {v.said}, has shape {shape_text(v.shape)}")
    return tensors


def _paired(what: str, tree: Any, given: Any) -> Iterator[Any]:
    """The leaves of one nesting in the order of another."""
    if isinstance(tree, dict):
        if not isinstance(given, Mapping) or given.keys() != tree.keys():
            raise ShapeError(f"{what}: give a dict with the keys {', '.join(map(str, tree))}")
        for key, branch in tree.items():
            yield from _paired(what, branch, given[key])
    elif isinstance(tree, (tuple, list)):
        if not isinstance(given, (tuple, list)) or len(given) != len(tree):
            raise ShapeError(f"{what}: give {len(tree)} tensors in a {type(tree).__name__}")
        for branch, value in zip(tree, given, strict=True):
            yield from _paired(what, branch, value)
    else:
        yield given


def _placed(what: str, v: Tensor, roots: Sequence[Tensor]) -> Place:
    """A view that the program isn't written with is a place in what it shows."""
    leaf = _shown(v)
    if leaf is None:
        return Place(v, v)
    program = topological(roots)
    if v in program or leaf.tensor not in program:
        return Place(v, v)
    if _is_injective(leaf, v.shape):
        return Place(v, leaf.tensor, leaf.index)
    raise DifferentiationError(lettered(
        f"{what}: {leaf} may show an entry of {leaf.tensor.said} twice, so its entries can't "
        f"move by themselves; differentiate in {leaf.tensor.said} instead, or write the formula "
        "with this very tensor"))


def _shown(v: Tensor) -> Access | None:
    """What a plain view shows, views of views followed to the end."""
    found: Access | None = None
    while isinstance(v, Equation) and v.name is None and is_view(v) and not v.scheme.guards:
        leaf = v.scheme.leaves[0]
        if not isinstance(leaf, Access) or leaf.mask:
            break
        index = leaf.index if found is None else tuple(
            f.substitute({Idx(k): g for k, g in enumerate(found.index)}) for f in leaf.index)
        found, v = Access(leaf.tensor, index), leaf.tensor
    return found


def _is_injective(leaf: Access, shape: tuple[Form, ...]) -> bool:
    """Whether each entry of the base is seen at most once."""
    if any(isinstance(a, Read) and Form.of(a).indices for f in leaf.index for a in f.all_atoms):
        return False
    alone = {next(iter(f.indices)) for f in leaf.index if len(f.indices) == 1 and _moves(f)}
    if alone.issuperset(k for k, n in enumerate(shape) if n.constant != 1):
        return True
    s = solved(_found(leaf.tensor, leaf.index, None, shape))
    return s is None or (s.reduce == "none" and s.body == 1)


def _moves(form: Form) -> bool:
    """Whether the form is `c i + rest` with a number c."""
    parts = form.split(Idx(next(iter(form.indices))))
    return parts is not None and parts[0].constant not in (None, 0)


def _found(base: Tensor, index: Sequence[Form], entry: Access | None,
           shape: tuple[Form, ...] = ()) -> Scheme:
    """`sum_i [j = index(i)] entry(i)` over the base's axes j."""
    rank = base.ndim
    shape = entry.tensor.shape if entry else shape
    moved = {Idx(k): Form.of(Idx(rank + k)) for k in range(len(shape))}
    delta = tuple(Guard(Form.of(Idx(d)) - f.substitute(moved), "==")  # type: ignore[arg-type]
                  for d, f in enumerate(index))
    scheme = Scheme((*base.shape, *shape), rank, "sum", delta,
                    slot(0) if entry else sympy.S.One, (entry,) if entry else ())
    return solved(scheme) or empty(replace(scheme, reduce="sum"))
