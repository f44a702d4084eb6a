"""PyTensor, by its own gradients, through Numba and through C."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pytensor
from pytensor import tensor as pt

Data = dict[str, Any]
Run = Callable[[], Any]
Formula = Callable[[Data], list[Any]]


def ways(kind: str) -> dict[str, Callable[[Data], Run]]:
    """The ways to compute a workload; C loses wherever there is a product or a loop."""
    if kind in STEPS:
        return {"NUMBA": partial(stepping, "NUMBA", STEPS[kind])}
    modes = ("NUMBA", "CVM") if kind in ELEMENTWISE else ("NUMBA",)
    return {mode: partial(called, mode, kind) for mode in modes if kind in FORMULAS}


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(x) for x in result]


def called(mode: str, kind: str, d: Data) -> Run:
    """A call without checks, with results that are only lent."""
    f = function(mode, kind, tuple((name, str(x.dtype), x.ndim) for name, x in d.items()))
    given = list(d.values())
    return lambda: f(*given)


@cache
def function(mode: str, kind: str, types: tuple[tuple[str, str, int], ...]) -> Any:
    """One function for all sizes: compiling it takes long."""
    s = {name: pt.tensor(name, dtype=dtype, shape=(None,) * rank) for name, dtype, rank in types}
    outputs = [pytensor.Out(x, borrow=True) for x in FORMULAS[kind](s)]
    inputs = [pytensor.In(x, borrow=True) for x in s.values()]
    return pytensor.function(inputs, outputs, mode=mode, on_unused_input="ignore",
                             trust_input=True)


def stepping(mode: str, loss: Callable[..., Any], d: Data) -> Run:
    """Parameters that are updated in place."""
    p = {k: pytensor.shared(d[k].copy(), borrow=True) for k in MLP}
    rest = {k: pt.tensor(k, dtype=x.dtype, shape=(None,) * x.ndim) for k, x in d.items()
            if k not in MLP}
    value = loss(rest | p)
    gradients = pytensor.grad(value, list(p.values()))
    updates = [(w, w - rest["rate"] * g) for w, g in zip(p.values(), gradients, strict=True)]
    f = pytensor.function(list(rest.values()), value, updates=updates, mode=mode, trust_input=True)
    given = [d[k] for k in rest]

    def run() -> Any:
        return f(*given), *(w.get_value(borrow=True) for w in p.values())

    return run


def with_vjp(f: Callable[..., Any]) -> Formula:
    def both(s: Data) -> list[Any]:
        y = f(s["x"])
        return [y, pytensor.grad(None, s["x"], known_grads={y: s["u"]})]

    return both


def with_gradients(loss: Callable[[Data], Any], *names: str) -> Formula:
    def both(s: Data) -> list[Any]:
        value = loss(s)
        return [value, *pytensor.grad(value, [s[name] for name in names])]

    return both


def cross_entropy(Z: Any, y: Any) -> Any:
    logs = pt.special.log_softmax(Z, axis=1)
    return -logs[pt.arange(Z.shape[0]), y].mean()


def mlp(s: Data) -> Any:
    h = pt.maximum(s["X"] @ s["W1"] + s["b1"], 0)
    h = pt.maximum(h @ s["W2"] + s["b2"], 0)
    return cross_entropy(h @ s["W3"] + s["b3"], s["y"])


def recurrent(step: Callable[..., Any], states: tuple[str, ...], s: Data) -> Any:
    found = pytensor.scan(step, [s["X"] @ s["W"] + s["b"]], [s[name] for name in states],
                          [s[name] for name in "Uc" if name in s], return_updates=False)
    h = found[0] if len(states) > 1 else found
    return ((h - s["Y"]) ** 2).mean()


def lstm_step(driven: Any, h: Any, c: Any, U: Any) -> Any:
    i, f, g, o = parts(driven + h @ U, 4, h.shape[1])
    c = pt.sigmoid(f) * c + pt.sigmoid(i) * pt.tanh(g)
    return pt.sigmoid(o) * pt.tanh(c), c


def gru_step(driven: Any, h: Any, U: Any, c: Any) -> Any:
    (a, q, n), (e, s, m) = (parts(x, 3, h.shape[1]) for x in (driven, h @ U + c))
    z = pt.sigmoid(q + s)
    return (1 - z) * pt.tanh(n + pt.sigmoid(a + e) * m) + z * h


def parts(x: Any, count: int, width: Any) -> list[Any]:
    return [x[:, k * width : (k + 1) * width] for k in range(count)]


def point(s: Data) -> Any:
    h = pt.tanh(s["x"] @ s["W1"] + s["b1"])
    h = pt.tanh(h @ s["W2"] + s["b2"])
    return ((h @ s["W3"] + s["b3"] - s["t"]) ** 2).sum() / 2


def regression(s: Data) -> Any:
    z = s["X"] @ s["w"]
    return (pt.softplus(z) - s["y"] * z).mean() + (s["w"] ** 2).sum() / 200


ELEMENTWISE = ("sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh", "point")
MLP = ("W1", "b1", "W2", "b2", "W3", "b3")
INNER = np.sqrt(2 / np.pi)

FORMULAS: dict[str, Formula] = {
    "sigmoid": with_vjp(pt.sigmoid), "tanh": with_vjp(pt.tanh), "softplus": with_vjp(pt.softplus),
    "silu": with_vjp(lambda x: x * pt.sigmoid(x)),
    "gelu": with_vjp(lambda x: x * pt.erfc(-x / np.sqrt(2).astype(x.dtype)) / 2),
    "gelu_tanh": with_vjp(lambda x: x * (1 + pt.tanh(
        INNER.astype(x.dtype) * (x + np.asarray(0.044715, x.dtype) * x**3))) / 2),
    "cross_entropy": with_gradients(lambda s: cross_entropy(s["Z"], s["y"]), "Z"),
    "mlp": with_gradients(mlp, *MLP),
    "lstm": with_gradients(partial(recurrent, lstm_step, ("h0", "c0")), "W", "U", "b"),
    "gru": with_gradients(partial(recurrent, gru_step, ("h0",)), "W", "U", "b", "c"),
    "point": with_gradients(point, *MLP),
    "logistic_hessian": lambda s: [pytensor.gradient.hessian(regression(s), s["w"])],
}
STEPS = {"mlp_sgd": mlp}
