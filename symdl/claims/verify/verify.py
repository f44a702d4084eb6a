"""Claims judged: shapes first, then a search for a counterexample, then a proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from symdl.claims.verify.checker.network import written
from symdl.claims.verify.claim import Claim, read_claim
from symdl.claims.verify.disproof import Agreement, Counterexample, disprove
from symdl.claims.verify.inequality import bounded
from symdl.claims.verify.judging import kinks_of
from symdl.claims.verify.modulo import equalities
from symdl.claims.verify.proof import Proof, prove
from symdl.claims.verify.reading import statement_of
from symdl.claims.verify.remedies import missing_term, remedies
from symdl.claims.verify.statement import Statement
from symdl.claims.verify.verdict import Verdict
from symdl.language.errors import SymdlError, shape_text
from symdl.language.sizes import dims_of
from symdl.language.syntax.declarations import declarations_text
from symdl.language.tensor import Tensor


def verify(claim: Claim | str, declarations: str | Mapping[str, Any] = "", *, seed: int = 0,
           advice: bool = True, proof: bool = False, **parts: Any) -> Verdict:
    """Judge a claim: proved, refuted with a counterexample, supported by numbers, or undecided.

    Parameters
    ----------
    claim : Claim or str
        `d tr(A*X)/dX = A'`, `x'*A*x <= 0 under A: matrix[n,n]`; see `read_claim`.
    declarations : str or mapping
        What the names are, as `symdl.parse` takes it. Others are guessed.
    seed : int
        Of the points that are tried.
    advice : bool
        Look for what would make a false claim true.
    proof : bool
        Write a proof down, for `check_proof`.
    **parts
        Other parts of the `Claim`, as `grammar="latex"` or `source="Bishop 2006, 3.13"`.

    Returns
    -------
    Verdict
        A proof speaks of all sizes from 1 on, wherever both sides are defined, unless the formula
        has numbers for sizes; a refutation is exact, or in numbers of 50 digits and steady in 100.
        Its truth value raises unless it is one of these.

    Raises
    ------
    ParseError
        For a formula that can't be read.

    Examples
    --------
    >>> import symdl as sd
    >>> sd.verify("d tr(A*X)/dX = A'").status
    'proved'

    """
    if isinstance(claim, str):
        claim = read_claim(claim, declarations, **parts)
    return _Verification(claim, seed, advice, proof).verdict()


@dataclass(frozen=True)
class _Verification:
    claim: Claim
    seed: int
    advice: bool
    proof: bool

    def verdict(self) -> Verdict:
        """For all sizes; else, where the claim states sizes, for these."""
        if not self.claim.sizes:
            return self.judged(statement_of(self.claim))
        try:
            found = replace(self, advice=False).judged(statement_of(self.claim))
        except SymdlError:
            found = None
        if found is not None and found.status == "proved":
            return found
        return self.judged(statement_of(self.claim, numeric=True))

    def judged(self, statement: Statement) -> Verdict:
        """The verdict on a statement: on every equality that it stands for."""
        if not self.claim.modulo:
            return self._judged(statement)
        found = [replace(v, reason=f"{said}: {v.reason}")
                 for said, x in equalities(statement, self.claim.modulo)
                 for v in [replace(self, advice=False)._judged(x)]]
        least = min(found, key=lambda v: ("refuted", "undecided", "supported", "proved").index(
            v.status))
        return least if least.status != "proved" else replace(
            least, reason="; ".join(v.reason for v in found))

    def _judged(self, statement: Statement) -> Verdict:
        left, right = statement.sides()
        found = self._verdict(statement)
        if left.shape != right.shape:
            return self._advised(replace(found, status="refuted", reason=(
                f"the left side has shape {shape_text(left.shape)}, the right side "
                f"{shape_text(right.shape)}")), statement)
        searched = disprove(statement, self.seed)
        if isinstance(searched, Counterexample):
            return self._advised(_refuted(found, searched), statement)
        if statement.relation == "=" and searched.points:
            proof = prove(left, right, kinks_of(statement))
            if isinstance(proof, Proof):
                return replace(found, status="proved", reason=proof.method, rules=proof.rules,
                               covers=_covered(statement), evidence=_evidence(searched),
                               proof=self._written(proof, left, right, statement))
            return replace(found, status="supported", evidence=_evidence(searched), reason=(
                f"{_agreed(searched)}; no proof was found: {proof.reason}"))
        if searched.points:
            reason = bounded(left, right, statement.relation)
            if reason:
                return replace(found, status="proved", reason=reason, covers=_covered(statement),
                               evidence=_evidence(searched))
            return replace(found, status="supported", evidence=_evidence(searched), reason=(
                f"{_agreed(searched)}; no proof of the inequality was found"))
        return replace(found, status="undecided", reason=searched.reason)

    def _written(self, proof: Proof, left: Tensor, right: Tensor, statement: Statement,
                 ) -> dict[str, Any]:
        """The proof as JSON, where it is asked for and can be written down."""
        kinks = kinks_of(statement)
        pairs = [x for _, *pair in proof.steps for x in pair]
        if not self.proof:
            return {}
        try:
            network = written([left, right, *kinks, *pairs])
        except SymdlError as error:
            return {"unwritten": str(error)}
        places = network.pop("roots")
        of = places[2 + len(kinks):]
        return {"claim": str(self.claim), "method": proof.method, "network": network | {
            "roots": list(range(len(network["tensors"])))}, "sides": places[:2],
            "kinks": places[2:2 + len(kinks)], "steps": [
                {"rule": rule, "of": a, "is": b}
                for (rule, *_), a, b in zip(proof.steps, of[::2], of[1::2], strict=True)]}

    def _advised(self, found: Verdict, statement: Statement) -> Verdict:
        """A refutation with what would make the claim true."""
        if not self.advice:
            return found
        ways = remedies(self.claim, statement, self.seed)
        fault = next((r.fault for r in ways if r.fault), "") or missing_term(statement)
        return replace(found, fault=fault, remedies=tuple(r.text for r in ways))

    def _verdict(self, statement: Statement) -> Verdict:
        return Verdict("undecided", self.claim, "",
                       declarations=declarations_text(statement.inputs()))


def _refuted(found: Verdict, c: Counterexample) -> Verdict:
    return replace(found, status="refuted", sizes=c.sizes, point=c.point,
                   entry=c.comparison.entry, values=c.comparison.values,
                   reason=f"{'the sides differ' if found.claim.relation == '=' else 'it fails'} "
                          f"at a point, computed in {c.comparison.arithmetic}")


def _agreed(a: Agreement) -> str:
    how = "exactly" if a.exact else f"to {int(a.digits)} digits"
    return f"it holds {how} at {a.points} points, seed {a.seed}"


def _evidence(a: Agreement) -> dict[str, Any]:
    return {"points": a.points, "sizes": a.sizes, "digits": int(a.digits), "exact": a.exact,
            "seed": a.seed}


def _covered(statement: Statement) -> str:
    left, right = statement.sides()
    dims = sorted(map(str, dims_of([left, right, *statement.inputs()])))
    numbers = sorted({str(f) for v in statement.inputs() for f in v.shape
                      if f.constant is not None})
    parts = [f"for all {', '.join(dims)} from 1 on"] if dims else []
    if numbers:
        parts.append(f"at the sizes {', '.join(numbers)} that are written as numbers")
    return " and ".join(parts)
