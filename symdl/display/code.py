"""A result as a NumPy function that runs by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from keyword import kwlist

from symdl.display.errors import NotationError
from symdl.display.matrix import formulas_of
from symdl.display.plain import Names, Plain
from symdl.display.tree import Node
from symdl.kernels.scalar_numpy import print_numpy
from symdl.language.form import Dim
from symdl.language.scalars import CATALOGUE
from symdl.language.sizes import dims_of, variables_of
from symdl.language.tensor import Tensor, Variable


def code(t: Tensor, name: str = "result") -> str:
    """A result as the source of a function of arrays, and of the indices that it stands at.

    It needs NumPy, and SciPy where a function of the formula is SciPy's. Sizes are read off the
    arrays; those that no shape states are keywords. A name that Python or the function has another
    use for, such as `lambda`, gets an underscore. Exponentials stand as in the formula: for a form
    that can't overflow, compile the result.

    Parameters
    ----------
    t : Tensor
        Any result that has a matrix notation.
    name : str
        The function's name.

    Raises
    ------
    NotationError
        If it has none.
    """
    try:
        arranged, formulas = formulas_of(t)
    except NotationError as error:
        raise NotationError(f"{error}, so no NumPy expression either; "
                            "sd.compile(...).source has its loops") from None
    inputs = variables_of([arranged.root])
    names = _safe({**{v: str(v.name) for v in inputs}, **arranged.names}, name)
    printer = Code(names)
    (_, main), *others = formulas.items()
    below = [f"{names[x]} = {printer.text(f)}" for x, f in reversed(others)]
    last = f"return {printer.text(main)}"
    used = set(re.findall(r"\w+", "\n".join([*below, last])))
    needed = {d for d in dims_of([arranged.root]) if str(d) in used}
    sizes, keywords = _sizes(inputs, needed, names)
    indices = sorted(arranged.root.free, key=lambda f: f.serial)
    arguments = [*(names[v] for v in inputs), *map(str, indices),
                 *(["*", *keywords] if keywords else [])]
    rows = [f"def {name}({', '.join(arguments)}):",
            *(f"    {row}" for row in (*sizes, *below, last))]
    return "\n".join([*_imports([*printer.helpers.values(), *rows]), "",
                      *printer.helpers.values(), *rows, ""])


def _safe(names: Mapping[Tensor, str], function: str) -> dict[Tensor, str]:
    """The names, with an underscore behind those that mean something else in the source."""
    reserved = {*kwlist, "np", "linalg", "special", function, *HELPERS, *CATALOGUE}
    taken, found = {*names.values()} | reserved, dict[Tensor, str]()
    for t, name in names.items():
        while name in reserved or (name != names[t] and name in taken):
            name += "_"
        taken.add(name)
        found[t] = name
    return found


def _sizes(inputs: Iterable[Variable], needed: set[Dim], names: Names,
           ) -> tuple[list[str], list[str]]:
    """Assignments of sizes from shapes, and the names of those that no shape states."""
    rows: list[str] = []
    left = set(needed)
    for v in inputs:
        for axis, form in enumerate(v.shape):
            if form.atom in left:
                rows.append(f"{form.atom} = {names[v]}.shape[{axis}]")
                left.remove(form.atom)
    return rows, sorted(map(str, left))


def _imports(rows: Iterable[str]) -> list[str]:
    text = "\n".join(rows)
    modules = [m for m in ("linalg", "special") if re.search(rf"(?<![\w.]){m}\.", text)]
    return ["import numpy as np", *([f"from scipy import {', '.join(modules)}"] if modules else [])]


class Code(Plain):
    """The printer: functions by the names of NumPy and SciPy.

    Attributes
    ----------
    helpers : dict
        The definitions of functions that neither has, by name, filled while printing.
    """

    def __init__(self, names: Names):
        super().__init__(names)
        self.helpers: dict[str, str] = {}

    def _name(self, x: Node) -> str:
        return _CONSTANTS.get(x.text, x.text)

    def _call(self, x: Node) -> str:
        return f"{self._function(x.text)}({', '.join(map(self.text, x.args))})"

    def _compare(self, x: Node) -> str:
        return f"({super()._compare(x)})"

    def _indicator(self, x: Node) -> str:
        return self._compare(x)

    def _function(self, name: str) -> str:
        if name in RENAMED:
            return RENAMED[name]
        if name in HELPERS:
            self.helpers[name] = HELPERS[name]
            return name
        if name in CATALOGUE:
            entry = CATALOGUE[name]
            names = {k: f"x{k}" for k in range(entry.arity)}
            self.helpers[name] = (f"def {name}({', '.join(names.values())}):\n"
                                  f"    return {print_numpy(entry.body(), names)}\n")
            return name
        return f"np.{name}"


_CONSTANTS: Mapping[str, str] = {"pi": "np.pi", "inf": "np.inf", "nan": "np.nan",
                                 "euler_gamma": "np.euler_gamma"}
_SAME = "exp log sqrt sin cos tan sinh cosh tanh expm1 log1p floor ceil sign abs maximum minimum"
RENAMED: Mapping[str, str] = {
    **{name: f"np.{name}" for name in _SAME.split()},
    **{name: f"np.arc{name[1:]}" for name in ["asin", "acos", "atan", "asinh", "acosh", "atanh"]},
    **{name: f"np.linalg.{name}" for name in
       ["inv", "det", "solve", "cholesky", "pinv", "eigh", "eigvalsh", "matrix_power", "norm",
        "slogdet"]},
    **{name: f"special.{name}" for name in
       ("softmax", "logsumexp", "erf", "erfc", "xlogy", "gamma")},
    **{name: f"linalg.{name}" for name in ("expm", "logm", "sqrtm")},
    "lgamma": "special.gammaln", "digamma": "special.digamma",
}
"""Functions whose name differs from `np.name`."""

HELPERS: Mapping[str, str] = {
    "logdet": "def logdet(a):\n    return np.linalg.slogdet(a)[1]\n",
    "one_hot": "def one_hot(labels, size):\n    return np.eye(size)[labels]\n",
    "diag": ("def diag(a):\n"
             "    return np.diag(a) if a.ndim < 3 else np.diagonal(a, axis1=-2, axis2=-1)\n"),
    "svd": "def svd(a):\n    return np.linalg.svd(a, full_matrices=False)\n",
    "triangular_solve": (
        "def triangular_solve(a, b, lower=True):\n"
        "    return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)\n"),
    "argsort": ("def argsort(x, descending=False):\n"
                '    return np.argsort(-x if descending else x, axis=-1, kind="stable")\n'),
    "polygamma": "def polygamma(x, order):\n    return special.polygamma(order, x)\n",
    "stop_gradient": "def stop_gradient(x):\n    return x\n",
}
"""Functions that NumPy and SciPy have in another form."""
