"""`python -m benchmarks.claims [id ...]`: derivatives that textbooks claim, beside two peers.

Every gradient, Jacobian and Hessian in `tests/data/claims` is derived by symdl, by SymPy's matrix
expressions and by tensorgrad, each claim in a process of its own. An outcome is *right* where the
value agrees with the referee's differences at its points, in either layout; *wrong* where a number
comes out that doesn't; *unsupported* where none does: the system raises, leaves the derivative
unevaluated, has no word for the formula or takes too long. Where a system can be asked in several
ways, the best outcome counts. Whether the claimed form itself is true plays no part.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.judge import Verdict, judged
from tests.formulas.referee import Claim, claims

SYSTEMS = {"symdl": "benchmarks.peers.symdl_claims", "sympy": "benchmarks.peers.sympy_claims",
           "tensorgrad": "benchmarks.peers.tensorgrad_claims"}
KINDS = ("grad", "jac", "hess")
OUTCOMES = ("right", "wrong", "unsupported")
SECONDS = 120
"""What a claim may take."""

PROCESSES = multiprocessing.get_context("forkserver")


def asked(system: str, c: Claim) -> Verdict:
    """A system's verdict on a claim, in a process of its own."""
    receiver, sender = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_answer, args=(system, c, sender))
    process.start()
    sender.close()
    try:
        if receiver.poll(SECONDS):
            return receiver.recv()
        return Verdict({"all": "unsupported"}, f"took longer than {SECONDS} s")
    except EOFError:
        return Verdict({"all": "unsupported"}, "the process died")
    finally:
        process.kill()
        process.join()


def _answer(system: str, c: Claim, sender: Connection) -> None:
    sender.send(judged(c, importlib.import_module(SYSTEMS[system]).WAYS))


Counts = dict[str, dict[str, dict[str, int]]]


def totals(chosen: list[Claim], found: Mapping[str, Mapping[str, Verdict]]) -> Counts:
    """How often each outcome is, by topic and kind, and by system."""
    groups: dict[str, list[str]] = {}
    for c in sorted(chosen, key=lambda c: c["topic"]):
        groups.setdefault(c["topic"], []).append(c["id"])
    for kind in KINDS:
        groups[f"all {kind}"] = [c["id"] for c in chosen if c["kind"] == kind]
    groups["all"] = [c["id"] for c in chosen]
    return {group: {s: {o: sum(verdicts[i].outcome == o for i in ids) for o in OUTCOMES}
                    for s, verdicts in found.items()} for group, ids in groups.items()}


def table(counts: Counts) -> str:
    """A line a group and a column a system."""
    lines = [f"{'right / wrong / unsupported':28}" + "".join(f"{s:>17}" for s in counts["all"])]
    for group, row in counts.items():
        cells = (" / ".join(f"{n:3}" for n in outcomes.values()) for outcomes in row.values())
        lines.append(f"{group:28}" + "".join(f"{cell:>17}" for cell in cells))
    return "\n".join(lines)


def main(ids: list[str]) -> None:
    """Print the table and what is wrong, and write out/claims.json."""
    systems = [s for s in SYSTEMS if find_spec(s)]
    PROCESSES.set_forkserver_preload([SYSTEMS[s] for s in systems])
    chosen = [c for c in claims(*KINDS) if not ids or c["id"] in ids]
    found = {s: {c["id"]: asked(s, c) for c in chosen} for s in systems}
    counts = totals(chosen, found)
    print(table(counts))
    for s in systems:
        wrong = [name for name, v in found[s].items() if v.outcome == "wrong"]
        partly = sum(v.outcome == "right" and "wrong" in v.ways.values() for v in found[s].values())
        print(f"\n{s}, wrong: {', '.join(wrong) or 'none'}")
        if partly:
            print(f"{s}, right in one way and wrong in another: {partly}")
    for s in SYSTEMS.keys() - systems:
        print(f"\n{s} isn't installed: it comes with the extra [bench]")
    folder = Path("out")
    folder.mkdir(exist_ok=True)
    rows = [{**{k: c[k] for k in ("id", "source", "topic", "kind", "lhs", "wrt")},
             **{s: {"outcome": v.outcome, "ways": v.ways, "reason": v.reason}
                for s in systems for v in (found[s][c["id"]],)}} for c in chosen]
    (folder / "claims.json").write_text(
        json.dumps({"totals": counts, "claims": rows}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
