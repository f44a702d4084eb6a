"""Confluence: neither names, nor the order of terms, nor the order of rules change a form."""

from __future__ import annotations

import random
from functools import reduce

import pytest

import symdl as sd
from symdl.algebra.normal import normal_form
from symdl.language.rebuild import rewired
from symdl.language.sizes import variables_of
from symdl.language.tensor import Variable
from tests.algebra.pairs import INPUTS, built, grown
from tests.display.golden import GOLDEN


def renamed(t, names):
    """The expression with its inputs called otherwise."""
    new = {v: Variable.make(names(v.name), v.shape, v.dtype, v.facts) for v in variables_of([t])}
    return rewired([t], new)[0]


def shuffled(tree, rng):
    """The tree with its commuting operands in another order."""
    head, *args = tree
    if head in ("input", "number"):
        return tree
    args = [shuffled(a, rng) for a in args]
    return (head, *(rng.sample(args, len(args)) if head in ("add", "mul") else args))


def forwards_and_back(t):
    """Through names of another order and back again."""
    away = renamed(t, lambda name: f"{'zyx'[len(name) % 3]}_{name[::-1]}_")
    return away, lambda s: renamed(s, lambda name: name[2:-1][::-1])


TREES = [grown("svm"[k % 3], 2 + k % 2, random.Random(k)) for k in range(200)]


@pytest.mark.parametrize("block", range(10))
def test_proofs_forms_of_two_hundred_expressions_do_not_depend_on_order(block):
    rng = random.Random(block)
    for tree in TREES[block::10]:
        form = normal_form(built(tree, sd, INPUTS))
        assert normal_form(built(shuffled(tree, rng), sd, INPUTS)) is form


@pytest.mark.parametrize("block", range(10))
def test_simplified_forms_of_two_hundred_expressions_do_not_depend_on_order(block):
    rng = random.Random(block)
    for tree in TREES[block::10]:
        form = built(tree, sd, INPUTS).simplify()
        assert built(shuffled(tree, rng), sd, INPUTS).simplify() is form


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_form_does_not_depend_on_the_order_of_terms(name):
    g = GOLDEN[name]
    one, other = (g.derivative(lambda *t, turn=turn: reduce(lambda a, b: a + b, t[::turn]))
                  for turn in (1, -1))
    assert one.simplify(*g.known) is other.simplify(*g.known)
