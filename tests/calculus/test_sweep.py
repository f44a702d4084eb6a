"""The reverse sweep's own work grows with the program, not with program times variables."""

from __future__ import annotations

import symdl as sd
from symdl.language.tensor import Tensor

n = sd.dims("n")


def comparisons(layers, monkeypatch):
    """How often tensors are compared while a net of so many layers is differentiated."""
    x = sd.tensor("x", n)
    weights = [sd.tensor(f"w{k}", n) for k in range(layers)]
    for w in weights:
        x = x + sd.tanh(x * w)
    loss, count = sd.sum(x), 0
    plain = Tensor.__eq__

    def counted(a, b):
        nonlocal count
        count += 1
        return plain(a, b)

    with monkeypatch.context() as patched:
        patched.setattr(Tensor, "__eq__", counted)
        sd.grad(loss, weights)
    return count


def test_twice_the_layers_take_at_most_little_more_than_twice_the_comparisons(monkeypatch):
    comparisons(5, monkeypatch)
    short, long = comparisons(40, monkeypatch), comparisons(80, monkeypatch)
    assert long <= 2.5 * short + 100
