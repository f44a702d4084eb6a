"""Simplification line by line: a line for each rule that a teacher would name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from symdl.algebra.rule import Network, Rule
from symdl.algebra.rules import RULES
from symdl.algebra.simplify import simplified
from symdl.display.text import text as written
from symdl.language.tensor import Equation, Tensor


class Taught(NamedTuple):
    """A line's name, the rules that it stands for, and the fact that it needs."""

    name: str
    rules: tuple[str, ...]
    fact: str = ""


TAUGHT = (
    Taught("sigmoid", ("sigmoid", "both tails", "named sigmoid")),
    Taught("delta", ("delta", "delta as a factor", "delta apart", "indicator power")),
    Taught("rows sum to 1", ("simplex",), "declared simplex or one_hot"),
    Taught("symmetry", ("symmetric", "symmetric inverse"), "declared symmetric"),
    Taught("its own power", ("binary",), "declared binary or one_hot"),
    Taught("orthogonality", ("orthogonal", "inverse of an orthogonal matrix"),
           "declared orthogonal"),
    Taught("inverse", ("inverse",)),
    Taught("idempotence", ("idempotent",), "declared idempotent"),
    Taught("unit norm", ("unit norm",), "declared unit_norm"),
    Taught("deviations sum to 0", ("deviations",)),
    Taught("a softmax sums to 1", ("sum of a softmax",)),
    Taught("common factor", ("common factor", "collect", "like products", "common matrix")),
)
"""The lines in the order in which they are tried; all other rules only put in order."""
_NAMED = frozenset(name for line in TAUGHT for name in line.rules)
PLAIN = tuple(rule for rule in RULES if rule.name not in _NAMED)


class Line(NamedTuple):
    """A form, the rule that led to it, and the condition that the rule needs."""

    rule: str
    condition: str
    after: Tensor


@cache
def tidied(t: Tensor) -> Tensor:
    """The form that needs no rule with a name."""
    return simplified(t, (), PLAIN)


def rewritings(t: Tensor) -> Iterator[Line]:
    """From the tidy form to the simplified one, one named rule a line.

    Yields
    ------
    Line
        The last one holds the simplified form; none where that is the tidy one.
    """
    fired: set[str] = set()
    last = simplified(t, (), tuple(_recorded(rule, fired) for rule in RULES))
    now, rules = tidied(t), set[str]()
    for line in TAUGHT:
        used = fired.intersection(line.rules)
        rules |= used
        new = simplified(now, (), _with(rules)) if used else now
        if written(new) != written(now):
            now = new
            yield Line(line.name, line.fact, now)
    if written(last) != written(now):
        yield Line("rearrangement", "", last)


def _with(names: set[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.name in names or rule.name not in _NAMED)


def _recorded(rule: Rule, fired: set[str]) -> Rule:
    """The rule, which notes that it applied."""

    def rewrite(y: Equation, network: Network) -> Tensor | None:
        found = rule.rewrite(y, network)
        if found is not None:
            fired.add(rule.name)
        return found

    return replace(rule, rewrite=rewrite)
