"""Sums of exponentials in a form that can't overflow, found by rewriting the mathematics.

A sum S = Σ_r e^{u(r)} c(r) that is divided by, or whose logarithm is taken, becomes
e^M S' with M = max_r u(r) and S' = Σ_r e^{u(r) - M} c(r). The factor e^M is carried through
everything that reads S, read in place where it meets e^u or a logarithm:

    log S = M + log S',    e^u / S = e^{u - M} / S'

(Blanchard, Higham & Higham, *Accurately computing the log-sum-exp and softmax functions*,
2021, equations 1.3 and 1.4; here for derivatives of any order too.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sympy

from symdl.language.body import piecewise, slot, slots_of, substitute
from symdl.language.form import Form, Idx
from symdl.language.inline import inlinable, inlined
from symdl.language.owners import Recurrence, member_slot
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Scheme, tidied
from symdl.language.tensor import Equation, Part, Tensor, topological
from symdl.lowering.scalar_forms import finite_part


def shifted(roots: Sequence[Tensor]) -> dict[Tensor, Tensor]:
    """The map from a program's tensors to those of the program with shifted exponentials."""
    order = topological(roots)
    wanted = _divided_or_logged(order)
    if not wanted and not any(bound_of(t) is not None for t in order):
        return {t: t for t in order}
    first = _Pass(wanted)
    first.run(order)
    known = frozenset(u for t in topological(list(first.new.values()))
                      if (u := bound_of(t)) is not None)
    if not known:
        return {t: t for t in order}
    second = _Pass(wanted, known)
    second.run(order)
    return second.new


def _divided_or_logged(order: Sequence[Tensor]) -> set[Tensor]:
    """The sums that some equation divides by or takes the logarithm of."""
    found: set[Tensor] = set()
    for t in order:
        if isinstance(t, Equation):
            for k in _sensitive(t.scheme.body):
                leaf = t.scheme.leaves[k]
                if isinstance(leaf, Access) and isinstance(leaf.tensor, Equation) and (
                        leaf.tensor.scheme.reduce == "sum"):
                    found.add(leaf.tensor)
    return found


def _sensitive(body: sympy.Expr) -> set[int]:
    """The leaves inside a logarithm or a negative power."""
    found: set[int] = set()
    for node in sympy.preorder_traversal(body):
        if isinstance(node, sympy.log) or (node.is_Pow and node.exp.could_extract_minus_sign()):
            found.update(slots_of(node.args[0]))
    return found


@dataclass
class _Pass:
    """The state of the rewriting: new tensors, and those with a carried exponential."""

    wanted: set[Tensor]
    known: frozenset[sympy.Expr] = frozenset()  # exponents that another sum is shifted by
    new: dict[Tensor, Tensor] = field(default_factory=dict)
    carried: set[Tensor] = field(default_factory=set)
    exponential: set[Tensor] = field(default_factory=set)  # products with a factor e^u

    def run(self, order: Sequence[Tensor]) -> None:
        """Rewrite a program, operands first."""
        for t in order:
            self.new[t] = self.rewrite(t)
            if self._is_exponential(self.new[t]):
                self.exponential.add(self.new[t])

    def _is_exponential(self, t: Tensor) -> bool:
        """Whether the tensor is, entry by entry, a product with a factor e^u."""
        if not inlinable(t) or not isinstance(t, Equation):
            return False
        return any(isinstance(f, sympy.exp) or (f.is_Symbol and self._reads_one(t.scheme, f))
                   for f in sympy.Mul.make_args(t.scheme.body))

    def _reads_one(self, s: Scheme, factor: sympy.Expr) -> bool:
        leaf = s.leaves[slots_of(factor)[0]]
        return isinstance(leaf, Access) and leaf.tensor in self.exponential

    def rewrite(self, t: Tensor) -> Tensor:
        """The tensor over rewritten operands, maybe with a carried factor."""
        moved = replaced(t, self.new)
        if not isinstance(moved, Equation) or moved.scheme.reduce not in ("none", "sum"):
            return moved
        s = self._read_in_place(moved.scheme, t in self.wanted or self._like_known(moved.scheme))
        tidy = tidied(replace(s, body=combined(s.body)))
        if tidy is None:
            return moved
        asked = t in self.wanted or self._like_known(tidy)
        if asked and (shift := self._shift(tidy)) is not None:
            self.carried.add(shift)
            return shift
        if not self._holds_bound(tidy):
            return moved if s is moved.scheme else Equation.make(tidy, moved.dtype)
        return self._carry(tidy)

    def _like_known(self, s: Scheme) -> bool:
        """Whether the sum's exponent is one that another sum is shifted by."""
        if s.reduce != "sum" or not self.known:
            return False
        while (k := next((k for k in slots_of(s.body) if self._reads(s, k, True)
                          and s.leaves[k].tensor not in self.carried), None)) is not None:  # type: ignore[union-attr]
            s = inlined(s, k)
        tidy = tidied(replace(s, body=combined(s.body)))
        u = _exponent(tidy.body) if tidy else None
        return u is not None and tidy is not None and _absolute(u, tidy) in self.known

    def _holds_bound(self, s: Scheme) -> bool:
        return any(isinstance(x, Access) and bound_of(x.tensor) is not None for x in s.leaves)

    def _read_in_place(self, s: Scheme, always: bool) -> Scheme:
        while True:
            sensitive = _sensitive(s.body)
            read = [x.tensor for k in slots_of(s.body) if isinstance(x := s.leaves[k], Access)]
            meets = always or any(t in self.carried or bound_of(t) is not None for t in read)
            k = next((k for k in slots_of(s.body)
                      if self._reads(s, k, meets or k in sensitive)), None)
            if k is None:
                return s
            s = inlined(s, k)
            s = replace(s, body=combined(s.body))

    def _reads(self, s: Scheme, k: int, meets: bool) -> bool:
        leaf = s.leaves[k]
        if not isinstance(leaf, Access) or not inlinable(leaf.tensor):
            return False
        if leaf.tensor in self.carried:
            return True
        return meets and leaf.tensor in self.exponential

    def _shift(self, s: Scheme) -> Tensor | None:
        """e^M times the sum of what remains, or None where the body has no exponential."""
        u = _exponent(s.body)
        if u is None or s.reduce != "sum" or not any(
                k in f.indices for k in s.bound
                for q in slots_of(u) for f in s.leaves[q].forms):
            return None
        top = Equation.make(replace(s, reduce="max", body=u))
        axes = tuple(Form.of(Idx(k)) for k in range(s.axes))
        shape = s.sizes[: s.axes]
        m = Equation.make(Scheme(shape, s.axes, "none", (), finite_part(slot(0)),
                                 (Access(top, axes),)))
        at = slot(len(s.leaves))
        rest = Equation.make(replace(s, body=combined(s.body * sympy.exp(-at)),
                                     leaves=(*s.leaves, Access(m, axes))))
        return Equation.make(Scheme(shape, s.axes, "none", (), sympy.exp(slot(0)) * slot(1),
                                    (Access(m, axes), Access(rest, axes))))

    def _carry(self, s: Scheme) -> Tensor:
        """Leave a factor e^ℓ that nothing here balances to the readers."""
        found = {self._loose(_exponent(term) or sympy.S.Zero, s)
                 for term in sympy.Add.make_args(s.body)}
        if s.reduce == "none" and found != {0}:
            out = Equation.make(s)
            self.carried.add(out)
            return out
        loose = found.pop() if len(found) == 1 else sympy.S.Zero
        if loose == 0 or any(k in f.indices for k in s.bound
                             for q in slots_of(loose) for f in s.leaves[q].forms):
            return Equation.make(s)
        inner = Equation.make(replace(s, body=sympy.Add(*(
            combined(term * sympy.exp(-loose)) for term in sympy.Add.make_args(s.body)))))
        axes = tuple(Form.of(Idx(k)) for k in range(s.axes))
        at = slot(len(s.leaves))
        out = Equation.make(Scheme(s.sizes[: s.axes], s.axes, "none", (), sympy.exp(loose) * at,
                                   (*s.leaves, Access(inner, axes))))
        self.carried.add(out)
        return out

    def _loose(self, exponent: sympy.Expr, s: Scheme) -> sympy.Expr:
        """The part of an exponent that isn't q (u - M) with q > 0."""
        loose = sympy.expand(exponent)
        for k in slots_of(exponent):
            leaf = s.leaves[k]
            top = bound_of(leaf.tensor) if isinstance(leaf, Access) else None
            if top is None:
                continue
            c = loose.coeff(slot(k))
            rest = loose - c * slot(k)
            if not c.is_Integer or c >= 0 or rest == 0:
                continue
            for q in range(int(-c), 0, -1):
                if sympy.expand(_absolute(_above(rest, s), s) - q * top) == 0:
                    loose = (c + q) * slot(k) + (rest - _above(rest, s))
                    break
        return loose


@lru_cache(maxsize=1 << 12)
def bound_of(t: Tensor) -> sympy.Expr | None:
    """u, where the tensor is an M = max u that a sum is shifted by; leaves by what they read."""
    finite = _definition(t)
    if finite is None or not isinstance(finite.scheme.body, finite_part):
        return None
    leaf = finite.scheme.leaves[0]
    top = _definition(leaf.tensor) if isinstance(leaf, Access) else None
    if top is None or top.scheme.reduce != "max":
        return None
    return _absolute(top.scheme.body, top.scheme)


def _definition(t: Tensor) -> Equation | None:
    """The equation of a tensor, also of a member of a recurrence."""
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        parts: dict[Tensor, Tensor] = {member_slot(k, *sig): p for k, (sig, p) in enumerate(
            zip(t.owner.signature, t.owner.outputs(), strict=True))}
        t = replaced(t.owner.members[t.number].tensor, parts)
    return t if isinstance(t, Equation) else None


def _above(rest: sympy.Expr, s: Scheme) -> sympy.Expr:
    """The terms of an exponent that hold no M."""
    return sympy.Add(*(term for term in sympy.Add.make_args(rest) if not any(
        isinstance(x := s.leaves[q], Access) and bound_of(x.tensor) is not None
        for q in slots_of(term))))


def _absolute(u: sympy.Expr, s: Scheme) -> sympy.Expr:
    """An expression with its leaves named by what they read, wherever they read it."""
    names: dict[sympy.Expr, sympy.Expr] = {}
    for k in slots_of(u):
        leaf = s.leaves[k]
        text = leaf.tensor.digest.hex() if isinstance(leaf, Access) else repr(leaf.token)
        names[slot(k)] = sympy.Symbol(text, real=True)
    return sympy.expand(substitute(u, names))


def _exponent(body: sympy.Expr) -> sympy.Expr | None:
    """u, where the body is a product with a factor e^u."""
    for factor in sympy.Mul.make_args(body):
        if isinstance(factor, sympy.exp):
            return factor.args[0]
    return None


def combined(body: sympy.Expr) -> sympy.Expr:
    """log(e^ℓ s) = ℓ + log s, (e^ℓ s)^p = e^{pℓ} s^p, e^a e^b = e^{a+b}, everywhere in a body."""
    if not body.args or not body.has(sympy.exp):
        return body
    args = [combined(a) if isinstance(a, sympy.Expr) else a for a in body.args]
    if isinstance(body, sympy.log):
        u, rest = _split(args[0])
        return u + sympy.log(rest) if u != 0 else sympy.log(args[0])
    if body.is_Pow and not isinstance(body, sympy.exp):
        u, rest = _split(args[0])
        return sympy.exp(u * args[1]) * rest ** args[1] if u != 0 else args[0] ** args[1]
    if body.is_Mul:
        return _multiplied(sympy.Mul(*args))
    if body.is_Add:
        return _common_factor(sympy.Add(*args))
    if isinstance(body, sympy.Piecewise):
        return piecewise(*((combined(v), c) for v, c in body.args))
    return body.func(*args)


def _multiplied(product: sympy.Expr) -> sympy.Expr:
    """One exponential in front; inside, where the terms of a factor have their own."""
    u, rest = _split(product)
    if u == 0:
        return rest
    factors = list(sympy.Mul.make_args(rest))
    for k, f in enumerate(factors):
        if f.is_Add and f.has(sympy.exp):
            terms = (combined(term * sympy.exp(u)) for term in f.args)
            return sympy.Mul(*factors[:k], *factors[k + 1:]) * sympy.Add(*terms)
    return sympy.exp(sympy.expand(u)) * rest


def _common_factor(total: sympy.Expr) -> sympy.Expr:
    """An exponential that all terms have, in front."""
    if not total.is_Add:
        return total
    parts = [_split(term) for term in total.args]
    if parts[0][0] == 0 or any(u != parts[0][0] for u, _ in parts):
        return total
    return sympy.exp(parts[0][0]) * sympy.Add(*(rest for _, rest in parts))


def _split(product: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The exponent and the rest of a product."""
    exponent, rest = sympy.S.Zero, []
    for factor in sympy.Mul.make_args(product):
        if isinstance(factor, sympy.exp):
            exponent = exponent + factor.args[0]
        else:
            rest.append(factor)
    return exponent, sympy.Mul(*rest)

