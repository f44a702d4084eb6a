"""Imports run one way, in no circle, and `import symdl` is light."""

from __future__ import annotations

import graphlib
import subprocess
import sys

import pytest

from tests.architecture.imports import ROOT, imports_of, modules_of, violations

FILES = modules_of(ROOT / "symdl")
KNOWN = frozenset(FILES)


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_what_its_folder_may(module):
    path = FILES[module]
    source = path.read_text(encoding="utf-8")
    assert violations(source, module, KNOWN, path.name == "__init__.py") == []


def graph(sources: dict[str, str], packages: frozenset[str]) -> dict[str, set[str]]:
    known = frozenset(sources)
    return {
        module: {
            found.target
            for found in imports_of(source, module, known, module in packages)
            if found.at_load and found.target in known and found.target != module
        }
        for module, source in sources.items()
    }


def test_no_modules_import_each_other():
    sources = {module: path.read_text(encoding="utf-8") for module, path in FILES.items()}
    packages = frozenset(module for module, path in FILES.items() if path.stem == "__init__")
    graphlib.TopologicalSorter(graph(sources, packages)).prepare()


def test_a_circle_is_found():
    sources = {"symdl.a": "from symdl import b", "symdl.b": "from symdl.a import f"}
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(graph(sources, frozenset())).prepare()


def test_an_import_in_a_function_or_for_types_closes_no_circle():
    late = "def f():\n    import symdl.a\n"
    types = "if TYPE_CHECKING:\n    import symdl.a\n"
    sources = {"symdl.a": "import symdl.b, symdl.c", "symdl.b": late, "symdl.c": types}
    graphlib.TopologicalSorter(graph(sources, frozenset())).prepare()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("symdl.language.tensor", "from symdl.calculus import pullback"),
        ("symdl.language.tensor", "from symdl import calculus"),
        ("symdl.language.tensor", "from ..calculus.pullback import pull"),
        ("symdl.language.tensor", "import numba"),
        ("symdl.language.tensor", "import symdl"),
        ("symdl.language.tensor", "def f():\n    import symdl.kernels.oracle\n"),
        ("symdl.language.tensor", "if TYPE_CHECKING:\n    import symdl.kernels\n"),
        ("symdl.calculus.sweep", "from symdl.algebra import rules"),
        ("symdl.algebra.rules", "from symdl.calculus import sweep"),
        ("symdl.lowering.loops", "from symdl.calculus import sweep"),
        ("symdl.kernels.oracle", "from symdl.lowering import loops"),
        ("symdl.kernels.oracle", "from symdl.kernels import numpy"),
        ("symdl.kernels.oracle.domains", "from symdl.lowering import loops"),
        ("symdl.kernels.scalars", "from symdl.language import tensor"),
        ("symdl.kernels.numpy", "from numba import njit"),
        ("symdl.kernels.numba", "from symdl.calculus import sweep"),
        ("symdl.evidence.line", "from symdl.language import tensor"),
        ("symdl.evidence.line", "import sympy"),
        ("symdl.evidence.line", "import scipy.linalg"),
        ("symdl.nn.dense", "from symdl.calculus import sweep"),
        ("symdl.claims.verify", "from symdl.display import latex"),
        ("symdl.unheard_of", ""),
        ("symdl", "import numpy"),
        ("symdl", "from symdl.language import tensor"),
    ],
)
def test_a_wrong_import_is_found(module, source):
    known = KNOWN | {"symdl.calculus", "symdl.kernels.numpy", "symdl.display"}
    assert len(violations(source, module, known)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("symdl.language.tensor", "import sympy, math\nfrom symdl.language.form import Form"),
        ("symdl.language.tensor", "from .form import Form"),
        ("symdl.lowering.loops", "from symdl.algebra import rules"),
        ("symdl.kernels.numba_code", "import numba\nfrom symdl.kernels.cache import folder"),
        ("symdl.kernels.oracle", "import mpmath\nfrom symdl.language import tensor"),
        ("symdl.kernels", "from symdl.kernels.oracle import evaluate"),
        ("symdl.claims.check", "from symdl.evidence.gradient import gradient_check"),
        ("symdl.cli", "import symdl, click\nfrom symdl.kernels.oracle import evaluate"),
    ],
)
def test_a_right_import_is_left_alone(module, source):
    assert violations(source, module, KNOWN) == []


def test_a_relative_import_in_a_package_is_resolved():
    assert violations("from . import tensor", "symdl.language", KNOWN, is_package=True) == []
    assert violations("from .. import calculus", "symdl.language", KNOWN, is_package=True) != []


def loaded_after(statements: str) -> set[str]:
    code = f"{statements}; import sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_importing_symdl_loads_neither_numpy_nor_sympy_nor_numba():
    statements = "import symdl; dir(symdl); symdl.__version__"
    assert loaded_after(statements).isdisjoint({"numpy", "sympy", "numba", "scipy", "mpmath"})


def test_evidence_loads_nothing_else_of_symdl():
    loaded = loaded_after("import symdl; symdl.gradient_check")
    assert {name for name in loaded if name.startswith("symdl.")} <= {
        "symdl._public",
        *(name for name in FILES if name.startswith("symdl.evidence")),
    }
    assert loaded.isdisjoint({"sympy", "numba"})
