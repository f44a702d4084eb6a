"""All rules, in the order in which they are tried."""

from __future__ import annotations

from symdl.algebra import (
    factors,
    facts,
    like_chains,
    masks,
    matrices,
    outer_products,
    products,
    reading,
    sharing,
    softmax,
    solves,
    sums,
    symmetry,
    totals,
    vanishing,
)
from symdl.algebra.rule import Rule

RULES: tuple[Rule, ...] = (
    *reading.RULES, *facts.RULES, *matrices.RULES, *solves.RULES,
    *symmetry.RULES, *masks.RULES,
    *softmax.RULES, *totals.RULES, *vanishing.RULES,
    *products.RULES, *sums.RULES, *like_chains.RULES, *outer_products.RULES,
    *factors.RULES, *sharing.RULES,
)
