"""Derivatives in LaTeX: requests, which calculus answers."""

from __future__ import annotations

from symdl.language.syntax.latex.atoms import Atoms
from symdl.language.syntax.latex.tokens import Token
from symdl.language.syntax.latex.vocabulary import DIFFERENTIALS
from symdl.language.syntax.tree import Derivative, Name, Node, Number


class Derivatives(Atoms):
    r"""`\nabla_x f` and fractions of differentials."""

    def derivative_ahead(self) -> bool:
        """Whether a fraction is a derivative."""
        if self.next.text == r"\nabla":
            return True
        if not self.looks(1, ("{",)) or not self.looks(2, DIFFERENTIALS):
            return False
        if self.looks(2, ("d",)) and "d" in self.declared:
            return False
        depth = 0
        for k in range(self.at + 1, len(self.all)):
            depth += (self.all[k].text == "{") - (self.all[k].text == "}")
            if not depth:
                return k + 2 < len(self.all) and self.all[k + 2].text in DIFFERENTIALS
        return False

    def derivative(self) -> Node:
        r"""`\nabla_x f`, `\frac{\partial f}{\partial x}`, `\frac{d}{dx} f`."""
        token = self.take()
        if token.text == r"\nabla":
            variables = self.nabla(token)
            body = self.operand_of_sum()
            return Derivative(token.start, self.last_end, body, variables)
        self.take()
        self.differential()
        order = self.order()
        inner: Node | None = None
        with self.inside("}"):
            if self.next.text != "}":
                inner = self.sum()
        self.wanted("}")
        variables = self.denominator()
        if order != len(variables):
            self.refuse(f"the orders {order} and {len(variables)} differ", token)
        if inner is None:
            inner = self.operand_of_sum()
        return Derivative(token.start, self.last_end, inner, variables)

    def nabla(self, token: Token) -> tuple[Name, ...]:
        """The variables of ∇."""
        order, variable = 1, None
        while self.next.text in ("_", "^"):
            if self.take().text == "^":
                order = self.whole()
            else:
                opened = self.taken("{")
                variable = self.variable()
                if opened is not None:
                    self.wanted("}", opened)
        if variable is None:
            self.refuse(r"say in which variable, e.g. \nabla_x", token)
        return (variable,) * order

    def differential(self) -> None:
        """The d or ∂ in front."""
        if self.take().text in (r"\mathrm", r"\text"):
            self.group()

    def order(self) -> int:
        """The order above a d."""
        return self.whole() if self.taken("^") else 1

    def denominator(self) -> tuple[Name, ...]:
        r"""`\partial x \partial y^\top`."""
        opened = self.wanted("{")
        found: list[Name] = []
        while not self.taken("}"):
            if self.next.kind == "end":
                self.refuse("the brace is never closed", opened)
            if self.next.text not in DIFFERENTIALS:
                self.refuse(r"\partial is wanted here")
            self.differential()
            variable = self.variable()
            times = 1
            if self.next.text == "^":
                mark = self.superscript()
                if isinstance(mark, Number) and mark.text.isdigit():
                    times = int(mark.text)
                elif mark != "'":
                    self.refuse("the order of a derivative is a number")
            found += [variable] * times
        return tuple(found[:9])
