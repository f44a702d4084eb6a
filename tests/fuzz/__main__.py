"""`python -m tests.fuzz`: many programs, and the planted bugs that must be found."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time

from tests.fuzz.planted import PLANTED
from tests.fuzz.run import WITHIN, Report, found_within, fuzz


def main() -> int:
    """Run what the command line asks for; 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=0, help="how many random programs")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--every", type=int, default=5, help="compile each such program")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--planted", action="store_true", help="look for the planted bugs")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYMDL_CACHE_DIR"] = folder
        good = not args.programs or _programs(args)
        return 0 if (not args.planted or _planted()) and good else 1


def _programs(args: argparse.Namespace) -> bool:
    start, total = time.monotonic(), Report()
    for part in fuzz(args.seed, args.programs, args.every, args.workers):
        total += part
        for failure in part.failures:
            print(failure, flush=True)
        if sys.stderr.isatty():
            print(f"\r{total.programs} programs", end="", file=sys.stderr)
    print(f"{total.programs} programs, {total.compiled} compiled, {len(total.failures)} failed, "
          f"{time.monotonic() - start:.0f} s; differences: "
          + ", ".join(f"{n} {status}" for status, n in total.differences.most_common()))
    rare = min(total.constructs.items(), key=lambda pair: pair[1])
    print(f"{len(total.constructs)} constructs, the rarest, {rare[0]}, in {rare[1]} programs")
    return not total.failures


def _planted() -> bool:
    programs, good = {}, True
    for bug in PLANTED:
        seed = found_within(bug, programs)
        good = good and seed is not None
        print(f"{bug}: " + (f"not found within {WITHIN} programs" if seed is None
                            else f"found by program {seed}"), flush=True)
    return good


if __name__ == "__main__":
    sys.exit(main())
