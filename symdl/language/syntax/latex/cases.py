"""Cases in LaTeX: values by conditions, the last of which holds wherever the others don't."""

from __future__ import annotations

from abc import ABC, abstractmethod

from symdl.language.syntax.latex.names import Names
from symdl.language.syntax.tree import Binary, Call, Node


class Cases(Names, ABC):
    r"""Reads `\begin{cases} ... \end{cases}`."""

    @abstractmethod
    def sum(self) -> Node:
        """Terms with their signs."""

    @abstractmethod
    def comparison(self) -> Node:
        """`a < b`, or a sum."""

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
                self.taken(",", ".", ";")
                if self.next.kind == "newline":
                    self.take()
                elif self.next.text != r"\end":
                    self.refuse(r"\\ or \end{cases} is wanted here")
        self.take()
        self.group()
        if not rows or any(c is None for _, c in rows[:-1]) or not self.covers(rows):
            self.refuse(r"the last row of cases is for \text{otherwise}, or the conditions compare "
                        "two things and leave nothing out", opened)
        out = rows[-1][0]
        for value, condition in reversed(rows[:-1]):
            assert condition is not None
            out = Call(opened.start, self.last_end, "where", (condition, value, out))
        return out

    def covers(self, rows: list[tuple[Node, Node | None]]) -> bool:
        """Whether a last condition holds wherever the others don't."""
        last = rows[-1][1]
        if last is None:
            return True
        left = set("<=>")
        for _, condition in rows:
            if not isinstance(condition, Binary) or condition.op not in _HOLDS or not isinstance(
                    last, Binary):
                return False
            turned = self.said(condition.left) != self.said(last.left)
            sides = [condition.left, condition.right][::-1 if turned else 1]
            if [*map(self.said, sides)] != [self.said(last.left), self.said(last.right)]:
                return False
            holds = _HOLDS[condition.op]
            left -= set(holds.translate(_TURNED) if turned else holds)
        return not left

    def said(self, node: Node) -> str:
        """The text of a node without spaces."""
        return "".join(self.source[node.start:node.end].split())

    def case_condition(self) -> Node | None:
        """When a case holds; None for the last."""
        words = (r"\text", r"\textrm", r"\mathrm", r"\mbox")
        while self.next.text in words:
            self.take()
            word = self.text_of(self.group()).lower().rstrip(",.")
            if word in ("otherwise", "else", "sonst"):
                self.taken(",")
                return None
            if word not in ("if", "for", "when", "wenn"):
                self.refuse(f"the word {word} has no meaning here")
        return self.comparison()


_HOLDS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
"""A comparison -> the orders of its sides for which it holds."""
_TURNED = str.maketrans("<>", "><")
