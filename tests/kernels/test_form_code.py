"""Integer forms as source: the text has the form's value."""

from __future__ import annotations

from itertools import product

import pytest

import symdl as sd
from symdl.kernels.form_code import form_code, guard_code
from symdl.language.form import Dim, Form, least
from symdl.language.guard import Guard

n, m = sd.dims("n m")
FORMS = {
    "0": Form.of(0), "-3": Form.of(-3), "n - 1": n - 1, "1 - n": 1 - n, "-n": -n, "n*n": n * n,
    "2 - n - m": 2 - n - m, "(n + 1)//2": (n + 1) // 2, "-((n + 1)//2)": -((n + 1) // 2),
    "2*((n + 1)//2) - m": 2 * ((n + 1) // 2) - m, "(n//2)//m": (n // 2) // m,
    "(n + 1) % 2": (n + 1) % 2, "-((n + 1) % 2)": -((n + 1) % 2), "-3*(n % m)": -3 * (n % m),
    "n*((m + 1)//2)": n * ((m + 1) // 2), "m - (n + m)//2": m - (n + m) // 2,
    "2*min(m, n + 1)": 2 * least(m, n + 1),
}


def name(a):
    return str(a) if isinstance(a, Dim) else None


@pytest.mark.parametrize("text", FORMS)
def test_the_text_of_a_form_has_its_value(text):
    assert form_code(FORMS[text], name) == text
    for a, b in product((1, 2, 3, 7), repeat=2):
        value = eval(text, {}, {"n": a, "m": b})
        assert value == FORMS[text].value({Dim("n"): a, Dim("m"): b})


def test_a_division_may_have_a_name():
    assert form_code(2 * ((n + 1) // 2) - m, lambda a: "q" if not isinstance(a, Dim) else str(a)) \
        == "2*q - m"


def test_a_guard_keeps_positive_terms_on_each_side():
    assert guard_code(Guard(n - 2 * m - 1, ">="), name) == "n >= 2*m + 1"
    assert guard_code(Guard(n - m, "=="), name) == "n == m"
