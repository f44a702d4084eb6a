"""Reading an equation's leaves as matrix expressions: slices, diagonals, gathers, masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symdl.display.arrays import WHOLE, Array, Labels, bare, permuted, scalar, size, squeezed
from symdl.display.errors import NotationError
from symdl.display.forms import condition, spelled_form
from symdl.display.tree import Node, added, call, is_zero, name, number, quotient
from symdl.language.bounds import within
from symdl.language.errors import lettered
from symdl.language.form import Dim, Form, Free, Idx, Read
from symdl.language.form import quotient as quotient_of
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.tensor import Tensor

Reader = Callable[[Tensor], Node]
_OPEN = name("")


class Entries:
    """The leaves and guards of one equation.

    Parameters
    ----------
    scheme : Scheme
        The equation.
    read : callable
        The expression that stands for a tensor.
    """

    def __init__(self, scheme: Scheme, read: Reader):
        self.scheme, self.read = scheme, read

    def leaf(self, leaf: Leaf) -> Array:
        """What a leaf stands for."""
        if leaf.mask:
            if isinstance(leaf, Value) and leaf.form == 1:
                masks = [self.mask(g) for g in leaf.mask]
                if len(masks) == 1 or not any(a.ndim for a in masks):
                    return masks[0] if len(masks) == 1 else scalar(
                        quotient([a.node for a in masks]))
            raise NotationError("a shifted or joined tensor has no matrix notation")
        return self.form(leaf.form) if isinstance(leaf, Value) else self.access(leaf)

    def form(self, form: Form) -> Array:
        """The value of a form: a size, or a line of integers."""
        if not form.indices:
            return scalar(spelled_form(form, self._atom))
        label, c, start = self._affine(form)
        line = call("arange", size(self.scheme.sizes[label]))
        out = added([quotient([number(c), line]), spelled_form(start, self._atom)])
        return Array(out, (label,))

    def _atom(self, atom: object) -> Node:
        if isinstance(atom, (Dim, Free)):
            return name(str(atom), scalar=True)
        if isinstance(atom, Read) and not any(f.indices for f in atom.inner):
            inner = (spelled_form(f, self._atom) for f in atom.inner)
            return Node("item", (self.read(atom.tensor), *inner), scalar=True) if atom.inner else (
                self.read(atom.tensor))
        raise NotationError(f"the value {atom} has no matrix notation")

    def _affine(self, form: Form) -> tuple[int, int, Form]:
        """The index, its factor and the rest of `c*i + rest`."""
        if len(form.indices) == 1:
            (label,) = form.indices
            parts = form.split(Idx(label))
            if parts is not None and parts[0].constant is not None:
                return label, parts[0].constant, parts[1]
        raise NotationError(f"the index {form} has no matrix notation")

    def access(self, x: Access) -> Array:
        """A tensor at indices: whole axes, slices, entries, gathers."""
        labels: list[int] = []
        items: list[Node] = []
        gathers = [f for f in x.index if any(isinstance(a, Read) for a in f.all_atoms)
                   and f.indices]
        if gathers:
            return self._gathered(x, gathers)
        for axis, f in enumerate(x.index):
            if not f.indices:
                items.append(spelled_form(f, self._atom))
                continue
            label, c, start = self._affine(f)
            labels.append(label)
            items.append(self._slice(label, c, start, x.tensor.shape[axis]))
        node = _indexed(self.read(x.tensor), items)
        out = Array(node, tuple(labels)) if labels else scalar(node)
        return _diagonals(out) if len(set(labels)) < len(labels) else out

    def _slice(self, label: int, c: int, start: Form, extent: Form) -> Node:
        count = self.scheme.sizes[label]
        if c == 1 and not start.terms and count == extent:
            return WHOLE
        last = start + c * (count - 1)
        inside = not self.scheme.guards or all(within(f, extent, [count]) for f in (start, last))
        if not inside:
            raise NotationError(f"the index {start} + {c}*i leaves its axis at some places")
        if c == -1 and count == extent and start == extent - 1:
            return Node("slice", (_OPEN, _OPEN, number(-1)))
        if c < 0:
            raise NotationError("a reversed part of an axis has no matrix notation")
        full = quotient_of(extent - start + (c - 1), Form.of(c)) == count
        stop = _OPEN if full else size(start + count if c == 1 else last + 1)
        ends = [_OPEN if not start.terms else size(start), stop]
        return Node("slice", tuple([*ends, number(c)] if c != 1 else ends))

    def _gathered(self, x: Access, gathers: list[Form]) -> Array:
        """`X[y]`, `X[:, y]`, and `X[arange(n), y]` where the axes run along."""
        if len(gathers) > 1 or not isinstance(gathers[0].atom, Read):
            raise NotationError("several gathered axes have no matrix notation")
        read = gathers[0].atom
        by = self.access(Access(read.tensor, read.inner))
        at = x.index.index(gathers[0])
        others = [f.atom.position if isinstance(f.atom, Idx) else -1
                  for f in x.index if f is not gathers[0]]
        if -1 in others or len(set(others)) < len(others):
            raise NotationError("a gather of slices has no matrix notation")
        along = [k for k in others if k in by.labels]
        if not along:
            items = [by.node if k == at else WHOLE for k in range(len(x.index))]
            labels = (*others[:at], *by.labels, *others[at:])
            return Array(_indexed(self.read(x.tensor), items), tuple(labels))
        if along != others or at != len(others) or by.labels[:len(along)] != tuple(along):
            raise NotationError("a gather along some of the axes has no matrix notation")
        if len(by.labels) == len(along) == 1:
            line = call("arange", size(self.scheme.sizes[along[0]]))
            return Array(Node("item", (self.read(x.tensor), line, by.node)), by.labels)
        if len(by.labels) == len(along) + 1:
            return Array(call("take_along_axis", self.read(x.tensor), by.node, axis=number(-1)),
                         by.labels)
        raise NotationError("a gather along several axes has no matrix notation")

    def mask(self, guard: Guard) -> Array:
        """1 where a guard holds: a number, the identity matrix or one-hot rows."""
        if not guard.form.indices:
            return scalar(replace(condition(guard, self._atom), head="indicator"))
        if guard.relation == "==":
            for label in sorted(guard.form.indices, reverse=True):
                parts = guard.form.split(Idx(label))
                if parts is None or parts[0].constant not in (1, -1):
                    continue
                value = -parts[1] if parts[0].constant == 1 else parts[1]
                extent = self.scheme.sizes[label]
                if isinstance(value.atom, Idx) and (
                        self.scheme.sizes[value.atom.position] == extent):
                    return Array(call("eye", size(extent)), (value.atom.position, label))
                if isinstance(value.atom, Free):
                    row = call("one_hot", name(str(value), scalar=True), size(extent))
                    return Array(row, (label,))
                if isinstance(value.atom, Read):
                    by = self.access(Access(value.atom.tensor, value.atom.inner))
                    if label not in by.labels:
                        return Array(call("one_hot", by.node, size(extent)), (*by.labels, label))
        raise NotationError(lettered(f"the condition {guard} has no matrix notation"))


def _indexed(x: Node, items: list[Node]) -> Node:
    """`x[items]`; new axes that are read at 0 vanish, as do kept ones."""
    if all(i is WHOLE for i in items):
        return x
    zeros = [k for k, i in enumerate(items) if is_zero(i)]
    if zeros and len(zeros) + sum(i is WHOLE for i in items) == len(items):
        return squeezed(x, zeros, len(items))
    while items[-1] is WHOLE:
        items.pop()
    above, below = list[Node](), list[Node]()
    core = bare(x, above, below)
    return quotient([*above, Node("item", (core, *items))], below)


def _diagonals(a: Array) -> Array:
    """The diagonal of a matrix, where both axes run with one index."""
    if a.ndim != 2:
        raise NotationError("a diagonal of several axes has no matrix notation")
    return Array(call("diag", a.node), a.labels[:1])


def triangle(guard: Guard, arrays: list[Array]) -> list[Array] | None:
    """Apply `i + c >= j` to an operand with both axes: its lower or upper triangle."""
    parts = _two_indices(guard)
    if parts is None:
        return None
    i, j, c = parts
    for n, a in enumerate(arrays):
        if {i, j} <= set(a.labels):
            rest = tuple(k for k in a.labels if k not in (i, j))
            rows, columns = sorted((i, j), key=a.labels.index)
            whole = permuted(a, (*rest, rows, columns))
            lower = (rows, columns) == (i, j)
            offset = [number(c if lower else -c)] if c else []
            cut = call("tril" if lower else "triu", whole.node, *offset)
            return [*arrays[:n], Array(cut, whole.labels), *arrays[n + 1:]]
    return None


def running(guard: Guard, arrays: list[Array], bound: Labels) -> list[Array] | None:
    """Apply `r <= j` to the one operand that r runs over: a cumulative sum along j."""
    parts = _two_indices(guard)
    if parts is None or parts[2] != 0:
        return None
    i, j, _ = parts
    r, axis = (j, i) if j in bound else (i, j)
    holders = [a for a in arrays if r in a.labels]
    if axis in bound or len(holders) != 1 or any(axis in a.labels for a in arrays):
        return None
    (a,) = holders
    place = number(a.labels.index(r))
    x = a.node
    if r == j:
        x = call("cumsum", x, axis=place)
    else:
        x = call("flip", call("cumsum", call("flip", x, axis=place), axis=place), axis=place)
    out = Array(x, tuple(axis if k == r else k for k in a.labels))
    return [out if b is a else b for b in arrays]


def _two_indices(guard: Guard) -> tuple[int, int, int] | None:
    """i, j, c of the guard `i + c >= j`."""
    if guard.relation != ">=" or len(guard.form.indices) != 2:
        return None
    for i in guard.form.indices:
        (j,) = guard.form.indices - {i}
        rest = guard.form - Form.of(Idx(i)) + Form.of(Idx(j))
        if rest.constant is not None:
            return i, j, rest.constant
    return None
