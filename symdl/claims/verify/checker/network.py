"""Programs as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair

from symdl.language.body import HEADS, slot, slots_of
from symdl.language.errors import SymdlError
from symdl.language.form import Atom, Dim, Form, Idx, Quotient, Remainder, least
from symdl.language.form import quotient as floor_quotient
from symdl.language.form import remainder as floor_remainder
from symdl.language.guard import Guard
from symdl.language.owners import Application
from symdl.language.primitives.cholesky import Cholesky
from symdl.language.primitives.det import Det
from symdl.language.primitives.inv import Inv
from symdl.language.primitives.logdet import Logdet
from symdl.language.primitives.solve import Solve
from symdl.language.scheme import Access, Leaf, Scheme, Value
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological

PRIMITIVES: Mapping[str, type] = {c.__name__: c for c in (Cholesky, Det, Inv, Logdet, Solve)}
_HEADS = {h.__name__: h for h in HEADS}
_NUMBERS = {"pi": sympy.pi, "E": sympy.E, "EulerGamma": sympy.EulerGamma, "oo": sympy.oo,
            "-oo": -sympy.oo, "nan": sympy.nan, "True": sympy.true, "False": sympy.false}
Json = Any


def written(roots: Sequence[Tensor]) -> dict[str, Json]:
    """A program as JSON: its tensors in the order of computation, its roots by number.

    Raises
    ------
    SymdlError
        For what has no way of being written: recurrences, other primitives, gathers.
    """
    order = {t: k for k, t in enumerate(topological(list(roots)))}
    return {"tensors": [_tensor(t, order) for t in order], "roots": [order[r] for r in roots]}


def read(data: Mapping[str, Json]) -> list[Tensor]:
    """The roots of a program in writing."""
    found: list[Tensor] = []
    for entry in data["tensors"]:
        found.append(_read_tensor(entry, found))
    return [found[k] for k in data["roots"]]


def _tensor(t: Tensor, order: Mapping[Tensor, int]) -> dict[str, Json]:
    if isinstance(t, Variable):
        return {"input": t.name, "shape": [_form(f) for f in t.shape], "dtype": t.dtype,
                "facts": sorted(t.facts)}
    if isinstance(t, Equation):
        s = t.scheme
        return {"sizes": [_form(f) for f in s.sizes], "axes": s.axes, "reduce": s.reduce,
                "guards": [_guard(g) for g in s.guards], "body": _body(s.body),
                "leaves": [_leaf(x, order) for x in s.leaves], "component": s.component,
                "dtype": t.dtype, "name": t.name}
    if isinstance(t, Part) and isinstance(t.owner, Application):
        name = type(t.owner.primitive).__name__
        if name in PRIMITIVES:
            return {"primitive": name, "operands": [order[x] for x in t.owner.operands],
                    "output": t.number}
    raise SymdlError(f"{t.said} can't be written down")


def _read_tensor(e: Mapping[str, Json], found: Sequence[Tensor]) -> Tensor:
    if "input" in e:
        return Variable.make(e["input"], tuple(map(_read_form, e["shape"])), e["dtype"],
                             frozenset(e["facts"]))
    if "primitive" in e:
        operands = tuple(found[k] for k in e["operands"])
        return Part.make(Application(PRIMITIVES[e["primitive"]](), operands), e["output"])
    s = Scheme(tuple(map(_read_form, e["sizes"])), e["axes"], e["reduce"],
               tuple(map(_read_guard, e["guards"])), _read_body(e["body"]),
               tuple(_read_leaf(x, found) for x in e["leaves"]), e["component"])
    return Equation.make(s, e["dtype"], e["name"])


def _form(f: Form) -> Json:
    return [[c, [_atom(a) for a in m]] for m, c in f.terms]


def _atom(a: Atom) -> Json:
    if isinstance(a, Dim):
        return ["size", str(a)]
    if isinstance(a, Idx):
        return ["index", a.position]
    if isinstance(a, (Quotient, Remainder)):
        return [type(a).__name__, *map(_form, a.inner)]
    raise SymdlError(f"{a} can't be written down")


def _read_form(data: Json) -> Form:
    out = Form.of(0)
    for c, atoms in data:
        term = Form.of(c)
        for a in atoms:
            term = term * _read_atom(a)
        out = out + term
    return out


def _read_atom(a: Json) -> Form:
    kind, *rest = a
    if kind == "size":
        return Form.of(Dim(rest[0]))
    if kind == "index":
        return Form.of(Idx(rest[0]))
    divide = {"Quotient": floor_quotient, "Remainder": floor_remainder, "Least": least}[kind]
    return divide(*map(_read_form, rest))


def _guard(g: Guard) -> Json:
    return [g.relation, _form(g.form)]


def _read_guard(data: Json) -> Guard:
    return Guard(_read_form(data[1]), data[0])


def _leaf(x: Leaf, order: Mapping[Tensor, int]) -> Json:
    mask = [_guard(g) for g in x.mask]
    if isinstance(x, Value):
        return {"value": _form(x.form), "mask": mask}
    return {"tensor": order[x.tensor], "index": [_form(f) for f in x.index], "mask": mask}


def _read_leaf(e: Mapping[str, Json], found: Sequence[Tensor]) -> Leaf:
    mask = tuple(map(_read_guard, e["mask"]))
    if "value" in e:
        return Value(_read_form(e["value"]), mask)
    return Access(found[e["tensor"]], tuple(map(_read_form, e["index"])), mask)


def _body(e: Any) -> Json:
    if e.is_Symbol:
        return f"a{slots_of(e)[0]}"
    if not e.args:
        return str(e)
    return [type(e).__name__, *map(_body, e.args)]


def _read_body(data: Json) -> Any:
    if isinstance(data, str):
        if data.startswith("a") and data[1:].isdigit():
            return slot(int(data[1:]))
        return _NUMBERS[data] if data in _NUMBERS else sympy.Rational(data)
    head, *args = data
    if head == "ExprCondPair":
        return ExprCondPair(*map(_read_body, args))
    return _HEADS[head](*map(_read_body, args))
