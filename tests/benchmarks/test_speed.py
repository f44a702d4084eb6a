"""The benchmark of kernels: every workload runs, and its judge can say no."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.speed import child, contest
from benchmarks.speed.__main__ import main, options
from benchmarks.speed.cold import Processes
from benchmarks.speed.picture import draw
from benchmarks.speed.report import table
from benchmarks.speed.timing import Effort, in_turns
from benchmarks.speed.workloads import HOMES, row

SETTINGS = {"threads": 1, "dtypes": ["float64"], "peers": ["limit"], "only": "", "tiny": True,
            "effort": {"seconds": 0.0, "rounds": 2}, "backend": "python"}


@pytest.mark.parametrize("letter", HOMES)
def test_every_workload_is_right_at_tiny_sizes(letter: str) -> None:
    for record in child.records({**SETTINGS, "row": letter}):
        assert record["times"]["symdl"]["median"] > 0, (record["name"], record["all notes"])
        assert not record["all notes"]


def test_the_command_measures_compiles_and_writes(tmp_path: Path) -> None:
    assert main(["--tiny", "--rows", "b", "--dtype", "float32", "--threads", "1", "--peers", "",
                 "--out", str(tmp_path)]) == 0
    written = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert [r["row"] for r in written["records"]] == ["b"]
    assert written["machine"]["numpy"] == np.__version__


def test_whole_processes_are_timed_cold_and_warm() -> None:
    (w,) = row("b", tiny=True)
    settings = {**SETTINGS, "effort": {"clock": "processor", "rounds": 2}}
    found = Processes(w, "float64", settings).records()
    assert [r["name"].partition(":")[0] for r in found][:2] == ["cold", "warm"]
    for r in found:
        assert not r["notes"]
        assert 0.1 < r["times"]["symdl"]["median"] < 60
    assert 0.1 < found[1]["times"]["limit"]["median"] < 60


def test_a_process_that_fails_is_a_note() -> None:
    w = replace(row("b", tiny=True)[0], name="no such workload")
    found = Processes(w, "float64", {**SETTINGS, "effort": {"clock": "wall", "rounds": 2}})
    assert "symdl" not in found.records()[0]["times"]
    assert found.notes["symdl"].startswith("error: StopIteration")


def test_the_rows_are_those_of_the_table() -> None:
    assert options([]).rows == "a,b,c,d,e,f,g,h,i,j"


def answers(off: float, **changed: Any) -> dict[Any, Any]:
    """Three systems' answers to the cross-entropy, one of them off by a factor."""
    right = [np.array(2.0), np.array([[0.25, -0.25]])]
    wrong = [right[0], right[1] * off]
    return {("symdl", ""): right, ("jax", "jit"): right, ("torch", "eager"): wrong} | changed


def judged(found: dict[Any, Any], dtype: str = "float64") -> list[str]:
    (w,) = row("b", tiny=True)
    return [system for system, _ in contest.wrong(w, found, w.arrays(dtype), dtype)]


@pytest.mark.parametrize(("dtype", "near", "far"), [
    ("float64", 1 + 1e-9, 1 + 1e-6), ("float32", 1 + 1e-4, 1.01)])
def test_an_answer_that_differs_from_most_is_wrong(dtype: str, near: float, far: float) -> None:
    assert judged(answers(near), dtype) == []
    assert judged(answers(far), dtype) == ["torch"]
    assert judged(answers(np.nan), dtype) == ["torch"]


def test_two_who_differ_are_both_wrong() -> None:
    found = answers(1.1)
    del found["jax", "jit"]
    assert judged(found) == ["symdl", "torch"]


def test_an_answer_of_another_shape_is_wrong() -> None:
    found = answers(1.0)
    found["torch", "eager"] = [np.array(2.0), np.array([0.25, -0.25])]
    assert judged(found) == ["torch"]


def test_a_step_is_judged_by_how_far_it_went() -> None:
    """A step that is one percent too long changes the parameters by a part in 10^7."""
    w = next(w for w in row("c", tiny=True) if w.kind == "mlp_sgd")
    arrays = w.arrays("float64")
    old = [np.array(0.0), *(arrays[name] for name in w.state.values())]

    def gone(length: float) -> list[Any]:
        return contest.moved(w, arrays, [x + length * 1e-5 for x in old])

    found = {("symdl", ""): gone(1.0), ("jax", ""): gone(1.0), ("torch", ""): gone(1.01)}
    assert list(contest.wrong(w, found, arrays, "float64")) == [("torch", "")]


def test_missing_results_are_an_error() -> None:
    (w,) = row("b", tiny=True)
    with pytest.raises(ValueError, match="1 results of 2"):
        contest.moved(w, w.arrays("float64"), [1.0])


def test_times_are_those_of_the_work() -> None:
    """Ten times the work takes more than five times as long."""
    runs = {str(n): lambda n=n: sum(range(n)) for n in (2_000, 20_000)}
    times = in_turns(runs, Effort(0.05, 5))
    short, long = (times[name].summary("processor")["median"] for name in runs)
    assert 5 < long / short < 20


RECORD = {"row": "b", "name": "x", "dtype": "float32", "threads": 1, "notes": {"torch": "wrong: 1"},
          "all notes": {"torch eager": "wrong: 1"},
          "times": {"symdl": {"median": 2e-3}, "jax": {"median": 1e-3}, "limit": {"median": 1e-4}}}


def test_the_table_has_ratios_errors_and_what_falls_behind() -> None:
    lines = table([RECORD], ["jax", "torch", "limit"]).split("\n")
    assert lines[3].split() == ["b", "x", "2", "ms", "0.50", "wrong", "0.05"]
    assert "   0.50  b  x, float32, 1" in lines
    assert "  b  x, float32: torch eager: wrong: 1" in lines


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw([RECORD, {**RECORD, "threads": 2}], tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
