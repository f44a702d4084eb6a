"""Confluence: neither names, nor the order of terms, nor the order of rules change a form."""

from __future__ import annotations

import random
from functools import reduce

import pytest

import symdl as sd
from symdl.algebra.normal import normal_form
from symdl.algebra.rules import RULES
from symdl.algebra.simplify import simplified
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


TREES = [grown("svm"[k % 3], 2 + k % 2, random.Random(k)) for k in range(200)]


@pytest.mark.parametrize("block", range(10))
def test_proofs_forms_of_two_hundred_expressions_do_not_depend_on_order(block):
    rng = random.Random(block)
    for tree in TREES[block::10]:
        form = normal_form(built(tree, sd, INPUTS))
        assert normal_form(built(shuffled(tree, rng), sd, INPUTS)) is form


@pytest.mark.parametrize("block", range(10))
def test_proofs_forms_do_not_depend_on_names(block):
    for tree in TREES[block::10]:
        t = built(tree, sd, INPUTS)
        away = normal_form(renamed(t, {"r": "w1", "t": "k1", "x": "z1", "y": "b1", "z": "a1",
                                       "A": "M3", "B": "M2", "C": "M1"}.__getitem__))
        back = {"w1": "r", "k1": "t", "z1": "x", "b1": "y", "a1": "z",
                "M3": "A", "M2": "B", "M1": "C"}.__getitem__
        assert normal_form(renamed(away, back)) is normal_form(t)


@pytest.mark.parametrize("block", range(10))
def test_simplified_forms_of_two_hundred_expressions_do_not_depend_on_order(block):
    rng = random.Random(block)
    for tree in TREES[block::10]:
        form = built(tree, sd, INPUTS).simplify()
        assert built(shuffled(tree, rng), sd, INPUTS).simplify() is form


@pytest.mark.parametrize("block", range(10))
def test_two_hundred_expressions_do_not_depend_on_the_order_of_rules(block):
    rng = random.Random(block)
    for tree in TREES[block::10]:
        t = built(tree, sd, INPUTS)
        other = simplified(t, (), rng.sample(RULES, len(RULES)))
        assert repr(other) == repr(t.simplify())
        assert normal_form(other) is normal_form(t)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_form_does_not_depend_on_the_order_of_terms(name):
    g = GOLDEN[name]
    one, other = (g.derivative(lambda *t, turn=turn: reduce(lambda a, b: a + b, t[::turn]))
                  for turn in (1, -1))
    assert one.simplify(*g.known) is other.simplify(*g.known)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_order_of_rules_does_not_change_a_golden_form(name):
    g = GOLDEN[name]
    t = g.derivative(lambda *t: reduce(lambda a, b: a + b, t))
    rules = random.Random(name).sample(RULES, len(RULES))
    simple = simplified(t, g.known, rules)
    assert normal_form(simple) is normal_form(t)
    assert getattr(simple, g.notation)() == g.text


n, d, k = sd.dims("n d k")
u, v, F, W, y = (sd.tensor(name, *shape) for name, shape in (
    ("u", (k,)), ("v", (k,)), ("F", (n, d)), ("W", (d, k)), ("y", (n, k))))
p, q, hidden = sd.softmax(u), sd.softmax(v), sd.sigmoid(F @ W)
SEVERAL_NAMES = {
    "divergence of softmaxes": sd.grad(sd.sum(p * sd.log(p / q)), u),
    "distillation": sd.grad(-sd.sum(p * sd.log(q)), v),
    "product of softmaxes": sd.grad(sd.sum(p * q), u),
    "third derivative of log-sum-exp": sd.jacobian(sd.jacobian(p, u), u),
    "two sigmoid layers": sd.grad(sd.sum((sd.sigmoid(hidden @ W.T) - F) ** 2), W),
    "softmax of a sigmoid layer": sd.grad(sd.cross_entropy(hidden, y), W),
    "Hessian of silu": sd.hessian(sd.sum(sd.silu(u)), u),
}


@pytest.mark.parametrize("name", SEVERAL_NAMES)
def test_the_order_of_rules_does_not_choose_the_names(name):
    t = SEVERAL_NAMES[name]
    for seed in range(3):
        rules = random.Random(f"{name} {seed}").sample(RULES, len(RULES))
        assert repr(simplified(t, (), rules)) == repr(t.simplify())
