"""Proofs in writing: right ones are checked, tampered ones aren't."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import symdl as sd
from symdl.claims.verify.checker.network import read, written
from symdl.cli import main
from symdl.language.errors import SymdlError

CLAIMS = ["d logdet(X)/dX = inv(X)'", "d log(sum(exp(x)))/dx = softmax(x)",
          "inv(A*B) = inv(B)*inv(A)", "relu(x) - relu(-x) = x", "x'*A*y = y'*A'*x",
          "sum(softmax(x)) = 1", "tanh(x) = 1 - 2./(exp(2*x) + 1)"]


def proof_of(text: str) -> Any:
    """The proof as it is printed."""
    found = json.loads(json.dumps(sd.verify(text, proof=True).json()))
    assert found["status"] == "proved"
    return found["proof"]


@pytest.mark.parametrize("text", CLAIMS)
def test_a_proof_is_checked(text: str) -> None:
    checked = sd.check_proof(proof_of(text))
    assert checked, str(checked)
    assert checked.complete and len(checked.steps) >= 1


@pytest.mark.parametrize("text", CLAIMS)
def test_a_proof_with_a_changed_number_is_not(text: str) -> None:
    proof = proof_of(text)
    step = proof["steps"][-1]
    entries = proof["network"]["tensors"]
    equations = [k for k in (step["of"], step["is"]) if "body" in entries[k]]
    if not equations:
        pytest.skip("the last step is about inputs")
    entries[equations[0]]["body"] = ["Mul", "2", entries[equations[0]]["body"]]
    assert not sd.check_proof(proof)


def test_a_proof_that_leads_nowhere_is_not_checked() -> None:
    proof = proof_of("d logdet(X)/dX = inv(X)'")
    assert not sd.check_proof({**proof, "steps": []})
    assert not sd.check_proof({**proof, "sides": [proof["sides"][0], 0]})
    rest = [s for s in proof["steps"] if s["of"] not in proof["sides"]]
    assert len(rest) < len(proof["steps"])
    assert not sd.check_proof({**proof, "steps": rest}).complete


def test_what_is_no_proof_is_refused() -> None:
    with pytest.raises(SymdlError, match="no proof"):
        sd.check_proof({"network": 1})


def test_a_program_reads_back_as_the_same_tensor() -> None:
    for text in ("softmax(A*x)", "logdet(A*A')", "where(x > 0, x, exp(x))", "cumsum(x)"):
        t = sd.parse(text)
        assert isinstance(t, sd.Tensor)
        assert read(json.loads(json.dumps(written([t])))) == [t]


def test_the_command_checks_a_file(tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    printed = CliRunner().invoke(main, ["verify", "d tr(A*X)/dX = A'", "--json"])
    file.write_text(printed.output, encoding="utf-8")
    result = CliRunner().invoke(main, ["check-proof", str(file)])
    assert result.exit_code == 0 and "checked" in result.output
    file.write_text(printed.output.replace('"steps": [', '"steps": [], "other": ['),
                    encoding="utf-8")
    assert CliRunner().invoke(main, ["check-proof", str(file)]).exit_code == 1
