"""Structures and operators as plain NumPy arrays: what they say, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import symdl as sd
from symdl.algebra.structure import composite, kinds
from symdl.kernels.oracle import oracle
from symdl.language.form import Dim, Form
from symdl.language.sizes import dims_of
from symdl.language.tensor import Tensor, Variable, topological

Sizes = Mapping[str, int]


def count(size: Form, sizes: Sizes) -> int:
    """The number that a size stands for."""
    return size.value({a: sizes[str(a)] for a in size.all_atoms if isinstance(a, Dim)})


def shape(t: Tensor, sizes: Sizes) -> tuple[int, ...]:
    return tuple(count(n, sizes) for n in t.shape)


def inputs_of(roots: Sequence[Tensor]) -> list[Variable]:
    return [t for t in topological(roots) if isinstance(t, Variable)]


def draw(roots: Sequence[Tensor], sizes: Sizes, seed: int) -> dict[str, np.ndarray]:
    """Random values of every input, as declared; integers stay below the smallest size."""
    rng = np.random.default_rng(seed)
    least = min(sizes.values())
    return {str(v.name): rng.integers(0, least, shape(v, sizes)) if v.dtype == "int"
            else _as_declared(rng.normal(size=shape(v, sizes)), v.facts)
            for v in inputs_of(roots)}


def _as_declared(a: np.ndarray, facts: frozenset[str]) -> np.ndarray:
    a = a + a.T if "symmetric" in facts else a
    a = a * np.eye(len(a)) if "diagonal" in facts else a
    return np.abs(a) if "positive" in facts else a


def number(t: Tensor, at: Mapping[str, Any], sizes: Sizes) -> np.ndarray:
    """A tensor's value, by the kernels."""
    return np.asarray(sd.evaluate(t, at, **stated(t, sizes))).reshape(shape(t, sizes))


def entries(t: Tensor, at: Mapping[str, Any], sizes: Sizes) -> np.ndarray:
    """A tensor's value, by the oracle."""
    found = oracle([t], at, "float64", **stated(t, sizes))[0]
    return np.asarray(found, dtype=float).reshape(shape(t, sizes))


def stated(t: Tensor, sizes: Sizes) -> dict[str, int]:
    """The sizes that are in no input's shape."""
    shown = {str(a) for v in inputs_of([t]) for n in v.shape for a in n.all_atoms}
    return {str(a): sizes[str(a)] for a in dims_of([t]) if str(a) not in shown}


class Reconstruction:
    """The array of all entries that a structure claims, from its parts alone."""

    def __init__(self, at: Mapping[str, Any], sizes: Sizes):
        self.at, self.sizes = at, sizes

    def array(self, h: kinds.Structure, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """The whole array: its rows and columns in the order of their axes."""
        places = h.frame.open
        whole = self._axes(h)
        first = sorted((k for k, p in enumerate(places) if p.row is not None),
                       key=lambda k: places[k].row)
        second = sorted((k for k, p in enumerate(places) if p.column is not None),
                        key=lambda k: places[k].column)
        order = [*first, *(len(places) + k for k in second)]
        missing = [k for k in range(2 * len(places)) if k not in order]
        return whole.transpose([*order, *missing]).reshape(*rows, *columns)

    def _axes(self, h: kinds.Structure) -> np.ndarray:
        """An axis for each batch place, for each open row and for each open column."""
        lead, heights, widths = (tuple(count(n, self.sizes) for n in sizes) for sizes in (
            h.frame.lead, [p.height for p in h.frame.open], [p.width for p in h.frame.open]))
        if isinstance(h, composite.Permuted):
            return self._axes(h.core)
        if isinstance(h, composite.Kronecker):
            return self._product(h)
        if isinstance(h, composite.BlockDiagonal):
            return self._blocks(h)
        return self._matrix(h).reshape(*lead, *heights, *widths)

    def _matrix(self, h: kinds.Structure) -> np.ndarray:
        lead = tuple(count(n, self.sizes) for n in h.frame.lead)
        rows, columns = count(h.frame.rows, self.sizes), count(h.frame.columns, self.sizes)
        if isinstance(h, kinds.Zero):
            return np.zeros((*lead, rows, columns))
        if isinstance(h, kinds.Diagonal):
            d = np.broadcast_to(self._value(h.entries), (*lead, rows))
            assert not h.one or np.all(d == 1)
            return d[..., None] * np.eye(rows)
        if isinstance(h, kinds.LowRank):
            return self._value(h.left) @ np.swapaxes(self._value(h.right), -2, -1)
        if isinstance(h, kinds.PlusLowRank):
            return self._matrix(h.base) + self._matrix(h.update)
        if isinstance(h, kinds.Banded):
            return self._band(h, rows)
        if isinstance(h, kinds.Quasiseparable):
            whole = self._matrix(h.band)
            whole = whole + np.tril(self._matrix(h.lower), -1) if h.lower else whole
            return whole + np.triu(self._matrix(h.upper), 1) if h.upper else whole
        matrix = self._value(h.matrix)
        if isinstance(h, kinds.Triangular):
            assert np.array_equal(matrix, np.tril(matrix) if h.lower else np.triu(matrix))
        if isinstance(h, composite.KroneckerSum):
            parts = sum(self._product(p) for p in h.products)
            np.testing.assert_allclose(parts.reshape(matrix.shape), matrix, atol=1e-12)
        return matrix

    def _band(self, h: kinds.Banded, n: int) -> np.ndarray:
        bands, below = self._value(h.bands), count(h.below, self.sizes)
        whole = np.zeros((*bands.shape[:-2], n, n))
        for c in range(bands.shape[-1]):
            for i in range(n):
                if 0 <= i + c - below < n:
                    whole[..., i, i + c - below] = bands[..., i, c]
                else:
                    assert np.all(bands[..., i, c] == 0)
        return whole

    def _value(self, t: Tensor) -> np.ndarray:
        return number(t, self.at, self.sizes)

    def _product(self, h: composite.Kronecker) -> np.ndarray:
        lead = list(range(len(h.frame.lead)))
        row = {p: len(lead) + k for k, p in enumerate(h.frame.open)}
        column = {p: len(lead) + len(row) + k for k, p in enumerate(h.frame.open)}
        operands: list[Any] = []
        for f in h.factors:
            operands += [self._axes(f), [*lead, *(row[p] for p in f.frame.open),
                                         *(column[p] for p in f.frame.open)]]
        assert sorted(row.values()) == sorted(
            row[p] for f in h.factors for p in f.frame.open)
        return np.einsum(*operands, [*lead, *row.values(), *column.values()])

    def _blocks(self, h: composite.BlockDiagonal) -> np.ndarray:
        lead = {p: k for k, p in enumerate(h.frame.batch)}
        row = {p: len(lead) + k for k, p in enumerate(h.frame.open)}
        column = {p: len(lead) + len(row) + k for k, p in enumerate(h.frame.open)}
        inside = h.block.frame
        operands: list[Any] = [self._axes(h.block), [
            *((lead | row)[p] for p in inside.batch), *(row[p] for p in inside.open),
            *(column[p] for p in inside.open)]]
        for p in h.frame.open:
            if p not in inside.open:
                operands += [np.eye(count(p.height, self.sizes)), [row[p], column[p]]]
        return np.einsum(*operands, [*lead.values(), *row.values(), *column.values()])
