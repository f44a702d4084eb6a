"""Every golden form's derivation: each line true, about as many lines as by hand."""

from __future__ import annotations

import pytest

import symdl as sd
from symdl.display.steps.rewriting import TAUGHT
from tests.display.golden import GOLDEN
from tests.display.steps.hand import HAND
from tests.display.steps.replay import wrong_differentials, wrong_lines

SCALAR = [name for name, g in GOLDEN.items() if not g.expression(lambda *x: sum(x[1:], x[0])).ndim]


def derived(name):
    g = GOLDEN[name]
    return sd.explain(g.expression(lambda *x: sum(x[1:], x[0])), g.wrt, order=g.order)


@pytest.mark.parametrize("name", SCALAR)
def test_every_line_is_true(name):
    found = derived(name)
    assert not wrong_lines(found, n=4, k=2)  # inv(G.T @ C @ G) needs k <= n
    if found.then is not None:
        assert not wrong_differentials(found.then, GOLDEN[name].wrt.name)


def test_every_scalar_golden_form_is_derived_by_hand_too():
    assert set(SCALAR) == set(HAND)


@pytest.mark.parametrize("name", HAND)
def test_it_has_half_to_twice_the_lines_of_the_derivation_by_hand(name):
    assert len(HAND[name]) / 2 <= len(derived(name).steps) <= 2 * len(HAND[name])


def test_a_line_has_one_rule_and_all_rules_of_the_table_exist():
    from symdl.algebra.rules import RULES

    names = [rule for line in TAUGHT for rule in line.rules]
    assert len(names) == len(set(names))
    assert set(names) <= {rule.name for rule in RULES}
