"""Evaluating printed index notation: a small reader of sums, brackets, cases and recurrences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from math import prod
from typing import Any

import numpy as np

from tests.display.numpy_text import FUNCTIONS, catalogue

Env = dict[str, int]
Code = Callable[[Env], Any]
_TOKEN = re.compile(r"(?:sum|prod|max|min|argmax)_(?:\{[^}]*\}|\w+)|\d+\.\d+(?:e-?\d+)?|\d+|\w+"
                    r"|\*\*|//|<=|>=|==|!=|[-+*/%<>()\[\],=.]")
_REDUCE = {"sum": sum, "prod": prod, "max": max, "min": min}
_COMPARE = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b,
            ">": lambda a, b: a > b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


class Reader:
    """A printed result: its lines, and what its names stand for."""

    def __init__(self, text: str, values: Mapping[str, Any], sizes: Mapping[str, int],
                 shape: tuple[int, ...]):
        self.values, self.sizes = dict(values), dict(sizes)
        self.lines: dict[str, tuple[list[str], str]] = {}
        self.known: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.ranges: dict[str, dict[int, int]] = {}
        main, *others = text.split("\n")
        for line in others:
            left, right = line.removeprefix("where").strip().split(" = ", 1)
            name, _, index = left.partition("[")
            self.lines[name] = ([i for i in index.rstrip("]").split(",") if i],
                                re.sub(r" for \w+ = [^=]*\.\.\.,.*$", "", right))
        header = re.match(r"\[([\w,]+)\]: ", main)
        self.main = main[header.end():] if header else main
        self.axes = header.group(1).split(",") if header else self._free(self.main, len(shape))
        self.shape = shape

    def value(self) -> Any:
        code = Parser(self.main, self).parse()
        out = np.empty(self.shape)
        for at in np.ndindex(self.shape):
            out[at] = code(dict(zip(self.axes, at, strict=True)))
        return out

    def _free(self, text: str, count: int) -> list[str]:
        """The free indices in order of appearance."""
        bound = {i for group in re.findall(r"_\{?([\w,]+)", text) for i in group.split(",")}
        inside = ",".join(map("".join, re.findall(r"\[([^\[\]]*)\]|\|([^}]*)\}", text)))
        names = [i for i in re.findall(r"\b[a-z]\w*\b", inside)
                 if i not in self.values and i not in self.lines and i != "and"]
        free = [i for i in dict.fromkeys(names) if i not in bound]
        if len(free) > count:
            free = [i for i in free if i not in self.sizes]
        return free

    def entry(self, name: str, at: tuple[int, ...]) -> Any:
        if name in self.values:
            assert all(k >= 0 for k in at), f"{name} is read at {at}"
            return np.asarray(self.values[name])[at]
        axes, text = self.lines[name]
        if (name, at) not in self.known:
            code = Parser(text, self).parse()
            self.known[name, at] = code(dict(zip(axes, at, strict=True)))
        return self.known[name, at]

    def whole(self, name: str) -> Any:
        """An array by name; of a line all its entries."""
        if name in self.values:
            return self.values[name]
        axes, text = self.lines[name]
        shape = [self.range(i, text) for i in axes]
        return np.array([self.entry(name, at) for at in np.ndindex(*shape)]).reshape(shape)

    def range(self, index: str, text: str) -> int:
        """The range of an index: of an axis at which it stands alone, else the size's."""
        for name, inner in re.findall(r"(\w+)\[([^\[\]]*)\]", text):
            places = inner.split(",")
            if index in places:
                if name in self.values:
                    return int(np.shape(self.values[name])[places.index(index)])
                if name in self.lines:
                    axes, below = self.lines[name]
                    return self.range(axes[places.index(index)], below)
        if index == "0":
            return 1
        letters = index.rstrip("0123456789")
        return self.sizes[letters] if letters in self.sizes else self.sizes[letters.upper()]


class Parser:
    """Recursive descent; products bind tighter than reductions, reductions than sums."""

    def __init__(self, text: str, reader: Reader):
        self.text, self.reader = text, reader
        self.tokens = [*_TOKEN.findall(text), ""]
        self.at = 0
        self.inside = 0  # within how many brackets of an entry, where letters are indices

    def parse(self) -> Code:
        code = self.sum()
        assert self.tokens[self.at] == "", self.tokens[self.at:]
        return code

    def take(self, *tokens: str) -> str | None:
        token = self.tokens[self.at]
        if token in tokens:
            self.at += 1
            return token
        return None

    def need(self, token: str) -> None:
        assert self.take(token), (token, self.tokens[self.at:], self.text)

    def sum(self) -> Code:
        code = self.product()
        while sign := self.take("+", "-"):
            code = _binary(sign, code, self.product())
        return code

    def product(self) -> Code:
        if self.take("-"):
            inner = self.product()
            return lambda env: -inner(env)
        code = self.power()
        while sign := self.take("*", "/", "//", "%"):
            code = _binary(sign, code, self.power())
        return code

    def power(self) -> Code:
        base = self.atom()
        if self.take("**"):
            exponent = self.atom()
            return lambda env: base(env) ** exponent(env)
        return base

    def condition(self) -> Code:
        parts = [self.comparison()]
        while self.take("and"):
            parts.append(self.comparison())
        return lambda env: all(p(env) for p in parts)

    def comparison(self) -> Code:
        left = self.sum()
        sign = self.take(*_COMPARE)
        assert sign, self.tokens[self.at:]
        right = self.sum()
        return lambda env: _COMPARE[sign](left(env), right(env))

    def atom(self) -> Code:
        token = self.tokens[self.at]
        self.at += 1
        if token == "(":
            return self.bracketed()
        if token == "[":
            if re.match(r"[-\d\[]", self.tokens[self.at]) and self._is_list():
                return self.numbers()
            code = self.condition()
            self.need("]")
            return lambda env: int(code(env))
        if token[0].isdigit():
            number = float(token) if "." in token else int(token)
            return lambda env: number
        reduce = re.fullmatch(r"(sum|prod|max|min|argmax)_\{?([\w,]+)(?: \| ([^}]*))?\}?", token)
        if reduce:
            return self.reduction(*reduce.groups())
        return self.named(token)

    def _is_list(self) -> bool:
        inner = self.tokens[self.at:self.tokens.index("]", self.at)]
        return not any(t in _COMPARE for t in inner)

    def numbers(self) -> Code:
        items = [self.sum()]
        while self.take(","):
            items.append(self.sum())
        self.need("]")
        return self.subscripts(lambda env: np.array([i(env) for i in items]))

    def bracketed(self) -> Code:
        code = self.sum()
        if self.take("if"):
            condition = self.condition()
            self.need("else")
            other = self.sum()
            chosen = code
            code = lambda env: chosen(env) if condition(env) else other(env)  # noqa: E731
            while self.take("if"):
                raise AssertionError("chains of cases aren't read here")
        self.need(")")
        return self.subscripts(code)

    def reduction(self, name: str, over: str, conditions: str | None) -> Code:
        indices = over.split(",")
        start = self.at
        body = self.product()
        text = "".join(self.tokens[start:self.at])
        guard = Parser(conditions, self.reader).condition() if conditions else lambda env: True
        ranges = [range(self.bound(i, text, conditions or "")) for i in indices]

        def code(env: Env) -> Any:
            terms = {}
            for at in product(*ranges):
                inner = env | dict(zip(indices, at, strict=True))
                if guard(inner):
                    terms[at] = body(inner)
            if name == "argmax":
                best = max(terms, key=lambda at: (terms[at], [-k for k in at]))
                return best[0] if len(best) == 1 else np.array(best)
            return _REDUCE[name](terms.values())

        return self.subscripts(code)

    def bound(self, index: str, text: str, conditions: str) -> int:
        """The range of a bound index: as a condition states it, or as entries tell it."""
        stated = re.search(rf"\b{index} < ([^<]+?)(?: and|$)", conditions)
        if stated and set(re.findall(r"[a-z]\w*", stated[1])) <= self.reader.sizes.keys():
            return int(Parser(stated[1], self.reader).parse()({}))
        return self.reader.range(index, text)

    def named(self, token: str) -> Code:
        if self.take("("):
            args, keywords = [], {}
            while not self.take(")"):
                if self.tokens[self.at + 1] == "=":
                    key = self.tokens[self.at]
                    keywords[key] = self.tokens[self.at + 2] == "True"
                    self.at += 3
                else:
                    args.append(self.sum())
                self.take(",")
            f = FUNCTIONS[token] if token in FUNCTIONS else catalogue(token)
            return self.subscripts(lambda env: f(*(a(env) for a in args), **keywords))
        if self.take("["):
            index = self.indices()
            return lambda env: self.reader.entry(token, tuple(int(i(env)) for i in index))
        if token in self.reader.sizes and not self.inside:
            return lambda env: self.reader.sizes[token]
        return lambda env: env[token] if token in env else self.constant(token)

    def constant(self, token: str) -> Any:
        if token in self.reader.sizes:
            return self.reader.sizes[token]
        return FUNCTIONS[token] if token in ("pi", "inf") else self.reader.whole(token)

    def indices(self) -> list[Code]:
        self.inside += 1
        index = [self.sum()]
        while self.take(","):
            index.append(self.sum())
        self.inside -= 1
        self.need("]")
        return index

    def subscripts(self, code: Code) -> Code:
        if self.take("["):
            index = self.indices()
            return lambda env: code(env)[tuple(int(i(env)) for i in index)]
        return code


def _binary(sign: str, a: Code, b: Code) -> Code:
    """An operation; where a factor is 0 the other isn't looked at."""

    def times(env: Env) -> Any:
        left = a(env)
        return 0 if np.isscalar(left) and left == 0 else left * b(env)

    return {
        "+": lambda env: a(env) + b(env), "-": lambda env: a(env) - b(env), "*": times,
        "/": lambda env: a(env) / b(env), "//": lambda env: a(env) // b(env),
        "%": lambda env: a(env) % b(env),
    }[sign]
