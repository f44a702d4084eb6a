"""All rules, in the order in which they are tried."""

from __future__ import annotations

from symdl.algebra import factors, facts, reading, softmax, sums
from symdl.algebra.rule import Rule

RULES: tuple[Rule, ...] = (
    *reading.RULES, *facts.RULES, *softmax.RULES, *sums.RULES, *factors.RULES,
)
