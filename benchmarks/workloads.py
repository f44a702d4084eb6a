"""The networks whose derivatives are timed, by symdl."""

from __future__ import annotations

from typing import Any

import symdl as sd
from symdl import nn
from symdl.algebra.simplify import simplify

USED = (sd.grad, sd.hessian, sd.tensor, sd.tanh, sd.gelu, sd.softmax, nn.dense, nn.embedding,
        nn.layer_norm, nn.attention, nn.cross_entropy, simplify)
"""What is imported at its first use otherwise: an import isn't part of a derivation."""


def net(depth: int) -> tuple[Any, list[Any]]:
    """A dense net of tanh layers with softmax cross-entropy, and its parameters."""
    n = sd.dims("n")
    sizes = sd.dims(" ".join(f"d{k}" for k in range(depth + 1)))
    h, parameters = sd.tensor("X", n, sizes[0]), []
    for k in range(depth):
        W, b = sd.tensor(f"W{k}", sizes[k], sizes[k + 1]), sd.tensor(f"b{k}", sizes[k + 1])
        parameters += [W, b]
        h = nn.dense(h, W, b)
        if k < depth - 1:
            h = sd.tanh(h)
    return nn.cross_entropy(h, sd.tensor("Y", n, sizes[depth], one_hot=True)), parameters


def transformer(blocks: int) -> tuple[Any, list[Any]]:
    """Causal pre-norm blocks with one head and an MLP, and a tied embedding."""
    t, d, h, v = sd.dims("t d h v")
    tokens, targets = sd.tensor("tokens", t, integer=True), sd.tensor("targets", t, integer=True)
    E = sd.tensor("E", v, d)
    x, parameters = nn.embedding(E, tokens), [E]
    for k in range(blocks):
        Q, K, V, O = (sd.tensor(f"{name}{k}", d, d) for name in "QKVO")
        A, B = sd.tensor(f"A{k}", d, h), sd.tensor(f"B{k}", h, d)
        g, c, p, q = (sd.tensor(f"{name}{k}", d) for name in "gcpq")
        z = nn.layer_norm(x, g, c)
        x = x + nn.attention(z @ Q, z @ K, z @ V, causal=True) @ O
        x = x + sd.gelu(nn.layer_norm(x, p, q) @ A) @ B
        parameters += [Q, K, V, O, A, B, g, c, p, q]
    return nn.cross_entropy(x @ E.T, targets), parameters


def derive(name: str) -> None:
    """Derive one workload; what is printed is for the reader only."""
    kind, _, size = name.partition(":")
    if kind == "net":
        sd.grad(*net(int(size)))
    elif kind == "transformer":
        sd.grad(*transformer(int(size)))
    else:
        k = sd.dims("k")
        z, y = sd.tensor("z", k), sd.tensor("y", k)
        sd.hessian(-sd.sum(y * sd.log(sd.softmax(z))), z).simplify()
