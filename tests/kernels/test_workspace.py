"""The plan of a workspace: nothing that is needed at once overlaps, and little is wasted."""

from __future__ import annotations

import numpy as np
import pytest

import symdl as sd
from symdl.kernels.workspace import LINE, Buffer, Layout, placed


def spots(buffers):
    starts, end = placed(buffers)
    return [(start, start + b.size) for start, b in zip(starts, buffers, strict=True)], end


def clash(buffers, found):
    """Two buffers that are needed at once and overlap, by brute force over steps and bytes."""
    for step in range(max(b.last for b in buffers) + 1):
        seen: set[int] = set()
        for b, (start, stop) in zip(buffers, found, strict=True):
            if b.first <= step <= b.last:
                if seen & set(range(start, stop)):
                    return True
                seen |= set(range(start, stop))
    return False


@pytest.mark.parametrize("seed", range(20))
def test_what_is_needed_at_once_lies_apart(seed):
    r = np.random.default_rng(seed)
    firsts = r.integers(0, 8, 12)
    buffers = [Buffer(int(size), int(first), int(first + length)) for size, first, length in zip(
        r.integers(0, 400, 12), firsts, r.integers(0, 4, 12), strict=True)]
    found, end = spots(buffers)
    assert not clash(buffers, found)
    assert all(start % LINE == 0 and stop <= end for start, stop in found)
    assert end <= sum(b.size + LINE for b in buffers)


def test_the_check_finds_a_clash():
    buffers = [Buffer(10, 0, 2), Buffer(10, 2, 3)]
    assert clash(buffers, [(0, 10), (9, 19)])
    assert not clash(buffers, [(0, 10), (10, 20)])


def test_a_chain_needs_two_buffers():
    """As a chain of layers, each of which reads what the one before has written."""
    chain = [Buffer(640, step, step + 1) for step in range(10)]
    assert placed(chain)[1] == 1280
    assert placed([Buffer(640, 0, 9) for _ in range(10)])[1] == 6400


def test_buffers_begin_at_cache_lines():
    layout = Layout([Buffer(100, 0, 1), Buffer(8, 1, 2)])
    for _ in range(5):
        block = layout.block()
        assert all((block.ctypes.data + start) % LINE == 0 for start in block[:2])
        assert max(block[0] + 100, block[1] + 8) <= block.nbytes


@pytest.mark.parametrize("backend", ["numba", "python"])
def test_a_deep_chain_of_products_reuses_its_memory(backend):
    n = sd.dims("n")
    A, x = sd.tensor("A", n, n), sd.tensor("x", n)
    y = x
    for _ in range(12):
        y = sd.tanh(A @ y)
    f = sd.compile(y, backend=backend)
    a, v = np.random.default_rng(0).normal(size=(40, 40)) / 6, np.ones(40)
    found = f(A=a, x=v)
    for _ in range(12):
        v = np.tanh(a @ v)
    np.testing.assert_allclose(found, v, rtol=1e-12)
    buffers = [Buffer(*row) for row in f.program.module.workspace(40)]
    assert len(buffers) > 12
    assert placed(buffers)[1] <= 3 * 320
