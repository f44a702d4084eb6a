"""Recurrent layers over a symbolic number of steps; time is the first axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdl.language import operators as op
from symdl.language.errors import ShapeError, shape_text
from symdl.language.recur import recur
from symdl.language.tensor import Tensor


def rnn(
    x: Any,
    h0: Any,
    weight: Any,
    recurrent: Any,
    bias: Any = None,
    activation: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    r"""Run Elman's recurrent network.

    .. math:: h_t = f(x_t W + h_{t-1} U + b), \qquad h_{-1} = h_0

    Parameters
    ----------
    x : tensor-like, (T, ..., d)
        Inputs, time first.
    h0 : tensor-like, (..., h)
        The state before the first step.
    weight : tensor-like, (d, h)
        W.
    recurrent : tensor-like, (h, h)
        U.
    bias : tensor-like, (h,), optional
        b, once: torch's two biases are its sum.
    activation : callable, optional
        f; tanh if it is left out.

    Returns
    -------
    Tensor, (T, ..., h)
        The states of all steps, without h0; `symdl.final` gives the last one.

    References
    ----------
    J. L. Elman, Finding structure in time, Cognitive Science 14(2), 1990; I. Goodfellow, Y. Bengio,
    A. Courville, Deep Learning, 2016, eq. 10.8 and 10.9.
    """
    x = op.as_tensor(x)
    f = op.tanh if activation is None else activation
    driven = _driven(x, weight, bias)
    states: Tensor = recur("h", x.shape[0], h0, lambda t, h: f(driven[t] + h @ recurrent))
    return states


def lstm(
    x: Any, h0: Any, c0: Any, weight: Any, recurrent: Any, bias: Any = None
) -> tuple[Tensor, Tensor]:
    r"""Run a long short-term memory.

    .. math:: (i, f, g, o) &= x_t W + h_{t-1} U + b \\
              c_t &= \sigma(f) \odot c_{t-1} + \sigma(i) \odot \tanh(g) \\
              h_t &= \sigma(o) \odot \tanh(c_t)

    Parameters
    ----------
    x : tensor-like, (T, ..., d)
        Inputs, time first.
    h0, c0 : tensor-like, (..., h)
        Output and cell before the first step.
    weight : tensor-like, (d, 4h)
        W, the columns of the gates in torch's order: input, forget, cell, output.
    recurrent : tensor-like, (h, 4h)
        U.
    bias : tensor-like, (4h,), optional
        b, once: torch's two biases are its sum.

    Returns
    -------
    tuple of Tensor, each (T, ..., h)
        Outputs and cells of all steps; `symdl.final` gives the last ones.

    References
    ----------
    F. A. Gers, J. Schmidhuber, F. Cummins, Learning to forget, Neural Computation 12(10), 2000;
    torch.nn.LSTM.
    """
    x, h0 = op.as_tensor(x), op.as_tensor(h0)
    width = h0.shape[-1]
    for w, name in ((op.as_tensor(weight), "weight"), (op.as_tensor(recurrent), "recurrent")):
        if w.shape[-1] != 4 * width:
            raise ShapeError(
                f"lstm: the state has {width} entries, so {name} needs {4 * width} columns, but "
                f"{w.said} has shape {shape_text(w.shape)}"
            )
    driven = _driven(x, weight, bias)

    def step(t: Any, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        gates = driven[t] + h @ recurrent
        i, f, g, o = (gates[..., k * width : (k + 1) * width] for k in range(4))
        c = op.sigmoid(f) * c + op.sigmoid(i) * op.tanh(g)
        return op.sigmoid(o) * op.tanh(c), c

    outputs, cells = recur(("h", "c"), x.shape[0], (h0, c0), step)
    return outputs, cells


def _driven(x: Tensor, weight: Any, bias: Any) -> Tensor:
    """What the inputs contribute to each step, which needs no recurrence."""
    out: Tensor = x @ weight
    return out if bias is None else out + bias
