"""Functions by NumPy's names, and SciPy's, and the short ones that formulas use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from math import factorial as exact_factorial
from typing import Any

import sympy

from symdl.language import operators as op
from symdl.language.body import literal
from symdl.language.form import Form
from symdl.language.functions.norms import norm
from symdl.language.functions.products import kron, matrix_power, vec
from symdl.language.functions.softmax import log_softmax, logsumexp, softmax
from symdl.language.scalars import CATALOGUE
from symdl.language.syntax.bounded import bounded_call, constant
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import FACTORIAL, OPTION, POWER
from symdl.language.syntax.python.lists import Value, operand, product, stacked, total
from symdl.language.syntax.python.more import MORE
from symdl.language.tensor import Tensor

Function = Callable[..., Any]


def _of_arrays(function: Function) -> Function:
    """The function with lists taken as arrays."""
    @wraps(function)
    def call(*args: Value, **options: Any) -> Any:
        return function(*(operand(a) for a in args), **options)

    return call


def _reduction(function: Function, of_list: Function | None = None) -> Function:
    def call(x: Value, axis: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        if isinstance(x, list) and of_list is not None and not keepdims:
            return of_list(x, axis)
        return function(operand(x), axis, keepdims, where)

    return call


def _extreme(choose: Function, reduction: Function) -> Function:
    """Python's `max(a, b)`, or NumPy's over an axis."""
    def call(x: Value, *others: Value, axis: Any = None, keepdims: bool = False) -> Any:
        if not others:
            return reduction(operand(x), axis, keepdims)
        out = x
        for y in others:
            numbers = all(isinstance(v, (int, Fraction)) for v in (out, y))
            out = (max if choose is op.maximum else min)(out, y) if numbers else choose(
                operand(out), operand(y))
        return out

    return call


def _numpy_extreme(reduction: Function) -> Function:
    return lambda x, axis=None, keepdims=False: reduction(operand(x), axis, keepdims)


def _integer(x: Value, limit: int, what: str) -> int:
    if isinstance(x, Fraction) and x.denominator == 1:
        x = int(x)
    if not isinstance(x, int) or abs(x) > limit:
        raise Refusal(f"{what} is a whole number up to {limit}")
    return x


def sigmoid_slope(z: Any) -> Any:
    """σ(z) (1 - σ(z))."""
    s = op.sigmoid(z)
    return s * (1 - s)


def factorial(n: Value) -> Any:
    """The product of 1, ..., n: Γ(n + 1)."""
    if isinstance(n, int):
        return exact_factorial(_integer(n, FACTORIAL, "what factorial is taken of"))
    return gamma(op.add(operand(n), 1))


def gamma(x: Any) -> Tensor:
    """Γ(x)."""
    return op.apply(sympy.gamma, operand(x))


def comb(n: Any, k: Any) -> Tensor:
    """The binomial coefficient, by logarithms of Γ."""
    n, k = op.as_tensor(operand(n)), op.as_tensor(operand(k))
    lgamma: Function = op.lgamma
    out: Tensor = op.exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))
    return out


def betaln(a: Any, b: Any) -> Tensor:
    """Log B(a, b) = log Γ(a) + log Γ(b) - log Γ(a + b)."""
    lgamma: Function = op.lgamma
    out: Tensor = lgamma(a) + lgamma(b) - lgamma(op.add(a, b))
    return out


def multigammaln(a: Any, d: Value) -> Tensor:
    """Log Γ_d(a) = d(d-1)/4 log π + sum of log Γ(a - j/2) for j < d."""
    d = _integer(d, POWER, "the dimension")
    lgamma: Function = op.lgamma
    out = op.as_tensor(literal(Fraction(d * (d - 1), 4)) * sympy.log(sympy.pi))
    for j in range(d):
        out = out + lgamma(op.subtract(a, Fraction(j, 2)))
    return out


def normal_density(x: Any, m: Any, v: Any) -> Tensor:
    """The density of a normal variable, of mean m and variance v."""
    square = op.power(op.subtract(x, m), 2)
    scale: Tensor = op.sqrt(op.multiply(2 * sympy.pi, v))
    return op.divide(op.exp(op.divide(square, op.multiply(-2, v))), scale)


def multinormal_density(x: Any, m: Any, s: Any) -> Tensor:
    """The density of a normal vector, of mean m and covariance s."""
    r = op.subtract(x, m)
    scale: Tensor = op.sqrt(op.det(op.multiply(2 * sympy.pi, s)))
    return op.divide(op.exp(-(r @ op.solve(s, r)) / 2), scale)


def _filled(value: int) -> Function:
    def call(shape: Value, *more: Value) -> Tensor:
        sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (shape, *more)
        return op.full(tuple(map(_size, sizes)), value)

    return call


def _size(x: Value) -> Any:
    return x if isinstance(x, Form) else _integer(x, 10 * OPTION, "a size")


def _eye(n: Value) -> Tensor:
    return op.eye(_size(n))


def _arange(*bounds: Value) -> Any:
    if len(bounds) == 1 and isinstance(bounds[0], Form):
        return op.arange(bounds[0])
    return stacked(list(_range(*bounds)))


def _range(*bounds: Value) -> range:
    whole = [_integer(b, OPTION, "a bound of a range") for b in bounds]
    if not 1 <= len(whole) <= 3 or (len(whole) == 3 and not whole[2]):
        raise Refusal("range takes a bound, two bounds, or two and a step other than 0")
    return range(*whole)


def _length(x: Value) -> Any:
    return len(x) if isinstance(x, (list, tuple, range)) else operand(x).shape[0]


def _einsum(spec: Value, *args: Value) -> Tensor:
    if not isinstance(spec, str):
        raise Refusal("einsum's first argument is a text such as 'ij,jk->ik'")
    return op.einsum(spec, *map(operand, args))


def _power(a: Any, k: Value) -> Tensor:
    return matrix_power(operand(a), _integer(k, POWER, "the power of a matrix"))


def _pinv(a: Any, rcond: Value = Fraction(0)) -> Tensor:
    return op.pinv(operand(a), float(rcond))


def _reshape(x: Value, *shape: Value, order: Value = "C") -> Tensor:
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], (list, tuple)) else shape
    if order == "F":
        turned = op.reshape(op.transpose(operand(x)), tuple(reversed(sizes)))
        return op.transpose(turned)
    return op.reshape(operand(x), tuple(sizes))


def _transpose(x: Value, *axes: Value) -> Tensor:
    order = axes[0] if len(axes) == 1 and isinstance(axes[0], (list, tuple)) else axes
    return op.transpose(operand(x), tuple(order) or None)


def _joined(function: Function) -> Function:
    return lambda parts, axis=0: function([operand(p) for p in parts], axis)


def _norm(x: Value, ord: Value = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    order = constant(ord) if isinstance(ord, Tensor) else ord
    return norm(operand(x), order if isinstance(order, (str, int)) or order is None
                else float(order), axis, keepdims)


_PLAIN: Mapping[str, Function] = {
    "tr": op.trace, "trace": op.trace, "det": op.det, "inv": op.inv, "logdet": op.logdet,
    "outer": op.outer, "diag": op.diag, "diagonal": op.diagonal, "kron": kron, "vec": vec,
    "expm": op.expm, "sqrtm": op.sqrtm, "logm": op.logm, "cholesky": op.cholesky,
    "solve": op.solve, "eig": op.eigvalsh, "eigvalsh": op.eigvalsh, "eigh": op.eigh,
    "dot": op.matmul, "matmul": op.matmul, "where": op.where, "cumsum": op.cumsum,
    "cumprod": op.cumprod, "argmin": op.argmin, "argmax": op.argmax, "argsort": op.argsort,
    "sort": op.sort, "tril": op.tril, "triu": op.triu, "squeeze": op.squeeze, "flip": op.flip,
    "expand_dims": op.expand_dims, "swapaxes": op.swapaxes,
    "log_softmax": log_softmax, "add": op.add, "subtract": op.subtract, "multiply": op.multiply,
    "divide": op.divide, "power": op.power, "clip": op.clip, "float": op.as_tensor,
    "dsig": sigmoid_slope, "betaln": betaln, "mlgamma": multigammaln,
    "multigammaln": multigammaln, "npdf": normal_density, "mvn": multinormal_density,
    "gamma": gamma, "comb": comb,
}
_OWN: Mapping[str, Function] = {
    "sum": _reduction(op.sum, total), "prod": _reduction(op.prod, product),
    "mean": _reduction(op.mean), "max": _extreme(op.maximum, op.max),
    "min": _extreme(op.minimum, op.min), "np.max": _numpy_extreme(op.max),
    "np.min": _numpy_extreme(op.min), "amax": _numpy_extreme(op.max),
    "amin": _numpy_extreme(op.min), "einsum": _einsum, "mp": _power, "matrix_power": _power,
    "pinv": _pinv, "norm": _norm, "I": _eye, "eye": _eye, "identity": _eye, "arange": _arange,
    "range": _range, "len": _length, "ones": _filled(1), "zeros": _filled(0),
    "array": lambda x: stacked(x) if isinstance(x, (list, tuple)) else op.as_tensor(operand(x)),
    "asarray": lambda x: stacked(x) if isinstance(x, (list, tuple)) else operand(x),
    "stack": _joined(op.stack), "concatenate": _joined(op.concatenate),
    "transpose": _transpose, "T": _transpose, "reshape": _reshape, "factorial": factorial,
    "softmax": lambda z, ax=-1, axis=-1: softmax(operand(z), axis if axis != -1 else ax),
    "lse": lambda z, ax=None: logsumexp(operand(z), ax),
    "logsumexp": lambda z, axis=None, keepdims=False: logsumexp(operand(z), axis, keepdims),
}
ALIASES: Mapping[str, str] = {
    "sig": "sigmoid", "expit": "sigmoid", "gammaln": "lgamma", "psi": "digamma", "absolute": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "rint": "round", "fabs": "abs", "negative": "neg",
    "log_expit": "log_sigmoid",
}
FUNCTIONS: Mapping[str, Function] = {
    **{name: _of_arrays(bounded_call(name, getattr(op, name))) for name in CATALOGUE
       if name != "identity"},
    **{name: _of_arrays(f) for name, f in _PLAIN.items()}, **_OWN, **MORE,
}
"""Name -> function; the catalogue's scalar functions among them."""
CONSTANTS: Mapping[str, Any] = {
    "pi": sympy.pi, "np.e": sympy.E, "np.inf": sympy.oo, "np.pi": sympy.pi, "np.newaxis": None,
    "np.euler_gamma": sympy.EulerGamma,
}
METHODS = frozenset({
    "sum", "mean", "prod", "max", "min", "dot", "reshape", "transpose", "trace", "cumsum",
    "cumprod", "argmin", "argmax", "var", "std", "diagonal", "squeeze", "swapaxes", "flatten",
    "ravel", "clip", "repeat", "copy", "ptp"})
"""Methods of arrays that are functions of the same name."""
