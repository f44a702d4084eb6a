"""Random programs: kernels against the oracle, the oracle's gradient against differences."""

from collections import Counter

import pytest
import sympy

from symdl.calculus import tangent
from tests.fuzz.check import checked
from tests.fuzz.constructs import CONSTRUCTS
from tests.fuzz.generate import program
from tests.fuzz.kept import KEPT
from tests.fuzz.planted import PLANTED, planted
from tests.fuzz.run import found_within, said
from tests.fuzz.second import second_order
from tests.fuzz.shrink import shrunk

PROGRAMS, TOGETHER, COMPILED = 300, 10, 10
ALSO = {"second_derivative", "intermediate", "size_expression", "size_0", "size_1"}


def suite_program(seed: int):
    return program(seed, small=seed % COMPILED == 0)


def backends(seed: int) -> tuple[str, ...]:
    """The source as plain Python for all, NumPy's functions for a third, Numba for a tenth."""
    return ("python", *["numpy"] * (seed % 3 == 0), *["numba"] * (seed % COMPILED == 0))


@pytest.mark.parametrize("first", range(0, PROGRAMS, TOGETHER))
def test_random_programs(first):
    for seed in range(first, first + TOGETHER):
        p = suite_program(seed)
        found = checked(p, backends(seed), 1, simplify=seed % 3 == 1).failure
        assert found is None, said(p, seed, found)


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_second_derivatives_of_random_programs(seed):
    p = program(seed, small=True)
    found = second_order(p)
    assert found is None, said(p, seed, found)


def test_a_tangent_off_by_one_part_in_a_million_is_found(monkeypatch):
    right = tangent.tangents_of

    def wrong(*args):
        return {x: v * (1 + sympy.Rational(1, 10**6)) for x, v in right(*args).items()}

    monkeypatch.setattr(tangent, "tangents_of", wrong)
    assert any(second_order(program(seed, small=True)) for seed in (0, 6))


@pytest.mark.parametrize("name", KEPT)
def test_programs_that_failed_once(name):
    result = checked(KEPT[name], ("python", "numpy"), simplify=True)
    assert result.failure is None, result.failure
    assert result.differences == "passed"


def test_every_construct_appears_in_one_program_of_twenty():
    count = Counter(tag for seed in range(PROGRAMS) for tag in suite_program(seed).constructs)
    rare = {name: count[name] for name in {*CONSTRUCTS, *ALSO} if 20 * count[name] < PROGRAMS}
    assert not rare


def test_programs_are_functions_of_their_seeds():
    assert suite_program(17).literal == suite_program(17).literal


@pytest.mark.parametrize("bug", ["dropped_adjoint_term", "swapped_axes_of_a_view"])
def test_planted_bugs_are_found(bug):
    assert bug in PLANTED
    assert found_within(bug, {}) is not None


def test_a_failure_is_made_small_and_said_as_a_snippet():
    with planted("dropped_adjoint_term"):
        p = next(q for q in map(program, range(40)) if checked(q, (), 1).failure)
        found = checked(p, (), 1).failure
        smaller = shrunk(p, found.kind, lambda q: checked(q, (), 1), tries=30)
        scope = {}
        exec(said(smaller, p.seed, found).replace("print(", "found = ("), scope)
    assert len(smaller.lines) + len(smaller.wrt) < len(p.lines) + len(p.wrt)
    assert scope["found"].kind == found.kind
