"""Exponential, square root and logarithm of matrices: SciPy's values, and derivatives."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy import linalg

import symdl as sd
from symdl.kernels.oracle import oracle
from tests.values import assert_near, value

n, b = sd.dims("n b")
S, C, B = sd.tensor("S", n, n), sd.tensor("C", n, n), sd.tensor("B", b, n, n)
P = sd.tensor("P", n, n, positive_definite=True)
DOMINANT = 3 * sd.eye(n) + sd.sin(S)
FEW = {"directions": 2, "entries": 4}
FUNCTIONS = {"expm": (sd.expm, linalg.expm), "sqrtm": (sd.sqrtm, linalg.sqrtm),
             "logm": (sd.logm, linalg.logm)}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def definite(size, seed=0):
    a = draw(size, size, seed=seed)
    return a @ a.T + np.eye(size)


MATRICES = {
    "definite": definite(3), "identity": np.eye(3), "number": np.array([[2.5]]),
    "not symmetric": 3 * np.eye(3) + draw(3, 3) / 2,
    "repeated": np.diag([2.0, 2.0, 1.0]) + 1e-9 * np.tri(3),
    "defective": np.array([[2.0, 1, 0], [0, 2, 1], [0, 0, 2]]),
    "complex eigenvalues": np.array([[1.0, 2], [-2, 1]]),
    "far from normal": np.array([[0.1, 100.0], [0, 3]]),
}


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_scipys(name, matrix):
    ours, theirs = FUNCTIONS[name]
    a = MATRICES[matrix]
    assert_near(value(ours(S), {"S": a}), theirs(a), 1e-11)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_empty_matrices_and_stacks(name):
    ours, theirs = FUNCTIONS[name]
    assert value(ours(S), {"S": np.zeros((0, 0))}).shape == (0, 0)
    stack = np.array([definite(2), definite(2, seed=1)])
    assert_near(value(ours(B), {"B": stack}), [theirs(a) for a in stack], 1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_high_precision_they_are_mpmaths(name):
    a = MATRICES["not symmetric"]
    (found,) = oracle([FUNCTIONS[name][0](S)], {"S": a}, "mpf")
    with mpmath.workdps(50):
        expected = getattr(mpmath, name)(mpmath.matrix(a.tolist()))
        assert all(abs(found[i] - expected[i]) < 1e-40 for i in np.ndindex(3, 3))


@pytest.mark.parametrize(
    "loss",
    [sd.sum(sd.expm(S) * C), sd.sum(sd.sqrtm(P) * C), sd.sum(sd.logm(P) * C),
     sd.sum(sd.sqrtm(DOMINANT) ** 2 * C), sd.sum(sd.logm(DOMINANT) * C), sd.sum(sd.expm(B) ** 2)],
)
def test_gradients(loss):
    report = sd.check_grad(loss, **FEW)
    assert report, report


@pytest.mark.parametrize("matrix", ["definite", "identity", "not symmetric", "defective"])
def test_the_gradient_of_the_exponential_is_scipys(matrix):
    a, c = MATRICES[matrix], draw(3, 3, seed=2)
    found = value(sd.grad(sd.sum(sd.expm(S) * C), S), {"S": a, "C": c})
    assert_near(found, linalg.expm_frechet(a.T, c, compute_expm=False), 1e-12)


@pytest.mark.parametrize("matrix", ["definite", "identity", "not symmetric", "defective"])
def test_a_jvp_of_the_exponential_is_scipys(matrix):
    a, c = MATRICES[matrix], draw(3, 3, seed=2)
    found = value(sd.jvp(sd.expm(S), S, C), {"S": a, "C": c})
    assert_near(found, linalg.expm_frechet(a, c, compute_expm=False), 1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "path", [lambda t: 3 * sd.eye(n) + t * C / 4, lambda t: t**2 * P, lambda t: t * P * sd.eye(n),
             lambda t: t * P * (1 + sd.arange(n)) / 2],
)
def test_the_derivative_in_a_scalar_is_a_difference_of_scipys_values(name, path):
    """Whether or not the matrix commutes with its derivative."""
    ours, theirs = FUNCTIONS[name]
    t, h = sd.tensor("t"), 1e-3
    at = {"C": draw(3, 3), "P": definite(3)}
    f = [theirs(value(path(t), {**at, "t": 0.7 + k * h}, n=3)).real for k in (-2, -1, 1, 2)]
    expected = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    assert_near(value(sd.jacobian(ours(path(t)), t), {**at, "t": 0.7}, n=3), expected, 1e-8)


def test_the_derivative_of_the_exponential_in_time_is_closed():
    """d e^{tA} / dt = A e^{tA} (Higham, *Functions of Matrices*, 2008, section 2.1)."""
    t = sd.tensor("t")
    assert str(sd.jacobian(sd.expm(t * S), t).simplify()) == "S @ expm(t*S)"


@pytest.mark.parametrize("matrix", ["definite", "identity", "not symmetric", "defective"])
def test_the_gradient_of_the_root_solves_sylvesters_equation(matrix):
    """X dX + dX X = dA."""
    a, c = MATRICES[matrix], draw(3, 3, seed=2)
    found = value(sd.grad(sd.sum(sd.sqrtm(S) * C), S), {"S": a, "C": c})
    x = linalg.sqrtm(a).T
    assert_near(found, linalg.solve_sylvester(x, x, c), 1e-12)


@pytest.mark.parametrize(
    ("function", "start", "first", "second"),
    [(sd.expm, 0.0, 1, 1), (sd.sqrtm, 1.0, 1 / 2, -1 / 4), (sd.logm, 1.0, 1, -1)],
)
def test_derivatives_at_a_multiple_of_the_identity(function, start, first, second):
    """There f(cI + tE) is the Taylor series of the number's function in tE."""
    c, e = draw(3, 3, seed=2), draw(3, 3, seed=3)
    at = {"S": start * np.eye(3), "C": c}
    loss = sd.sum(function(S) * C)
    assert_near(value(sd.grad(loss, S), at), first * c, 1e-13)
    hessian = value(sd.hessian(loss, S), at)
    expected = second * np.sum(c * (e @ e))
    assert_near(np.einsum("ij,ijkl,kl", e, hessian, e), expected, 1e-12)


@pytest.mark.parametrize(
    ("loss", "printed"),
    [(sd.trace(sd.expm(S)), "expm(S).T"), (sd.trace(sd.sqrtm(S)) * 2, "inv(sqrtm(S)).T"),
     (sd.trace(sd.logm(S)), "inv(S).T")],
)
def test_the_gradient_of_a_trace_is_a_function_of_the_matrix(loss, printed):
    """d tr f(X) / dX = f'(X)ᵀ (The Matrix Cookbook, section 2.5)."""
    assert str(sd.grad(loss, S).simplify()) == printed
    report = sd.check_grad(loss, **FEW)
    assert report, report


@pytest.mark.parametrize("function", [sd.sqrtm, sd.logm])
@pytest.mark.parametrize(
    "a",
    [np.diag([1.0, -1.0]), np.array([[-1.0, 1], [0, -2]]), np.array([[0.0, 1], [0, 0]]),
     np.diag([1.0, np.nan]), np.array([[1.0, np.inf], [0, 1]])],
)
def test_where_there_is_no_value_it_is_not_a_number(function, a):
    assert np.isnan(value(function(S), {"S": a})).all()


def test_a_symmetric_matrix_may_be_singular_for_a_root():
    a = np.ones((2, 2))
    assert_near(value(sd.sqrtm(S), {"S": a}), a / np.sqrt(2), 1e-12)
    assert_near(value(sd.sqrtm(S), {"S": 0 * a}), 0 * a)
    assert np.isnan(value(sd.logm(S), {"S": 0 * a})).all()


def test_large_and_small_cotangents_lose_no_digits():
    a, c = MATRICES["not symmetric"], draw(3, 3, seed=2)
    for function in (sd.expm, sd.sqrtm, sd.logm):
        gradient = sd.grad(sd.sum(function(S) * C), S)
        expected = value(gradient, {"S": a, "C": c})
        for scale in (1e-12, 1e12):
            kernel = sd.compile(gradient, backend="python")
            assert_near(kernel(S=a, C=scale * c) / scale, expected, 1e-12)


def test_they_are_smooth():
    assert sd.sum(sd.expm(S) @ sd.sqrtm(P) @ sd.logm(P)).kinks() == ()


def test_mistakes_are_said():
    for function in (sd.expm, sd.sqrtm, sd.logm):
        with pytest.raises(sd.ShapeError, match=r"takes a square matrix, but X has shape \(n, b\)"):
            function(sd.tensor("X", n, b))
    with pytest.raises(sd.SymdlError, match="expm can't be computed with numbers of type Fraction"):
        oracle([sd.expm(S)], {"S": np.eye(2)}, "Fraction")
