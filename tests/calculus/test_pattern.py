"""Patterns: equations that differ by the names of tensors and sizes are derived once."""

import numpy as np
import pytest

import symdl as sd
from symdl.calculus import pattern, pullback, pushforward
from symdl.calculus.pattern import pattern_of
from symdl.language.form import Dim
from tests.programs import PROGRAMS


def layers(depth: int, letter: str):
    """A net whose every layer has a width of its own."""
    n = sd.dims(f"n{letter}")
    sizes = sd.dims(" ".join(f"{letter}{k}" for k in range(depth + 1)))
    h, parameters = sd.tensor("X", n, sizes[0]), []
    for k in range(depth):
        W, b = sd.tensor(f"W{k}", sizes[k], sizes[k + 1]), sd.tensor(f"b{k}", sizes[k + 1])
        h = sd.tanh(h @ W + b)
        parameters += [W, b]
    return sd.sum(h**2), parameters


def scheme(*shape):
    return pattern_of(sd.exp(sd.tensor("A", *shape))).scheme


def test_layers_of_any_widths_are_derived_once():
    sd.grad(*layers(40, "p"))
    sd.jvp(*(two := layers(40, "p")), two[1])
    pulls, pushes = pullback._pull.cache_info().misses, pushforward._push.cache_info().misses
    sd.grad(*layers(80, "q"))
    sd.jvp(*(two := layers(80, "q")), two[1])
    assert pullback._pull.cache_info().misses - pulls <= 2
    assert pushforward._push.cache_info().misses - pushes <= 2


def test_the_caches_are_bounded():
    for cache in (pullback._pull, pushforward._push):
        assert cache.cache_info().maxsize is not None


def test_a_pattern_says_which_sizes_are_equal_and_which_are_numbers():
    n, m, a, b = sd.dims("n m a b")
    assert scheme(n, m) == scheme(a, b) == scheme(m, n)
    assert scheme(n, n) == scheme(b, b) != scheme(n, m)
    assert scheme(n, 2) == scheme(a, 2) != scheme(n, 3)
    assert scheme(n, 2 * n + 1) == scheme(b, 2 * b + 1) != scheme(n, 2 * m + 1)
    assert scheme(n, n // 2) == scheme(m, m // 2) != scheme(n, n // 3)


def test_a_pattern_holds_no_name():
    n, m = sd.dims("n m")
    A, t = sd.tensor("A", n, m + 1), sd.tensor("t", m, integer=True)
    for y in (sd.sum(A[:, t], 1), sd.max(A, 0), A.reshape(-1), A[:, :m] * m):
        found = pattern_of(y)
        atoms = {a for f in pattern._forms(found.scheme) for a in f.all_atoms}
        assert {a.parts[0] for a in atoms if isinstance(a, Dim)} <= {0, 1}
        assert {d.parts[0] for f in found.sizes.values() for d in f.atoms} <= {"n", "m"}


@pytest.fixture
def without_numbered_sizes(monkeypatch):
    def derive(what):
        with monkeypatch.context() as patch:
            patch.setattr(pattern, "_dims", lambda forms: {})
            pullback._pull.cache_clear()
            return what()

    yield derive
    pullback._pull.cache_clear()


@pytest.mark.parametrize("name", ["attention", "cnn", "embedding", "gmm", "gaussian_nll", "mlp"])
def test_a_gradient_is_the_one_derived_with_the_sizes_own_names(name, without_numbered_sizes):
    loss, wrt, _ = PROGRAMS[name]()
    plain = without_numbered_sizes(lambda: sd.grad(loss, wrt))
    assert all(g is plain[k] for k, g in sd.grad(loss, wrt).items())


@pytest.mark.parametrize("reduction", ["max", "prod"])
def test_arg_maxima_and_partial_products_get_their_sizes_back(reduction):
    """Derived first over other sizes; the derivative is measured."""
    for names, shape in (("n m", (2, 3)), ("h w", (4, 2)), ("w n", (1, 4))):
        A = sd.tensor("A", *sd.dims(names))
        array = np.random.default_rng(0).normal(size=shape)
        loss = sd.sum(sd.sin(getattr(sd, reduction)(A, 1)))
        found = sd.evaluate(sd.grad(loss, A), {A: array})
        for place in np.ndindex(shape):
            h = np.zeros(shape)
            h[place] = 1e-6
            up, down = (np.sum(np.sin(getattr(np, reduction)(array + s * h, axis=1)))
                        for s in (1, -1))
            assert found[place] == pytest.approx((up - down) / 2e-6, abs=1e-8)
