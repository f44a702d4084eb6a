"""A derivation as text, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from symdl.display import tex, unicode
from symdl.display.steps.derivation import Derivation, Step
from symdl.display.text import text as written


def _rows(d: Derivation) -> Iterator[tuple[str, Step]]:
    """Each line with what stands on its left: nothing where it goes on from the line above."""
    last = ""
    for step in d.steps:
        yield ("" if step.quantity == last else step.quantity), step
        last = step.quantity


def text(d: Derivation) -> str:
    """Plain text: definitions, then the lines with their rules on the right."""
    return "\n\n".join(map(_text, _parts(d)))


def _parts(d: Derivation | None) -> Iterator[Derivation]:
    while d is not None:
        yield d
        d = d.then


def _text(d: Derivation) -> str:
    definitions = [f"{name} = {_indented(written(t), len(name) + 3)}" for name, t in d.definitions]
    rows = list(_rows(d))
    width = max((len(s.quantity) for s in d.steps), default=0)
    lines = [f"{left:{width}} = {_indented(written(s.after), width + 3)}" for left, s in rows]
    column = min(_WIDE, max((len(x.split("\n")[0]) for x in lines), default=0)) + 4
    told = [_with_note(line, _note(s), column) for line, (_, s) in zip(lines, rows, strict=True)]
    return "\n".join([*definitions, "", *told])


_WIDE = 72


def _indented(block: str, by: int) -> str:
    first, *others = block.split("\n")
    return "\n".join([first, *(" " * by + line for line in others)])


def _with_note(block: str, note: str, column: int) -> str:
    first, *others = block.split("\n")
    return "\n".join([f"{first:{column - 4}}    [{note}]", *others])


def _note(step: Step) -> str:
    return f"{step.rule}; {step.condition}" if step.condition else step.rule


def latex(d: Derivation) -> str:
    r"""An `align*` environment, the rules as text on the right."""
    rows: list[str] = []
    for part in _parts(d):
        rows += [f"{tex.symbol(name)} &= {written(t, 'latex')}" for name, t in part.definitions]
        rows += [rf"{tex.symbol(left)} &= {written(s.after, 'latex')} && \text{{{_note(s)}}}"
                 for left, s in _rows(part)]
    inner = " \\\\\n".join(rows)
    return f"\\begin{{align*}}\n{inner}\n\\end{{align*}}"


def html(d: Derivation) -> str:
    """A table: quantity, form, rule."""
    rows: list[tuple[str, str, str]] = []
    for part in _parts(d):
        rows += [(unicode.symbol(name), written(t, "unicode"), "definition")
                 for name, t in part.definitions]
        rows += [(unicode.symbol(left), written(s.after, "unicode"), _note(s))
                 for left, s in _rows(part)]
    body = "\n".join(
        f"<tr><td>{escape(left)}</td><td>=</td><td><pre>{escape(form)}</pre></td>"
        f"<td>{escape(note)}</td></tr>" for left, form, note in rows)
    return f'<table class="symdl-derivation">\n{body}\n</table>'
