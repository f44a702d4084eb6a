"""torch, eager, with each layer's own function; images in both memory layouts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.peers.torch_formulas import (
    attention,
    cnn,
    gmm,
    gp,
    gru,
    logistic,
    lstm,
    mlp,
    newton,
    point,
    regression,
    rows,
    softmax_hessian,
    vae,
)

Data = dict[str, Any]
Run = Callable[[], Any]


def ways(kind: str) -> dict[str, Callable[[Data], Run]]:
    """The ways to compute a workload."""
    return WAYS.get(kind, {})


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    return [x.detach().numpy() for x in result]


def placed(d: Data) -> Data:
    return {k: torch.from_numpy(np.array(x)) for k, x in d.items()}


def leaf(x: torch.Tensor) -> torch.Tensor:
    return x.detach().requires_grad_()


def with_vjp(f: Callable[..., Any], names: tuple[str, ...], u: str, d: Data, layout: Any = None,
             ) -> Run:
    t = placed(d)
    if layout is not None:
        t = {k: x.to(memory_format=layout) for k, x in t.items()}
    inputs = [leaf(t[name]) for name in names]

    def run() -> Any:
        y = f(*inputs)
        return y, *torch.autograd.grad(y, inputs, t[u])

    return run


def with_gradients(loss: Callable[..., Any], names: tuple[str, ...], d: Data) -> Run:
    t = placed(d)
    t |= {name: leaf(t[name]) for name in names}
    inputs = [t[name] for name in names]

    def run() -> Any:
        value = loss(**t)
        return value, *torch.autograd.grad(value, inputs)

    return run


def turned(make: Any, *arguments: Any) -> Run:
    """With weights stored as torch's layers store them, outputs first."""
    *rest, d = arguments
    run = make(*rest, {k: np.ascontiguousarray(x.T) if k[0] in "WU" and x.ndim == 2 else x
                       for k, x in d.items()})

    def back() -> Any:
        return [x.T if x.ndim == 2 else x for x in run()]

    return back


def stepping(loss: Any, names: tuple[str, ...], optimiser: Any, layout: Any, d: Data) -> Run:
    t = placed(d)
    rate = float(d["rate"])
    p = {name: leaf(t[name]) for name in names}
    rest = {k: t[k] for k in ("X", "y", "E") if k in t}
    if layout is not None:
        p = {k: leaf(x.to(memory_format=layout)) if x.ndim == 4 else x for k, x in p.items()}
        rest["X"] = rest["X"].to(memory_format=layout)
    moving = optimiser(list(p.values()), lr=rate)

    def run() -> Any:
        moving.zero_grad(set_to_none=True)
        value = loss(**rest, **p)
        value.backward()
        moving.step()
        return value, *p.values()

    return run


def recurrent(layer: Any, d: Data) -> Run:
    """torch's own layer; its second bias is 0, and not learned, where there is but one."""
    t = placed(d)
    h = t["h0"].shape[-1]
    net = layer(t["X"].shape[-1], h).to(t["X"].dtype)
    names = {"weight_ih_l0": t["W"].T, "weight_hh_l0": t["U"].T, "bias_ih_l0": t["b"],
             "bias_hh_l0": t.get("c", torch.zeros_like(t["b"]))}
    for name, value in names.items():
        getattr(net, name).data.copy_(value)
    net.bias_hh_l0.requires_grad_("c" in t)
    state = (t["h0"][None], t["c0"][None]) if "c0" in t else t["h0"][None]
    inputs = [x for x in net.parameters() if x.requires_grad]

    def run() -> Any:
        value = F.mse_loss(net(t["X"], state)[0], t["Y"])
        W, U, *biases = torch.autograd.grad(value, inputs)
        return value, W.T, U.T, *biases

    return run


def plain(f: Callable[..., Any], d: Data) -> Run:
    """A formula in closed form, without a graph."""
    t = placed(d)

    def run() -> Any:
        with torch.no_grad():
            return [f(**t)]

    return run


def hessian(loss: Callable[..., Any], names: tuple[str, ...], d: Data) -> Run:
    """By torch.func, all blocks."""
    t = placed(d)
    rest = {k: x for k, x in t.items() if k not in names}
    second = torch.func.hessian(lambda *w: loss(**dict(zip(names, w, strict=True)), **rest),
                                tuple(range(len(names))))
    return lambda: [x for row in second(*(t[name] for name in names)) for x in row]


ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "softplus": F.softplus, "silu": F.silu,
               "gelu": F.gelu, "gelu_tanh": partial(F.gelu, approximate="tanh")}
LAYOUTS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
MLP = ("W1", "b1", "W2", "b2", "W3", "b3")
CNN = ("K1", "b1", "K2", "b2", "W", "c")


def mlp_steps(**optimisers: Any) -> dict[str, Callable[[Data], Run]]:
    found: dict[str, Callable[[Data], Run]] = {}
    for name, make in optimisers.items():
        found[f"addmm, {name}"] = partial(stepping, partial(mlp, rows), MLP, make, None)
        found[f"linear, {name}"] = partial(
            turned, stepping, partial(mlp, F.linear), MLP, make, None)
    return found


WAYS: dict[str, dict[str, Callable[[Data], Run]]] = {
    **{name: {"eager": partial(with_vjp, f, ("x",), "u")} for name, f in ACTIVATIONS.items()},
    "cross_entropy": {"eager": partial(with_gradients, lambda Z, y: F.cross_entropy(Z, y), ("Z",))},
    "mlp": {"addmm": partial(with_gradients, partial(mlp, rows), MLP),
            "linear": partial(turned, with_gradients, partial(mlp, F.linear), MLP)},
    "mlp_sgd": mlp_steps(foreach=partial(torch.optim.SGD, foreach=True),
                         fused=partial(torch.optim.SGD, fused=True)),
    "mlp_adam": mlp_steps(foreach=partial(torch.optim.Adam, foreach=True),
                          fused=partial(torch.optim.Adam, fused=True)),
    "convolution": {name: partial(with_vjp, partial(F.conv2d, padding=1), ("X", "K"), "U",
                                  layout=layout) for name, layout in LAYOUTS.items()},
    "cnn_sgd": {name: partial(stepping, partial(cnn, rows), CNN,
                              partial(torch.optim.SGD, fused=True), layout)
                for name, layout in LAYOUTS.items()},
    "lstm": {"nn.LSTM": partial(recurrent, torch.nn.LSTM),
             "loop": partial(with_gradients, lstm, ("W", "U", "b"))},
    "gru": {"nn.GRU": partial(recurrent, torch.nn.GRU),
            "loop": partial(with_gradients, gru, ("W", "U", "b", "c"))},
    "point": {"eager": partial(with_gradients, point, MLP)},
    "logistic_hessian": {"closed form": partial(plain, logistic),
                         "torch.func": partial(hessian, regression, ("w",))},
    "newton": {"closed form": partial(plain, newton)},
    "factorisation_hessian": {"torch.func": partial(
        hessian, lambda U, V, X: ((U @ V.T - X) ** 2).sum() / 2, ("U", "V"))},
    "quadratic_hessian": {"closed form": partial(plain, lambda A, x: A + A.T)},
    "logsumexp_hessian": {"closed form": partial(plain, softmax_hessian)},
    "attention": {"scaled_dot_product_attention": partial(
        with_gradients, attention, ("X", "g", "c", *"QKVO"))},
    "vae_adam": {"fused": partial(stepping, vae, tuple("AaMmSsBbCc"),
                                  partial(torch.optim.Adam, fused=True), None)},
    "gp": {"eager": partial(with_gradients, gp, ("l", "f", "s"))},
    "gmm": {"eager": partial(with_gradients, gmm, ("alpha", "mu", "icf"))},
}
