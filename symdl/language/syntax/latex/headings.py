"""What is looked at before a formula in LaTeX: its own name, and words that are no products."""

from __future__ import annotations

from symdl.language.syntax import functions
from symdl.language.syntax.errors import ParseError
from symdl.language.syntax.latex.names import Names
from symdl.language.syntax.latex.vocabulary import (
    ACCENTS,
    BRACKETS,
    FUNCTIONS,
    GREEK,
    REDUCTIONS,
    STYLES,
    WORDS,
)


class Headings(Names):
    """Reads what stands in front of a formula."""

    def left_side(self) -> None:
        r"""Pass over the name that a formula is given: `\mathcal{L}(w, b) =`."""
        if self.next.kind != "letter" and self.next.text not in (*GREEK, *STYLES, *ACCENTS):
            return
        self.name()
        while self.next.text in ("_", "^"):
            self.at = self.past(self.at)
        depth = int(self.next.text in BRACKETS)
        while depth and self.next.kind != "end":
            self.take()
            depth += (self.next.text in BRACKETS) - (self.next.text in BRACKETS.values())
            if not depth:
                self.take()
        self.taken(":")
        if self.taken("=") is None:
            self.at = 0

    def check_spelled(self) -> None:
        r"""Refuse `log(x)`, which is a product of letters; the function is `\log`."""
        start = 0
        for k, t in enumerate(self.all):
            if t.kind == "letter" and k and self.all[k - 1].end == t.start:
                continue
            run = self.all[start:k]
            word = self.text_of(run)
            if t.text in BRACKETS and len(run) > 1 and word in _SPELLED and not all(
                    letter.text in self.declared for letter in run):
                raise ParseError(self.source, run[0].start, run[-1].end, "letters side by side "
                                 f"are multiplied. Did you mean {_SPELLED[word]}?")
            start = k if t.kind == "letter" else k + 1


_SPELLED = {**{name: rf"\operatorname{{{name}}}" for name in (*functions.names(), *WORDS)},
            **{name[1:]: name for name in (*FUNCTIONS, *REDUCTIONS)}}
"""Words that are functions -> how they are written."""
