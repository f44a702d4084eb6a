"""Random pairs of rational expressions in matrices, equal by construction or different.

`python -m tests.algebra.matrix_pairs --count 1000` puts `sd.equal` to the test.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

import symdl as sd
from tests.algebra.pairs import somewhere

Tree = tuple[Any, ...]
n = sd.dims("n")
INPUTS = {"A": sd.tensor("A", n, n), "B": sd.tensor("B", n, n),
          "S": sd.tensor("S", n, n, symmetric=True), "I": sd.eye(n)}
SYMBOLIC = SimpleNamespace(inv=sd.inv, det=sd.det, abs=abs, sign=sd.sign, trace=sd.trace)
NUMERIC = SimpleNamespace(inv=np.linalg.inv, det=np.linalg.det, abs=np.abs, sign=np.sign,
                          trace=np.trace)
ONE = ("input", "I")


def built(tree: Tree, ops: Any, inputs: Any) -> Any:
    """The value of a tree over some library's operations."""
    head, *args = tree
    if head in ("input", "number"):
        return inputs[args[0]] if head == "input" else args[0]
    values = [built(a, ops, inputs) for a in args]
    if head in _BINARY:
        return _BINARY[head](*values)
    return values[0].T if head == "T" else getattr(ops, head)(values[0])


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b, "mul": lambda a, b: a * b, "matmul": lambda a, b: a @ b}


def grown(depth: int, rng: random.Random) -> Tree:
    """A random matrix."""
    if depth == 0:
        return ("input", rng.choice("AABBS"))
    one, other = grown(depth - 1, rng), grown(rng.randrange(depth), rng)
    return rng.choice([
        ("add", one, other), ("matmul", one, other), ("inv", ("add", one, other)),
        ("add", ONE, ("matmul", one, other)), ("T", one),
        ("matmul", ("inv", ("add", ONE, ("matmul", one, other))), one)])


def number(matrix: Tree, rng: random.Random) -> Tree:
    """A random number of a matrix."""
    det = ("det", matrix)
    return rng.choice([det, ("trace", matrix), ("mul", ("abs", det), ("sign", det)),
                       ("mul", det, ("abs", ("trace", matrix)))])


def is_matrix(tree: Tree) -> bool:
    head, *args = tree
    return head in ("input", "matmul", "inv", "T") or (
        head in ("add", "mul") and is_matrix(args[-1]))


def rewritten(tree: Tree, rng: random.Random) -> Tree:
    """An equal tree: one step at the root."""
    head, *args = tree
    double = ("add", ("mul", ("number", 3), tree), ("mul", ("number", -2), tree))
    out: list[Tree] = [double]
    if is_matrix(tree):
        other = ("input", rng.choice("AB"))
        out.append(("matmul", tree, ("matmul", ("inv", other), other)))
    if head == "inv":
        inner = args[0]
        out.append(("T", ("inv", ("T", inner))))
        if inner[0] == "matmul":
            out.append(("matmul", ("inv", inner[2]), ("inv", inner[1])))
        if inner[0] == "add":
            x, y = inner[1:]
            less = ("matmul", ("inv", x), ("matmul", y, tree))
            out.append(("add", ("inv", x), ("mul", ("number", -1), less)))
    if head == "matmul" and args[0][0] == "inv" and args[0][1][:2] == ("add", ONE) and (
            args[0][1][2][0] == "matmul" and args[0][1][2][1] == args[1]):
        _, x, y = args[0][1][2]
        out.append(("matmul", x, ("inv", ("add", ONE, ("matmul", y, x)))))
    if head == "det":
        out.append(("det", ("T", args[0])))
        if args[0][0] == "matmul":
            out.append(("mul", ("det", args[0][1]), ("det", args[0][2])))
        if args[0][:2] == ("add", ONE) and args[0][2][0] == "matmul":
            _, x, y = args[0][2]
            out.append(("det", ("add", ONE, ("matmul", y, x))))
    if head == "trace" and args[0][0] == "matmul":
        out.append(("trace", ("matmul", args[0][2], args[0][1])))
    if head == "abs":
        out.append(("mul", ("sign", args[0]), args[0]))
    return rng.choice(out)


def spoilt(tree: Tree, rng: random.Random) -> Tree:
    """A tree of the same kind that is probably another one: one step at the root."""
    head, *args = tree
    out: list[Tree] = [("mul", ("number", 2), tree)]
    if is_matrix(tree):
        out += [("T", tree), ("add", tree, ONE)]
    if head == "input":
        out.append((head, rng.choice("ABS")))
    if head in ("matmul", "mul") and is_matrix(args[0]) == is_matrix(args[1]):
        out.append((head, args[1], args[0]))
    if head in ("abs", "inv"):
        out.append(args[0])
    return rng.choice(out)


def differ(a: Tree, b: Tree, seed: int) -> bool:
    """Whether two trees have different numbers at some point."""
    rng = np.random.default_rng(seed)
    for size in (1, 2, 3) * 6:
        point = {name: rng.normal(size=(size, size)) for name in INPUTS}
        point |= {"S": point["S"] + point["S"].T, "I": np.eye(size)}
        u, v = (built(x, NUMERIC, point) for x in (a, b))
        if np.max(np.abs(u - v) / (1 + np.abs(u) + np.abs(v))) > 1e-6:
            return True
    return False


def pairs(seed: int, count: int) -> Iterator[tuple[bool, Tree, Tree]]:
    """Pairs, each with whether it is equal."""
    rng = random.Random(seed)
    for k in range(count):
        a = grown(2, rng)
        if rng.random() < 0.4:
            a = number(a, rng)
        b = a
        for _ in range(rng.choice((1, 2))):
            b = somewhere(b, rewritten, rng)
        if k % 2:
            b = somewhere(b, spoilt, rng)
        yield not differ(a, b, k), a, b


def verdicts(seed: int, count: int) -> Counter[str]:
    """How often what was answered; a wrong answer is an error."""
    found: Counter[str] = Counter()
    for k, (equal, a, b) in enumerate(pairs(seed, count)):
        status = sd.equal(built(a, SYMBOLIC, INPUTS), built(b, SYMBOLIC, INPUTS)).status
        found[f"{'equal' if equal else 'different'} pairs {status}"] += 1
        if status == ("refuted" if equal else "proved"):
            raise AssertionError(f"pair {k} of seed {seed}: {status}, but the numbers say "
                                 f"{'equal' if equal else 'different'}: {a} and {b}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with np.errstate(all="ignore"):
        for line in sorted(verdicts(options.seed, options.count).items()):
            print("{}: {}".format(*line))
    print("no wrong answer")


if __name__ == "__main__":
    main()
