"""SymPy's further functions: their values by mpmath, their gradients by differences."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy

import symdl as sd
from symdl.language.rewrites import DEFINITIONS
from tests.values import assert_near, value

x = sd.tensor("x", 3)
AT = [0.3, 1.4, 2.6]
REFERENCES = {
    "sec": mpmath.sec, "csc": mpmath.csc, "cot": mpmath.cot, "sech": mpmath.sech,
    "csch": mpmath.csch, "coth": mpmath.coth, "acot": mpmath.acot, "asec": mpmath.asec,
    "acsc": mpmath.acsc, "frac": mpmath.frac, "factorial": mpmath.factorial,
    "Mod": lambda t: mpmath.fmod(t, 0.75), "beta": lambda t: mpmath.beta(t, 0.75),
}
SECOND = {"Mod": (sympy.Rational(3, 4),), "beta": (sympy.Rational(3, 4),)}


@pytest.mark.parametrize("name", [head.__name__ for head in DEFINITIONS])
def test_values_and_gradients(name):
    head = getattr(sympy, name)
    at = [1.3, 1.4, 2.6] if name in ("asec", "acsc") else AT
    y = sd.apply(lambda t: head(t, *SECOND.get(name, ())), x)
    assert_near(value(y, {"x": np.array(at)}), [float(REFERENCES[name](t)) for t in at])
    report = sd.check_grad(sd.sum(y**2), at={"x": at}, directions=1, entries=3)
    assert report, report
