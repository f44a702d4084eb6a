"""Binding a user's indices: what depends on them gets leading axes over their ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from symdl.language.bounds import minimum, nonnegative, positive_factor
from symdl.language.errors import RangeError
from symdl.language.form import ONE, Atom, Form, Free, Idx, Read, quotient
from symdl.language.owners import Application, Member, Recurrence
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.tensor import Equation, Part, Slot, Tensor, topological

Ranges = Mapping[Free, Form]


def bound_over(root: Tensor, ranges: Ranges, keep: bool = False) -> Tensor:
    """The tensor with one leading axis for each index it depends on, in the order of `ranges`.

    With `keep`, indices it doesn't depend on get an axis too.
    """
    new = _lifted([root], ranges)
    out = new[root]
    order = list(ranges)
    held = [f for f in order if f in root.free]
    if keep and len(held) < len(order):
        shape = (*ranges.values(), *root.shape)
        index = [Form.of(Idx(order.index(f))) for f in held]
        index += [Form.of(Idx(len(order) + k)) for k in range(root.ndim)]
        from symdl.language.body import slot

        out = Equation.make(Scheme(shape, len(shape), "none", (), slot(0),
                                   (Access(out, tuple(index)),)), out.dtype)
    return out


def lifted(roots: Sequence[Tensor], ranges: Ranges) -> dict[Tensor, Tensor]:
    """`bound_over` for several roots at once: the map from old to new tensors."""
    return _lifted(roots, ranges)


def _lifted(roots: Sequence[Tensor], ranges: Ranges) -> dict[Tensor, Tensor]:
    new: dict[Tensor, Tensor] = {}
    for tensor in topological(roots):
        leads = _leads(tensor, ranges)
        if not leads:
            new[tensor] = tensor
        elif isinstance(tensor, Equation):
            new[tensor] = _lift_equation(tensor, leads, ranges, new)
        elif isinstance(tensor, Part):
            new[tensor] = _lift_part(tensor, leads, ranges, new)
        else:
            raise RangeError(f"the shape of {tensor.said} depends on an index")
    return new


def _leads(tensor: Tensor, ranges: Ranges) -> tuple[Free, ...]:
    free = tensor.owner.free if isinstance(tensor, Part) else tensor.free
    return tuple(f for f in ranges if f in free)


def _lift_equation(t: Equation, leads: tuple[Free, ...], ranges: Ranges,
                   new: Mapping[Tensor, Tensor]) -> Tensor:
    return Equation.make(_lift_scheme(t.scheme, leads, ranges, new), t.dtype, t.name)


def _lift_scheme(s: Scheme, leads: tuple[Free, ...], ranges: Ranges,
                 new: Mapping[Tensor, Tensor]) -> Scheme:
    sizes = (*(ranges[f] for f in leads), *s.sizes)
    at = [Form.of(Idx(k + len(leads))) for k in range(len(s.sizes))]
    values: dict[Atom, Form] = {f: Form.of(Idx(k)) for k, f in enumerate(leads)}
    placed = s.place(sizes, s.axes + len(leads), at)
    leaves = tuple(_prepend(x, ranges, new) for x in placed.leaves)
    return replace(placed, leaves=leaves).map(
        lambda f: _prepend_reads(f, ranges, new).substitute(values))


def _prepend(leaf: Leaf, ranges: Ranges, new: Mapping[Tensor, Tensor]) -> Leaf:
    if not isinstance(leaf, Access):
        return leaf
    lead = tuple(Form.of(f) for f in _leads(leaf.tensor, ranges))
    return Access(new.get(leaf.tensor, leaf.tensor), (*lead, *leaf.index), leaf.mask)


def _prepend_reads(form: Form, ranges: Ranges, new: Mapping[Tensor, Tensor]) -> Form:
    def change(read: Read) -> Form:
        lead = tuple(Form.of(f) for f in _leads(read.tensor, ranges))
        moved = tuple(_prepend_reads(f, ranges, new) for f in read.inner)
        return Form.of(Read(new.get(read.tensor, read.tensor), (*lead, *moved)))

    return form.rebuild(change)


def _lift_part(t: Part, leads: tuple[Free, ...], ranges: Ranges,
               new: Mapping[Tensor, Tensor]) -> Tensor:
    owner = t.owner
    if isinstance(owner, Application):
        operands = tuple(
            _with_leads(new[x], _leads(x, ranges), leads, ranges) for x in owner.operands)
        return Part.make(Application(owner.primitive, operands), t.number)
    slots: dict[Tensor, Tensor] = {}
    for k, m in enumerate(owner.members):
        old = Slot.make(("member", k), m.tensor.shape, m.tensor.dtype)
        shape = (*(ranges[f] for f in leads), *m.tensor.shape)
        slots[old] = Slot.make(("member", k), shape, m.tensor.dtype)
    members = tuple(
        Member(_lift_member(m.tensor, leads, ranges, {**new, **slots}), m.time + len(leads))
        for m in owner.members)
    return Part.make(Recurrence(owner.length, owner.reverse, members), t.number)


def _lift_member(t: Tensor, leads: tuple[Free, ...], ranges: Ranges,
                 new: Mapping[Tensor, Tensor]) -> Tensor:
    lead = tuple(Form.of(f) for f in leads)
    if isinstance(t, Part):
        assert isinstance(t.owner, Application)
        operands = tuple(
            new[x] if isinstance(x, Slot)
            else _with_leads(new.get(x, x), _leads(x, ranges), leads, ranges)
            for x in t.owner.operands)
        return Part.make(Application(t.owner.primitive, operands), t.number)
    assert isinstance(t, Equation)
    s = t.scheme
    leaves = tuple(replace(x, index=(*lead, *x.index))
                   if isinstance(x, Access) and isinstance(x.tensor, Slot) else x
                   for x in s.leaves)
    lifted_scheme = _lift_scheme(replace(s, leaves=leaves), leads, ranges, new)
    return Equation.make(lifted_scheme, t.dtype, t.name)


def _with_leads(t: Tensor, has: tuple[Free, ...], wants: tuple[Free, ...], ranges: Ranges,
                ) -> Tensor:
    """Broadcast missing leading axes of a primitive's operand."""
    if has == wants:
        return t
    from symdl.language.body import slot

    shape = (*(ranges[f] for f in wants), *t.shape[len(has):])
    index = [Form.of(Idx(wants.index(f))) for f in has]
    index += [Form.of(Idx(len(wants) + k)) for k in range(t.ndim - len(has))]
    return Equation.make(Scheme(shape, len(shape), "none", (), slot(0),
                                (Access(t, tuple(index)),)), t.dtype)


def ranges_of(roots: Sequence[Tensor], wanted: Sequence[Free]) -> dict[Free, Form]:
    """The range of each index: as stated, else the size of the axes at which it stands.

    Raises
    ------
    RangeError
        If an index stands at axes of different sizes, or at none.
    """
    found: dict[Free, Form] = {}
    for index in wanted:
        if index.size is not None:
            found[index] = index.size
            continue
        places = list(_places(roots, index))
        sizes = dict.fromkeys(size for size, _ in places)
        if len(sizes) > 1:
            (a, at_a), (b, at_b) = [(s, next(w for z, w in places if z == s))
                                    for s in list(sizes)[:2]]
            raise RangeError(f"index {index} runs over {a} in {at_a} but over {b} in {at_b}: "
                             f"the sizes {a} and {b} differ")
        if sizes:
            found[index] = next(iter(sizes))
    for index in wanted:
        if index not in found:
            affine = _affine_range(roots, index, found)
            if affine is None:
                raise RangeError(f"the range of index {index} can't be told: it stands alone at "
                                 f"no axis. State it: sd.indices('{index}', size)")
            found[index] = affine
    return {f: found[f] for f in wanted}


def _accesses(roots: Sequence[Tensor]) -> Iterator[tuple[Access, Scheme]]:
    for t in topological(roots):
        inside = [m.tensor for m in t.owner.members] if (
            isinstance(t, Part) and isinstance(t.owner, Recurrence)) else [t]
        for x in inside:
            if isinstance(x, Equation):
                for leaf in x.scheme.leaves:
                    if isinstance(leaf, Access):
                        yield leaf, x.scheme
                for form in x.scheme.forms:
                    for read in form.all_atoms:
                        if hasattr(read, "tensor"):
                            yield Access(read.tensor, read.inner), x.scheme


def _places(roots: Sequence[Tensor], index: Free) -> Iterator[tuple[Form, Access]]:
    for leaf, _ in _accesses(roots):
        for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
            if form.atom is index:
                yield size, leaf


def _affine_range(roots: Sequence[Tensor], index: Free, known: Ranges) -> Form | None:
    """The largest range for which `c*index + rest` stays inside its axis."""
    out: Form | None = None
    for leaf, scheme in _accesses(roots):
        for form, size in zip(leaf.index, leaf.tensor.shape, strict=True):
            parts = form.split(index)
            if parts is None or not parts[0].terms:
                continue
            coefficient, rest = parts
            others = [f for f in rest.free if f in known]
            sizes = [*scheme.sizes, *(known[f] for f in others)]
            rest = rest.substitute(
                {f: Form.of(Idx(len(scheme.sizes) + k)) for k, f in enumerate(others)})
            lowest = minimum(-rest, sizes)
            if lowest is None or not positive_factor(coefficient, sizes):
                continue
            limit = quotient(size - 1 + lowest, coefficient) + ONE
            if out is None or nonnegative(out - limit, []):
                out = limit
    return out
