"""A rule for the sums of softmaxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symdl.algebra.bodies import entries, equation, indices, rebuilt, without
from symdl.algebra.rule import Network, Rule
from symdl.algebra.softmax import normaliser, pairs
from symdl.language.body import rename, slot, slots_of
from symdl.language.bounds import nonnegative
from symdl.language.form import Form, Idx
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor


def total(y: Equation, network: Network) -> Tensor | None:
    """sum_k c P[k] = c for a softmax P over at least one entry."""
    s = y.scheme
    own = _without_total(s, s.sizes[:s.axes])
    if own is not None:
        return rebuilt(y, own)
    for k, x in entries(s):
        if isinstance(x.tensor, Equation) and x.tensor.name is None:
            small = _without_total(x.tensor.scheme, s.sizes)
            if small is not None:
                entry = Access(equation(small), x.index, x.mask)
                return rebuilt(y, replace(s, leaves=(*s.leaves[:k], entry, *s.leaves[k + 1:])))
    return None


def _without_total(s: Scheme, scope: Sequence[Form]) -> Scheme | None:
    """A sum without a factor that is a softmax over some of its indices, and without these."""
    if s.reduce != "sum" or s.guards:
        return None
    for k, x in entries(s):
        rest = without(s.body, slot(k))
        gone = {i for f in x.index for i in f.indices} & set(s.bound)
        if not x.mask and rest != s.body and not indices(rest, s) & gone and (
                _sums_to_one(x, gone, s, scope)):
            kept = [n for n in range(len(s.sizes)) if n not in gone]
            place = [at(kept.index(n)) if n in kept else at(0) for n in range(len(s.sizes))]
            used = slots_of(rest)
            bare = replace(s, leaves=tuple(s.leaves[n] for n in used),
                           body=rename(rest, {n: m for m, n in enumerate(used)}))
            small = bare.place([s.sizes[n] for n in kept], s.axes, place)
            return replace(small, reduce="sum" if len(kept) > s.axes else "none")
    return None


def _sums_to_one(x: Access, over: set[int], s: Scheme, scope: Sequence[Form]) -> bool:
    """Whether an entry is exp(u)/sum exp(u), the sum over just these indices, not of nothing."""
    t = x.tensor
    if not isinstance(t, Equation) or t.scheme.reduce != "none" or t.scheme.guards or not over:
        return False
    inner = t.scheme
    own = {n for n, f in enumerate(x.index) if f.indices & over}
    if len(own) != len(over) or not all(
            isinstance(x.index[n].atom, Idx) and nonnegative(inner.sizes[n] - 1, scope)
            for n in own):
        return False
    for e, k, power in pairs(inner.body, inner):
        divisor = inner.leaves[k]
        if power == 1 and inner.body == e / slot(k) and isinstance(divisor, Access) and (
                normaliser(e, divisor, inner) is not None):
            return own == set(range(inner.axes)) - {i for f in divisor.index for i in f.indices}
    return False


RULES = (
    Rule("sum of a softmax", "the sum has terms, and nothing else in it depends on its indices",
         "a sum less", total),
)
