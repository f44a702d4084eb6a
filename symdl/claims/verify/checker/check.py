"""A proof checked step by step, exactly, without the prover.

A proof is a list of equations between expressions: the sides brought into another shape, each
intermediate result and its normal form, and what the sides become in the end. The checker reads
them, sees that they lead from one side to the other, and decides each equation entry by entry at
the smallest sizes in a field of rational functions, where equality is exact. It knows no rule: a
wrong rule that shows at these sizes is found whatever its name is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from symdl.claims.verify.checker.network import read
from symdl.claims.verify.disproof import Agreement, disprove
from symdl.claims.verify.entries.decide import equal_entries
from symdl.claims.verify.sized import at_sizes
from symdl.claims.verify.statement import Statement
from symdl.language.errors import SymdlError
from symdl.language.form import Dim
from symdl.language.sizes import dims_of
from symdl.language.tensor import Tensor

How: TypeAlias = Literal["exactly", "at points", "not", "false"]
SECONDS = 1.0


@dataclass(frozen=True)
class CheckedStep:
    """An equation of a proof.

    Attributes
    ----------
    rule : str
        What the proof says it is by.
    how : {"exactly", "at points", "not", "false"}
        Checked as rational functions at small sizes; in exact numbers at points only; not at all,
        since nothing could be computed; or found false.
    sizes : tuple of int
        The sizes, each given to all symbols.
    """

    rule: str
    how: How
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckedProof:
    """What was found of a proof.

    Attributes
    ----------
    complete : bool
        Whether its equations lead from the left side to the right side.
    steps : tuple of CheckedStep
    """

    complete: bool
    steps: tuple[CheckedStep, ...]

    def __bool__(self) -> bool:
        return self.complete and bool(self.steps) and all(
            s.how in ("exactly", "at points") for s in self.steps)

    def __str__(self) -> str:
        lines = [f"{k}. {s.rule}: {_SAID[s.how]}" + (
            f" at sizes {', '.join(map(str, s.sizes))}" if s.sizes else "")
            for k, s in enumerate(self.steps, 1)]
        lines += [] if self.complete else ["the equations don't lead from one side to the other"]
        return "\n".join([*lines, "checked" if self else "not checked"])


_SAID: Mapping[str, str] = {
    "exactly": "equal as rational functions", "at points": "equal at exact points",
    "not": "could not be computed", "false": "FALSE"}


def check_proof(proof: Mapping[str, Any]) -> CheckedProof:
    """Check a proof in writing.

    Parameters
    ----------
    proof : mapping
        As the JSON of a verdict holds it.

    Returns
    -------
    CheckedProof
        True if all steps are checked and lead from one side to the other.

    Raises
    ------
    SymdlError
        For what isn't a proof.
    """
    try:
        tensors = read(proof["network"])
        left, right = (tensors[k] for k in proof["sides"])
        kinks = [tensors[k] for k in proof["kinks"]]
        steps = [(s["rule"], tensors[s["of"]], tensors[s["is"]]) for s in proof["steps"]]
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise SymdlError(f"this is no proof: {error!r}") from None
    known: dict[Tensor, Tensor] = {}
    for _, one, other in steps:
        _join(known, one, other)
    return CheckedProof(_end(known, left) is _end(known, right),
                        tuple(_checked(rule, one, other, kinks) for rule, one, other in steps))


def _join(known: dict[Tensor, Tensor], one: Tensor, other: Tensor) -> None:
    a, b = _end(known, one), _end(known, other)
    if a is not b:
        known[a] = b


def _end(known: Mapping[Tensor, Tensor], t: Tensor) -> Tensor:
    while t in known:
        t = known[t]
    return t


def _checked(rule: str, one: Tensor, other: Tensor, kinks: Sequence[Tensor]) -> CheckedStep:
    if one.shape != other.shape:
        return CheckedStep(rule, "false")
    dims = dims_of([one, other, *kinks])
    done = []
    for n in (1, 2, 3) if dims else (0,):
        a, b, *rest = _at(n, [one, other, *kinks], dims)
        if equal_entries(a, b, rest, SECONDS):
            break
        done.append(n)
    if len(done) >= (2 if dims else 1):
        return CheckedStep(rule, "exactly", tuple(n for n in done if n))
    try:
        found = disprove(Statement(one, (), other), seed=7, seconds=SECONDS, steps=0)
    except SymdlError:
        return CheckedStep(rule, "not")
    if not isinstance(found, Agreement):
        return CheckedStep(rule, "false")
    return CheckedStep(rule, "at points" if found.points else "not")


def _at(n: int, roots: Sequence[Tensor], dims: frozenset[Dim]) -> list[Tensor]:
    return at_sizes(roots, dict.fromkeys(dims, n)) if dims else list(roots)
