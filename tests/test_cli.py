"""The command line: each command, its exit code, and how light its help is."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

import symdl as sd
from symdl.cli import NOTATIONS, main

QUADRATIC = "x'*A*x"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result.output


def formula(output: str) -> str:
    return output.splitlines()[0]


def test_a_gradient_says_its_shape_its_layout_and_what_was_guessed():
    assert run("grad", QUADRATIC, "--wrt", "x").splitlines() == [
        "(A + A.T) @ x", "", "shape (n,); layout: denominator", "A: matrix[n,n], x: vector[n]"]


def test_declared_facts_are_used():
    assert formula(run("grad", QUADRATIC, "--wrt", "x", "--declare", "A: matrix[n,n] symmetric",
                       "-d", "x: vector[n]")) == str(
        sd.parse("d x'*A*x / dx", "A: matrix[n,n] symmetric").derive().simplify())


def test_a_gradient_in_every_input():
    lines = run("grad", "sum(X*w)").splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["X", "w"]


def test_the_numerator_layout_transposes_a_gradient():
    shapes = [json.loads(run("grad", "z'*X*y", "--wrt", "X", "--json", "--layout", layout))
              ["results"]["X"]["shape"] for layout in ("denominator", "numerator")]
    assert shapes == [["n", "m"], ["m", "n"]]


def test_the_layout_of_a_jacobian():
    assert formula(run("jacobian", "A*x", "--wrt", "x")) == "A"
    assert formula(run("jacobian", "A*x", "--wrt", "x", "--layout", "denominator")) == "A.T"


def test_a_hessian():
    assert formula(run("hessian", QUADRATIC, "--wrt", "x")) == "A + A.T"


def test_a_formula_that_asks_for_its_derivative():
    output = run("derive", "d logdet(A) / dA")
    assert formula(output) == "inv(A).T"
    assert "layout: denominator" in output
    assert "layout: numerator" in run("derive", "d A*x / dx")
    assert "layout: none" in run("derive", "A*A'")


def test_latex_alone():
    assert run("grad", QUADRATIC, "--wrt", "x", "--latex").strip() == sd.parse(
        "d x'*A*x/dx").derive().simplify().latex()


def test_json_holds_all():
    found = json.loads(run("hessian", QUADRATIC, "--wrt", "x", "--json"))
    assert found == {"declarations": "A: matrix[n,n], x: vector[n]", "layout": "either",
                     "results": {"x": {"formula": "A + A.T", "shape": ["n", "n"]}}}


@pytest.mark.parametrize("notation", [n for n in NOTATIONS if n == "auto" or hasattr(sd.Tensor, n)])
def test_each_notation(notation):
    g = sd.parse("d x'*A*x/dx").derive().simplify()
    expected = str(g) if notation == "auto" else getattr(g, notation)()
    assert run("grad", QUADRATIC, "--wrt", "x", "--notation", notation).startswith(expected)


@pytest.mark.parametrize(("grammar", "text"), [
    ("text", "x'*A*x"), ("latex", r"x^\top A x"), ("numpy", "x @ A @ x")])
def test_each_grammar(grammar, text):
    if grammar != "text" and "grammar" not in inspect.signature(sd.parse).parameters:
        pytest.skip("this grammar isn't there")
    declared = "A: matrix[n,n], x: vector[n]"
    assert formula(run("grad", text, "--wrt", "x", "--input", grammar, "-d", declared)) == (
        "(A + A.T) @ x")


def test_an_explanation_ends_with_the_gradient():
    pytest.importorskip("symdl.display.steps.explain")
    assert run("explain", "norm2(A*x - b)^2", "--wrt", "x").count("\n") > 2
    assert "\\" in run("explain", "norm2(A*x - b)^2", "--wrt", "x", "--latex")


def test_an_explanation_of_order_2_as_html_and_json():
    pytest.importorskip("symdl.display.steps.explain")
    found = json.loads(run("explain", "norm2(A*x - b)^2", "--wrt", "x", "--order", "2", "--json"))
    assert "2*A.T @ A" in found["derivation"]
    assert run("explain", "x'*x", "--wrt", "x", "--html").startswith("<table")


def test_latex_of_a_notation():
    assert "\\sum" in run("grad", "x'*A*x", "--wrt", "x", "--latex", "--notation", "index")


def test_a_formula_that_begins_with_a_sign_stands_behind_two():
    assert formula(run("grad", "--wrt", "x", "--", "-x'*x")) == "-2*x"


def test_the_cost_of_a_formula_and_of_its_gradient():
    assert run("cost", "A*x").startswith("2*m*n flops")
    assert "n**2" in json.loads(run("cost", QUADRATIC, "--wrt", "x", "--json"))["flops"]


def test_a_kernel_is_printed_or_written(tmp_path):
    printed = run("kernel", "x'*x", "--wrt", "x")
    run("kernel", "x'*x", "--wrt", "x", "--output", str(tmp_path / "k.py"))
    assert (tmp_path / "k.py").read_text(encoding="utf-8").strip() == printed.strip()
    assert "def kernel(" in printed
    assert "float32" in run("kernel", "x'*x", "--dtype", "float32")


def test_a_right_gradient_passes_its_check():
    assert "passed" in run("check", "sum(tanh(A*x))", "--wrt", "x", "--seed", "3")
    assert json.loads(run("check", "x'*x", "--json"))["status"] == "passed"


def test_a_failed_check_has_exit_code_1(monkeypatch):
    from symdl.claims import check

    monkeypatch.setattr(check, "grad", lambda loss, wrt: [2.001 * v for v in wrt])
    assert "failed" in run("check", "x'*x", "--wrt", "x", code=1)


@pytest.mark.parametrize(("arguments", "message"), [
    (("grad", "A*y'", "--wrt", "y", "-d", "A: matrix[m,n], y: vector[n]"), "Did you mean A*y?"),
    (("grad", "A*x", "--wrt", "x"), "grad takes a scalar"),
    (("grad", QUADRATIC, "--wrt", "y"), "y is no input of the formula: it has A, x"),
    (("grad", QUADRATIC, "-d", "A: matrx"), "say what it is"),
    (("jacobian", "A*x"), "Missing option '--wrt'"),
    (("grad", QUADRATIC, "--notation", "words"), "Invalid value for '--notation'"),
    (("kernel", "x +"), "the formula ends too early"),
    (("integrate", "x"), "No such command"),
    (("grad", "-x'*x", "--wrt", "x"), "begins with - stands last, behind --"),
    (("grad", QUADRATIC, "--latex", "--notation", "code"), "leave one out"),
    (("kernel", QUADRATIC, "-o", "nowhere/k.py"), "nowhere/k.py: No such file"),
])
def test_a_mistake_is_explained_with_exit_code_2(arguments, message):
    assert message in run(*arguments, code=2)


def test_the_help_lists_the_exit_codes_and_the_commands():
    output = run("--help")
    assert "Exit codes: 0" in output
    for name in ("grad", "jacobian", "hessian", "derive", "explain", "cost", "kernel", "check"):
        assert name in output
        assert "FORMULA" in run(name, "--help")


def test_the_help_loads_nothing_heavy():
    code = ("import sys\nfrom symdl.cli import main\n"
            "try:\n    main(['--help'], standalone_mode=False)\nfinally:\n"
            "    print(sorted({'numpy', 'sympy', 'numba', 'scipy', 'lark', 'mpmath'}"
            " & set(sys.modules)))")
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert time.perf_counter() - start < 2.0  # a loaded machine; alone it takes a tenth of that


def test_the_module_runs():
    done = subprocess.run([sys.executable, "-m", "symdl", "--help"], capture_output=True, text=True,
                          check=True)
    assert done.stdout.startswith("Usage: symdl ")


def test_a_verdict_sets_the_exit_code():
    assert run("verify", "d tr(A*X)/dX = A'").startswith("proved: d tr(A*X)/dX = A'")
    assert "n = 2" in run("verify", "A*B = B*A", code=1)
    assert "supported" in run("verify", "exp(x) >= 1 + x", code=2)
    assert "relation" in run("verify", "A*B", code=2)


def test_a_verdict_prints_as_json_and_latex():
    found = json.loads(run("verify", "A*B = B*A", "--json", code=1))
    assert found["status"] == "refuted" and found["counterexample"]["sizes"] == {"n": 2}
    assert run("verify", "A*B = B*A", "--latex", code=1).startswith(r"\textbf{Refuted.}")


def test_a_claim_is_read_with_declarations_in_latex_at_stated_sizes():
    assert "proved" in run("verify", r"x^\top S y = y^\top S x", "--input", "latex", "-d",
                           "S: matrix[n,n] symmetric, x: vector[n], y: vector[n]")
    assert "n=3" in run("verify", "x = x", "--size", "n", code=2)
