"""Random pairs of expressions, equal by construction or different by their numbers.

`python -m tests.algebra.pairs --count 10000` puts `sd.equal` to the test.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import scipy.special

import symdl as sd

NAMES = {"s": "r t", "v": "x y z", "m": "A B C"}
n = sd.dims("n")
INPUTS = {name: sd.tensor(name, *[n] * axes) for axes, kind in enumerate("svm")
          for name in NAMES[kind].split()}
ELEMENTWISE = ("exp", "tanh", "sigmoid", "sin")
NUMPY = SimpleNamespace(exp=np.exp, tanh=np.tanh, sin=np.sin, sigmoid=scipy.special.expit,
                        sum=np.sum, softmax=scipy.special.softmax)


def built(tree, ops, inputs):
    """The value of a tree over some library's operations."""
    head, *args = tree
    if head == "input":
        return inputs[args[0]]
    if head == "number":
        return args[0]
    values = [built(a, ops, inputs) for a in args]
    if head == "add":
        return values[0] + values[1]
    if head == "mul":
        return values[0] * values[1]
    if head == "matmul":
        return values[0] @ values[1]
    if head == "T":
        return values[0].T
    return getattr(ops, head)(values[0])


def kind(tree):
    """Whether a tree is a scalar, a vector or a matrix."""
    head, *args = tree
    if head == "input":
        return next(k for k, names in NAMES.items() if args[0] in names.split())
    if head in ("number", "sum"):
        return "s"
    kinds = [kind(a) for a in args]
    if head == "matmul":
        return {"mm": "m", "mv": "v", "vm": "v", "vv": "s"}["".join(kinds)]
    return max(kinds, key="svm".index)


def grown(wanted, depth, rng):
    """A random tree of a kind."""
    if depth == 0 or rng.random() < 0.15:
        return ("input", rng.choice(NAMES[wanted].split()))
    grow = lambda k: grown(k, depth - 1, rng)  # noqa: E731
    ways = [lambda: ("add", grow(wanted), grow(wanted)), lambda: ("mul", grow("s"), grow(wanted)),
            lambda: (rng.choice(ELEMENTWISE), grown(wanted, min(depth - 1, 1), rng))]
    if wanted == "s":
        ways += [lambda: ("sum", grow("v")), lambda: ("matmul", grow("v"), grow("v"))] * 2
    if wanted == "v":
        ways += [lambda: ("matmul", grow("m"), grow("v")), lambda: ("mul", grow("v"), grow("v")),
                 lambda: ("softmax", grown("v", min(depth - 1, 1), rng))]
    if wanted == "m":
        ways += [lambda: ("matmul", grow("m"), grow("m")), lambda: ("T", grow("m"))] * 2
    return rng.choice(ways)()


def rewritten(tree, rng):
    """An equal tree: one step at the root."""
    head, *args = tree
    out = [("add", ("mul", ("number", 3), tree), ("mul", ("number", -2), tree))]
    if head in ("add", "mul") and kind(args[0]) == kind(args[1]):
        out.append((head, args[1], args[0]))
    if head in ("mul", "matmul") and args[1][0] == "add" and (
            kind(args[1]) == kind(args[1][1]) == kind(args[1][2])):
        out.append(("add", (head, args[0], args[1][1]), (head, args[0], args[1][2])))
    if head == "matmul" and kind(tree) == "m":
        out.append(("T", ("matmul", ("T", args[1]), ("T", args[0]))))
    if head == "matmul" and kind(tree) == "s":
        out += [("sum", ("mul", *args)), ("matmul", args[1], args[0])]
    if head == "matmul" and args[1][0] == "matmul" and kind(args[0]) == kind(args[1][1]) == "m":
        out.append(("matmul", ("matmul", args[0], args[1][1]), args[1][2]))
    if head == "sum" and args[0][0] == "add" and kind(args[0][1]) == kind(args[0][2]):
        out.append(("add", ("sum", args[0][1]), ("sum", args[0][2])))
    if head == "exp":
        other = ("input", rng.choice(NAMES[kind(tree)].split()))
        less = ("add", args[0], ("mul", ("number", -1), other))
        out.append(("mul", ("exp", less), ("exp", other)))
    if head == "tanh":
        double = ("sigmoid", ("mul", ("number", 2), args[0]))
        out.append(("add", ("mul", ("number", 2), double), ("number", -1)))
    if head == "sigmoid":
        other = ("sigmoid", ("mul", ("number", -1), args[0]))
        out.append(("add", ("number", 1), ("mul", ("number", -1), other)))
    if head == "softmax":
        out.append(("softmax", ("add", args[0], ("input", "r"))))
    return rng.choice(out)


def spoilt(tree, rng):
    """A tree of the same kind that is probably another one: one step at the root."""
    head, *args = tree
    out = [("mul", ("number", 2), tree), ("add", tree, ("number", 1))]
    if kind(tree) == "m":
        out.append(("T", tree))
    if head == "input":
        out.append((head, rng.choice(NAMES[kind(tree)].split())))
    if head in ELEMENTWISE:
        out.append((rng.choice(ELEMENTWISE), *args))
    return rng.choice(out)


def somewhere(tree, step, rng):
    """The tree with a step taken at a random node."""
    head, *args = tree
    if head in ("input", "number") or rng.random() < 0.3:
        return step(tree, rng) if head != "number" else tree
    k = rng.randrange(len(args))
    return (head, *args[:k], somewhere(args[k], step, rng), *args[k + 1:])


def differ(a, b, seed):
    """Whether two trees have different numbers at some point."""
    rng = np.random.default_rng(seed)
    for size in (2, 3):
        point = {name: rng.normal(size=[size] * t.ndim) for name, t in INPUTS.items()}
        u, v = built(a, NUMPY, point), built(b, NUMPY, point)
        if np.max(np.abs(u - v) / (1 + np.abs(u) + np.abs(v))) > 1e-6:
            return True
    return False


def pairs(seed, count) -> Iterator[tuple[bool, tuple, tuple]]:
    """Pairs, each with whether it is equal."""
    rng = random.Random(seed)
    for k in range(count):
        a = grown(rng.choice("svm"), rng.choice((2, 3)), rng)
        b = a
        for _ in range(rng.choice((1, 2, 3))):
            b = somewhere(b, rewritten, rng)
        if k % 2:
            b = somewhere(b, spoilt, rng)
            while not differ(a, b, k):
                b = somewhere(b, spoilt, rng)
        yield k % 2 == 0, a, b


def answers(seed, count) -> tuple[Counter, list[str]]:
    """How often each answer was given, and the wrong ones."""
    found: Counter = Counter()
    wrong = []
    for same, a, b in pairs(seed, count):
        verdict = sd.equal(built(a, sd, INPUTS), built(b, sd, INPUTS))
        found["equal" if same else "different", verdict.status] += 1
        if verdict.status == ("refuted" if same else "proved"):
            wrong.append(f"{a}\n{b}\n{verdict}")
    return found, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found, wrong = answers(options.seed, options.count)
    for (pair, status), times in sorted(found.items()):
        print(f"{pair} pairs {status}: {times}")
    print("\n".join(wrong) or "no wrong answer")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
