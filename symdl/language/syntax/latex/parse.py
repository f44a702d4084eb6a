"""From LaTeX to the syntax tree, by recursive descent: a method a level of precedence."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import replace

from symdl.language.syntax import functions
from symdl.language.syntax.latex.scanner import Scanner
from symdl.language.syntax.latex.tokens import Token
from symdl.language.syntax.latex.vocabulary import (
    ACCENTS,
    BARS,
    BRACKETS,
    COMPARISONS,
    FUNCTIONS,
    GREEK,
    NORMS,
    REDUCTIONS,
    SIGNS,
    STYLES,
    TRANSPOSES,
    WORDS,
)
from symdl.language.syntax.tree import (
    Binary,
    Call,
    Derivative,
    Item,
    Name,
    Node,
    Number,
    Reduce,
    Slice,
    Unary,
)


def tree(source: str, declared: Container[str] = ()) -> Node:
    r"""The syntax tree of a formula in LaTeX.

    Juxtaposed letters are multiplied; `^\top`, `^T` and `'` transpose, `^{-1}` inverts. A function
    without brackets takes the product behind it, a sum the term behind it. Indices count from 1,
    or from 0 where a sum starts at 0. `\nabla_x` and `\frac{\partial f}{\partial x}` ask for a
    derivative.

    Parameters
    ----------
    source : str
        The formula, without dollar signs.
    declared : container of str
        Names that are declared: `W_1` is one, else an entry of W.

    Raises
    ------
    ParseError
        With the column at which reading stopped.
    """
    return _Parser(source, declared).formula()


class _Parser(Scanner):
    """The grammar. Names of bound indices map to where they start."""

    def __init__(self, source: str, declared: Container[str]):
        super().__init__(source)
        self.declared = declared
        self.indices: dict[str, int] = {}
        self.closers: list[str] = []
        starts = [b.text for a, b in zip(self.all, self.all[1:], strict=False) if a.text == "="]
        sums = any(t.text in (r"\sum", r"\prod") for t in self.all)
        self.base = 0 if sums and "0" in starts else 1

    def formula(self) -> Node:
        """The whole source."""
        if self.next.kind == "end":
            self.refuse("there is no formula")
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
        known = (FUNCTIONS, REDUCTIONS, GREEK, STYLES, ACCENTS, _COMMANDS)
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

    # Functions

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
        name = self.text_of(self.group()).lstrip("*")
        name = WORDS.get(name, name)
        if name not in self.declared and name in functions.names() and len(name) > 1:
            return name
        if text == r"\operatorname":
            self.refuse(f"there is no function {name}", self.all[start])
        self.at = start
        return None

    def applied(self, token: Token, function: str) -> Node:
        """A function of brackets, or of the product behind it; `\\sin^2 x` is its square."""
        exponent = self.superscript() if self.next.text == "^" else None
        if self.next.text in BRACKETS:
            opened = self.take()
            args = self.arguments(opened)
        else:
            args = (self.operand(),)
        (first, *_) = args
        if function == "log" and isinstance(first, Call) and first.function == "det":
            function, args = "logdet", first.args
        out: Node = Call(token.start, self.last_end, function, args)
        if exponent is not None:
            out = self.raised(out, exponent)
        return self.powers(out)

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

    @contextmanager
    def inside(self, closer: str) -> Iterator[None]:
        """Within brackets."""
        self.closers.append(closer)
        yield
        self.closers.pop()

    # Reductions

    def reduction(self) -> Node:
        r"""`\sum_{i=1}^n`, or `\max(a, b)`."""
        token = self.take()
        reduce = REDUCTIONS[token.text]
        if self.next.text != "_":
            if reduce in ("max", "min") and self.next.text in BRACKETS:
                args = self.arguments(self.take())
                return self.powers(self.extreme(token, reduce, args))
            self.refuse(f"say over which index, e.g. {token.text}_{{i=1}}^n")
        self.take()
        names, start = self.bounds()
        end = self.limit() if self.taken("^") else None
        outer = dict(self.indices)
        self.indices.update(dict.fromkeys(names, start if end is not None else self.base))
        body = self.operand_of_sum()
        self.indices = outer
        size = end
        if end is not None and start != 1:
            size = Binary(end.start, end.end, "+", end, Number(end.start, end.end, str(1 - start))) \
                if start < 1 else Binary(end.start, end.end, "-", end,
                                         Number(end.start, end.end, str(start - 1)))
        return Reduce(token.start, self.last_end, reduce, tuple((k, size) for k in names), body)

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

    def bounds(self) -> tuple[list[str], int]:
        """The indices below a sum and where they start."""
        group = self.group()
        texts = [t.text for t in group]
        start = self.base
        if "=" in texts:
            at = texts.index("=")
            value = "".join(texts[at + 1:])
            if not value.isdigit():
                self.refuse("an index starts at a number, e.g. i=1", group[at])
            start, group = int(value), group[:at]
        names = [t.text for t in group if t.text != ","]
        if not names or any(t.kind != "letter" for t in group if t.text != ","):
            self.refuse("below a sum stand its indices, e.g. i=1 or i,j", group[0] if group else None)
        return names, start

    def limit(self) -> Node:
        """The last value of an index."""
        if self.next.text == "{":
            opened = self.take()
            with self.inside("}"):
                out = self.sum()
            self.wanted("}", opened)
            return out
        return self.simple()

    # Atoms and what is written above and below them

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
        command: Callable[[], Node] | None = _COMMANDS.get(token.text) and getattr(
            self, _COMMANDS[token.text])
        if command is not None:
            return command()
        return self.subscripts(self.name())

    def simple(self) -> Node:
        """A single token as a factor: `^n`, `\\frac12`."""
        if self.next.text == "{" or self.next.text in _COMMANDS:
            return self.atom()
        if self.next.kind == "number":
            token = self.digit()
            return Number(token.start, token.end, token.text)
        return self.valued(self.name())

    def name(self) -> Name:
        """A letter, a Greek letter, a word, with style and accents."""
        token = self.take()
        if token.kind == "letter":
            return Name(token.start, token.end, token.text)
        if token.text in GREEK:
            return Name(token.start, token.end, GREEK[token.text])
        if token.text in STYLES:
            inner = self.text_of(self.group())
            text = GREEK.get(inner, inner)
            if token.text == r"\mathbb" and self.next.text in BRACKETS:
                self.refuse(f"the operator {inner} has no meaning here", token)
            if token.text in (r"\mathbf", r"\mathbb", r"\boldsymbol") and text in ("1", "0"):
                return Name(token.start, self.last_end, text)
            if not text.isidentifier():
                self.refuse(f"{inner} is no name", token)
            return Name(token.start, self.last_end, text)
        if token.text in ACCENTS:
            opened = self.taken("{")
            base = self.name()
            if opened is not None:
                self.wanted("}", opened)
            return Name(token.start, self.last_end, f"{base.name}_{ACCENTS[token.text]}")
        if token.kind == "command":
            self.refuse(f"the command {token.text} has no meaning here", token)
        self.refuse("a name, a number or a bracket is wanted here", token)

    def valued(self, name: Name) -> Node:
        """A name as a value: an index counts from where its sum starts."""
        if name.name in ("1", "0"):
            return Call(name.start, name.end, "vector",
                        (Number(name.start, name.end, name.name),))
        if name.name == "I" and "I" not in self.declared:
            return Name(name.start, name.end, "eye")
        start = self.indices.get(name.name, 0)
        return self.plus(name, start)

    def plus(self, node: Node, shift: int) -> Node:
        """The node and a number."""
        if not shift:
            return node
        return Binary(node.start, node.end, "+" if shift > 0 else "-", node,
                      Number(node.start, node.end, str(abs(shift))))

    def subscripts(self, name: Name) -> Node:
        """A name with a subscript: another name, or an entry."""
        if self.next.text != "_":
            return self.valued(name)
        self.take()
        start = self.at
        group = self.group()
        text = self.text_of(group)
        word = "".join(t.text for t in group[2:-1]) if group[0].text in STYLES else text
        for other in (f"{name.name}_{word}", f"{name.name}{word}"):
            if other in self.declared:
                return Name(name.start, self.last_end, other)
        if (text.isdigit() and name.name not in self.declared) or group[0].text in STYLES:
            return Name(name.start, self.last_end, f"{name.name}_{word}")
        end, self.at = self.at, start + (self.all[start].text == "{")
        places = self.places(end)
        self.at = end
        return Item(name.start, self.last_end, name, tuple(places))

    def places(self, end: int) -> list[Node]:
        """The indices in a subscript: side by side, or with commas between them."""
        texts = [t.text for t in self.all[self.at:end]]
        apart = any(t in (",", "+", "-") for t in texts)
        found: list[Node] = []
        while self.at < end and self.next.text != "}":
            if (colon := self.taken(":", r"\cdot", "*")) is not None:
                found.append(Slice(colon.start, colon.end))
            else:
                found.append(self.place() if apart else self.place_atom(None))
            self.taken(",")
        return found

    def place(self) -> Node:
        """An index with numbers added: it counts from the formula's base on."""
        total = None
        sign = self.taken("+", "-")
        while True:
            part = self.place_atom(total)
            if sign is not None and total is None:
                self.refuse("an index doesn't begin with a sign", sign)
            total = part if total is None else Binary(
                total.start, part.end, sign.text if sign else "+", total, part)
            sign = self.taken("+", "-")
            if sign is None:
                return total

    def place_atom(self, before: Node | None) -> Node:
        """A name or a number inside a subscript, counted from 0; behind a sign as it is."""
        token = self.take()
        if token.kind == "number" and token.text.isdigit():
            value = int(token.text) - (0 if before is not None else self.base)
            if value < 0:
                self.refuse(f"indices count from {self.base} here", token)
            return Number(token.start, token.end, str(value))
        if token.kind != "letter" and token.text not in GREEK:
            self.refuse("an index is a letter or a number", token)
        name = Name(token.start, token.end, GREEK.get(token.text, token.text))
        if before is not None or name.name not in self.indices:
            return name
        return self.plus(name, self.indices[name.name] - self.base)

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
        below = self.text_of(self.group()) if self.taken("_") else ""
        if below == r"\infty":
            size = Call(opened.start, self.last_end, "abs", (inner,))
            return Call(opened.start, self.last_end, "max", (size,))
        if below not in NORMS:
            self.refuse(f"the norm {below} isn't known; there are 1, 2, F and \\infty")
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

    # Derivatives

    def derivative_ahead(self) -> bool:
        """Whether a fraction is a derivative."""
        if self.next.text == r"\nabla":
            return True
        if not self.looks(1, ("{",)) or not self.looks(2, _DIFFERENTIALS):
            return False
        if self.looks(2, ("d",)) and "d" in self.declared:
            return False
        depth = 0
        for k in range(self.at + 1, len(self.all)):
            depth += (self.all[k].text == "{") - (self.all[k].text == "}")
            if not depth:
                return k + 2 < len(self.all) and self.all[k + 2].text in _DIFFERENTIALS
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

    def variable(self) -> Name:
        """A variable's name, with a subscript if that is declared."""
        node = self.subscripts(self.name())
        if not isinstance(node, Name):
            self.refuse("a derivative is taken in a whole tensor")
        return node

    def differential(self) -> None:
        """The d or ∂ in front."""
        if self.take().text in (r"\mathrm", r"\text"):
            self.group()

    def order(self) -> int:
        """The order above a d."""
        return self.whole() if self.taken("^") else 1

    def whole(self) -> int:
        token = self.next
        text = self.text_of(self.group())
        if not text.isdigit() or not 1 <= int(text) <= 4:
            self.refuse("the order of a derivative is a number from 1 to 4", token)
        return int(text)

    def denominator(self) -> tuple[Name, ...]:
        r"""`\partial x \partial y^\top`."""
        opened = self.wanted("{")
        found: list[Name] = []
        while not self.taken("}"):
            if self.next.text not in _DIFFERENTIALS:
                self.refuse(r"\partial is wanted here" if self.next.kind != "end" else
                            "the brace is never closed", None if self.next.kind != "end" else opened)
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


_DIFFERENTIALS = (r"\partial", "d", r"\mathrm")
_COMMANDS = {
    r"\frac": "fraction", r"\dfrac": "fraction", r"\tfrac": "fraction", r"\sqrt": "root",
    r"\langle": "inner_product", r"\begin": "cases", r"\operatorname": "name", r"\nabla": "name",
}
