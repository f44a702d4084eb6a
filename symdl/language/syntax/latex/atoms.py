"""Factors in LaTeX: brackets, fractions, roots, norms, cases, and what is written above them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from symdl.language.syntax.latex.names import Names
from symdl.language.syntax.latex.vocabulary import (
    BARS,
    BRACKETS,
    COMMANDS,
    NORMS,
    STYLES,
    TRANSPOSES,
)
from symdl.language.syntax.tree import Binary, Call, Name, Node, Number, Unary


class Atoms(Names, ABC):
    """Factors; what stands inside them is read by the levels above."""

    @abstractmethod
    def comparison(self) -> Node:
        """`a < b`, or a sum."""

    @abstractmethod
    def sum(self) -> Node:
        """Terms with their signs."""

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
        """Superscripts and primes."""
        while True:
            if self.next.text == "^":
                base = self.raised(base, self.superscript())
            elif (prime := self.taken("'")) is not None:
                base = Unary(base.start, prime.end, "'", base)
            else:
                return base

    def superscript(self) -> str | Node:
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
        if text.startswith("("):
            self.refuse("a superscript is a power or a transpose; write another name, "
                        "e.g. x_{(i)}")
        return self.limit()

    def raised(self, base: Node, exponent: str | Node) -> Node:
        """The base with its superscript."""
        if isinstance(exponent, str):
            if exponent == "+":
                return Call(base.start, self.last_end, "pinv", (base,))
            inner = Call(base.start, base.end, "inv", (base,)) if exponent == "-'" else base
            return Unary(base.start, self.last_end, "'", inner)
        if isinstance(base, Name) and base.name == "e" and "e" not in self.declared:
            return Call(base.start, self.last_end, "exp", (exponent,))
        if isinstance(exponent, Call) and not exponent.function:
            return Binary(base.start, self.last_end, ".^", base, exponent.args[0])
        return Binary(base.start, self.last_end, "^", base, exponent)

    def bars(self) -> Node:
        """A norm or an absolute value."""
        opened = self.take()
        closer = BARS[opened.text]
        with self.inside(closer):
            inner = self.sum()
        self.wanted(closer, opened)
        if opened.text in ("|", r"\lvert", r"\vert"):
            return Call(opened.start, self.last_end, "abs", (inner,))
        mark = self.taken("_")
        below = self.text_of(self.group()) if mark else ""
        if below == r"\infty":
            size = Call(opened.start, self.last_end, "abs", (inner,))
            return Call(opened.start, self.last_end, "max", (size,))
        if below not in NORMS:
            self.refuse(f"the norm {below} isn't known; there are 1, 2, F and \\infty", mark)
        return Call(opened.start, self.last_end, NORMS[below], (inner,))

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

    def cases(self) -> Node:
        r"""`\begin{cases} a & c \\ b & \text{otherwise} \end{cases}`."""
        opened = self.take()
        if self.text_of(self.group()) != "cases":
            self.refuse("only cases can stand here", opened)
        rows: list[tuple[Node, Node | None]] = []
        with self.inside(r"\end"):
            while self.next.text != r"\end":
                value = self.sum()
                self.taken(",")
                rows.append((value, self.case_condition() if self.taken("&") else None))
                if self.next.kind == "newline":
                    self.take()
                elif self.next.text != r"\end":
                    self.refuse(r"\\ or \end{cases} is wanted here")
        self.take()
        self.group()
        if not rows or rows[-1][1] is not None or any(c is None for _, c in rows[:-1]):
            self.refuse(r"cases end with a row for \text{otherwise}, and only the last is without "
                        "a condition", opened)
        out = rows[-1][0]
        for value, condition in reversed(rows[:-1]):
            assert condition is not None
            out = Call(opened.start, self.last_end, "where", (condition, value, out))
        return out

    def case_condition(self) -> Node | None:
        """When a case holds; None for the last."""
        words = (r"\text", r"\textrm", r"\mathrm", r"\mbox")
        while self.next.text in words:
            self.take()
            word = self.text_of(self.group()).lower().rstrip(",.")
            if word in ("otherwise", "else", "sonst"):
                self.taken(".", ",")
                return None
            if word not in ("if", "for", "when", "wenn"):
                self.refuse(f"the word {word} has no meaning here")
        return self.comparison()
