"""Guards, `form >= 0`, `form == 0` or `form != 0`, and conditions made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from types import MappingProxyType

from symdl.language.form import Atom, Form, Intlike, Read


def _depth(form: Form) -> int:
    """How deep entries of tensors are nested in a form."""
    return max((isinstance(a, Read) + max(map(_depth, a.inner), default=0)
                for m, _ in form.terms for a in m), default=0)


@dataclass(frozen=True)
class Guard:
    """One comparison of an integer form with zero."""

    form: Form
    relation: str  # ">=", "==" or "!="

    def __post_init__(self) -> None:
        assert self.relation in (">=", "==", "!=")

    @cached_property
    def normal(self) -> Guard:
        """The guard divided by its common factor; equalities with a fixed sign."""
        form = self.form
        factor = gcd(*(c for m, c in form.terms if m)) if form.terms else 0
        if factor > 1:
            k = sum(c for m, c in form.terms if not m)
            if self.relation == ">=":
                form = form // factor
            elif k % factor == 0:
                form = Form((m, c // factor) for m, c in form.terms)
        if self.relation != ">=" and form.terms and form.token[0][1] < 0:  # type: ignore[index]
            form = -form
        return Guard(form, self.relation)

    def decided(self) -> bool | None:
        """The guard's truth, where its form is a number."""
        n = self.form.constant
        if n is None:
            return None
        return {">=": n >= 0, "==": n == 0, "!=": n != 0}[self.relation]

    def substitute(self, values: Mapping[Atom, Form]) -> Guard:
        """Replace atoms."""
        form = self.form.substitute(values)
        return self if form is self.form else Guard(form, self.relation)

    def map(self, change: Callable[[Form], Form]) -> Guard:
        """The guard of a changed form."""
        return Guard(change(self.form), self.relation)

    def holds(self, value: int) -> bool:
        """The truth, given the form's value."""
        return value >= 0 if self.relation == ">=" else (value == 0) == (self.relation == "==")

    @cached_property
    def reads(self) -> int:
        """How deep entries of tensors that decide are nested; the deeper is looked at later."""
        return _depth(self.form)

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return (self.relation, self.form.token)

    def __str__(self) -> str:
        left = Form((m, c) for m, c in self.form.terms if c > 0)
        right = Form((m, -c) for m, c in self.form.terms if c < 0)
        sign = {">=": "≥", "==": "=", "!=": "≠"}[self.relation]
        return f"{left} {sign} {right}"


Conjunction = tuple[Guard, ...]


@dataclass(frozen=True)
class Condition:
    """A disjunction of *disjoint* conjunctions of guards, on indices and sizes."""

    cases: tuple[Conjunction, ...]

    def __str__(self) -> str:
        return " or ".join(" and ".join(map(str, case)) or "always" for case in self.cases) or (
            "never")

    __repr__ = __str__

    def __and__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        both = (tidy(a + b) for a in self.cases for b in other.cases)
        return Condition(tuple(case for case in both if case is not None))

    def __or__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return Condition(self.cases + (other & ~self).cases)

    def __invert__(self) -> Condition:
        out = Condition(((),))
        for case in self.cases:
            out = out & _negate(case)
        return out

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition on sizes or indices has no truth value while they are symbolic; "
            "combine conditions with &, | and ~, and use sd.where"
        )


def _negate(case: Conjunction) -> Condition:
    """Write ¬(a ∧ b ∧ …) as the disjoint cases ¬a, a ∧ ¬b and so on."""
    cases: list[Conjunction] = []
    for k, guard in enumerate(case):
        cases.extend((*case[:k], g) for g in negations(guard))
    return Condition(tuple(cases))


def negations(guard: Guard) -> tuple[Guard, ...]:
    """The disjoint guards that together say the opposite."""
    if guard.relation == ">=":
        return (Guard(-guard.form - 1, ">="),)
    if guard.relation == "!=":
        return (Guard(guard.form, "=="),)
    return (Guard(guard.form - 1, ">="), Guard(-guard.form - 1, ">="))


def at_least(a: Intlike, b: Intlike) -> Condition:
    """`a >= b` as a condition."""
    return Condition(((Guard(Form.of(a) - b, ">="),),))


def equals(a: Intlike, b: Intlike) -> Condition:
    """`a == b` as a condition."""
    return Condition(((Guard(Form.of(a) - b, "=="),),))


def differ(a: Intlike, b: Intlike) -> Condition:
    """`a != b` as a condition."""
    return Condition(((Guard(Form.of(a) - b, "!="),),))


COMPARED: Mapping[str, Callable[[Intlike, Intlike], Condition]] = MappingProxyType({
    "==": equals, "!=": differ, ">=": at_least, "<=": lambda a, b: at_least(b, a),
    "<": lambda a, b: ~at_least(a, b), ">": lambda a, b: ~at_least(b, a),
})
"""Comparisons of integers, by their sign."""


def tidy(guards: Iterable[Guard]) -> Conjunction | None:
    """Normal guards without repetitions or decided ones; None where one is false.

    Those that read a tensor come last: the others keep the read in range.
    """
    kept: dict[Guard, None] = {}
    for guard in guards:
        guard = guard.normal
        truth = guard.decided()
        if truth is False:
            return None
        if truth is None:
            kept[guard] = None
    if any(Guard(-g.form - 1, ">=").normal in kept for g in kept if g.relation == ">="):
        return None
    return tuple(sorted(kept, key=lambda g: (g.reads, g.relation, [(len(m), [a.uid for a in m], c)
                                                          for m, c in g.form.terms])))
