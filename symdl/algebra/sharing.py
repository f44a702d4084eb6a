"""Rules that call repeated factors by a name: a sigmoid s, and what the user has named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import sympy

from symdl.algebra.bodies import (
    elementwise_entry,
    entries,
    equation,
    linear,
    moved,
    plus_leaves,
    powers,
    product,
    rebuilt,
)
from symdl.algebra.rule import Network, Rule
from symdl.language.body import slot, slots_of, substitute
from symdl.language.scheme import Access, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Tensor, Variable


def sigmoids(y: Equation, network: Network) -> Tensor | None:
    """f(1 / (1 + exp(-u)), ...) = f(s, ...) with s = 1 / (1 + exp(-u))."""
    s = y.scheme
    for e in sorted(s.body.atoms(sympy.Pow), key=sympy.default_sort_key):
        if not _is_sigmoid(e) or s.body.count(e) < 2 or _is_input(e, s):
            continue
        entry = elementwise_entry(e, s)
        if entry is None or not isinstance(entry.tensor, Equation):
            continue
        if y.name is not None and entry.tensor is y.renamed(None):
            continue
        named = Access(network.shared(entry.tensor, "s"), entry.index)
        body = substitute(s.body, {e: slot(len(s.leaves))})
        return rebuilt(y, plus_leaves(s, body, [named]))
    return None


def tails(y: Equation, network: Network) -> Tensor | None:
    """With s = 1 / (1 + exp(-u)), s / (1 + exp(u)) = s (1 - s)."""
    s = y.scheme
    for term in (e for e in sympy.preorder_traversal(s.body) if e.is_Mul):
        found = {_exponent(f): f for f in term.args if f.is_Pow and _is_sigmoid(f)}
        for v, f in found.items():
            if -v in found and v.could_extract_minus_sign():
                body = substitute(s.body, {term: term / found[-v] * (1 - f)})
                return rebuilt(y, plus_leaves(s, body, ()))
    return None


def _exponent(sigmoid: Any) -> Any:
    """V of 1 / (1 + exp(v))."""
    return sigmoid.base.args[1].args[0]


def _is_sigmoid(e: Any) -> bool:
    return bool(e.exp == -1 and e.base.is_Add and len(e.base.args) == 2 and e.base.args[0] == 1
                and isinstance(e.base.args[1], sympy.exp))


def _is_input(e: Any, s: Scheme) -> bool:
    """Whether it is the sigmoid of an input or of what has a name."""
    u = _exponent(e)
    if not u.as_coeff_Mul()[1].is_Symbol:
        return False
    x = s.leaves[slots_of(u)[0]]
    return not isinstance(x, Access) or isinstance(x.tensor, Variable) or x.tensor.name is not None


def named_products(y: Equation, network: Network) -> Tensor | None:
    """F g h = N h where N = f g has a name."""
    s = y.scheme
    mine = {x.tensor for _, x in entries(s)}
    for plain, named in network.named.items():
        if not isinstance(plain, Equation) or named is y or not mine & set(plain.operands):
            continue
        if y.name is not None and y.name <= str(named.name):
            continue  # of two that are each other's product, one keeps its definition
        if not _is_product(plain.scheme):
            continue
        for term in _terms(s.body):
            for index in permutations(range(len(s.sizes)), plain.ndim):
                out = _named(term, plain, named, index, s)
                if out is not None:
                    rest, power, entry = out
                    body = substitute(s.body, {term: rest * slot(len(s.leaves)) ** power})
                    return rebuilt(y, plus_leaves(s, body, [entry]))
    return None


def _is_product(s: Scheme) -> bool:
    """Whether a definition is a product of several factors, or a root."""
    number, factors = powers(s.body)
    return bool(number == 1 and factors and not s.body.is_Symbol) and (
        s.reduce == "none" and not s.guards)


def _terms(body: sympy.Expr) -> Iterator[sympy.Expr]:
    return (e for e in sympy.preorder_traversal(body) if e.is_Mul or e.is_Pow)


def _named(term: sympy.Expr, plain: Equation, named: Tensor, index: tuple[int, ...], s: Scheme,
           ) -> tuple[sympy.Expr, sympy.Integer, Access] | None:
    """What is left of a product beside a named one at some place, and the named entry."""
    if tuple(s.sizes[i] for i in index) != plain.shape:
        return None
    placed = plain.scheme.place(s.sizes, s.axes, [at(i) for i in index])
    leaves = list(s.leaves)
    wanted = powers(moved(placed.body, placed.leaves, leaves))[1]
    if len(leaves) > len(s.leaves):
        return None
    number, found = powers(term)
    ratios = [found.get(b, sympy.S.Zero) / e for b, e in wanted.items()]
    power = min(sympy.floor(abs(r)) for r in ratios) * sympy.sign(ratios[0])
    if power == 0 or len({sympy.sign(r) for r in ratios}) > 1 or (power < 0 < len(ratios) - 1):
        return None
    rest = number * product({b: e - power * wanted.get(b, 0) for b, e in found.items()})
    return rest, power, Access(named, tuple(at(i) for i in index))


def named_products_in_sums(y: Equation, network: Network) -> Tensor | None:
    """(sum_r f(r) h(r)) g = sum_r N(r) h(r) where N(r) = f(r) g has a name."""
    s = y.scheme
    if not network.named:
        return None
    for k, x in entries(s):
        o = x.tensor
        if x.mask or not isinstance(o, Equation) or not network.single(o) or (
                o.scheme.reduce != "sum" or not linear(s.body, k)):
            continue
        for term in (t for t in _terms(s.body) if slot(k) in t.args):
            for base, e in powers(term)[1].items():
                inner = _with_factor(o, x, base, sympy.sign(e), s)
                found = None if inner is None else named_products(inner, network)
                if found is not None and len(found.operands) <= len(o.operands):
                    rest = term / slot(k) / base ** sympy.sign(e) * slot(len(s.leaves))
                    body = substitute(s.body, {term: rest})
                    return rebuilt(y, plus_leaves(s, body, [Access(found, x.index)]))
    return None


def _with_factor(o: Equation, x: Access, base: sympy.Expr, power: sympy.Integer, s: Scheme,
                 ) -> Equation | None:
    """A sum whose terms have a factor from outside, too."""
    leaf = s.leaves[slots_of(base)[0]] if base.is_Symbol else None
    if not isinstance(leaf, Access) or leaf is x or leaf.mask or not leaf.index:
        return None
    if any(f not in x.index for f in leaf.index):
        return None
    entry = Access(leaf.tensor, tuple(at(x.index.index(f)) for f in leaf.index))
    body = o.scheme.body * slot(len(o.scheme.leaves)) ** power
    out = equation(plus_leaves(o.scheme, body, [entry]), o.dtype)
    return out if isinstance(out, Equation) else None


RULES = (
    Rule("both tails", "a product has the sigmoids of u and of -u",
         "an exponential less", tails),
    Rule("named product in a sum", "a factor of a sum and one that the sum's reader has are the "
         "definition of a named tensor", "factors less", named_products_in_sums),
    Rule("named product", "factors of a product are the definition of a named tensor",
         "factors less", named_products),
    Rule("named sigmoid", "a sigmoid of what isn't an input occurs twice",
         "an exponential less", sigmoids),
)
