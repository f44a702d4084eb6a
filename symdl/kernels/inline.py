"""Loops in the main function: those that occur once stand there, others become functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"[A-Za-z_]\w*")
_LOCAL = re.compile(r"i\d+(_|_lo|_hi)?|z\d+|v\d+(_x|_at)?|c\d+_s\d+|t\d+_\d+")


@dataclass(frozen=True)
class LoopCall:
    """Some loops as a function's text after its name, and what it is called with.

    Attributes
    ----------
    letters, wishes : mapping
        Names for a reader where the loops stand in the main function: those of loop variables,
        which several loops may share, and those wished for numbers.
    """

    depth: int
    text: str
    arguments: tuple[str, ...]
    apart: bool = False  # whether it pays to say that its arrays don't overlap
    letters: Mapping[str, str] = field(default_factory=dict)
    wishes: Mapping[str, str] = field(default_factory=dict)


Line = str | LoopCall


def placed(lines: Sequence[Line], unique: Callable[[str], str], inline: bool,
           ) -> tuple[list[str], list[str]]:
    """The functions and the lines of a program.

    Parameters
    ----------
    lines : sequence
        Lines of code, and calls of loops.
    unique : callable
        Makes a name that isn't taken.
    inline : bool
        Whether loops that occur once stand among the lines, unless they are over many arrays;
        else all become functions.
    """
    count = Counter(line.text for line in lines if isinstance(line, LoopCall))
    names: dict[str, str] = {}
    functions: list[str] = []
    out: list[str] = []
    for line in lines:
        if isinstance(line, str):
            out.append(line)
        elif inline and count[line.text] == 1 and not line.apart:
            out.extend(_written_out(line, unique))
        else:
            if line.text not in names:
                name = names[line.text] = unique(f"_loop{len(names)}")
                alone = count[line.text] == 1 and line.letters
                functions.append(f"def {name}{_named(line, unique) if alone else line.text}")
            arguments = ", ".join(line.arguments)
            out.append("    " * line.depth + f"{names[line.text]}({arguments})")
    return functions, out


def _written_out(call: LoopCall, unique: Callable[[str], str]) -> list[str]:
    """The body of a function with the arguments for its parameters."""
    head, _, body = call.text.partition(":\n")
    new = dict(zip(_WORD.findall(head), call.arguments, strict=True))
    indent = "    " * (call.depth - 1)
    return [indent + line for line in _renamed(body, new, call, unique).rstrip("\n").split("\n")]


def _named(call: LoopCall, unique: Callable[[str], str]) -> str:
    """A function whose parameters are called like its arguments, where these are names."""
    parameters = _WORD.findall(call.text.partition(":\n")[0])
    new = {p: a for p, a in zip(parameters, call.arguments, strict=True) if a.isidentifier()}
    return _renamed(call.text, new, call, unique)


def _renamed(text: str, new: dict[str, str], call: LoopCall, unique: Callable[[str], str]) -> str:
    """A text with new names for parameters, and for loop variables and numbers."""
    new = {**call.letters, **new}

    def changed(match: re.Match[str]) -> str:
        word: str = match[0]
        if word not in new and _LOCAL.fullmatch(word):
            base, mark, rest = word.partition("_")
            new[word] = unique(call.wishes.get(base, base) + mark + rest)
        return new.get(word, word)

    return _WORD.sub(changed, text)
