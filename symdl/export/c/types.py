"""The types of translated C: numbers, and arrays with their shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

from symdl.language.errors import SymdlError

Kind = Literal["bool", "int", "real", "wide", "none"]
_ORDER: tuple[Kind, ...] = ("none", "bool", "int", "real", "wide")


class Untranslatable(SymdlError):
    """A piece of source that the translation doesn't know."""


@dataclass(frozen=True)
class Type:
    """A number's kind; with a rank, that of an array's entries."""

    kind: Kind
    rank: int = 0

    def joined(self, other: Type) -> Type:
        """The type that holds both."""
        if self.rank or other.rank:
            if self != other:
                raise Untranslatable("a variable that is an array of two kinds")
            return self
        return Type(max(self.kind, other.kind, key=_ORDER.index))


NONE, BOOL, INT, REAL, WIDE = map(Type, _ORDER)


@dataclass(frozen=True)
class Value:
    """A translated expression.

    Attributes
    ----------
    code : str
        C.
    type : Type
        Its type.
    level : int
        How tightly it binds; see `symdl.export.c.expressions`.
    shape : tuple of str
        The shape of an array, as code.
    """

    code: str
    type: Type
    level: int = 99
    shape: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """How C calls the types and functions of one precision."""

    dtype: str

    def declared(self, t: Type) -> str:
        """A type's name; that of a pointer for an array."""
        found = {"bool": "int", "int": "int64_t", "real": self.real, "wide": "double",
                 "none": "void"}[t.kind]
        return f"{found} *" if t.rank else f"{found} "

    @property
    def real(self) -> str:
        """The kernel's type of numbers."""
        return "double" if self.dtype == "float64" else "float"

    def number(self, x: float, kind: Kind = "real") -> str:
        """A constant."""
        if x != x or abs(x) == float("inf"):
            return "NAN" if x != x else f"{'-' if x < 0 else ''}INFINITY"
        return f"{x!r}{'f' if kind == 'real' and self.dtype == 'float32' else ''}"

    def function(self, name: str, kind: Kind) -> str:
        """A function of the mathematical library."""
        return f"{name}f" if kind == "real" and self.dtype == "float32" else name


LIBM: Mapping[str, str] = {
    **{name: name for name in ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh",
                               "cosh", "tanh", "floor", "ceil", "erf", "erfc", "lgamma")},
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "power": "pow", "gamma": "tgamma", "log2": "log2",
}
"""NumPy's and Python's functions, and the mathematical library's."""


def volume_of(shape: Sequence[str]) -> str:
    """The number of entries of an array."""
    found = [s if s.isalnum() else f"({s})" for s in shape if s != "1"]
    return "*".join(found) or "1"


def wrapped(text: str, indent: str = "    ", width: int = 99) -> str:
    """Code in lines, broken behind commas and signs but not between a type and its star."""
    kept = re.sub(r"(int|char|int64_t|double|float|restrict|const|static|\*) (?=[*\w])", "\\1\xa0",
                  text)
    lines = wrap(kept, width, subsequent_indent=indent, break_long_words=False,
                 break_on_hyphens=False)
    return "\n".join(lines).replace("\xa0", " ")
