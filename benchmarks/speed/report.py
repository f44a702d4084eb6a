"""The table of ratios, its summary, and what is written to disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.speed.picture import draw
from benchmarks.speed.ratios import Record, fastest, mean, ratio

WIDTH = 50


def cell(record: Record, peer: str) -> str:
    """A ratio, or why there is none; the notes below the table say more."""
    found = ratio(record, peer)
    if found is not None:
        return f"{found:.2f}" if found < 100 else f"{found:.0f}"
    if peer in record["times"]:
        return "right"
    note = str(record["notes"].get(peer, "-"))
    return "absent" if note == "not installed" else note.partition(":")[0]


def duration(seconds: float) -> str:
    """A time with its unit."""
    unit, name = next((u, n) for u, n in ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (0, "ns"))
                      if seconds >= u)
    return f"{seconds / (unit or 1e-9):.3g} {name}"


def heading(peers: Sequence[str]) -> str:
    """The columns' names."""
    return f"{'':{WIDTH}}{'symdl':>12}" + "".join(f"{p:>11}" for p in peers)


def line(record: Record, peers: Sequence[str]) -> str:
    """A line of the table."""
    own = record["times"].get("symdl")
    time = duration(own["median"]) if own else record["notes"].get("symdl", "?").partition(":")[0]
    name = f"{record['row']}  {record['name']}"
    return f"{name:{WIDTH}}{time:>12}" + "".join(f"{cell(record, p):>11}" for p in peers)


def absent(records: Sequence[Record], peers: Sequence[str]) -> list[str]:
    """The peers that aren't installed."""
    return [p for p in peers if any(r["notes"].get(p) == "not installed" for r in records)]


def table(records: Sequence[Record], peers: Sequence[str]) -> str:
    """All lines by number of threads and type, each group with its geometric means."""
    missing = absent(records, peers)
    peers = [p for p in peers if p not in missing]
    lines = [f"{p}: not installed" for p in missing]
    for threads, dtype in dict.fromkeys((r["threads"], r["dtype"]) for r in records):
        group = [r for r in records if (r["threads"], r["dtype"]) == (threads, dtype)]
        lines += [f"\n{dtype}, {threads} thread{'s' * (threads > 1)}: a peer's time over symdl's",
                  heading(peers), *(line(r, peers) for r in group)]
        means = [mean(ratio(r, p) for r in group if r["row"] != "j") for p in peers]
        lines.append(f"{'geometric mean of rows a to i':{WIDTH + 12}}"
                     + "".join(f"{m:11.2f}" if m else f"{'-':>11}" for m in means))
    behind = [(f, r) for r in records
              if r["row"] != "j" and (f := fastest(r)) is not None and f < 0.9]
    if behind:
        lines.append("\nbelow 0.9 of the fastest peer:")
        lines += [f"  {f:5.2f}  {r['row']}  {r['name']}, {r['dtype']}, {r['threads']}"
                  for f, r in sorted(behind, key=lambda x: x[0])]
    notes = dict.fromkeys(f"  {r['row']}  {r['name']}, {r['dtype']}: {way}: {note}"
                          for r in records for way, note in r["all notes"].items()
                          if note != "not installed")
    if notes:
        lines += ["\nerrors:", *notes]
    return "\n".join(lines)


def write(records: Sequence[Record], machine: dict[str, Any], folder: Path) -> None:
    """Keep everything as JSON, and the ratios as a picture where matplotlib is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.json").write_text(
        json.dumps({"machine": machine, "records": records}, indent=1, ensure_ascii=False),
        encoding="utf-8")
    if find_spec("matplotlib"):
        draw(records, folder / "speed.png")
