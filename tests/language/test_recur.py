"""Recurrences that can't be built."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.language.errors import SymdlError

T, S, n = sd.dims("T S n")
A, h0 = sd.tensor("A", T, S, n), sd.tensor("h0", n)


def test_a_recurrence_over_the_state_of_another_is_refused():
    def step(t, h):
        return sd.final(sd.recur("G", S, init=h, step=lambda s, g: sd.tanh(g + A[t, s])))

    with pytest.raises(SymdlError, match="runs a recurrence of its own, G, from its state"):
        sd.recur("H", T, init=h0, step=step)
