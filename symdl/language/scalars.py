"""The scalar catalogue: one entry a function, from which everything else follows.

An entry is the formula as its reference states it. Its derivatives, kinks, stable forms and
kernels are derived, so that adding an activation is adding one entry to `CATALOGUE`.

Conventions: the derivative of |x|, relu and leaky_relu at 0 takes the branch written there
(|x|' = 0, relu' = 0); maximum and minimum give a tie to a constant, else to each argument in
equal shares, which no renaming changes; floor, round and sign have derivative 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf, pi
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy import Expr

from symdl.language.body import kinks, literal, piecewise, slot


@dataclass(frozen=True)
class Interval:
    """A real interval; an end that is open does not belong to it."""

    lo: float = -inf
    hi: float = inf
    lo_open: bool = True
    hi_open: bool = True

    def __contains__(self, x: float) -> bool:
        above = x > self.lo if self.lo_open else x >= self.lo
        return above and (x < self.hi if self.hi_open else x <= self.hi)


REALS = Interval()
POSITIVE = Interval(lo=0.0)
UNIT = Interval(-1.0, 1.0)


@dataclass(frozen=True)
class Scalar:
    """A named scalar function.

    Attributes
    ----------
    name : str
        What users call it.
    formula : callable
        Maps the arguments, then the parameters by name, to a SymPy expression.
    reference : str
        The paper, book or standard that states the formula.
    params : mapping
        Parameters and their defaults, as the reference or torch has them.
    domain : tuple of Interval
        For each argument, where the function and its derivatives are finite.
    note : str
        The convention at a kink or an edge, where one was chosen.
    """

    name: str
    formula: Callable[..., Expr]
    reference: str
    arity: int = 1
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    domain: tuple[Interval, ...] = (REALS,)
    note: str = ""

    def body(self, **params: Any) -> Expr:
        """Return the formula over a0, a1, ... with exact parameters."""
        values = {k: literal(v) for k, v in {**self.params, **params}.items()}
        return self.formula(*(slot(k) for k in range(self.arity)), **values)

    def kinks(self, **params: Any) -> tuple[Expr, ...]:
        """Return expressions in a0, a1, ... that vanish where a derivative may jump."""
        return kinks(self.body(**params))

    @property
    def analytic(self) -> bool:
        """Whether the formula also holds beside the real line, so that a complex step may."""
        jumps = (sp.Piecewise, sp.Max, sp.Min, sp.Abs, sp.sign, sp.floor, sp.ceiling)
        return not self.body().has(*jumps)


def _hard_step(x: Expr, lo: Expr, hi: Expr, below: Expr, inside: Expr, above: Expr) -> Expr:
    return piecewise((below, x <= lo), (above, x >= hi), (inside, True))


def _selu(x: Expr) -> Expr:
    scale = sp.Rational("1.0507009873554804934193349852946")
    alpha = sp.Rational("1.6732632423543772848170429916717")
    return piecewise((scale * alpha * (sp.exp(x) - 1), x <= 0), (scale * x, True))


_ENTRIES = (
    Scalar("identity", lambda x: x, "f(x) = x"),
    Scalar("square", lambda x: x**2, "f(x) = x^2"),
    Scalar("reciprocal", lambda x: 1 / x, "f(x) = 1/x", domain=(POSITIVE,),
           note="defined for x < 0 too; the domain avoids the pole"),
    # Activations
    Scalar("relu", lambda x: piecewise((0, x <= 0), (x, True)),
           "Goodfellow, Bengio & Courville, Deep Learning, section 6.3", note="f'(0) = 0"),
    Scalar("leaky_relu",
           lambda x, negative_slope: piecewise((negative_slope * x, x <= 0), (x, True)),
           "Maas, Hannun & Ng 2013, Rectifier nonlinearities improve acoustic models",
           params={"negative_slope": 0.01}, note="f'(0) = negative_slope"),
    Scalar("elu", lambda x, alpha: piecewise((alpha * (sp.exp(x) - 1), x <= 0), (x, True)),
           "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289", params={"alpha": 1},
           note="f'(0) = alpha"),
    Scalar("selu", _selu, "Klambauer et al. 2017, arXiv:1706.02515, eq. 2",
           note="f'(0) = scale * alpha"),
    Scalar("celu",
           lambda x, alpha: piecewise((alpha * (sp.exp(x / alpha) - 1), x <= 0), (x, True)),
           "Barron 2017, arXiv:1704.07483", params={"alpha": 1}),
    Scalar("gelu", lambda x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
           "Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2"),
    Scalar("gelu_tanh",
           lambda x: x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + literal(0.044715) * x**3))) / 2,
           "Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2"),
    Scalar("silu", lambda x: x / (1 + sp.exp(-x)), "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118"),
    Scalar("mish", lambda x: x * sp.tanh(sp.log(1 + sp.exp(x))), "Misra 2019, arXiv:1908.08681"),
    Scalar("softplus", lambda x: sp.log(1 + sp.exp(x)),
           "Goodfellow, Bengio & Courville, Deep Learning, eq. 3.31"),
    Scalar("softsign", lambda x: x / (1 + sp.Abs(x)),
           "Turian, Bergstra & Bengio 2009, Quadratic features for chunking"),
    Scalar("hardtanh",
           lambda x, min_val, max_val: _hard_step(x, min_val, max_val, min_val, x, max_val),
           "Collobert 2004, Large Scale Machine Learning", params={"min_val": -1, "max_val": 1},
           note="f' = 0 at both ends"),
    Scalar("sigmoid", lambda x: 1 / (1 + sp.exp(-x)),
           "Goodfellow, Bengio & Courville, Deep Learning, eq. 3.30"),
    Scalar("hardsigmoid", lambda x: _hard_step(x, -3, 3, 0, x / 6 + sp.Rational(1, 2), 1),
           "Howard et al. 2019, arXiv:1905.02244, section 5.2", note="f' = 0 at both ends"),
    Scalar("hardswish", lambda x: _hard_step(x, -3, 3, 0, x * (x + 3) / 6, x),
           "Howard et al. 2019, arXiv:1905.02244, section 5.2", note="f'(-3) = 0, f'(3) = 1"),
    Scalar("log_sigmoid", lambda x: -sp.log(1 + sp.exp(-x)), "log of sigmoid"),
    # Elementary functions
    Scalar("exp", sp.exp, "DLMF 4.2(iii)"),
    Scalar("expm1", lambda x: sp.exp(x) - 1, "ISO C11 7.12.6.3"),
    Scalar("log", sp.log, "DLMF 4.2(i)", domain=(POSITIVE,)),
    Scalar("log1p", lambda x: sp.log(1 + x), "ISO C11 7.12.6.9", domain=(Interval(lo=-1.0),)),
    Scalar("logaddexp", lambda x, y: sp.log(sp.exp(x) + sp.exp(y)), "numpy.logaddexp", arity=2,
           domain=(REALS, REALS)),
    Scalar("logit", lambda x: sp.log(x) - sp.log(1 - x), "scipy.special.logit",
           domain=(Interval(0.0, 1.0),)),
    Scalar("xlogy", lambda x, y: piecewise((0, sp.Eq(x, 0) & (y <= 0)), (x * sp.log(y), True)),
           "scipy.special.xlogy", arity=2, domain=(REALS, POSITIVE),
           note="0 where x = 0, derivatives included where y <= 0 there; NaN at (0, inf)"),
    Scalar("pow", lambda x, y: x**y, "DLMF 4.2(iv)", arity=2, domain=(POSITIVE, REALS),
           note="real powers: NaN for x < 0 unless y is an integer; 0**0 = 1"),
    Scalar("sqrt", sp.sqrt, "DLMF 4.2(iv)", domain=(POSITIVE,), note="f'(0) = inf"),
    Scalar("rsqrt", lambda x: 1 / sp.sqrt(x), "torch.rsqrt", domain=(POSITIVE,)),
    Scalar("sin", sp.sin, "DLMF 4.14.1"),
    Scalar("cos", sp.cos, "DLMF 4.14.2"),
    Scalar("tan", sp.tan, "DLMF 4.14.4", domain=(Interval(-pi / 2, pi / 2),)),
    Scalar("asin", sp.asin, "DLMF 4.23(ii)", domain=(UNIT,)),
    Scalar("acos", sp.acos, "DLMF 4.23(ii)", domain=(UNIT,)),
    Scalar("atan", sp.atan, "DLMF 4.23(ii)"),
    Scalar("sinh", sp.sinh, "DLMF 4.28.1"),
    Scalar("cosh", sp.cosh, "DLMF 4.28.2"),
    Scalar("tanh", sp.tanh, "DLMF 4.28.4"),
    Scalar("asinh", sp.asinh, "DLMF 4.37(ii)"),
    Scalar("acosh", sp.acosh, "DLMF 4.37(ii)", domain=(Interval(lo=1.0),)),
    Scalar("atanh", sp.atanh, "DLMF 4.37(ii)", domain=(UNIT,)),
    # Pieces
    Scalar("abs", sp.Abs, "|x|", note="f'(0) = 0"),
    Scalar("sign", sp.sign, "numpy.sign", note="f' = 0, sign(0) = 0"),
    Scalar("maximum", sp.Max, "numpy.maximum", arity=2, domain=(REALS, REALS),
           note="a tie goes to a constant, else to each argument in equal shares"),
    Scalar("minimum", sp.Min, "numpy.minimum", arity=2, domain=(REALS, REALS),
           note="a tie goes to a constant, else to each argument in equal shares"),
    Scalar("floor", sp.floor, "numpy.floor", note="f' = 0"),
    Scalar("round",
           lambda x: sp.floor(x / 2 + sp.Rational(1, 4)) + sp.ceiling(x / 2 - sp.Rational(1, 4)),
           "IEEE 754-2019, roundToIntegralTiesToEven", note="f' = 0; half to even"),
    # Special functions
    Scalar("erf", sp.erf, "DLMF 7.2.1"),
    Scalar("erfc", sp.erfc, "DLMF 7.2.2"),
    Scalar("lgamma", sp.loggamma, "log|Γ(x)|, DLMF 5.2.1", domain=(POSITIVE,),
           note="defined between the poles x = 0, -1, ... too"),
    Scalar("digamma", sp.digamma, "DLMF 5.2.2", domain=(POSITIVE,),
           note="defined between the poles x = 0, -1, ... too"),
    Scalar("polygamma", lambda x, order: sp.polygamma(order, x), "DLMF 5.15", params={"order": 1},
           domain=(POSITIVE,), note="order 0 is digamma"),
)

CATALOGUE: Mapping[str, Scalar] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
"""Name -> entry."""
