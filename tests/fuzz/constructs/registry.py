"""The table of constructs."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.draft import Draft

Write = Callable[[Draft], str | None]
CONSTRUCTS: dict[str, list[Write]] = {}
"""Name -> what writes a line that shows the construct, or gives None where it can't."""


def construct(write: Write) -> Write:
    """Enter a construct under its function's name."""
    CONSTRUCTS.setdefault(write.__name__, []).append(write)
    return write


def also(name: str) -> Callable[[Write], Write]:
    """Enter another way to show a construct."""
    def enter(write: Write) -> Write:
        CONSTRUCTS.setdefault(name, []).append(write)
        return write

    return enter


def loop(indices: str, text: str, *sizes: str) -> str:
    """An expression over fresh indices, e.g. `loop("i j", "sd.define(None, (i, j), ...)")`."""
    names = indices.split()
    ranges = "".join(f", {s}" for s in sizes)
    star = "*" if len(names) > 1 else ""
    return f"(lambda {', '.join(names)}: {text})({star}sd.indices({indices!r}{ranges}))"
