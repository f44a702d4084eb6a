"""From LaTeX to the syntax tree, by recursive descent: a method a level of precedence."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from symdl.language.syntax import functions
from symdl.language.syntax.declarations import Declarations
from symdl.language.syntax.latex.derivatives import Derivatives
from symdl.language.syntax.latex.headings import Headings
from symdl.language.syntax.latex.ranges import Ranges
from symdl.language.syntax.latex.tokens import Token, without_frame
from symdl.language.syntax.latex.vocabulary import (
    ACCENTS,
    BARS,
    BRACKETS,
    COMMANDS,
    COMPARISONS,
    FUNCTIONS,
    GREEK,
    INVERSES,
    REDUCTIONS,
    SIGNS,
    STYLES,
    WORDS,
)
from symdl.language.syntax.tree import Binary, Call, Node, Number, Reduce, Unary


def tree(source: str, declared: Declarations) -> Node:
    r"""The syntax tree of a formula in LaTeX.

    Juxtaposed letters are multiplied; `^\top`, `^T` and `'` transpose, `^{-1}` inverts. A function
    without brackets takes the product behind it, a sum the term behind it. Indices count from 1,
    or from 0 where a sum starts at 0. `\nabla_x` and `\frac{\partial f}{\partial x}` ask for a
    derivative.

    Parameters
    ----------
    source : str
        The formula, without dollar signs.
    declared : mapping of str to Declaration
        What is declared: `W_1` is one, else an entry of W.

    Raises
    ------
    ParseError
        With the column at which reading stopped.
    """
    return Parser(without_frame(source), declared).formula()


class Parser(Derivatives, Ranges, Headings):
    """The levels of precedence, from the loosest operator to the tightest."""

    def formula(self) -> Node:
        """The whole source."""
        if self.next.kind == "end":
            self.refuse("there is no formula")
        self.check_spelled()
        self.left_side()
        out = self.comparison()
        if self.next.kind != "end":
            self.refuse("this is unexpected here" + (
                ". Equations are read one side at a time" if self.next.text == "=" else ""))
        return out

    def comparison(self) -> Node:
        """`a < b`."""
        left = self.sum()
        sign = COMPARISONS.get(self.next.text)
        if sign is None or (sign == "==" and not self.closers):
            return left
        self.take()
        right = self.sum()
        return Binary(left.start, right.end, sign, left, right)

    def sum(self) -> Node:
        """Terms with their signs."""
        self.deeper()
        out = self.term()
        while (sign := self.taken("+", "-")) is not None:
            right = self.term()
            out = Binary(out.start, right.end, sign.text, out, right)
        self.back()
        return out

    def term(self) -> Node:
        """A product, signs in front."""
        sign = self.taken("+", "-")
        if sign is None:
            return self.product()
        self.deeper()
        inner = self.term()
        self.back()
        if sign.text == "+":
            return replace(inner, start=sign.start)
        return Unary(sign.start, inner.end, "-", inner)

    def product(self) -> Node:
        """Factors, written side by side or with a sign between them."""
        out = self.factor()
        while True:
            if self.next.text in SIGNS:
                sign = SIGNS[self.take().text]
                right = self.term() if self.next.text in ("+", "-") else self.factor()
            elif self.begins_factor():
                sign, right = "*", self.factor()
            else:
                return out
            out = Call(out.start, right.end, sign, (out, right)) if sign == "kron" else Binary(
                out.start, right.end, sign, out, right)

    def begins_factor(self) -> bool:
        """Whether the next token starts a factor of a product without signs."""
        text, kind = self.next.text, self.next.kind
        if text in self.closers[-1:] or kind in ("end", "newline"):
            return False
        if kind in ("letter", "number") or text in BRACKETS or text in BARS or text == "{":
            return True
        known = (FUNCTIONS, REDUCTIONS, GREEK, STYLES, ACCENTS, COMMANDS)
        return kind == "command" and any(text in table for table in known)

    def factor(self) -> Node:
        """A function of what follows, a sum over indices, or an atom with powers."""
        self.deeper()
        token = self.next
        function = self.function_ahead()
        if function is not None:
            out = self.applied(token, function)
        elif token.text in REDUCTIONS:
            out = self.reduction()
        elif token.text in (r"\nabla", r"\frac") and self.derivative_ahead():
            out = self.derivative()
        else:
            out = self.powers(self.atom())
        self.back()
        return out

    def function_ahead(self) -> str | None:
        """The function that comes next, its name read; None if none does."""
        text = self.next.text
        if text in FUNCTIONS:
            self.take()
            return FUNCTIONS[text]
        if text == r"\sigma" and "sigma" not in self.declared and self.looks(1, BRACKETS):
            self.take()
            return "sigmoid"
        if text == r"\Gamma" and "Gamma" not in self.declared and self.looks(1, BRACKETS):
            self.refuse("the function Γ isn't known here; its logarithm is "
                        r"\operatorname{lgamma}")
        if text not in (r"\operatorname", r"\mathrm", r"\text", r"\textrm", r"\mathsf"):
            return None
        start = self.at
        self.take()
        self.taken("*")
        name = self.text_of(self.group())
        name = WORDS.get(name, name)
        if name not in self.declared and name in functions.names() and len(name) > 1:
            return name
        if text == r"\operatorname" or (len(name) > 1 and name not in self.declared
                                        and self.looks(0, BRACKETS)):
            near = get_close_matches(name, functions.names(), 1)
            self.refuse(f"there is no function {name}"
                        + (f". Did you mean {near[0]}?" if near else ""), self.all[start])
        self.at = start
        return None

    def applied(self, token: Token, function: str) -> Node:
        r"""A function of brackets, or of the product behind it; `\sin^2 x` is its square."""
        base = self.base_of_log() if function == "log" and self.taken("_") else None
        exponent = self.superscript() if self.next.text == "^" else None
        if function in INVERSES and self.is_minus_one(exponent):
            function, exponent = INVERSES[function], None
        if self.next.text in BRACKETS:
            opened = self.take()
            args = self.arguments(opened)
        else:
            args = (self.operand(),)
        (first, *_) = args
        if function == "log" and isinstance(first, Call) and first.function == "det":
            function, args = "logdet", first.args
        out: Node = Call(token.start, self.last_end, function, args)
        if base is not None:
            out = Binary(token.start, self.last_end, "/", out, base)
        if exponent is not None:
            out = self.raised(out, exponent)
        return self.powers(out)

    def base_of_log(self) -> Node:
        r"""The logarithm that `\log_2` divides by."""
        base = self.simple()
        return Call(base.start, base.end, "log", (base,))

    def is_minus_one(self, exponent: str | Node | None) -> bool:
        """Whether it is -1."""
        return isinstance(exponent, Unary) and exponent.op == "-" and isinstance(
            exponent.operand, Number) and exponent.operand.text == "1"

    def operand(self) -> Node:
        """What a function without brackets takes: factors side by side, up to a function."""
        if self.next.text in ("+", "-"):
            return self.term()
        out = self.factor()
        while self.begins_factor() and self.next.text not in FUNCTIONS and (
                self.next.text not in REDUCTIONS):
            right = self.factor()
            out = Binary(out.start, right.end, "*", out, right)
        return out

    def arguments(self, opened: Token) -> tuple[Node, ...]:
        """Arguments up to the bracket that closes."""
        closer = BRACKETS[opened.text]
        with self.inside(closer):
            args = [self.comparison()]
            while self.taken(",", ";"):
                args.append(self.comparison())
        self.wanted(closer, opened)
        return tuple(args)

    def reduction(self) -> Node:
        r"""`\sum_{i=1}^n`, or `\max(a, b)`."""
        token = self.take()
        reduce = REDUCTIONS[token.text]
        if self.next.text != "_":
            if reduce in ("max", "min") and self.next.text in BRACKETS:
                args = self.arguments(self.take())
                return self.powers(self.extreme(token, reduce, args))
            self.refuse(f"say over which index, e.g. {token.text}_{{i=1}}^n", token)
        self.take()
        outer = dict(self.indices)
        below = self.below()
        if self.taken("^"):
            below.end = self.limit()
        self.indices.update(below.starts)
        indices, where = self.ranges(below, outer)
        body = self.operand_of_sum()
        self.indices = outer
        return Reduce(token.start, self.last_end, reduce, indices, body, where)

    def operand_of_sum(self) -> Node:
        """The term behind a sum."""
        return self.term() if self.next.text in ("+", "-") else self.product()

    def extreme(self, token: Token, reduce: str, args: tuple[Node, ...]) -> Node:
        """The larger of two, or the largest entry."""
        if len(args) == 1:
            return Call(token.start, self.last_end, reduce, args)
        out = args[0]
        for x in args[1:]:
            out = Call(token.start, self.last_end, {"max": "maximum", "min": "minimum"}[reduce],
                       (out, x))
        return out
