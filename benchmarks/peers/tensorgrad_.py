"""The same derivations by tensorgrad, to the form that it compiles or simplifies to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
import tensorgrad.functions as F
from tensorgrad import Delta, Variable
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


def transformer(blocks: int) -> tuple[Any, list[Any]]:
    """Causal pre-norm blocks with one head and an MLP, and a tied embedding.

    The mask is an input: 0 where the key s isn't later than the query t, and -inf elsewhere.
    """
    t, d, h, v = sympy.symbols("t d h v")
    tokens, targets = (F.one_hot(Variable(name, t), v) for name in ("tokens", "targets"))
    mask, E = Variable("mask", t=t, s=t), Variable("E", v, d)
    x, parameters = tokens @ E, [E]
    for k in range(blocks):
        Q, K, V = (Variable(f"{name}{k}", d=d, a=d) for name in "QKV")
        O, A, B = Variable(f"O{k}", a=d, d=d), Variable(f"A{k}", d, h), Variable(f"B{k}", h, d)
        g, c, p, q = (Variable(f"{name}{k}", d) for name in "gcpq")
        z = F.layer_norm(x, dim="d", weight=g, bias=c)
        scores = (z @ Q) @ (z @ K).rename(t="s") * F.pow(Delta(d), Fraction(-1, 2))
        x = x + F.softmax(scores + mask, dim="s") @ (z @ V).rename(t="s") @ O
        x = x + F.gelu(F.layer_norm(x, dim="d", weight=p, bias=q) @ A) @ B
        parameters += [Q, K, V, O, A, B, g, c, p, q]
    return F.mean(F.cross_entropy(x @ E, targets, dim="v")), parameters


def derive(name: str) -> None:
    """Derive one workload; a gradient is lazy there, and resolved when it is compiled."""
    kind, _, size = name.partition(":")
    if kind in ("net", "transformer"):
        loss, parameters = (net if kind == "net" else transformer)(int(size))
        compile_to_callable(loss, *[loss.grad(p) for p in parameters])
        return
    i = sympy.Symbol("i")
    z, y = Variable("z", i), Variable("y", i)
    e = F.exp(z)
    loss = -y @ F.log(e / F.sum(e))
    loss.grad(z).grad(z).full_simplify()
