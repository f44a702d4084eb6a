"""Derivations: right ones are proved line by line, the first wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import symdl as sd
from symdl.cli import main
from symdl.language.errors import SymdlError

LATEX = r"""
\documentclass{article}
% declare: X: matrix[n,d], w: vector[d], y: vector[n]
\begin{document}
The loss of linear regression:
\begin{align}
  L &= (Xw - y)^\top (Xw - y) \label{eq:loss} \\
    &= w^\top X^\top X w - 2 y^\top X w + y^\top y, \\
  \nabla_w L &= 2 X^\top X w - 2 X^\top y \notag \\[2pt]
   &= 2 X^\top (X w - y).
\end{align}
\end{document}
"""
TEXT = """
# declare: x: vector[n], A: matrix[n,n]
f = x'*A*x
d f/dx = (A + A')*x
= A*x + A'*x
"""


@pytest.mark.parametrize("text", [LATEX, TEXT])
def test_a_right_derivation_is_proved(text: str) -> None:
    found = sd.verify_derivation(text)
    assert found.exit_code == 0 and found.wrong is None
    assert found.lines[0].verdict is None
    assert "every line is proved" in str(found)


def test_the_first_wrong_line_is_named() -> None:
    found = sd.verify_derivation(LATEX.replace("2 X^\\top (X w - y)", "2 X^\\top (X w + y)"))
    assert found.wrong is not None and found.wrong.number == 4
    assert found.wrong.verdict is not None and "sign" in found.wrong.verdict.fault
    assert [x.verdict.status for x in found.lines[1:3] if x.verdict] == ["proved", "proved"]


def test_a_wrong_line_doesnt_hide_a_right_one_behind_it() -> None:
    found = sd.verify_derivation(TEXT + "= 2*A*x\n= A*x + A*x\n")
    statuses = [x.verdict.status for x in found.lines if x.verdict is not None]
    assert statuses == ["proved", "proved", "refuted", "proved"]


def test_what_cant_be_read_says_its_line() -> None:
    with pytest.raises(SymdlError, match="line 2"):
        sd.verify_derivation("f = x'*x\nd f/dx = 2*x*\n")
    with pytest.raises(SymdlError, match="no side before"):
        sd.verify_derivation("= x")


def test_the_command_names_the_line_and_sets_the_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(TEXT + "= 2*A*x\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["verify-derivation", str(file)])
    assert result.exit_code == 1 and "first wrong step is line 4" in result.output
    file.write_text(TEXT, encoding="utf-8")
    result = CliRunner().invoke(main, ["verify-derivation", "--json", str(file)])
    assert result.exit_code == 0 and '"wrong": null' in result.output
