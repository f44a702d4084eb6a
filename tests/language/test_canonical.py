"""The canonical form is exact: one digest for each class of isomorphic schemes.

Isomorphism is decided by the canonical labelling of a coloured graph (igraph's BLISS), which
shares nothing with colour refinement over forms and bodies.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import combinations_with_replacement, product
from random import Random

import igraph
import pytest
import sympy

import symdl as sd
from symdl.language.body import slot
from symdl.language.canonical import canonical
from symdl.language.form import Form, Idx, Quotient, Remainder
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Scheme, Value, tidied
from symdl.language.tensor import Equation
from tests.language.random_schemes import random_scheme

n, m = sd.dims("n m")
A, B, C = sd.tensor("A", n, n), sd.tensor("B", n, n), sd.tensor("C", n)
a0, a1, a2, a3, a4, a5 = (slot(p) for p in range(6))
i, j, r, q, u = (Form.of(Idx(p)) for p in range(5))
COMMUTATIVE = (sympy.Add, sympy.Mul, sympy.Max, sympy.Min, sympy.And, sympy.Or, sympy.Eq)


def digest(s):
    return Equation.make(s).digest


def shuffled(s, g):
    """The scheme with bound indices, leaves and guards in another order."""
    bound = list(s.bound)
    if s.reduce in ("none", "sum", "prod"):
        g.shuffle(bound)
    order = [*range(s.axes), *bound]
    place = {Idx(old): Form.of(Idx(new)) for new, old in enumerate(order)}
    leaves = list(range(len(s.leaves)))
    g.shuffle(leaves)
    guards = [guard.substitute(place) for guard in s.guards]
    g.shuffle(guards)
    moved = [s.leaves[old].map(lambda f: f.substitute(place)) for old in leaves]
    names = {slot(old): slot(new) for new, old in enumerate(leaves)}
    return replace(s, sizes=tuple(s.sizes[old] for old in order), guards=tuple(guards),
                   leaves=tuple(moved), body=s.body.xreplace(names))


class Picture:
    """A coloured graph that is isomorphic for isomorphic schemes only."""

    def __init__(self, s):
        self.colours, self.edges = [], []
        ordered = s.reduce not in ("none", "sum", "prod")
        self.index = [self.vertex(
            ("index", k if k < s.axes or ordered else "bound", str(size)))
            for k, size in enumerate(s.sizes)]
        self.leaf = [self.of_leaf(x) for x in s.leaves]
        for g in s.guards:
            self.of_guard(g, self.vertex("guards"))
        self.of_body(s.body, self.vertex(("body", s.reduce, s.component, s.axes)))

    def vertex(self, colour, *neighbours):
        self.colours.append(colour)
        self.edges.extend((len(self.colours) - 1, v) for v in neighbours)
        return len(self.colours) - 1

    def of_leaf(self, leaf):
        if isinstance(leaf, Access):
            v = self.vertex(("access", leaf.tensor.label))
            for d, f in enumerate(leaf.index):
                self.of_form(f, self.vertex(("slot", d), v))
        else:
            v = self.vertex("value")
            self.of_form(leaf.form, v)
        for g in leaf.mask:
            self.of_guard(g, v)
        return v

    def of_guard(self, guard, above):
        """An equality says the same with the other sign."""
        v = self.vertex(("guard", guard.relation), above)
        self.of_form(guard.form, self.vertex("side", v))
        if guard.relation != ">=":
            self.of_form(-guard.form, self.vertex("side", v))

    def of_form(self, form, above):
        for monomial, c in form.terms:
            term = self.vertex(("term", c), above)
            for a in monomial:
                if isinstance(a, Idx):
                    self.vertex("factor", term, self.index[a.position])
                elif isinstance(a, (Quotient, Remainder)):
                    v = self.vertex(type(a).__name__, term)
                    for d, f in enumerate(a.inner):
                        self.of_form(f, self.vertex(("inner", d), v))
                elif a.inner:
                    v = self.vertex(("read", a.tensor.label), term)
                    for d, f in enumerate(a.inner):
                        self.of_form(f, self.vertex(("inner", d), v))
                else:
                    self.vertex(("size", str(a)), term)

    def of_body(self, e, above):
        if e.is_Symbol:
            self.edges.append((above, self.leaf[int(e.name[1:])]))
            return
        if isinstance(e, (sympy.Gt, sympy.Ge)):
            e = e.reversed
        v = self.vertex((e.func.__name__, "" if e.args else str(e)), above)
        for d, arg in enumerate(e.args):
            place = 0 if isinstance(e, COMMUTATIVE) else d
            self.of_body(arg, self.vertex(("argument", place), v))

    @property
    def certificate(self):
        known = sorted(set(map(repr, self.colours)))
        colours = [known.index(repr(c)) for c in self.colours]
        graph = igraph.Graph(len(colours), self.edges, vertex_attrs={"colour": colours})
        graph = graph.permute_vertices(graph.canonical_permutation(color=colours))
        return known, graph.vs["colour"], sorted(map(sorted, graph.get_edgelist()))


def certificate(s):
    return repr(Picture(tidied(s)).certificate)


def a_sum(body, *leaves, guards=(), bound=3, axes=1, reduce="sum"):
    return Scheme((n,) * (axes + bound), axes, reduce, guards, body,
                  tuple(Access(t, index) for t, *index in map(flat, leaves)))


def flat(leaf):
    return (leaf[0], *map(Form.of, leaf[1:]))


SYMMETRIC = {
    "a square": a_sum(a0 * a1, (C, j), (C, r), bound=2),
    "a triangle": a_sum(a0 * a1 * a2, (A, j, r), (A, r, q), (A, q, j)),
    "a triangle with an axis": a_sum(a0 * a1 * a2 * a3, (A, i, j), (A, j, r), (A, r, q), (A, q, j)),
    "a directed square": a_sum(a0 * a1 * a2 * a3, (A, j, r), (A, r, q), (A, q, u), (A, u, j),
                               bound=4),
    "two triangles": Scheme((n,) * 6, 0, "sum", (), sympy.Mul(*map(slot, range(6))), tuple(
        Access(A, (Form.of(Idx(p)), Form.of(Idx(z)))) for p, z in
        [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)])),
    "a hexagon": Scheme((n,) * 6, 0, "sum", (), sympy.Mul(*map(slot, range(6))), tuple(
        Access(A, (Form.of(Idx(p)), Form.of(Idx((p + 1) % 6)))) for p in range(6))),
    "a difference of pairs": a_sum((a0 - a1) ** 2, (C, j), (C, r), bound=2),
    "a guard between twins": a_sum(a0 * a1, (C, j), (C, r), guards=(Guard(j - r, "!="),), bound=2),
    "an order between twins": a_sum(a0 * a1, (C, j), (C, r), guards=(Guard(j - r, ">="),), bound=2),
    "an outer form": a_sum(a0 * a1, (C, j), (C, r), guards=(Guard(i - j - r, "=="),), bound=2),
    "a product": a_sum(a0 + a1 * a2, (A, j, r), (C, j), (C, r), bound=2, reduce="prod"),
    "a choice": a_sum(sympy.Piecewise((a0, a1 > a2), (a1, True)), (A, j, r), (C, j), (C, r),
                      bound=2),
    "a maximum": a_sum(a0 * a1, (A, j, r), (A, r, j), bound=2, reduce="max"),
}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_a_symmetric_scheme_has_one_digest(name):
    g, s = Random(name), SYMMETRIC[name]
    assert {digest(shuffled(s, g)) for _ in range(40)} == {digest(s)}


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_a_random_scheme_has_one_digest(first):
    """Ten shuffles of each: 1,500 in all, beside those of the symmetric schemes."""
    for seed in range(first, first + 50):
        g = Random(seed)
        s = random_scheme(g)
        for x in (s, replace(s, body=a_body(g, len(s.leaves)))):
            assert {digest(shuffled(x, g)) for _ in range(5)} == {digest(x)}, seed


def a_body(g, count):
    """An expression with heads that commute and heads that don't."""
    a = [slot(g.randrange(count)) for _ in range(4)]
    return g.choice((
        sympy.exp(a[0]) / (1 + a[1] ** 2), (a[0] + a[1]) ** a[2], sympy.Max(a[0], a[1] * a[2]),
        sympy.Piecewise((a[0], a[1] > a[2]), (a[3], True)), a[0] * sympy.tanh(a[1] - a[2]) - a[3],
        sympy.atan2(a[0], a[1]) + a[2] * a[3],
    ))


def classes(schemes, key):
    """The schemes by what they have in common, as sets of numbers."""
    found = defaultdict(set)
    for number, s in enumerate(schemes):
        found[key(s)].add(number)
    return sorted(map(sorted, found.values()))


def graphs():
    """All products of three entries of A over three bound indices: small directed graphs."""
    pairs = list(product((j, r, q), repeat=2))
    for chosen in combinations_with_replacement(pairs, 3):
        yield a_sum(a0 * a1 * a2, *((A, *pair) for pair in chosen), axes=1)


def regular():
    """Unions of cycles through six vertices: refinement alone can't tell them apart."""
    for cycles in ([6], [3, 3], [4, 2], [2, 2, 2], [5, 1], [1, 1, 4], [3, 2, 1]):
        edges, first = [], 0
        for length in cycles:
            edges += [(first + p, first + (p + 1) % length) for p in range(length)]
            first += length
        for flip in (False, True):
            leaves = tuple(Access(A, tuple(Form.of(Idx(x)) for x in (e[::-1] if flip else e)))
                           for e in edges)
            yield Scheme((n,) * 6, 0, "sum", (), sympy.Mul(*map(slot, range(6))), leaves)


def bodies():
    """The same leaves under different bodies, and the same body over different leaves."""
    for body in (a0 * a1 + a2, a0 * a2 + a1, a0 + a1 + a2, a0**a1 + a2, a1**a0 + a2, a0 - a1 * a2,
                 sympy.Max(a0, a1) * a2, sympy.Min(a0, a1) * a2, sympy.exp(a0 - a1) * a2,
                 sympy.Piecewise((a0, a1 > a2), (a2, True)),
                 sympy.Piecewise((a0, a2 > a1), (a2, True)),
                 sympy.Piecewise((a0, a1 >= a2), (a2, True))):
        for x, y in product((j, r), repeat=2):
            yield a_sum(body, (C, x), (C, y), (A, j, r), bound=2)
            yield a_sum(body, (C, x), (A, y, r), (A, r, y), bound=2)


def guarded():
    """Guards between twins: which pairs, which way, which relation."""
    choices = [Guard(f, ">=") for f in (j - r, r - j, j - r - 1, q - j, q - r)]
    choices += [Guard(f, "!=") for f in (j - r, j + r - i, 2 * j - r)]
    for two in combinations_with_replacement(choices, 2):
        yield a_sum(a0 * a1 * a2, (C, j), (C, r), (C, q), guards=two)
        yield a_sum(a0 * a1 * a2, (C, j), (C, r), (B, q, q), guards=two)


def valued():
    for form in (j, r, j + r, j - r, 2 * j + r, 2 * r + j, j // 2 + r, r // 2 + j, j * r, j % 2):
        for t in (C, A, B):
            index = (j,) if t is C else (j, r)
            yield Scheme((n,) * 3, 1, "sum", (), a0 * a1, (Access(t, index), Value(form)))
            yield Scheme((n, n, m), 1, "sum", (), a0 * a1, (Access(t, index[::-1]), Value(form)))


POPULATIONS = {"graphs": graphs, "regular": regular, "bodies": bodies, "guarded": guarded,
               "values": valued,
               "random": lambda: (random_scheme(Random(seed)) for seed in range(150))}


@pytest.mark.parametrize("name", POPULATIONS)
def test_digests_tell_apart_what_is_not_isomorphic(name):
    g, schemes = Random(0), [s for s in POPULATIONS[name]() if tidied(s) is not None]
    schemes += [shuffled(s, g) for s in schemes]
    by_graph = classes(schemes, certificate)
    assert classes(schemes, digest) == by_graph
    assert 1 < len(by_graph) < len(schemes)


def test_the_graph_sees_every_slight_change():
    """What decides isomorphism is no weaker than it should be."""
    s = SYMMETRIC["a triangle with an axis"]
    assert certificate(s) == certificate(shuffled(s, Random(3)))
    changed = [
        replace(s, leaves=(Access(A, (i, i)), *s.leaves[1:])),
        replace(s, leaves=(Access(A, (j, i)), *s.leaves[1:])),
        replace(s, leaves=(Access(B, (i, j)), *s.leaves[1:])),
        replace(s, leaves=(Access(A, (i, j + 1)), *s.leaves[1:])),
        replace(s, leaves=(Access(A, (i, j), (Guard(j - 1, ">="),)), *s.leaves[1:])),
        replace(s, guards=(Guard(j - r, ">="),)), replace(s, guards=(Guard(j - i, ">="),)),
        replace(s, reduce="prod"), replace(s, body=2 * s.body), replace(s, body=s.body + a0),
        replace(s, sizes=(n, m, n, n)), replace(s, axes=2),
    ]
    assert len({certificate(x) for x in (s, *changed)}) == len(changed) + 1
    assert len({digest(x) for x in (s, *changed)}) == len(changed) + 1


def test_the_canonical_form_is_a_fixed_point():
    for s in SYMMETRIC.values():
        once = canonical(tidied(s))
        assert canonical(once) == once


@pytest.mark.parametrize("reduce", ["max", "min", "argmax", "argmin"])
def test_where_ties_are_decided_by_the_order_of_indices_it_is_kept(reduce):
    s = a_sum(a0, (A, j, r), bound=2, reduce=reduce)
    assert digest(s) != digest(a_sum(a0, (A, r, j), bound=2, reduce=reduce))


PROGRAM = """
import sys
from symdl.language.form import Dim, Idx
kept = [Idx(int(c)) for c in sys.argv[1]] + [Dim(c) for c in sys.argv[2]]
import symdl as sd
n, m, k = sd.dims("n m k")
A, x, V = sd.tensor("A", n, n), sd.tensor("x", n), sd.tensor("V", n, m, 2 * k + 1)
i, j, r = sd.indices("i j r")
flat = sd.reshape(V, (n * m, 2 * k + 1))
loss = [
    sd.sum(sd.diag(x) ** 2), sd.trace(A @ A @ A), sd.sum(sd.tanh(A[:, ::2]) ** 2),
    sd.sum(flat * flat[:, ::-1]), sd.sum(sd.max(A[i, j] * A[j, i], j) * x[i], i),
    sd.sum(sd.where(sd.eq(i, j), A[i, j], A[j, i] * x[i]), (i, j)), sd.logsumexp(A @ x),
    sd.sum(sd.pad(V, [(1, 0), (m, k), (0, 2)]) ** 2), sd.sum(sd.cumsum(A, 0) ** 2),
    sd.sum(sd.recur("h", n, x, lambda t, h: sd.tanh(A @ h + A[t])) ** 2),
]
for f in loss:
    for v in (A, x, V):
        g = sd.grad(f, v)
        print(f.digest.hex(), g.digest.hex(), sd.grad(sd.sum(g * g), v).digest.hex())
"""


def test_digests_are_the_same_in_every_process():
    """Whatever the hash seed, and in whatever order indices and sizes were first made."""
    texts = {
        subprocess.run([sys.executable, "-c", PROGRAM, indices, names], capture_output=True,
                       env={"PYTHONHASHSEED": seed}, text=True, check=True).stdout
        for seed, indices, names in (("1", "012345", "nmk"), ("2", "534120", "kmn"))
    }
    assert len(texts) == 1
    assert texts.pop().count("\n") == 30
