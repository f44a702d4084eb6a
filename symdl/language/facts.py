"""Facts a user declares of a tensor's entries."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Form

FACTS: Mapping[str, int] = {  # fact -> the least number of axes it speaks of
    "integer": 0, "positive": 0, "nonnegative": 0, "unit_interval": 0, "binary": 0,
    "simplex": 1, "one_hot": 1, "unit_norm": 1,
    "symmetric": 2, "positive_definite": 2, "orthogonal": 2, "diagonal": 2,
    "lower_triangular": 2, "upper_triangular": 2, "idempotent": 2,
}


def check_facts(name: str, shape: tuple[Form, ...], facts: frozenset[str]) -> None:
    """Refuse unknown facts and facts that the shape can't have."""
    for fact in facts:
        if fact not in FACTS:
            near = get_close_matches(fact, FACTS, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(FACTS)}"
            raise SymdlError(f"{name}: unknown fact {fact!r}{hint}")
        if len(shape) < FACTS[fact]:
            raise ShapeError(f"{name} of shape {shape_text(shape)} can't be {fact}: "
                             f"that speaks of {FACTS[fact]} axes")
        if FACTS[fact] == 2 and shape[-1] != shape[-2]:
            raise ShapeError(f"{name} of shape {shape_text(shape)} can't be {fact}: "
                             f"its sizes {shape[-2]} and {shape[-1]} differ")
