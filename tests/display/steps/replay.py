"""Following a derivation with numbers: every line against differences of the definitions."""

from __future__ import annotations

from typing import Any

import numpy as np

from symdl.display.steps.derivation import Derivation
from symdl.language.sizes import variables_of
from tests.display.points import point, sizes_of, value

STEP = 1e-5


def forward(d: Derivation, inputs: dict[str, Any], sizes: dict[str, int], moved: str = "",
            by: Any = 0.0) -> dict[str, Any]:
    """The values of all letters, one of them moved."""
    env = {name: x + by if name == moved else x for name, x in inputs.items()}
    for name, t in d.definitions:
        x = value(t, {v.name: env[v.name] for v in variables_of([t])}, sizes)
        env[name] = x + by if name == moved else x
    return env


def slope(d: Derivation, inputs: dict[str, Any], sizes: dict[str, int], name: str) -> Any:
    """The derivative of the result in a letter, by central differences."""
    result = d.definitions[-1][0]
    env = forward(d, inputs, sizes)
    if name not in env:  # the result isn't computed from it
        return np.zeros_like(value(d.results[name], inputs, sizes))
    at = np.asarray(env[name], float)
    out = np.zeros_like(at)
    for k in np.ndindex(at.shape):
        by = np.zeros_like(at)
        by[k] = STEP
        up, down = (forward(d, inputs, sizes, name, s * by)[result] for s in (1, -1))
        out[k] = (up - down) / (2 * STEP)
    return out


def wrong_lines(d: Derivation, seed: int = 0, **given: int) -> list[str]:
    """The lines that aren't true at a random point, of the sizes that are given."""
    rng = np.random.default_rng(seed)
    own = {name for name, _ in d.definitions}
    tensors = [t for _, t in d.definitions] + [s.after for s in d.steps]
    sizes = sizes_of(tensors, rng, **given)
    slopes = {s.quantity for s in d.steps}
    inputs = {k: x for k, x in point(tensors, sizes, rng).items() if k not in own | slopes}
    env = forward(d, inputs, sizes)
    head = f"d{d.definitions[-1][0]}_d"
    env |= {q: slope(d, inputs, sizes, q.removeprefix(head)) for q in slopes}
    wrong = []
    for k, s in enumerate(d.steps):
        found = value(s.after, {v.name: env[v.name] for v in variables_of([s.after])}, sizes)
        expected = env[s.quantity]
        if found.shape != expected.shape or not np.allclose(found, expected, 1e-5, 1e-7):
            wrong.append(f"line {k}: {s.quantity} by {s.rule}: {found} is not {expected}")
    return wrong


def wrong_differentials(d: Derivation, variable: str, seed: int = 0) -> list[str]:
    """The lines of a second derivative that aren't true at a random point in some direction."""
    rng = np.random.default_rng(seed)
    own = {name for name, _ in d.definitions}
    moves = {s.quantity for s in d.steps} - {"H"} | {f"d{variable}"}
    tensors = [t for _, t in d.definitions] + [s.after for s in d.steps]
    sizes = sizes_of(tensors, rng)
    inputs = {k: x for k, x in point(tensors, sizes, rng).items() if k not in own | moves}
    direction = rng.normal(size=np.shape(inputs[variable]))
    up, down = (forward(d, inputs, sizes, variable, s * STEP * direction) for s in (1, -1))
    env = forward(d, inputs, sizes)
    env |= {f"d{k}": (up[k] - down[k]) / (2 * STEP) for k in env}
    wrong = []
    for s in d.steps:
        found = value(s.after, {v.name: env[v.name] for v in variables_of([s.after])}, sizes)
        name = s.quantity
        if name == "H":
            found, name = np.tensordot(found, direction, direction.ndim), f"d{d.definitions[-1][0]}"
        if not np.allclose(found, env[name], 1e-5, 1e-6):
            wrong.append(f"{s.quantity} by {s.rule}: {found} is not {env[name]}")
    return wrong
