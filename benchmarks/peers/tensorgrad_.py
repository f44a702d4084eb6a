"""The same derivations by tensorgrad, to the form that it compiles or simplifies to."""

from __future__ import annotations

from typing import Any

import sympy
import tensorgrad.functions as F
from tensorgrad import Variable
from tensorgrad.compiler import compile_to_callable


def net(depth: int) -> tuple[Any, list[Any]]:
    """A dense net of tanh layers with softmax cross-entropy, and its parameters."""
    n, sizes = sympy.Symbol("n"), sympy.symbols(" ".join(f"d{k}" for k in range(depth + 1)))
    h, parameters = Variable("X", n, sizes[0]), []
    for k in range(depth):
        W, b = Variable(f"W{k}", sizes[k], sizes[k + 1]), Variable(f"b{k}", sizes[k + 1])
        parameters += [W, b]
        h = h @ W + b
        if k < depth - 1:
            h = F.tanh(h)
    target = Variable("Y", n, sizes[depth])
    return F.mean(F.cross_entropy(h, target, dim=f"d{depth}")), parameters


def derive(name: str) -> None:
    """Derive one workload; a gradient is lazy there, and resolved when it is compiled."""
    kind, _, size = name.partition(":")
    if kind == "net":
        loss, parameters = net(int(size))
        compile_to_callable(loss, *[loss.grad(p) for p in parameters])
        return
    i = sympy.Symbol("i")
    z, y = Variable("z", i), Variable("y", i)
    e = F.exp(z)
    loss = -y @ F.log(e / F.sum(e))
    loss.grad(z).grad(z).full_simplify()
