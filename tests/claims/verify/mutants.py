"""`python -m tests.claims.verify.mutants`: wrong variants of proved formulas, each to be refuted.

Every formula is changed in one place: a sign, a factor, a transpose, an index, a term left out,
another function, an order of factors. NumPy's referee, which knows nothing of symdl, tells the
variants that are true by accident. No other variant may be proved, and each is to be refuted.
"""

from __future__ import annotations

import argparse
import ast
import copy
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

import symdl as sd
from symdl.claims.verify.verdict import Verdict
from tests.formulas.proving import is_exact, judged
from tests.formulas.referee import Claim, apart, claims, measured, point, side

LEAST = 10
SEEDS = (0, 1, 2)
_OTHERS = {"exp": "tanh", "tanh": "exp", "log": "exp", "sig": "tanh", "sum": "mean", "mean": "sum",
           "det": "tr", "tr": "det", "cos": "sin", "sin": "cos", "sqrt": "abs", "abs": "sqrt",
           "softmax": "sig", "dsig": "sig", "relu": "abs", "inv": "T", "lse": "sum"}


def mutants(text: str) -> list[str]:
    """Formulas that differ from a formula in one place, in NumPy's spelling."""
    root = ast.parse(text, mode="eval")
    count = sum(1 for _ in ast.walk(root))
    found: dict[str, None] = {}
    for k in range(count):
        for change in range(_CHANGES):
            new = copy.deepcopy(root)
            if _changed(list(ast.walk(new))[k], new, change):
                found[ast.unparse(new)] = None
    for whole in _WHOLE:
        found[whole.format(text)] = None
    return [t for t in found if t != ast.unparse(root)]


_CHANGES = 4
_WHOLE = ("-({})", "2*({})", ".5*({})", "1.001*({})", "3*({})", "({}).T", "abs({})", "({})**2",
          "({}) + .01", "0*({})", "tanh({})", "-2*({})")


def _changed(node: Any, root: ast.Expression, change: int) -> bool:
    """Change a node in place; false where that change means nothing there."""
    if isinstance(node, ast.BinOp):
        return _changed_operation(node, change)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and change == 0:
        other = _OTHERS.get(node.func.id)
        node.func.id = other or node.func.id
        return other is not None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and change == 0:
        node.op = ast.UAdd()
        return True
    if isinstance(node, ast.Attribute) and node.attr == "T" and change == 0:
        parent = next(p for p in ast.walk(root) if node in ast.iter_child_nodes(p))
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, node.value)
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and change == 0:
        node.value = node.value + 1
        return True
    return False


def _changed_operation(node: ast.BinOp, change: int) -> bool:
    swaps: dict[type, ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add(),
                                       ast.Mult: ast.Add(), ast.Div: ast.Mult()}
    if change == 0 and type(node.op) in swaps:
        node.op = swaps[type(node.op)]
        return True
    if change == 1 and isinstance(node.op, ast.MatMult):
        node.left, node.right = node.right, node.left
        return True
    zero = ast.Constant(0)
    if change == 2 and isinstance(node.op, (ast.Add, ast.Sub)):
        node.right = ast.BinOp(zero, ast.Mult(), node.right)
        return True
    if change == 3 and isinstance(node.op, (ast.Add, ast.Sub)):
        node.left = ast.BinOp(zero, ast.Mult(), node.left)
        return True
    return False


def is_false(c: Claim) -> bool:
    """Whether the referee finds a claim wrong, by far and at every point at which it looks."""
    distances = []
    for seed in SEEDS:
        at = point(c, seed)
        try:
            distances.append(apart(measured(c, at), side(c, c["rhs"], at)))
        except Exception:  # a variant may be anything: what the referee can't compute is left out
            return False
    return all(1e-4 < d < float("inf") for d in distances)


def judgements(c: Claim, most: int) -> Iterator[tuple[str, Verdict]]:
    """The verdicts on the wrong variants of a claim."""
    wrong = (m for m in mutants(c["rhs"]) if is_false({**c, "rhs": m}))
    for text, _ in zip(wrong, range(most), strict=False):
        try:
            yield text, judged({**c, "rhs": text})
        except sd.SymdlError:
            continue


def main() -> None:
    """Print how many variants were refuted, and every other one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=14, help="variants of a formula")
    parser.add_argument("--every", type=int, default=1, help="take every n-th formula")
    options = parser.parse_args()
    counts, few = Counter[str](), 0
    true = [c for c in claims("grad", "jac", "hess", "eq") if c["verdict"] == "true"]
    for c in true[::options.every]:
        if not is_exact(c) or judged(c).status != "proved":
            continue
        found = list(judgements(c, options.most))
        few += len(found) < LEAST
        counts.update(v.status for _, v in found)
        for text, v in found:
            if v.status != "refuted":
                print(f"{c['id']}: {text}: {v.status}: {v.reason}", flush=True)
    print(dict(counts), f"{few} formulas with fewer than {LEAST} wrong variants")
    if counts["proved"]:
        raise SystemExit(1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with np.errstate(all="ignore"):
        main()
