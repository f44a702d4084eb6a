"""The table of reference programs: formula, draws of its inputs, and the sizes it is run at."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

Draw = Callable[[np.random.Generator], np.ndarray]
Formula = Callable[[SimpleNamespace], torch.Tensor]


@dataclass(frozen=True)
class Program:
    """One program: `formula` reads tensors, sizes and static values as attributes of one namespace.

    `draws(**sizes)` gives one `Draw` per input. A key `delta_Z` is a zero added to the intermediate
    `Z`: its gradient is the total adjoint of `Z`.
    """

    name: str
    formula: Formula
    draws: Callable[..., dict[str, Draw]]
    cases: tuple[dict[str, int], ...]
    static: dict[str, Any]


PROGRAMS: dict[str, Program] = {}


def program(
    draws: Callable[..., dict[str, Draw]], cases: tuple[dict[str, int], ...], **static: float
) -> Callable[[Formula], Formula]:
    """Enter the decorated `program_<name>` in the table."""

    def enter(formula: Formula) -> Formula:
        name = formula.__name__.removeprefix("program_")
        assert name not in PROGRAMS, name
        PROGRAMS[name] = Program(name, formula, draws, cases, static)
        return formula

    return enter


def sizes(names: str, *rows: tuple[int, ...]) -> tuple[dict[str, int], ...]:
    """One dictionary of sizes per row."""
    return tuple(dict(zip(names.split(), row, strict=True)) for row in rows)


def normal(*shape: int, scale: float = 1.0) -> Draw:
    """Normal entries of standard deviation `scale`."""
    return lambda rng: scale * rng.standard_normal(shape)


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Uniform entries in [low, high)."""
    return lambda rng: rng.uniform(low, high, shape)


def integers(bound: int, *shape: int) -> Draw:
    """Integer entries in 0 .. bound-1 (no gradient)."""
    return lambda rng: rng.integers(0, bound, shape)


def fixed(values: np.ndarray) -> Draw:
    """The given entries."""
    return lambda rng: values


def delta(*shape: int) -> Draw:
    """The zero whose gradient is an intermediate's total adjoint."""
    return fixed(np.zeros(shape))


def zeros_in_rows(*shape: int, step: bool = False) -> Draw:
    """Whole numbers in ±{1, 2, 3}, i % 3 zeros in row i; with `step`, each row's differences."""

    def draw(rng: np.random.Generator) -> np.ndarray:
        values = rng.integers(1, 4, shape) * rng.choice([-1.0, 1.0], shape)
        for i, row in enumerate(values):
            row[rng.permutation(row.size)[: i % 3]] = 0
        return np.diff(values, axis=1, prepend=0) if step else values

    return draw
