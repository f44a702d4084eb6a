"""The one gateway for derivatives of scalar bodies.

SymPy differentiates the smooth part. A node with a kink (Piecewise, Max, Min, Abs, sign,
floor, ceiling) or with a symbolic exponent is held as one symbol meanwhile and enters by the
chain rule, with the derivative that this file states for it:

    d f(x, g(x))  =  ∂f/∂x  +  ∂f/∂g · dg/dx

so neither Heaviside, DiracDelta nor Subs can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sympy
from sympy import (
    Abs,
    Add,
    Eq,
    Expr,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Symbol,
    ceiling,
    exp,
    floor,
    log,
    sign,
)

from symdl.language.body import (
    check_body,
    piecewise,
    slot,
    slots_of,
    strong_factor,
    strong_product,
    substitute,
)


@lru_cache(maxsize=1 << 15)
def partial(body: Expr, k: int) -> Expr:
    """Differentiate a body with respect to its placeholder a{k}.

    Branches are differentiated one by one, under the condition as it is written. |x|' is
    sign(x), hence 0 at 0; the derivative of sign, floor and ceiling is 0; of equal arguments of
    Max or Min a constant wins, else each has an equal share.

    Raises
    ------
    BodyError
        If the body is outside the validity spec, or its derivative isn't real.
    """
    used = slots_of(body)
    if k not in used:
        return sympy.S.Zero
    derivative = _tidy(_chain(body, slot(k), k))
    check_body(derivative, used[-1] + 1)
    return derivative


def _chain(body: Expr, x: Symbol, k: int) -> Expr:
    held = {node: Symbol(f"_{n}", real=True) for n, node in enumerate(_outermost(body, x))}
    smooth = substitute(body, held)
    back = {symbol: node for node, symbol in held.items()}
    terms = [substitute(smooth.diff(x), back)]
    for node, symbol in held.items():
        outer = substitute(smooth.diff(symbol), back)
        terms.append(_scaled(outer, _inner(node, k)))
    return Add(*terms)


def _outermost(expr: Any, x: Symbol) -> Iterator[Any]:
    """Yield the nodes that SymPy's rules don't serve and that depend on x, from outside."""
    if x not in expr.free_symbols:
        return
    if isinstance(expr, tuple(_RULES)) and not _is_plain_power(expr):
        yield expr
    else:
        for arg in expr.args:
            yield from _outermost(arg, x)


def _is_plain_power(expr: Expr) -> bool:
    return isinstance(expr, Pow) and expr.exp.is_Rational


def _inner(node: Expr, k: int) -> Expr:
    rule = next(rule for head, rule in _RULES.items() if isinstance(node, head))
    return rule(node, k)


def _of_piecewise(node: Expr, k: int) -> Expr:
    """Differentiate each branch; a product z f in which z = 0 wins has z' f + z f'."""
    zero = strong_factor(node)
    if zero is None:
        return piecewise(*((partial(value, k), when) for value, when in node.args))
    product = node.args[1][0]
    if set(slots_of(zero)).isdisjoint(slots_of(product)):
        return partial(product, k)
    other = product / zero
    return partial(zero, k) * other + strong_product(zero, partial(other, k))


def selected(derivative: Expr, factor: Expr) -> Expr:
    """Return the product with a factor, 0 where the derivative is, whatever the factor."""
    if has_zero_branch(derivative) and isinstance(derivative, Piecewise):
        return _scaled(derivative, factor)
    return factor * derivative if derivative.is_number else strong_product(derivative, factor)


@lru_cache(maxsize=1 << 12)
def has_zero_branch(expr: Expr) -> bool:
    """Whether the expression is 0 by a choice between branches."""
    return any(v.is_zero for node in expr.atoms(Piecewise) for v, _ in node.args)


def _of_extremum(node: Expr, k: int) -> Expr:
    """Return the derivative of the argument that attains the extremum.

    Of equal ones a constant wins; else each has an equal share, (a' + b')/2 for two.
    """
    above, not_below = (sympy.Gt, sympy.Ge) if isinstance(node, Max) else (sympy.Lt, sympy.Le)
    moving = sorted((a for a in node.args if a.free_symbols), key=sympy.default_sort_key)
    slopes = [partial(a, k) for a in moving]
    constant = [(sympy.S.Zero, sympy.And(*(not_below(c, a) for a in moving)))
                for c in node.args if not c.free_symbols]
    if len(moving) == 2:
        (a, b), (da, db) = moving, slopes
        return piecewise(*constant, (da, above(a, b)), (db, above(b, a)), ((da + db) / 2, True))
    hits = [piecewise((1, sympy.And(*(not_below(a, b) for b in moving if b != a))), (0, True))
            for a in moving]
    share = Add(*(h * d for h, d in zip(hits, slopes, strict=True))) / Add(*hits)
    return piecewise(*constant, (share, True))


def _of_abs(node: Expr, k: int) -> Expr:
    return _scaled(sign(node.args[0]), partial(node.args[0], k))


def _of_step(node: Expr, k: int) -> Expr:
    return sympy.S.Zero


def _of_power(node: Expr, k: int) -> Expr:
    """Return y x^(y-1) x' + x^y log(x) y', with 0 for x^0 in x, and for 0^y in y.

    A power of a negative number is real at whole exponents only: in y its derivative is NaN.
    """
    x, y = node.args
    terms = []
    if k in slots_of(x):
        in_base = piecewise((0, Eq(y, 0)), (y * x ** (y - 1), True))
        terms.append(_scaled(partial(x, k), in_base))
    if k in slots_of(y):
        edge = sympy.false if x.is_positive else sympy.And(Eq(x, 0), y >= 0)
        in_exponent = sympy.nan if x.is_negative else piecewise((0, edge), (node * log(x), True))
        terms.append(_scaled(partial(y, k), in_exponent))
    return Add(*terms)


_RULES: dict[type, Callable[[Any, int], Expr]] = {
    Piecewise: _of_piecewise, Max: _of_extremum, Min: _of_extremum, Abs: _of_abs,
    sign: _of_step, floor: _of_step, ceiling: _of_step, Pow: _of_power,
}


def _scaled(factor: Expr, value: Expr) -> Expr:
    """Return the product; a branch that is 0 stays 0 whatever the other factor."""
    for this, other in ((factor, value), (value, factor)):
        if isinstance(this, Piecewise) and any(v.is_zero for v, _ in this.args):
            return piecewise(
                *((v if v.is_zero else _scaled(v, other), when) for v, when in this.args)
            )
    return factor * value


def _tidy(expr: Any) -> Any:
    """Bring the sums and fractions that differentiation makes into a form that stays small."""
    if isinstance(expr, Piecewise):
        return piecewise(*((_tidy(value), when) for value, when in expr.args))
    if not isinstance(expr, (Add, Mul)):
        return expr
    expr = expr.func(*(_tidy(arg) for arg in expr.args))
    if isinstance(expr, Mul):
        return _primitive(_logistic(expr))
    return _factored(expr) if isinstance(expr, Add) else expr


def _primitive(product: Expr) -> Expr:
    """Take whole numbers out of sums, 2 (1 - t) for (2 - 2 t), and write u sign(u) as |u|."""
    for factor in product.args:
        if isinstance(factor, sign) and factor.args[0] in product.args:
            product = product / factor / factor.args[0] * Abs(factor.args[0])
    if sum(not f.is_Rational for f in Mul.make_args(product)) < 2:
        return product
    parts = [f.primitive() if isinstance(f, Add) else (sympy.S.One, f) for f in product.args]
    if all(c == 1 or not c.is_Integer for c, _ in parts):
        return product
    return Mul(*(c * f if not c.is_Integer else f for c, f in parts),
               *(c for c, _ in parts if c.is_Integer))


def _logistic(product: Expr) -> Expr:
    """Rewrite exp(v)/(exp(p) + exp(q))^m by the shares of exp(p) and exp(q) in their sum.

    For v = n p + (m - n) q it is s^n t^(m - n) with s = 1/(1 + exp(q - p)) and
    t = 1/(1 + exp(p - q)) = 1 - s: nothing overflows, and infinite arguments come out right.
    """
    exponents = [f.args[0] for f in product.args if isinstance(f, exp)]
    if not exponents:
        return product
    total = Add(*exponents)
    others = [f for f in product.args if not isinstance(f, exp)]
    for place, factor in enumerate(others):
        p, q, m = _exponential_pair(factor) or (0, 0, -1)
        for n in range(m + 1):
            if sympy.expand(total - n * p - (m - n) * q) == 0:
                others[place] = (1 + exp(q - p)) ** -n * (1 + exp(p - q)) ** (n - m)
                return Mul(*others)
    return product


def _exponential_pair(factor: Expr) -> tuple[Expr, Expr, int] | None:
    """Return p, q and m of a factor 1/(exp(p) + exp(q))^m."""
    if not (isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0):
        return None
    if not (isinstance(factor.base, Add) and len(factor.base.args) == 2):
        return None
    powers = [log(term) if term == 1 or isinstance(term, exp) else None
              for term in factor.base.args]
    return None if None in powers else (powers[0], powers[1], -int(factor.exp))


def _factored(total: Expr) -> Expr:
    """Take out the factors that all terms share, plain symbols excepted.

    The lowest power is taken, so that x/(1 + x)^2 - 1/(1 + x) becomes -1/(1 + x)^2; of a sum
    of exponentials the one nearest to 0, since it would bring the exponentials back.
    """
    terms = [_powers(term) for term in total.args]
    common: dict[Expr, Expr] = {}
    for base, power in terms[0].items():
        if all(base in t and t[base] * power > 0 for t in terms):
            nearest = power < 0 and base.has(exp)
            common[base] = (max if nearest else min)(t[base] for t in terms)
    if not common:
        return total
    rest = Mul(*(base**-power for base, power in common.items()))
    inner = Add(*(term * rest for term in total.args))
    if _is_polynomial(inner):
        inner = min(inner, sympy.expand(inner), key=lambda e: e.count_ops())
    return _primitive(Mul(1 / rest, inner))


def _powers(term: Expr) -> dict[Expr, Expr]:
    """Return the factors of a product with their rational powers, numbers and symbols excepted."""
    out: dict[Expr, Expr] = {}
    for factor in Mul.make_args(term):
        rational = _is_plain_power(factor) and not factor.base.is_number
        base = factor.base if rational else factor
        if not (base.is_Symbol or base.is_Rational or isinstance(base, Piecewise)):
            out[base] = factor.exp if rational else sympy.S.One
    return out


def _is_polynomial(expr: Expr) -> bool:
    if isinstance(expr, (Add, Mul)):
        return all(_is_polynomial(arg) for arg in expr.args)
    whole = isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0
    return bool(expr.is_Symbol or expr.is_Rational or (whole and _is_polynomial(expr.base)))


@lru_cache(maxsize=1 << 12)
def output_form(body: Expr, k: int) -> Expr | None:
    """Express the derivative through the value y of the body, where that is shorter.

    Returns
    -------
    Expr or None
        An expression over a0, a1, ... and ``slot(-1)``, which stands for y: 1 - y^2 for tanh,
        y (1 - y) for sigmoid, 1/(2 y) for the square root.
    """
    y, derivative = slot(-1), partial(body, k)
    base, power = (body.base, body.exp) if _is_plain_power(body) else (body, sympy.S.One)
    mapping: dict[Expr, Expr] = {body: y}
    for node in derivative.atoms(Pow):
        if node.base == base and (node.exp / power).is_Integer:
            mapping[node] = y ** (node.exp / power)
    pair = _exponential_pair(body)
    if pair is not None and pair[2] == 1:
        mapping[1 / (1 + exp(pair[0] - pair[1]))] = 1 - y
    form = substitute(derivative, mapping)
    return form if y in form.free_symbols and form.count_ops() < derivative.count_ops() else None
