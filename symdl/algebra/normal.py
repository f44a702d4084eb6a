"""The normal form for proofs: a flat sum of products of entries, equal terms added.

Definitions are read in place, sums are distributed, functions of the same argument are the same
atom, tanh is written with exponentials, exp(u + v) as exp(u) exp(v), quotients are reduced by
their denominators, an inverse cancels its matrix. Two expressions with the same normal form are
equal wherever both are defined; with different ones they may be equal all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations
from typing import Any

import sympy

from symdl.algebra.arguments import argument_of, exponent_of
from symdl.algebra.binary import at_value, binary_entry
from symdl.algebra.bodies import elementwise_entry, equation
from symdl.algebra.denominators import cleared
from symdl.algebra.determinants import rotations
from symdl.algebra.factoring import (
    content,
    independent,
    partial_sum,
    shared_exponentials,
    tidy,
    turned_choice,
    with_decay,
    with_prime_logs,
)
from symdl.algebra.facts import TRANSPOSABLE
from symdl.algebra.known_functions import another_form
from symdl.algebra.masks import indicator_of
from symdl.algebra.quotients import factors_of
from symdl.algebra.signs import is_positive_leaf, may_have_a_log
from symdl.algebra.terms import (
    Number,
    Sizes,
    Term,
    Terms,
    TooLarge,
    as_term,
    budget,
    collected,
    guarded,
    itself,
    note,
    placed,
    size_factor,
    summed,
    times,
)
from symdl.language.body import rebuild, slot, slots_of, substitute
from symdl.language.linalg import inv
from symdl.language.owners import Application
from symdl.language.primitives.det import Det
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.solve import Solve
from symdl.language.rebuild import replaced
from symdl.language.reductions import matmul
from symdl.language.scheme import Access, Scheme, Value
from symdl.language.shaping import at, swapaxes
from symdl.language.tensor import Equation, Part, Tensor, topological


@dataclass(frozen=True)
class GaveUp:
    """Why an expression has no normal form here."""

    reason: str

    def __bool__(self) -> bool:
        return False


def normal_form(t: Tensor, steps: int = 20_000) -> Tensor | GaveUp:
    """The normal form of an expression.

    Parameters
    ----------
    t : Tensor
        Any result.
    steps : int
        How many terms may be looked at.

    Returns
    -------
    Tensor or GaveUp
        An equal tensor, the same object for expressions that distribution, commutativity,
        renaming and the identities named above make equal; `GaveUp`, which is false, where it
        would be too large.
    """
    try:
        with budget(steps):
            return Normaliser().tensor(t)
    except TooLarge as error:
        return GaveUp(str(error))


class Normaliser:
    """Normal forms of the tensors of one program."""

    def __init__(self) -> None:
        self.known: dict[Tensor, Terms] = {}

    def tensor(self, t: Tensor) -> Tensor:
        """The normal form as one tensor."""
        return _assembled(self.whole(t), t.shape)

    def whole(self, t: Tensor) -> Terms:
        """The polynomial of a tensor, its operands' first."""
        for x in topological([t]):
            self.terms(x)
        return self.terms(t)

    def terms(self, t: Tensor) -> Terms:
        """The polynomial of a tensor over its axes; its operands' come first."""
        if t not in self.known:
            self.known[t] = tidy(self._terms(t), t.shape)
        return self.known[t]

    def _terms(self, t: Tensor) -> Terms:
        if isinstance(t, Equation):
            return self._equation(t.scheme)
        if isinstance(t, Part) and isinstance(t.owner, Application):
            return self._application(t, t.owner)
        return itself(t)

    def _equation(self, s: Scheme) -> Terms:
        if s.reduce in ("none", "sum"):
            inside = replace(s, axes=len(s.sizes), reduce="none", guards=())
            body = guarded(_Body(self, inside).terms(s.body), s.guards)
            return summed(body, s.axes)
        leaves = tuple(replace(x, tensor=_assembled(self.terms(x.tensor), x.tensor.shape))
                       if isinstance(x, Access) else x for x in s.leaves)
        return itself(equation(replace(s, leaves=leaves)))

    def _application(self, t: Part, owner: Application) -> Terms:
        if isinstance(owner.primitive, Solve):
            a, b = owner.operands
            return self.whole(matmul(inv(a), b))
        operands = {x: _assembled(self.terms(x), x.shape) for x in owner.operands}
        if not isinstance(owner.primitive, (*TRANSPOSABLE, Det, Logdet)):
            return itself(replaced(t, operands))
        (a,) = operands.values()
        other = another_form(owner.primitive, a, self.terms(owner.operands[0]))
        if other is not None:
            return self.whole(other)
        ways = () if isinstance(owner.primitive, TRANSPOSABLE) else rotations(a)
        return _either_way(t, [a, *map(self._whole_tensor, ways)])

    def _whole_tensor(self, t: Tensor) -> Tensor:
        return _assembled(self.whole(t), t.shape)


def _either_way(t: Part, ways: Sequence[Tensor]) -> Terms:
    """A function of a matrix or of its transpose: of an input, else of the lesser tensor.

    A determinant may be that of several matrices.
    """
    others = [Normaliser().tensor(swapaxes(a, -1, -2)) for a in ways]
    least = min([*ways, *others], key=lambda x: (isinstance(x, Equation), x.digest))
    assert isinstance(t.owner, Application)
    value = Part.make(replace(t.owner, operands=(least,)), t.number)
    if least is ways[0] or not isinstance(t.owner.primitive, TRANSPOSABLE):
        return itself(value)
    order = [*range(t.ndim - 2), t.ndim - 1, t.ndim - 2]
    return [Term.of(sympy.S.One, t.shape, Access(value, tuple(map(at, order))))]


def fraction(terms: Terms, sizes: Sizes) -> tuple[Terms, list[tuple[Access, Number]]]:
    """The numerator of a polynomial, and its denominators with their exponents."""
    return cleared(terms, sizes, Normaliser().whole, tidy)


def _assembled(terms: Terms, shape: Sizes) -> Tensor:
    """The tensor of a polynomial in normal form."""
    found = collected(terms)
    here = tuple(at(k) for k in range(len(shape)))
    keys = sorted(found, key=lambda t: t.digest)
    body = sympy.Add(*(found[key] * slot(k) for k, key in enumerate(keys)))
    return equation(Scheme(shape, len(shape), "none", (), body,
                           tuple(Access(key, here) for key in keys)))


class _Body:
    """Reads a scalar body over the indices of a scheme."""

    def __init__(self, normaliser: Normaliser, s: Scheme):
        self.normaliser, self.scheme = normaliser, s

    @cached_property
    def sizes(self) -> Sizes:
        """The context."""
        return self.scheme.sizes

    def terms(self, e: Any) -> Terms:
        """The polynomial that an expression is."""
        if e.is_Symbol:
            return self._leaf(slots_of(e)[0])
        if e.is_Number or e.is_NumberSymbol:
            return [Term.of(e, self.sizes)] if e != 0 else []
        if e.is_Add:
            return self._tidy([t for a in e.args for t in self.terms(a)])
        if e.is_Mul:
            out = [Term.of(sympy.S.One, self.sizes)]
            for a in e.args:
                out = self._tidy(times(out, self.terms(a)))
            return out
        if e.is_Pow and e.exp.is_Rational:
            return self._power(self.terms(e.base), e.exp)
        if e.is_Pow and e.exp.free_symbols:
            return self._symbolic_power(self.terms(e.base), self.terms(e.exp))
        if isinstance(e, (sympy.tanh, sympy.sinh, sympy.cosh)):
            note("hyperbolic functions by exponentials")
            return self.terms(with_decay(e))
        if isinstance(e, sympy.exp):
            note("exponential of a sum")
            return self._exponential(self.terms(e.args[0]))
        if isinstance(e, sympy.Piecewise):
            return self._choice(e)
        return self._function(e)

    def _choice(self, e: sympy.Piecewise) -> Terms:
        """(u if c else 0) = [c] u for a condition c on indices; others as functions."""
        k = indicator_of(e, self.scheme)
        if k is not None:
            value = substitute(e.args[0][0], {slot(k): sympy.S.One})
            mask = self.scheme.leaves[k].mask
            bare = tuple(replace(x, mask=tuple(g for g in x.mask if g not in mask))
                         for x in self.scheme.leaves)
            return guarded(_Body(self.normaliser, replace(self.scheme, leaves=bare)).terms(value),
                           mask)
        turned = turned_choice(e)
        return self._function(e) if turned == e else self.terms(turned)

    def _tidy(self, terms: Terms) -> Terms:
        return tidy(terms, self.sizes)

    def _leaf(self, k: int) -> Terms:
        leaf = self.scheme.leaves[k]
        if isinstance(leaf, Value):
            whole = size_factor(self.sizes, leaf.form)
        else:
            whole = placed(self.normaliser.terms(leaf.tensor), self.sizes, leaf.index)
        return guarded(whole, leaf.mask)

    def _power(self, base: Terms, exponent: sympy.Rational) -> Terms:
        if exponent.is_Integer and 0 < exponent <= _EXPANDED:
            out = base
            for _ in range(int(exponent) - 1):
                out = self._tidy(times(out, base))
            return out
        if not base and exponent > 0:
            return []
        cases = self._by_cases(base, lambda part: self._power(part, exponent))
        if cases is not None:
            return cases
        out, rest = content([self._outside(t) for t in base], exponent)
        if rest:
            for factor, power in factors_of(rest) if exponent.is_Integer else [(rest, 1)]:
                number = _number(factor)
                entry = self._entry(slot(0) ** (power * exponent), [factor]) if number is None \
                    else self._constant(number ** (power * exponent))
                out = self._tidy(times(out, entry))
        return out

    def _by_cases(self, terms: Terms, function: Callable[[Terms], Terms]) -> Terms | None:
        """f(b) = (1 - b) f(0) + b f(1) of an entry b that is 0 or 1."""
        b = binary_entry(terms) if len(terms) <= _EXPANDED else None
        if b is None:
            return None
        note("both values of what is 0 or 1")
        zero, one = (function(at_value(terms, b, value)) for value in (0, 1))
        entry, rest = Term.of(sympy.S.One, self.sizes, b), Term.of(sympy.S.NegativeOne, self.sizes)
        off = times([rest, entry], zero)
        return self._tidy([*(Term(-t.number, t.scheme) for t in off), *times([entry], one)])

    def _symbolic_power(self, base: Terms, exponent: Terms) -> Terms:
        """b**(u + c) = b**u b**c with a number c."""
        constant = [t for t in exponent if t.scheme.body == 1 and not t.scheme.guards
                    and t.scheme.reduce == "none" and t.number.is_Rational]
        rest = [t for t in exponent if t not in constant]
        c = sympy.Add(*(t.number for t in constant))
        power = self._entry(slot(0) ** slot(1), [base, rest]) if rest else [
            Term.of(sympy.S.One, self.sizes)]
        return power if c == 0 else self._tidy(times(power, self._power(base, c)))

    def _outside(self, t: Term) -> Term:
        """C sum_r,q a f(r) g(q) as a product of c, a and an entry for every sum."""
        s = t.scheme
        if s.reduce != "sum" or s.guards:
            return t
        groups = independent(s)
        front = [f for f, bound in groups if not bound]
        if not front and t.number == 1 and len(groups) == 1:
            return t
        own = Term(t.number, replace(s, sizes=s.sizes[:s.axes], reduce="none",
                                     body=sympy.Mul(*front)))
        out = [own]
        for body, bound in groups:
            if bound:
                total = self._entry(slot(0), [[Term(sympy.S.One, partial_sum(s, body, bound))]])
                out = times(out, total)
        (one,) = out
        return one

    def _exponential(self, argument: Terms) -> Terms:
        """exp(a u + b v) as exp(u)**a exp(v)**b."""
        cases = self._by_cases(argument, self._exponential)
        if cases is not None:
            return cases
        out = [Term.of(sympy.S.One, self.sizes)]
        for t in argument:
            if not t.scheme.leaves and not t.scheme.guards and t.scheme.reduce == "none":
                out = times(out, [Term.of(sympy.exp(t.number), self.sizes)])
                continue
            below = argument_of(sympy.log, t.scheme)
            if below is not None:
                out = times(out, self._power(placed(
                    Normaliser().terms(below.tensor), self.sizes, below.index), t.number))
                continue
            rational, rest = t.number.as_coeff_Mul()
            (only,) = self._entry(sympy.exp(slot(0)), [[Term(rest, t.scheme)]])
            power = only.scheme.body**rational
            out = times(out, [Term(sympy.S.One, replace(only.scheme, body=power))])
        return out

    def _function(self, e: Any) -> Terms:
        """A function as an atom, its arguments in normal form."""
        arguments: list[Terms] = []

        def read(x: Any) -> Any:
            if isinstance(x, sympy.Expr) and not isinstance(x, sympy.Piecewise) and (
                    x is not e) and x.free_symbols:
                terms = self.terms(x)
                sign = -1 if terms and terms[0].number.is_negative and not isinstance(
                    e, sympy.log) else 1
                arguments.append([Term(sign * t.number, t.scheme) for t in terms])
                return sign * slot(len(arguments) - 1)
            return rebuild(x, [read(a) for a in x.args]) if x.args else x

        body = read(e)
        if isinstance(body, sympy.log) and len(arguments) == 1:
            note("logarithm of a product")
            return self._log(arguments[0])
        number, rest = body.as_coeff_Mul()
        if not rest.free_symbols:
            return self._constant(number * with_prime_logs(rest))
        if rest.is_Symbol:
            return times([Term.of(number, self.sizes)], arguments[slots_of(rest)[0]])
        return times([Term.of(number, self.sizes)], self._entry(rest, arguments))

    def _logarithm(self, argument: Terms) -> Terms | None:
        """log(c exp(u)**a / v**b) = log c + a u - b log v for factors that are at least 0."""
        if len(argument) > 1:
            return self._logarithm_of_sum(argument)
        if len(argument) != 1 or not argument[0].number.is_positive:
            return None
        (t,) = map(self._outside, argument)
        if t.scheme.guards or t.scheme.reduce != "none":
            return None
        factors = [f.as_base_exp() for f in sympy.Mul.make_args(t.scheme.body)]
        kinds = [exponent_of(b, t.scheme) if b.is_Symbol else None for b, _ in factors]
        if not any(kinds) and len(factors) < 2 and factors[0][1] == 1 == t.number:
            return None
        if not all(kind or may_have_a_log(b, t.scheme)
                   for kind, (b, _) in zip(kinds, factors, strict=True)):
            return None
        out = self._constant(with_prime_logs(sympy.log(t.number)))
        for kind, (b, e) in zip(kinds, factors, strict=True):
            if b == 1:
                continue
            leaf = t.scheme.leaves[slots_of(b)[0]]
            if kind is not None:
                new = placed(Normaliser().terms(kind.tensor), self.sizes, kind.index)
            else:
                new = self._entry(sympy.log(slot(0)), [
                    [Term.of(sympy.S.One, self.sizes, leaf)]])
            out += [Term(x.number * e, x.scheme) for x in new]
        return self._tidy(out)

    def _logarithm_of_sum(self, argument: Terms) -> Terms | None:
        """log((exp(u) v + exp(u) w) / d) = u + log(v + w) - log d for a positive d."""
        numerator, divisors = fraction(argument, self.sizes)
        if not all(is_positive_leaf(leaf, self.sizes) for leaf, _ in divisors):
            numerator, divisors = argument, []
        shared = shared_exponentials(numerator) if numerator else None
        if shared is None or (not divisors and shared.scheme.body == 1):
            return None
        inverse = [Term(sympy.S.One, replace(shared.scheme, body=1 / shared.scheme.body))]
        rest = self._tidy(times(numerator, inverse))
        out = [*(self._logarithm([shared]) or []), *self._log_of_rest(rest)]
        for leaf, e in divisors:
            out += times([Term.of(-e, self.sizes)],
                         self._log_of_rest([Term.of(sympy.S.One, self.sizes, leaf)]))
        return self._tidy(out)

    def _log(self, argument: Terms) -> Terms:
        found = self._by_cases(argument, self._log)
        if found is None:
            found = self._logarithm(argument)
        return self._log_of_rest(argument) if found is None else found

    def _log_of_rest(self, argument: Terms) -> Terms:
        """The logarithm of what has no factor to take out, unless it is one product."""
        number = _number(argument)
        if number is not None:
            return self._constant(with_prime_logs(sympy.log(number)))
        found = self._logarithm(argument) if len(argument) == 1 else None
        return self._entry(sympy.log(slot(0)), [argument]) if found is None else found

    def _constant(self, number: Number) -> Terms:
        return [Term.of(number, self.sizes)] if number != 0 else []

    def _entry(self, body: sympy.Expr, arguments: list[Terms]) -> Terms:
        """An elementwise expression of polynomials as one entry."""
        leaves = tuple(_narrow(a, self.sizes) for a in arguments)
        plain = Scheme(self.sizes, len(self.sizes), "none", (), body, leaves)
        exponent = sympy.S.One
        if body.is_Pow and body.exp.is_Rational:
            plain, exponent = replace(plain, body=body.base), body.exp
        if plain.body.is_Symbol:
            (leaf,) = plain.leaves
            return [Term.of(sympy.S.One, self.sizes, leaf, exponent)]
        entry = elementwise_entry(plain.body, plain)
        if entry is None:
            entry = Access(equation(plain.place((), 0, [])), ())
        return [Term.of(sympy.S.One, self.sizes, entry, exponent)]


_EXPANDED = 4


def _number(terms: Terms) -> Number | None:
    """The number that a polynomial is."""
    plain = len(terms) == 1 and terms[0].scheme.body == 1 and not terms[0].scheme.guards
    return terms[0].number if plain and terms[0].scheme.reduce == "none" else None


def _narrow(terms: Terms, sizes: Sizes) -> Access:
    """An entry of a polynomial's tensor, which has only the axes that the polynomial depends on.

    Of the orders of these axes the one is taken that gives the least tensor.
    """
    found = [as_term(number, key) for key, number in collected(terms).items()]
    own = sorted({k for t in found for f in (*t.scheme.forms, *t.scheme.sizes[len(sizes):])
                  for k in f.indices if k < len(sizes)})
    if len(own) > _ORDERED:
        raise TooLarge(f"a function of {len(own)} indices")
    ways = []
    for order in permutations(own):
        place = [at(order.index(k) if k in order else 0) for k in range(len(sizes))]
        shape = tuple(sizes[k] for k in order)
        ways.append((_assembled(placed(found, shape, place), shape), order))
    least, order = min(ways, key=lambda w: w[0].digest)
    return Access(least, tuple(map(at, order)))


_ORDERED = 4


