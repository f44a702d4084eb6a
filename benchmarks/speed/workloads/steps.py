"""Steps of training: loss, gradients and update as one program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import symdl as sd
from symdl import nn

Parameters = Mapping[str, sd.Tensor]
DECAY_1, DECAY_2, EPSILON = 0.9, 0.999, 1e-8


def sgd(loss: sd.Tensor, parameters: Parameters) -> tuple[Any, ...]:
    """The loss and the parameters after a step of gradient descent."""
    new, _ = nn.sgd(parameters, sd.grad(loss, parameters), learning_rate=sd.tensor("rate"))
    return loss, *new.values()


def adam(loss: sd.Tensor, parameters: Parameters) -> tuple[Any, ...]:
    """The loss, and the parameters, moments and count after a step of Adam.

    D. P. Kingma, J. Ba, Adam, 2014, arXiv:1412.6980, algorithm 1.
    """
    rate, t = sd.tensor("rate"), sd.tensor("t") + 1
    gradients = sd.grad(loss, parameters)
    new, first, second = [], [], []
    for name, p in parameters.items():
        g = gradients[name]
        first.append(DECAY_1 * sd.tensor(f"m_{name}", *p.shape) + (1 - DECAY_1) * g)
        second.append(DECAY_2 * sd.tensor(f"v_{name}", *p.shape) + (1 - DECAY_2) * g**2)
        m, v = first[-1] / (1 - DECAY_1**t), second[-1] / (1 - DECAY_2**t)
        new.append(p - rate * m / (sd.sqrt(v) + EPSILON))
    return loss, *new, *first, *second, t


def sgd_state(names: list[str]) -> dict[int, str]:
    """Which input each output of `sgd` replaces."""
    return dict(enumerate(names, 1))


def adam_state(names: list[str]) -> dict[int, str]:
    """Which input each output of `adam` replaces."""
    moments = [f"{letter}_{name}" for letter in "mv" for name in names]
    return dict(enumerate([*names, *moments, "t"], 1))


def moments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What Adam starts from: moments and count 0."""
    return {f"{letter}_{name}": 0.0 * p for letter in "mv" for name, p in parameters.items()
            } | {"t": 0.0}
