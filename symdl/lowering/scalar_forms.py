"""Stable forms: a body rewritten so that nothing overflows on the way and no digits cancel.

Each rule is an identity of real functions, stated in its docstring; `stable` applies them from
the leaves up until none applies. A rule removes an exponential, a logarithm or a sum of the old
form and puts one of the heads below in its place, which no rule takes apart: that ends.

Left as they are: 1 - tanh(u)^2 alone (right to one rounding of 1), log of erfc, sums of squares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

import sympy
from sympy import Add, Expr, Function, Integer, Mul, Pow, Rational, cosh, erf, exp, log, sinh, tanh

from symdl.language.body import piecewise, rebuild, slots_of, substitute


class Form(Function):  # type: ignore[misc]
    """A head that only lowered bodies hold; `written` is the formula that it stands for."""

    written: ClassVar[Callable[..., Expr]]

    def _eval_evalf(self, prec: int) -> Expr:
        return type(self).written(*self.args)._eval_evalf(prec)


class sigmoid(Form):
    """1/(1 + exp(-u))."""

    nargs = 1
    written = staticmethod(lambda u: 1 / (1 + exp(-u)))


class finite_part(Form):
    """What a sum of exponentials is shifted by: u where it is finite, else 0.

    For infinity it is the largest number, so that exp(v - u) is 0 for a finite v.
    """

    nargs = 1
    written = staticmethod(lambda u: u)


class softplus(Form):
    """log(1 + exp(u))."""

    nargs = 1
    written = staticmethod(lambda u: log(1 + exp(u)))


class logaddexp(Form):
    """log(exp(u) + exp(v))."""

    nargs = 2
    written = staticmethod(lambda u, v: log(exp(u) + exp(v)))


class expm1(Form):
    """exp(u) - 1."""

    nargs = 1
    written = staticmethod(lambda u: exp(u) - 1)


class log1p(Form):
    """log(1 + u)."""

    nargs = 1
    written = staticmethod(lambda u: log(1 + u))


class erfc(Form):
    """1 - erf(u); SymPy's own writes erfc(-u) as 2 - erfc(u), which cancels."""

    nargs = 1
    written = staticmethod(lambda u: sympy.erfc(u))


class log1mexp(Form):
    """log(1 - exp(u))."""

    nargs = 1
    written = staticmethod(lambda u: log(1 - exp(u)))


@lru_cache(maxsize=1 << 14)
def stable(body: Expr) -> Expr:
    """Rewrite a body for evaluation in floating point.

    Returns
    -------
    Expr
        The same function; a lowering's expression, which is not differentiated any more.
        Where the body as written is inf/inf, as exp(x)/(exp(x) + exp(y)) is at x = inf, the
        limit may stand in place of NaN.
    """
    return _shared_logistic(_rewritten(body))


@lru_cache(maxsize=1 << 15)
def _rewritten(node: Any) -> Any:
    if not node.free_symbols:
        return node
    args = [_rewritten(arg) for arg in node.args]
    if any(new is not old for new, old in zip(args, node.args, strict=True)):
        node = rebuild(node, args)
    for head, rule in RULES:
        new = rule(node) if isinstance(node, head) else None
        if new is not None:
            return _rewritten(new)
    return node


def _exponent(term: Expr) -> Expr | None:
    """Return u where the term is c exp(u) = exp(u + log c) with a number c > 0."""
    number, rest = term.as_coeff_Mul()
    if not number > 0:
        return None
    if rest == 1:
        return log(number)
    return rest.args[0] + log(number) if isinstance(rest, exp) else None


def _exponents(total: Expr) -> list[Expr]:
    """Return the exponents of a sum of two or more exponentials, else nothing."""
    if not isinstance(total, Add):
        return []
    found = [_exponent(term) for term in total.args]
    return [] if None in found or total.is_number else [u for u in found if u is not None]


def _parts(product: Expr, *heads: type) -> Iterator[tuple[Expr, Expr, Expr]]:
    """Yield base, power and all other factors for each factor whose base has such a head."""
    for factor in Mul.make_args(product):
        base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, Integer(1))
        if isinstance(base, heads) and power.is_Rational:
            yield base, power, product / factor


def one_exponential(product: Expr) -> Expr | None:
    """exp(u) exp(v) = exp(u + v)."""
    exponents = [f.args[0] for f in product.args if isinstance(f, exp)]
    if len(exponents) < 2:
        return None
    return Mul(exp(Add(*exponents)), *(f for f in product.args if not isinstance(f, exp)))


def logistic(power: Expr) -> Expr | None:
    """(c + exp(u))^-k = c^-k sigmoid(log c - u)^k."""
    pair = _exponents(power.base)
    if len(pair) != 2 or not (power.exp.is_Rational and power.exp < 0):
        return None
    p, q = sorted(pair, key=lambda u: not u.is_number)
    return exp(power.exp * p) * sigmoid(p - q) ** -power.exp if p.is_number else None


def share(product: Expr) -> Expr | None:
    """exp(v) (exp(p) + exp(q))^-k = sigmoid(p - q)^n sigmoid(q - p)^(k - n), v = n p + (k - n) q.

    For any other v it is exp(v - k logaddexp(p, q)).
    """
    for factor, _, others in _parts(product, exp):
        for total, power, rest in _parts(others, Add):
            pair = _exponents(total)
            if len(pair) != 2 or power >= 0:
                continue
            (p, q), v, k = pair, factor.args[0], -power
            for n in range(int(k) + 1):
                if sympy.expand(v - n * p - (k - n) * q) == 0:
                    return rest * sigmoid(p - q) ** n * sigmoid(q - p) ** (k - n)
            return rest * exp(v - k * logaddexp(p, q))
    return None


def exponential_of_sigmoid(product: Expr) -> Expr | None:
    """exp(-u) sigmoid(u) = sigmoid(-u); else exp(v) sigmoid(u)^k = exp(v - k softplus(-u))."""
    for factor, _, others in _parts(product, exp):
        for head, k, rest in _parts(others, sigmoid):
            v, u = factor.args[0], head.args[0]
            times = sympy.cancel(v / u)
            if times.is_Integer and times > 0:
                continue
            if times.is_Integer and k.is_Integer:
                n = min(-times, k)
                return rest * exp(v + n * u) * head ** (k - n) * sigmoid(-u) ** n
            if set(slots_of(u)) & set(slots_of(v)):
                return rest * exp(v - k * softplus(-u))
    return None


def ratio(product: Expr) -> Expr | None:
    """(exp(p) - exp(q))/(exp(p) + exp(q)) = tanh((p - q)/2) and sinh(u)/cosh(u) = tanh(u)."""
    for total, power, rest in _parts(product, Add, sigmoid, cosh):
        pair = _exponents(total)
        for base, times, others in _parts(rest, Add, expm1, sinh):
            if times != 1:
                continue
            u = base.args[0]
            if isinstance(total, sigmoid) and power > 0 and base == expm1(-total.args[0]):
                return others * tanh(u / 2) * total ** (power - 1)
            if isinstance(total, cosh) and power < 0 and base == sinh(total.args[0]):
                return others * tanh(u) * total ** (power + 1)
            if len(pair) == 2 and power < 0 and base == exp(pair[0]) - exp(pair[1]):
                return others * tanh((pair[0] - pair[1]) / 2) * total ** (power + 1)
            if len(pair) == 2 and power < 0 and base == exp(pair[1]) - exp(pair[0]):
                return others * tanh((pair[1] - pair[0]) / 2) * total ** (power + 1)
    return None


_COMPLEMENTS: dict[type, Callable[[Expr], tuple[tuple[Expr, Expr], ...]]] = {
    sigmoid: lambda u: (
        (Integer(-1), -sigmoid(-u)),
        (Rational(-1, 2), tanh(u / 2) / 2),
        (-sigmoid(-u), tanh(u / 2)),
    ),
    exp: lambda u: ((Integer(-1), expm1(u)),),
    erf: lambda u: ((Integer(-1), -erfc(u)), (Integer(1), erfc(-u))),
    sympy.erfc: lambda u: ((Integer(-1), -erf(u)),),
    tanh: lambda u: ((Integer(-1), -2 * sigmoid(-2 * u)), (Integer(1), 2 * sigmoid(2 * u))),
}


def complement(total: Expr) -> Expr | None:
    """f(u) + c = g(u), for the pairs c, g(u) listed for f in `_COMPLEMENTS`; also times r."""
    for term in total.args:
        for f, power, r in _parts(term, *_COMPLEMENTS):
            if power != 1:
                continue
            for c, g in _COMPLEMENTS[type(f)](f.args[0]):
                if c * r in total.args:
                    return Add(*(t for t in total.args if t not in (term, c * r)), g * r)
    return None


def log_of_sum(logarithm: Expr) -> Expr | None:
    """log(1 + exp(u)) = softplus(u) and log(exp(u) + exp(v)) = logaddexp(u, v)."""
    exponents = sorted(_exponents(logarithm.args[0]), key=lambda u: not u.is_number)
    if not exponents:
        return None
    out = exponents[0]
    for u in exponents[1:]:
        out = softplus(u) if out == 0 else logaddexp(out, u)
    return out


def log_of_product(logarithm: Expr) -> Expr | None:
    """log(exp(u) r) = u + log(r), log(sigmoid(u)^k r) = -k softplus(-u) + log(r); sums alike."""
    for base, power, rest in _parts(logarithm.args[0], exp, sigmoid, Add):
        if rest.is_number and not rest > 0:
            return None
        if isinstance(base, exp):
            return base.args[0] + log(rest)
        if isinstance(base, sigmoid):
            return -power * softplus(-base.args[0]) + log(rest)
        if _exponents(base) and (power != 1 or rest != 1):
            return power * log(base) + log(rest)
    return None


def log_of_hyperbolic(logarithm: Expr) -> Expr | None:
    """log(cosh(u)) = logaddexp(u, -u) - log 2, log(1 - tanh(u)^2) = 2 log 2 - softplus(±2u)."""
    arg = logarithm.args[0]
    if isinstance(arg, cosh):
        u = arg.args[0]
        return logaddexp(u, -u) - log(2)
    u = _sech_argument(arg)
    return None if u is None else 2 * log(2) - softplus(2 * u) - softplus(-2 * u)


def log_of_difference(logarithm: Expr) -> Expr | None:
    """log(-expm1(u)) = log1mexp(u)."""
    number, rest = logarithm.args[0].as_coeff_Mul()
    return log1mexp(rest.args[0]) if number == -1 and isinstance(rest, expm1) else None


def log_near_one(logarithm: Expr) -> Expr | None:
    """log(1 + u) = log1p(u), and log(1 + r exp(u)) = softplus(u + log r) where r > 0."""
    number, rest = logarithm.args[0].as_coeff_Add()
    if number != 1 or rest.is_number:
        return None
    for factor, _, r in _parts(rest, exp):
        if r.is_number:
            break
        return piecewise((softplus(factor.args[0] + log(r)), r > 0), (log1p(rest), True))
    return log1p(rest)


RULES: tuple[tuple[type, Callable[[Expr], Expr | None]], ...] = (
    (Mul, one_exponential), (Pow, logistic), (Mul, share), (Mul, exponential_of_sigmoid),
    (Mul, ratio), (Add, complement), (log, log_of_sum), (log, log_of_product),
    (log, log_of_hyperbolic), (log, log_of_difference), (log, log_near_one),
)
"""Head of a node and rule, in the order in which they are tried."""


def _sech_argument(expr: Expr) -> Expr | None:
    """Return u where the expression is 1 - tanh(u)^2."""
    number, rest = expr.as_coeff_Add()
    for base, power, c in _parts(rest, tanh):
        if number == 1 and power == 2 and c == -1:
            return base.args[0]
    return None


def _shared_logistic(body: Expr) -> Expr:
    """1 - tanh(u)^2 = 4 sigmoid(2u) sigmoid(-2u), where sigmoid(±2u) is computed anyway."""
    arguments = {f.args[0] for f in body.atoms(sigmoid)}
    found: dict[Expr, Expr] = {}
    for total in body.atoms(Add) if arguments else ():
        u = _sech_argument(total)
        if u is not None and {2 * u, -2 * u} & arguments:
            found[total] = 4 * sigmoid(2 * u) * sigmoid(-2 * u)
    return substitute(body, found)
