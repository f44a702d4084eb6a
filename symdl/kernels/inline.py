"""Loops in the main function: those that occur once stand there, others become functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_]\w*")
_LOCAL = re.compile(r"i\d+(_|_lo|_hi)?|z\d+|v\d+(_x|_at)?|c\d+_s\d+|t\d+_\d+")


@dataclass(frozen=True)
class LoopCall:
    """Some loops as a function's text after its name, and what it is called with."""

    depth: int
    text: str
    arguments: tuple[str, ...]
    apart: bool = False  # whether it pays to say that its arrays don't overlap


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
    out: list[str] = []
    for line in lines:
        if isinstance(line, str):
            out.append(line)
        elif inline and count[line.text] == 1 and not line.apart:
            out.extend(_written_out(line, unique))
        else:
            if line.text not in names:
                names[line.text] = unique(f"_loop{len(names)}")
            arguments = ", ".join(line.arguments)
            out.append("    " * line.depth + f"{names[line.text]}({arguments})")
    return [f"def {name}{text}" for text, name in names.items()], out


def _written_out(call: LoopCall, unique: Callable[[str], str]) -> list[str]:
    """The body of a function with the arguments for its parameters."""
    head, _, body = call.text.partition(":\n")
    parameters = _WORD.findall(head)
    new: dict[str, str] = dict(zip(parameters, call.arguments, strict=True))

    def changed(match: re.Match[str]) -> str:
        word: str = match[0]
        if word not in new and _LOCAL.fullmatch(word):
            new[word] = unique(word)
        return new.get(word, word)

    indent = "    " * (call.depth - 1)
    return [indent + _WORD.sub(changed, line) for line in body.rstrip("\n").split("\n")]
