"""What is measured: a formula, its numbers, and which peers' code it stands beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]
SEED = 0


@dataclass(frozen=True)
class Workload:
    """A line of the table.

    Attributes
    ----------
    row : str
        Its letter.
    name : str
        What the table calls it.
    kind : str
        The key of the peers' ways to compute it.
    program : callable
        Makes the outputs as expressions; called only when symdl's turn comes.
    data : callable
        Draws the inputs by name: float64, or int64 for labels.
    answers : int
        How many of the outputs are compared; what comes after them is inner state.
    state : mapping
        Of a step that replaces its inputs: the input that stands for an output, by the output's
        place. Peers answer with the new values, which are compared by how far they moved.
    keywords : bool
        Whether symdl is called by keywords with new results, not by `bind` and `out`.
    """

    row: str
    name: str
    kind: str
    program: Callable[[], Sequence[Any]]
    data: Callable[[np.random.Generator], Mapping[str, Any]]
    answers: int
    state: Mapping[int, str] | None = None
    keywords: bool = False

    def arrays(self, dtype: str) -> Arrays:
        """The inputs, real ones in the type."""
        drawn = self.data(np.random.default_rng(SEED))
        found = {name: np.asarray(x) for name, x in drawn.items()}
        return {name: np.ascontiguousarray(x, dtype if x.dtype.kind == "f" else np.int64)
                .reshape(x.shape) for name, x in found.items()}
