"""What the numpy backend computes, in words close to NumPy: one line a tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from string import ascii_lowercase

from symdl.kernels.form_code import form_code, guard_code
from symdl.kernels.scalar_numpy import print_numpy
from symdl.language.body import slots_of
from symdl.language.form import Atom, Form, Idx, Operation, Read
from symdl.language.guard import Conjunction
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.sizes import dims_of
from symdl.language.tensor import Constant, Equation, Part, Tensor
from symdl.lowering.scalar_forms import stable


def program_text(roots: Sequence[Tensor], order: Sequence[Tensor]) -> str:
    """Say a program, given its tensors in order of computation."""
    names: dict[Tensor, str] = {}
    numbers = count()
    for t in order:
        names[t] = t.name if t.name and not isinstance(t, Part) else f"t{next(numbers)}"
    writer = _Writer(names, _letters({*names.values(), *map(str, dims_of(order))}))
    lines = [line for t in order for line in writer.lines(t)]
    return "\n".join([*lines, f"return {', '.join(names[r] for r in roots)}", ""])


def _letters(taken: set[str]) -> list[str]:
    """Names for indices: i, j, k, ... as far as they are free."""
    order = ascii_lowercase[8:] + ascii_lowercase[:8]
    free = [x for x in order if x not in taken]
    return [*free, *(f"i{k}" for k in range(64))]


class _Writer:
    """Writes tensors under given names, indices by given letters."""

    def __init__(self, names: Mapping[Tensor, str], letters: Sequence[str]) -> None:
        self.names, self.letters = dict(names), letters
        self.done: set[bytes] = set()

    def lines(self, t: Tensor) -> Iterator[str]:
        if isinstance(t, Constant):
            yield f"{self.names[t]} = np.array({t.data.tolist()})"
        elif isinstance(t, Equation):
            yield self._equation(self.names[t], t.scheme)
        elif isinstance(t, Part) and t.owner.digest not in self.done:
            self.done.add(t.owner.digest)
            if isinstance(t.owner, Application):
                yield self._application(t, t.owner)
            else:
                yield from self._recurrence(t.owner)

    def _application(self, t: Tensor, owner: Application) -> str:
        return (f"{self.names[t]} = {owner.primitive.name}"
                f"({', '.join(self.names[x] for x in owner.operands)})")

    def _recurrence(self, block: Recurrence) -> Iterator[str]:
        parts = block.outputs()
        for k, (signature, part) in enumerate(zip(block.signature, parts, strict=True)):
            self.names.setdefault(part, f"s{len(self.names)}")
            self.names[member_slot(k, *signature)] = self.names[part]
        steps = f"range({self._form(block.length)})"
        yield f"for {self.letters[0]} in {f'reversed({steps})' if block.reverse else steps}:"
        for m, part in zip(block.members, parts, strict=True):
            if isinstance(m.tensor, Equation):
                yield f"    {self._equation(self.names[part], m.tensor.scheme)}"
            elif isinstance(m.tensor, Part) and isinstance(m.tensor.owner, Application):
                yield f"    {self._application(part, m.tensor.owner)}"

    def _equation(self, name: str, s: Scheme) -> str:
        leaves = {k: self._leaf(s.leaves[k]) for k in slots_of(s.body)}
        value = print_numpy(stable(s.body), leaves)
        guard = self._guards(s.guards)
        if s.reduce != "none":
            ranges = ", ".join(f"{self.letters[k]} < {self._form(s.sizes[k])}" for k in s.bound)
            value = f"np.{s.reduce}({value} for {ranges}{f' if {guard}' if guard else ''})"
        elif guard:
            value = f"np.where({guard}, {value}, 0)"
        return f"{name}[{', '.join(self.letters[: s.axes])}] = {value}"

    def _leaf(self, leaf: Leaf) -> str:
        text = self._entry(leaf.tensor, leaf.index) if isinstance(leaf, Access) else (
            self._form(leaf.form))
        if not isinstance(leaf, Access) and not text.isalnum():
            text = f"({text})"
        return f"({text} if {self._guards(leaf.mask)} else 0)" if leaf.mask else text

    def _entry(self, t: Tensor, index: Sequence[Form]) -> str:
        at = ", ".join(map(self._form, index))
        return f"{self.names[t]}[{at}]" if index else self.names[t]

    def _guards(self, guards: Conjunction) -> str:
        return " and ".join(guard_code(g, self._atom) for g in guards)

    def _form(self, form: Form) -> str:
        return form_code(form, self._atom)

    def _atom(self, a: Atom) -> str | None:
        if isinstance(a, Operation):
            return None
        if isinstance(a, Idx):
            return self.letters[a.position]
        return self._entry(a.tensor, a.inner) if isinstance(a, Read) else str(a)


