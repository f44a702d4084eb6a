"""How a kernel's source is written for a reader: names of the formula, equations as comments.

The compiled text is the same but for names and comments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from symdl.kernels.nest import NestWriter
from symdl.kernels.statement import before_reduction
from symdl.language.form import Form, Idx
from symdl.language.scheme import Scheme
from symdl.language.tensor import Tensor
from symdl.lowering.fuse import Item, Nest, Placed
from symdl.lowering.lower import statements
from symdl.lowering.product import Product

Equation = Callable[[Tensor, Scheme, Sequence[Form], bool, Mapping[int, str],
                     Mapping[Tensor, str], Collection[str]], str]
"""The text of an equation, as `symdl.display.loops.equation` writes it."""
ENDS = ("_", "_lo", "_hi")
"""What is behind a loop variable's name where something else is named after it."""
LETTERS = "ijlpqrsuvxyzabc"
"""Names for loop variables."""


@dataclass(frozen=True)
class Reading:
    """What a reader is told.

    Attributes
    ----------
    names : mapping
        What tensors are called.
    equation : callable
        The text of an equation.
    """

    names: Mapping[Tensor, str]
    equation: Equation
    letters: Sequence[str]

    def product(self, p: Product, names: Mapping[Tensor, str]) -> str:
        """The equation of a matrix product."""
        axes = [Form.of(Idx(k)) for k in range(p.scheme.axes)]
        return self.equation(p.result, p.scheme, axes, False, {}, names,
                             names.values())

    def loops(self, item: Item, writer: NestWriter, names: Mapping[Tensor, str]) -> Told:
        """What is said of some loops, whose results are called so."""
        letters = self._letters(item)
        placed = list(statements([item]))
        taken = {*names.values(), *letters.values()}
        comments = [self.equation(p.op.result, p.op.scheme, p.op.target, p.op.scatters,
                                  self._indices(p, letters), names, taken) for p in placed]
        local = writer.scope.locals
        wishes = {local[p.op.result]: _entry(names[p.op.result], p, letters)
                  for p in placed if p.op.result in local}
        inner = [c for c in self.letters if c not in letters.values()]
        starts = {f"z{k}": c for k, c in enumerate(inner)}
        turned = {f"{v}{end}": f"{c}{end}" for v, c in letters.items() for end in ENDS}
        return Told(comments, {**letters, **turned, **starts}, wishes)

    def _letters(self, item: Item, outer: Sequence[str] = ()) -> dict[str, str]:
        """A letter for each loop variable, different from those around it."""
        if not isinstance(item, Nest):
            return {}
        letter = next((c for c in self.letters if c not in outer), item.variable)
        found = {item.variable: letter}
        for inner in item.body:
            found |= self._letters(inner, (*outer, letter))
        return found

    def _indices(self, p: Placed, letters: Mapping[str, str]) -> dict[int, str]:
        """The letter of each index of an operation; a scan's bound index has none."""
        names = dict(p.names)
        if p.op.scan:
            names.pop(p.op.scan.bound, None)
        return {k: letters.get(v, v) for k, v in names.items()}


@dataclass(frozen=True)
class Told:
    """Comments above some loops, letters of loop variables, names wished for numbers."""

    comments: Sequence[str]
    letters: Mapping[str, str]
    wishes: Mapping[str, str]


def _entry(name: str, p: Placed, letters: Mapping[str, str]) -> str:
    """What one entry is called: A_ij."""
    axes = before_reduction(p) if p.op.accumulates else tuple(k for k, _ in p.env)
    index = "".join(letters.get(v, "") for k, v in p.env if k in axes)
    return f"{name}_{index}" if index else f"{name}_"


def commented(text: str, depth: int) -> list[str]:
    """A comment, in several lines where it is long."""
    indent = "    " * depth
    return wrap(text, 99, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}#     ",
                break_long_words=False, break_on_hyphens=False)
