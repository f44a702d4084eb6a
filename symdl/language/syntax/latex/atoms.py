"""Factors in LaTeX: brackets, fractions, roots, norms, and what is written above them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from symdl.language.syntax.latex.cases import Cases
from symdl.language.syntax.latex.tokens import Token
from symdl.language.syntax.latex.vocabulary import (
    BARS,
    BRACKETS,
    COMMANDS,
    NORMS,
    STYLES,
    TRANSPOSES,
)
from symdl.language.syntax.tree import Binary, Call, Name, Node, Number, Unary, postorder


class Atoms(Cases, ABC):
    """Factors; what stands inside them is read by the levels above."""

    @abstractmethod
    def comparison(self) -> Node:
        """`a < b`, or a sum."""

    @abstractmethod
    def term(self) -> Node:
        """A product, signs in front."""

    @abstractmethod
    def operand_of_sum(self) -> Node:
        """The term behind a sum."""

    def atom(self) -> Node:
        """A number, a name, brackets, a fraction, a root, a norm, cases."""
        token = self.next
        if token.kind == "number":
            self.take()
            return Number(token.start, token.end, token.text)
        if token.text in BRACKETS or token.text == "{":
            opened = self.take()
            closer = BRACKETS.get(opened.text, "}")
            with self.inside(closer):
                inner = self.comparison()
            closed = self.wanted(closer, opened)
            return replace(inner, start=opened.start, end=closed.end)
        if token.text in BARS:
            return self.bars()
        if token.text in COMMANDS:
            command: Callable[[], Node] = getattr(self, COMMANDS[token.text])
            return command()
        return self.subscripts(self.name())

    def simple(self) -> Node:
        r"""A single token as a factor: `^n`, `\frac12`."""
        if self.next.text == "{" or self.next.text in COMMANDS:
            self.deeper()
            out = self.atom()
            self.back()
            return out
        if self.next.kind == "number":
            self.split_digits()
            token = self.take()
            return Number(token.start, token.end, token.text)
        return self.valued(self.name())

    def limit(self) -> Node:
        """The last value of an index."""
        if self.next.text == "{":
            opened = self.take()
            with self.inside("}"):
                out = self.sum()
            self.wanted("}", opened)
            return out
        return self.simple()

    def powers(self, base: Node) -> Node:
        """Superscripts and primes, and entries of what stands in brackets."""
        raised = False
        while True:
            if self.next.text == "^":
                if raised:
                    self.refuse("a second superscript: braces say what it belongs to, as in "
                                "x^{a^b} or {x^a}^b")
                raised = True
                base = self.raised(base, self.superscript(base))
            elif (prime := self.taken("'")) is not None:
                base = Unary(base.start, prime.end, "'", base)
            elif self.next.text == "_" and self.all[self.at - 1].text in BRACKETS.values():
                self.take()
                base = self.entry(base)
            else:
                return base

    def superscript(self, base: Node | None = None) -> str | Node:
        """A transpose as `'`, an inverse transpose as `-'`, else the exponent."""
        self.take()
        start = self.at
        text = self.text_of(self.group())
        end, self.at = self.at, start
        marks = {**dict.fromkeys(TRANSPOSES, "'"), r"-\top": "-'", "-T": "-'", r"\dagger": "+",
                 "+": "+", r"-\intercal": "-'"}
        if text in STYLES:  # ^\mathsf{T} without braces around it
            self.take()
            text, end = f"{text}{{{self.text_of(self.group())}}}", self.at
        if text in marks or text == r"\prime":
            self.at = end
            return marks.get(text, "'")
        if text.startswith((r"\odot", r"\circ")) and self.next.text == "{":
            opened = self.take()
            self.take()
            exponent = self.term()
            self.wanted("}", opened)
            return Call(exponent.start, exponent.end, "", (exponent,))
        if text.startswith(("(", "[")) and isinstance(base, Name) and not self.is_e(base):
            self.refuse("a superscript in brackets is a number or an index, as in W^{(2)}; a power "
                        "is written without them")
        return self.limit()

    def raised(self, base: Node, exponent: str | Node) -> Node:
        """The base with its superscript."""
        if isinstance(exponent, str):
            if exponent == "+":
                return Call(base.start, self.last_end, "pinv", (base,))
            inner = Call(base.start, base.end, "inv", (base,)) if exponent == "-'" else base
            return Unary(base.start, self.last_end, "'", inner)
        if self.is_e(base):
            return Call(base.start, self.last_end, "exp", (exponent,))
        if isinstance(exponent, Call) and not exponent.function:
            return Binary(base.start, self.last_end, ".^", base, exponent.args[0])
        return Binary(base.start, self.last_end, "^", base, exponent)

    def is_e(self, base: Node) -> bool:
        """Whether this is Euler's number."""
        return isinstance(base, Name) and base.name == "e" and "e" not in self.declared

    def bars(self) -> Node:
        """A norm or an absolute value."""
        opened = self.take()
        closer = BARS[opened.text]
        with self.inside(closer):
            inner = self.sum()
        self.wanted(closer, opened)
        if opened.text in ("|", r"\lvert", r"\vert"):
            return Call(opened.start, self.last_end, "bars", (inner,))
        mark = self.taken("_")
        start = self.at
        below = self.text_of(self.group()) if mark else ""
        if below in NORMS:
            return Call(opened.start, self.last_end, NORMS[below], (inner,))
        if below == r"\infty":
            size = Call(opened.start, self.last_end, "abs", (inner,))
            return Call(opened.start, self.last_end, "max", (size,))
        self.at = start
        if below == "0":
            self.refuse("the number of entries other than 0 has no derivative")
        order = self.simple()
        if any(isinstance(part, Name) and self.axes(part.name) != 0 and part.name[0].isupper()
               for part in postorder(order)):
            return self.weighted(opened, inner, order)
        return Call(opened.start, self.last_end, "norm_p", (inner, order))

    def weighted(self, opened: Token, x: Node, matrix: Node) -> Node:
        r"""`\|x\|_A`, the root of xᵀ A x."""
        turned = Unary(x.start, x.end, "'", x)
        left = Binary(x.start, matrix.end, "*", turned, matrix)
        square = Binary(opened.start, self.last_end, "*", left, x)
        return Call(opened.start, self.last_end, "sqrt", (square,))

    def fraction(self) -> Node:
        r"""`\frac{a}{b}`."""
        token = self.take()
        above, below = self.simple(), self.simple()
        return Binary(token.start, self.last_end, "/", above, below)

    def root(self) -> Node:
        r"""`\sqrt{a}`, `\sqrt[3]{a}`."""
        token = self.take()
        opened = self.taken("[")
        if opened is None:
            inner = self.simple()
            return Call(token.start, self.last_end, "sqrt", (inner,))
        with self.inside("]"):
            degree = self.sum()
        self.wanted("]", opened)
        inner = self.simple()
        one = Number(degree.start, degree.end, "1")
        return Binary(token.start, self.last_end, "^", inner,
                      Binary(degree.start, degree.end, "/", one, degree))

    def inner_product(self) -> Node:
        r"""`\langle a, b \rangle`."""
        opened = self.take()
        with self.inside(r"\rangle"):
            left = self.sum()
            self.wanted(",", opened)
            right = self.sum()
        self.wanted(r"\rangle", opened)
        turned = Unary(left.start, left.end, "'", left)
        return Binary(opened.start, self.last_end, "*", turned, right)
