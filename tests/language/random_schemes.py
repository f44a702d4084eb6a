"""Random schemes (deltas, strides, padding, mixed radix, diagonals, gathers) and their arrays."""

from __future__ import annotations

from random import Random

import numpy as np
import sympy

import symdl as sd
from symdl.language.body import slot
from symdl.language.form import Atom, Form, Idx, Read
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.tensor import Variable

n, m, k = sd.dims("n m k")
DIMS: tuple[Atom, ...] = (n.atom, m.atom, k.atom)
SIZES = (n, m, k, 2 * n, n * m, n + 1, Form.of(2), Form.of(3), Form.of(1), n // 2)


def at(position: int) -> Form:
    return Form.of(Idx(position))


def affine(g: Random, positions: list[int], terms: int) -> Form:
    """A sum of a few indices with small or symbolic coefficients."""
    total = Form.of(g.choice((0, 0, 0, 1, -1, 2)))
    for p in g.sample(positions, min(terms, len(positions))):
        total = total + g.choice((1, 1, 1, -1, 2, 3, k)) * at(p)
    return total


def random_scheme(g: Random) -> Scheme:
    """A sum over bound indices, as a pullback makes them: equalities, guards, masked reads."""
    axes, bound = g.choice((1, 1, 2)), g.choice((1, 2, 2, 3))
    sizes = [g.choice(SIZES) for _ in range(axes + bound)]
    everything, inner = list(range(axes + bound)), list(range(axes, axes + bound))
    guards: list[Guard] = []
    for axis in g.sample(range(axes), g.choice((1, axes))):
        guards.append(Guard(at(axis) - solution(g, sizes, inner), "=="))
    for _ in range(g.choice((0, 0, 1, 2))):
        guards.append(Guard(affine(g, everything, 2), g.choice((">=", ">=", ">=", "!="))))
    leaves = [random_leaf(g, sizes, everything) for _ in range(g.choice((1, 2, 3)))]
    a = [slot(q) for q in range(len(leaves))]
    body = g.choice((sympy.Mul(*a), sympy.Mul(*a), sympy.Add(*a), a[0] * a[-1] + 2))
    g.shuffle(guards)
    return Scheme(tuple(sizes), axes, "sum", tuple(guards), body, tuple(leaves))


def solution(g: Random, sizes: list[Form], inner: list[int]) -> Form:
    """What an axis is equal to: an index, an affine form, digits of a number, a label."""
    kind = g.choice(("index", "affine", "affine", "digits", "label", "quotient"))
    p = g.choice(inner)
    if kind == "index":
        return at(p)
    if kind == "digits" and len(inner) > 1:
        q = g.choice([x for x in inner if x != p])
        return sizes[p] * at(q) + at(p)
    if kind == "label":
        return Form.of(Read(labels(sizes[p]), (at(p),)))
    if kind == "quotient":
        return g.choice((at(p) // 2, at(p) % 2, at(p) // (k + 1)))
    return affine(g, inner, 2)


def random_leaf(g: Random, sizes: list[Form], positions: list[int]) -> Leaf:
    if g.random() < 0.15:
        return Value(affine(g, positions, 2), (Guard(affine(g, positions, 1), ">="),))
    chosen = [g.choice(positions) for _ in range(g.choice((1, 2)))]
    if g.random() < 0.6:
        return Access(variable([sizes[p] for p in chosen]), tuple(at(p) for p in chosen))
    size, index = g.choice(SIZES), affine(g, positions, 2)
    if g.random() < 0.3:
        p = g.choice(positions)
        index = Form.of(Read(labels(sizes[p]), (at(p),)))
    mask = (Guard(index, ">="), Guard(size - 1 - index, ">="))
    return Access(variable([size]), (index,), mask)


def variable(shape: list[Form]) -> Variable:
    return Variable.make("A_" + "_".join(str(SIZES.index(s)) for s in shape), shape)


def labels(size: Form) -> Variable:
    return Variable.make(f"y_{SIZES.index(size)}", (size,), "int")


def arrays(s: Scheme, sizes: dict[Atom, int], seed: int = 0) -> dict:
    """Small integers for every tensor that a scheme reads."""
    g = np.random.default_rng(seed)
    return {t: g.integers(-1 if t.dtype == "int" else 1, 5, [f.value(sizes) for f in t.shape])
            for t in sorted(s.tensors, key=lambda t: t.label)}


def some_sizes(g: Random, count: int, most: int = 4) -> list[dict[Atom, int]]:
    """A few assignments of sizes, all zero among them."""
    drawn = [{d: g.randint(0, most) for d in DIMS} for _ in range(count - 1)]
    return [dict.fromkeys(DIMS, 0), *drawn]
