"""The table of claims."""

from __future__ import annotations

from benchmarks.claims import asked, table, totals
from benchmarks.judge import Verdict
from tests.formulas.referee import claims


def test_a_claim_is_asked_in_a_process_of_its_own() -> None:
    (c,) = (c for c in claims("grad") if c["id"] == "MC81")
    assert asked("symdl", c) == Verdict({"as written": "right"})


def test_outcomes_are_counted_by_topic_and_kind() -> None:
    chosen = [c for c in claims("grad", "hess") if c["id"] in ("MC49", "MC57", "HS.lse")]
    outcomes = dict(zip([c["id"] for c in chosen], ("wrong", "right", "unsupported"), strict=True))
    counts = totals(chosen, {"system": {i: Verdict({"": o}) for i, o in outcomes.items()}})
    assert {group: [*row["system"].values()] for group, row in counts.items()} == {
        "determinant": [1, 0, 1], "second order": [0, 1, 0], "all grad": [1, 0, 1],
        "all jac": [0, 0, 0], "all hess": [0, 1, 0], "all": [1, 1, 1]}
    assert table(counts).split("\n")[-1].split() == ["all", "1", "/", "1", "/", "1"]
