"""The oracle: evaluates the equations themselves, entry by entry; slow and obvious.

It imports the language only and checks that no read leaves its tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import sympy

from symdl.kernels.scalars import DOMAINS, Domain, real_part
from symdl.language.errors import RangeError, ShapeError, SymdlError, lettered
from symdl.language.form import Atom, Dim, Form, Idx, Read
from symdl.language.owners import Application, Recurrence, member_slot
from symdl.language.scheme import Access, Scheme
from symdl.language.sizes import dims_of, infer_sizes, variables_of
from symdl.language.tensor import Constant, Equation, Part, Tensor, topological

Array = np.ndarray[Any, Any]
Values = dict[Tensor, Array]
Evaluate = Callable[[Sequence[int]], Any]


def oracle(roots: Sequence[Tensor], inputs: Mapping[Any, Any], domain: str | Domain = "float64",
           **sizes: int) -> list[Array]:
    """Evaluate tensors from their defining equations.

    Parameters
    ----------
    roots : sequence of Tensor
        What to evaluate.
    inputs : mapping
        Arrays by variable or by name.
    domain : {"float64", "mpf", "complex128", "Fraction"}
        The scalars to compute with.
    **sizes : int
        Sizes that stand in no shape.

    Returns
    -------
    list of ndarray
        Object arrays of scalars of the domain.
    """
    scalars = DOMAINS[domain] if isinstance(domain, str) else domain
    arrays = {}
    for v in variables_of(roots):
        found = inputs.get(v, inputs.get(v.name)) if v in inputs or v.name in inputs else None
        if found is None:
            raise SymdlError(f"no value is given for {v.name}")
        arrays[v] = np.asarray(found)
    env = infer_sizes({v: a.shape for v, a in arrays.items()}, sizes)
    if missing := sorted(map(str, dims_of(roots) - env.keys())):
        raise ShapeError(f"the size {missing[0]} can't be told from the arrays; give it as a "
                         f"keyword, {missing[0]}=...")
    values: Values = {v: _numbers(a, v.dtype, scalars) for v, a in arrays.items()}
    machine = _Machine(scalars, env, values)
    for t in topological(roots):
        machine.evaluate(t)
    return [values[r] for r in roots]


def _numbers(a: Array, dtype: str, domain: Domain) -> Array:
    out = np.empty(a.shape, object)
    for i in np.ndindex(a.shape):
        x = a[i]
        out[i] = int(x) if dtype != "real" else domain.number(
            x.item() if isinstance(x, np.generic) else x)
    return out


class _Machine:
    """The state of one evaluation: sizes, and the values found so far."""

    def __init__(self, domain: Domain, sizes: Mapping[Dim, int], values: Values):
        self.domain, self.values = domain, values
        self.sizes: dict[Atom, int] = dict(sizes.items())
        self.done: set[bytes] = set()

    def size(self, form: Form) -> int:
        return form.value(self.sizes)

    def evaluate(self, t: Tensor) -> None:
        if t in self.values:
            return
        if isinstance(t, Constant):
            self.values[t] = _numbers(t.data, t.dtype, self.domain)
        elif isinstance(t, Equation):
            self.values[t] = self.equation(t.scheme, t.dtype)
        elif isinstance(t, Part):
            owner = t.owner
            parts = (self.application(owner) if isinstance(owner, Application)
                     else self.recurrence(owner))
            for p, value in zip(owner.outputs(), parts, strict=True):
                self.values[p] = value
            self.values[t] = parts[t.number]
        else:
            raise SymdlError(f"{t.said} has no value")

    def equation(self, s: Scheme, dtype: str) -> Array:
        shape = [self.size(f) for f in s.sizes]
        out = np.empty(shape[: s.axes], object)
        entry = self.entry(s, dtype)
        for i in product(*map(range, shape[: s.axes])):
            out[i] = entry(i)
        return out

    def entry(self, s: Scheme, dtype: str) -> Evaluate:
        """The value at one point of the axes."""
        ranges = [range(self.size(f)) for f in s.sizes[s.axes:]]
        guards = [(g, self.form(g.form)) for g in s.guards]
        body, leaves = _compiled(s.body, self.domain), [self.leaf(x) for x in s.leaves]

        def terms(i: Sequence[int]) -> Iterable[tuple[tuple[int, ...], Any]]:
            for r in product(*ranges):
                at = (*i, *r)
                if all(g.holds(value(at)) for g, value in guards):
                    yield r, body([leaf(at) for leaf in leaves])

        number = int if dtype != "real" and s.reduce in ("none", "sum", "prod") else (
            self.domain.number)

        def value(i: Sequence[int]) -> Any:
            found = _reduced(s, terms(i), self.domain)
            return int(real_part(found)) if dtype != "real" else number(found)

        return value

    def form(self, form: Form) -> Callable[[Sequence[int]], int]:
        try:
            fixed = form.substitute({a: Form.of(n) for a, n in self.sizes.items()})
        except ZeroDivisionError:  # a division by a size that is 0 stands in an empty loop
            return lambda at: form.value({**self.sizes, **{Idx(k): n for k, n in enumerate(at)}})
        if all(isinstance(a, Idx) for m, _ in fixed.terms for a in m):
            terms = [(c, [a.position for a in m if isinstance(a, Idx)]) for m, c in fixed.terms]

            def polynomial(at: Sequence[int]) -> int:
                total = 0
                for c, factors in terms:
                    for k in factors:
                        c *= at[k]
                    total += c
                return total

            return polynomial
        positions = sorted(fixed.indices)

        def general(at: Sequence[int]) -> int:
            return fixed.value({Idx(k): at[k] for k in positions}, lambda r: self.read(r, at))

        return general

    def read(self, r: Read, at: Sequence[int]) -> int:
        env: dict[Atom, int] = {Idx(k): n for k, n in enumerate(at)}
        index = tuple(f.value({**self.sizes, **env}, lambda x: self.read(x, at)) for f in r.inner)
        return int(_checked(self.values[r.tensor], index, r))

    def leaf(self, leaf: Any) -> Evaluate:
        mask = [(g, self.form(g.form)) for g in leaf.mask]
        zero = self.domain.number(0)
        if not isinstance(leaf, Access):
            value = self.form(leaf.form)
            return lambda at: self.domain.number(value(at)) if all(
                g.holds(f(at)) for g, f in mask) else zero
        index, array = [self.form(f) for f in leaf.index], self.values[leaf.tensor]
        integers = leaf.tensor.dtype != "real"

        def read(at: Sequence[int]) -> Any:
            if not all(g.holds(f(at)) for g, f in mask):
                return zero
            x = _checked(array, tuple(f(at) for f in index), leaf)
            return self.domain.number(x) if integers else x

        return read

    def application(self, owner: Application) -> list[Array]:
        arrays = [self._operand(t, owner) for t in owner.operands]
        cores = owner.primitive.core
        lead = arrays[0].shape[: arrays[0].ndim - cores[0]]
        shapes = [tuple(self.size(f) for f in shape) for shape, _ in owner.signature]
        outs = [np.empty(shape, object) for shape in shapes]
        functions = self.domain.functions
        for i in np.ndindex(lead):
            items = [a[i] for a in arrays]
            lists = [x.tolist() if isinstance(x, np.ndarray) else x for x in items]
            for out, found in zip(outs, self._primitive(owner, functions, lists), strict=True):
                if out[i].shape if isinstance(out[i], np.ndarray) else False:
                    for j in np.ndindex(out[i].shape):
                        x: Any = found
                        for k in j:
                            x = x[k]
                        out[(*i, *j)] = self.domain.nan if x is None else x
                elif not isinstance(out[i], np.ndarray):
                    out[i] = found
        return outs

    def _operand(self, t: Tensor, owner: Application) -> Array:
        """An operand's entries, whole numbers as the domain's where real ones are computed."""
        real = t.dtype != "real" and any(dtype == "real" for _, dtype in owner.signature)
        return _numbers(self.values[t], "real", self.domain) if real else self.values[t]

    def _primitive(self, owner: Application, functions: Any, lists: list[Any]) -> tuple[Any, ...]:
        try:
            return owner.primitive.evaluate(functions, *lists)
        except KeyError as missing:
            raise SymdlError(f"{owner.primitive.name} can't be computed with numbers of type "
                             f"{self.domain.name}, which have no {missing.args[0]}") from None

    def recurrence(self, block: Recurrence) -> list[Array]:
        slots = [member_slot(k, *sig) for k, sig in enumerate(block.signature)]
        arrays = [np.full([self.size(f) for f in shape], None, object)
                  for shape, _ in block.signature]
        self.values.update(zip(slots, arrays, strict=True))
        steps = range(self.size(block.length))
        entries = [self.entry(m.tensor.scheme, m.tensor.dtype)
                   if isinstance(m.tensor, Equation) else None for m in block.members]
        for t in reversed(steps) if block.reverse else steps:
            for m, entry, array in zip(block.members, entries, arrays, strict=True):
                ranges = [range(n) for n in array.shape]
                ranges[m.time] = range(t, t + 1)
                if entry is None:
                    self._member_primitive(m, t, array)
                    continue
                for i in product(*ranges):
                    array[i] = entry(i)
        for s in slots:
            del self.values[s]
        return arrays

    def _member_primitive(self, m: Any, t: int, array: Array) -> None:
        """A primitive inside a step: its operands at that step only."""
        owner = m.tensor.owner
        at = (slice(None),) * m.time + (slice(t, t + 1),)
        whole = {x: self.values[x] for x in owner.operands}
        self.values.update({x: a[at] for x, a in whole.items()})
        length = owner.signature[m.tensor.number][0][m.time]
        kept = dict(self.sizes)
        self.sizes.update(dict.fromkeys(length.atoms, 1))
        array[at] = self.application(owner)[m.tensor.number]
        self.sizes = kept
        self.values.update(whole)


def _checked(array: Array, index: tuple[int, ...], read: object) -> Any:
    if any(not 0 <= i < n for i, n in zip(index, array.shape, strict=True)):
        raise RangeError(lettered(f"{read} is read at {index}, outside its shape {array.shape}"))
    found = array[index]
    if found is None:
        raise RangeError(lettered(f"{read} is read at {index} before it is computed"))
    return found


def _reduced(s: Scheme, terms: Iterable[tuple[tuple[int, ...], Any]], domain: Domain) -> Any:
    if s.reduce == "none":
        return next((x for _, x in terms), domain.number(0))
    if s.reduce in ("sum", "prod"):
        total = domain.number(0 if s.reduce == "sum" else 1)
        for _, x in terms:
            total = total + x if s.reduce == "sum" else total * x
        return total
    best, place = None, (0,) * len(s.bound)
    for r, x in terms:
        better = best is None or (best == best and (
            x != x or real_part(x) > real_part(best) if s.reduce.endswith("max") else
            x != x or real_part(x) < real_part(best)))
        if better:
            best, place = x, r
    if s.reduce.startswith("arg"):
        return place[s.component]
    if best is not None:
        return best
    return -domain.infinity if s.reduce == "max" else domain.infinity


def _compiled(body: sympy.Expr, domain: Domain) -> Callable[[Sequence[Any]], Any]:
    """The body as a function of its leaves' values."""
    if body.is_Symbol:
        k = int(body.name[1:])
        return lambda leaves: leaves[k]
    if not body.args or body.is_Rational:
        value = domain.constant(body)
        return lambda leaves: value
    if isinstance(body, sympy.Piecewise):
        cases = [(_compiled(v, domain), _condition(c, domain)) for v, c in body.args]
        return lambda leaves: next((v(leaves) for v, c in cases if c(leaves)), domain.nan)
    args = [_compiled(a, domain) for a in body.args]
    head = _HEADS.get(type(body).__name__)
    if head is None:
        name = type(body).__name__
        function = domain.functions[name]
        return lambda leaves: function(*(a(leaves) for a in args))
    return lambda leaves: head(domain, [a(leaves) for a in args])


def _condition(c: Any, domain: Domain) -> Callable[[Sequence[Any]], bool]:
    if c in (sympy.true, sympy.false):
        return lambda leaves: bool(c)
    if isinstance(c, sympy.ITE):
        test, then, other = (_condition(x, domain) for x in c.args)
        return lambda leaves: then(leaves) if test(leaves) else other(leaves)
    if isinstance(c, (sympy.And, sympy.Or, sympy.Not)):
        parts = [_condition(x, domain) for x in c.args]
        if isinstance(c, sympy.Not):
            return lambda leaves: not parts[0](leaves)
        join = all if isinstance(c, sympy.And) else any
        return lambda leaves: join(p(leaves) for p in parts)
    left, right = _compiled(c.lhs, domain), _compiled(c.rhs, domain)
    compare = domain.relations[type(c).__name__]
    return lambda leaves: bool(compare(left(leaves), right(leaves)))


def _add(domain: Domain, xs: list[Any]) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


def _mul(domain: Domain, xs: list[Any]) -> Any:
    total = xs[0]
    for x in xs[1:]:
        total = total * x
    return total


def _pow(domain: Domain, xs: list[Any]) -> Any:
    x, y = xs
    if y == -1 and x == 0:
        return domain.infinity if x == x else x
    return domain.functions["pow"](x, y)


def _extreme(sign: int) -> Callable[[Domain, list[Any]], Any]:
    def pick(domain: Domain, xs: list[Any]) -> Any:
        best = xs[0]
        for x in xs[1:]:
            if best == best and (x != x or sign * real_part(x) > sign * real_part(best)):
                best = x
        return best

    return pick


def _sign(domain: Domain, xs: list[Any]) -> Any:
    x = real_part(xs[0])
    return xs[0] if x != x else domain.number((x > 0) - (x < 0))


def _abs(domain: Domain, xs: list[Any]) -> Any:
    return -xs[0] if real_part(xs[0]) < 0 else xs[0]


_HEADS: dict[str, Callable[[Domain, list[Any]], Any]] = {
    "Add": _add, "Mul": _mul, "Pow": _pow, "Max": _extreme(1), "Min": _extreme(-1),
    "sign": _sign, "Abs": _abs,
}
