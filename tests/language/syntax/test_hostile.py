"""A formula meant to hurt costs a message and less than a second."""

from __future__ import annotations

import time

import pytest

import symdl as sd

HOSTILE = {
    "deep parentheses": "(" * 100_000,
    "closed parentheses": "(" * 5_000 + "x" + ")" * 5_000,
    "deep functions": "exp(" * 500 + "x" + ")" * 500,
    "deep addresses": "x[" * 500 + "i" + "]" * 500,
    "a tower": "2^2^2^2^9",
    "a tower of names": "^".join(["x'*x"] * 500),
    "a growing base": "((((9^1000)^1000)^1000)^1000)",
    "a product of large numbers": "*".join(["9^1000"] * 350) + "*x",
    "a power of many digits": f"0.{'7' * 90}^1000",
    "an address that multiplies out": "x[" + "*".join(f"(a{k}+b{k})" for k in range(60)) + "]",
    "a high power": "x^100000",
    "a high entrywise power": "x .^ 100000",
    "a high power in brackets": "(x'*x)^(10^3*10^3)",
    "a matrix power": "A^1000000",
    "a negative matrix power": "A^-1000000",
    "a megabyte": "x+" * 500_000 + "x",
    "a megabyte of spaces": " " * 1_000_000,
    "ten thousand terms": "+".join(["x"] * 10_000),
    "ten thousand characters of terms": "x+" * 4_990 + "x",
    "thousands of minus signs": "-" * 9_990 + "x",
    "thousands of primes": "x" + "'" * 9_990,
    "many arguments": "exp(" + "x," * 4_900 + "x)",
    "a long name": "x" * 9_000,
    "a long number": "1" * 9_000,
    "a huge exponent of a number": "1e999999999*x",
    "a large factorial": "lgamma(100000000)",
    "a large harmonic number": "digamma(100000000)",
    "a high polygamma": "polygamma(x, order=100000000)",
    "a rounded tower of exponentials": "floor(exp(exp(exp(100))))",
    "a compared tower of exponentials": "relu(exp(exp(exp(exp(9)))))",
    "a high derivative": "d^999999999 x / dx^999999999",
    "many variables": "d" + "^4 x'*x / " + "dx " * 3_000,
    "slashes": "d " + "/ dx " * 1_900,
    "nothing but d": "d " * 4_900,
    "many unknown vectors": "*".join(f"x{k}" for k in range(60)),
    "many indices": "x[" + ",".join(f"i{k}" for k in range(500)) + "]",
    "unbalanced quotes": "'" * 9_000,
    "zeros": "\0" * 1000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_formula_is_refused_quickly(text):
    sd.parse("A*x")  # what is loaded once doesn't count
    start = time.process_time()
    with pytest.raises(sd.ParseError) as caught:
        sd.parse(text)
    assert time.process_time() - start < 1.0
    assert len(str(caught.value)) < 1000


LARGE = {
    "terms": "+".join(f"x{k}" for k in range(490)),
    "factors": "*".join(f"A{k}" for k in range(400)),
    "primes": "x" + "'" * 990,
    "minus signs": "-" * 990 + "x",
    "large numbers": "+".join(["9^1000*x"] * 100),
    "functions": "exp(" * 50 + "x" + ")" * 50,
    "powers": "^".join(["c"] * 50),
    "roots": "(" * 20 + "9999" + ")^0.1" * 20,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=list(LARGE))
def test_a_large_formula_is_read_quickly(text):
    sd.parse("A*x")
    start = time.process_time()
    sd.parse(text)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("text", [
    "A: matrix[" + "(" * 9_000, "A: matrix[n" + "+n" * 4_500 + ", m]", "A: " + "matrix " * 1_400,
    "A: tensor[" + ",".join(["n"] * 2_000) + "]", "A: vector[9" + "*9" * 4_900 + "]",
    "A: vector[" + "*".join(f"(a{k}+b{k})" for k in range(60)) + "]"])
def test_a_hostile_declaration_is_refused_quickly(text):
    sd.parse("A*x")
    start = time.process_time()
    with pytest.raises(sd.SymdlError):
        sd.parse("1", text)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("text", [
    "__import__('os').system('true')", "x.__class__", "().__class__", "lambda: 0", "[x for x in y]",
    "exec(x)", "open(x)", "x; y", "f'{x}'", "x if y else z", "getattr(x, y)"])
def test_code_is_never_run(text):
    with pytest.raises(sd.ParseError):
        sd.parse(text)
