"""Matrix expressions whose axes carry the indices of an equation: transposing and broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symdl.algebra.matrices import inverse_of
from symdl.algebra.symmetry import is_own_transpose
from symdl.display.forms import spelled_form
from symdl.display.tree import Node, call, name, negative, number, quotient
from symdl.language.form import Form
from symdl.language.tensor import Variable

Labels = tuple[int, ...]
_STACKED = "stacked"  # a product whose factors are all stacks of matrices
WHOLE = Node("slice", (name(""), name("")))
NEW = name("None")
_REDUCING = frozenset({"sum", "prod", "max", "min", "logsumexp"})


@dataclass(frozen=True)
class Array:
    """An expression and, for each of its axes, the index that runs over it."""

    node: Node
    labels: Labels = ()

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.labels)


def scalar(node: Node) -> Array:
    """A single number."""
    return Array(replace(node, scalar=True))


def permuted(a: Array, order: Labels) -> Array:
    """The axes in another order."""
    if a.labels == order:
        return a
    axes = tuple(a.labels.index(k) for k in order)
    return Array(transposed(a.node, axes), order)


def transposed(x: Node, axes: Sequence[int]) -> Node:
    """The expression with permuted axes; a product's factors turn around, (AB)ᵀ = BᵀAᵀ."""
    if list(axes) == sorted(axes):
        return x
    if len(axes) > 2:
        last = list(axes)
        last[-2:] = last[:-3:-1]
        if last == sorted(axes):
            if x.head == "matmul" and x.text == _STACKED:
                return replace(x, args=tuple(transposed(f, axes) for f in reversed(x.args)))
            if x.head in ("mul", "div") and sum(not f.scalar for f in x.args) == 1:
                return replace(x, args=tuple(f if f.scalar else transposed(f, axes)
                                             for f in x.args))
            if x.head == "call" and x.text == "swapaxes":
                return x.args[0]
            return call("swapaxes", x, number(-1), number(-2))
        return call("transpose", x, Node("tuple", tuple(map(number, axes))))
    if x.head == "transpose":
        return x.args[0]
    if x.head == "neg":
        return negative(transposed(x.args[0], axes))
    if x.head == "matmul":
        return Node("matmul", tuple(transposed(f, axes) for f in reversed(x.args)))
    if x.head in ("mul", "div") and sum(not f.scalar for f in x.args) == 1:
        return replace(x, args=tuple(f if f.scalar else transposed(f, axes) for f in x.args))
    if x.head == "call" and x.text in ("diag", "eye"):
        return x
    if x.head == "add" and {transposed(t, axes) for t in x.args} == set(x.args):
        return x
    if _is_symmetric(x):
        return x
    return Node("transpose", (x,))


def _is_symmetric(x: Node) -> bool:
    """Whether a matrix is declared symmetric, or the inverse of such a one."""
    if x.head == "call" and x.text == "inv":
        return _is_symmetric(x.args[0])
    base = inverse_of(x.tensor) if x.tensor is not None else None
    if base is not None:
        return is_own_transpose(base)
    return isinstance(x.tensor, Variable) and not x.tensor.facts.isdisjoint(
        ("symmetric", "diagonal", "positive_definite"))


def spread(a: Array, target: Labels) -> Node:
    """The expression, its axes in the target's order and new ones where they are missing."""
    present = tuple(k for k in target if k in a.labels)
    x = permuted(a, present).node
    if not present:
        return x
    first = target.index(present[0])
    missing = [p - first for p, k in enumerate(target) if p >= first and k not in present]
    return expanded(x, missing, len(target) - first)


def expanded(x: Node, new: Sequence[int], ndim: int) -> Node:
    """The expression with new axes of size 1 at some places of a shape of `ndim` axes."""
    if not new:
        return x
    if x.head == "neg":
        return negative(expanded(x.args[0], new, ndim))
    if x.head in ("mul", "div") and sum(not f.scalar for f in x.args) == 1:
        return replace(x, args=tuple(f if f.scalar else expanded(f, new, ndim) for f in x.args))
    if reduced_axes(x) == list(new) and x.args[-1].text != "keepdims":
        return replace(x, args=(*x.args, Node("keyword", (name("True"),), "keepdims")))
    if x.head == "call" and x.text in _POINTWISE:
        return replace(x, args=(expanded(x.args[0], new, ndim),))
    items = [NEW if p in new else WHOLE for p in range(ndim)]
    while items[-1] is WHOLE:
        items.pop()
    return Node("item", (x, *items))


def squeezed(x: Node, gone: Sequence[int], ndim: int) -> Node:
    """The expression without some axes of size 1."""
    if x.head == "neg":
        return negative(squeezed(x.args[0], gone, ndim))
    if x.head in ("mul", "div") and sum(not f.scalar for f in x.args) == 1:
        return replace(x, args=tuple(f if f.scalar else squeezed(f, gone, ndim) for f in x.args))
    if x.head == "item" and [k for k, i in enumerate(x.args[1:]) if i is NEW] == list(gone):
        return x.args[0]
    if reduced_axes(x) == list(gone) and x.args[-1].text == "keepdims":
        return Node("call", x.args[:-1], x.text)
    if x.text in _SOLVING and list(gone) == [1] and x.args[1].head == "item" and (
            x.args[1].args[-1] is NEW):
        return replace(x, args=(x.args[0], x.args[1].args[0], *x.args[2:]))
    items = [number(0) if p in gone else WHOLE for p in range(ndim)]
    while items[-1] is WHOLE:
        items.pop()
    return Node("item", (x, *items))


_POINTWISE = frozenset({"log", "exp", "sqrt", "tanh", "sigmoid"})
_SOLVING = frozenset({"solve", "triangular_solve"})


def reduced_axes(x: Node) -> list[int] | None:
    """The axes that a reduction names."""
    if x.head == "call" and x.text in _REDUCING:
        for a in x.args[1:]:
            if a.text == "axis":
                (at,) = a.args
                return [int(p.text) for p in (at.args if at.head == "tuple" else (at,))]
    return None


def union(arrays: Sequence[Array]) -> Labels:
    """The common axes of operands that are combined entry by entry.

    The order is that of an operand that has them all, one in the equation's order if possible.
    """
    everything = sorted({k for a in arrays for k in a.labels})
    full = [a.labels for a in arrays if len(a.labels) == len(everything)]
    return tuple(everything) if not full or tuple(everything) in full else full[0]


def reduced(function: str, a: Array, gone: Sequence[int]) -> Array:
    """The sum, product, maximum or minimum over some axes."""
    axes = sorted(a.labels.index(k) for k in gone)
    left = tuple(k for k in a.labels if k not in gone)
    if not left:
        return scalar(call(function, a.node))
    at = number(axes[0]) if len(axes) == 1 else Node("tuple", tuple(map(number, axes)))
    return Array(call(function, a.node, axis=at), left)


def summed(a: Array, gone: Sequence[int]) -> Array:
    """The sum over some axes; scalars and signs go in front."""
    above: list[Node] = []
    below: list[Node] = []
    core = bare(a.node, above, below)
    if reduced_axes(core) is not None and core.text == "sum" and len(gone) == a.ndim and (
            core.args[-1].text != "keepdims"):
        return scalar(quotient([*above, replace(core, args=core.args[:1], scalar=True)], below))
    out = reduced("sum", Array(core, a.labels), gone)
    return Array(quotient([*above, out.node], below), out.labels)


def multiplied(a: Array, b: Array, labels: Labels) -> Array:
    """The matrix product `a @ b`; scalars and signs go in front."""
    above: list[Node] = []
    below: list[Node] = []
    factors: list[Node] = []
    stacked = a.ndim == b.ndim > 2
    for x in (a, b):
        core = bare(x.node, above, below)
        stacked = stacked and (core.head != "matmul" or core.text == _STACKED)
        follows = core.head == "matmul" and (not factors or x.ndim <= 2)
        factors.extend(core.args if follows else (core,))
    if not labels:
        factors = min(factors, [transposed(f, (1, 0)) if 0 < k < len(factors) - 1 else f
                                for k, f in reversed(list(enumerate(factors)))], key=_turned)
    product = Node("matmul", tuple(factors), _STACKED if stacked else "", scalar=not labels)
    return Array(quotient([*above, product], below), labels)


def _turned(factors: Sequence[Node]) -> int:
    return sum(f.head == "transpose" for f in factors)


def bare(x: Node, above: list[Node], below: list[Node]) -> Node:
    """The factor without its scalars, which are put where they belong."""
    if x.head == "neg":
        above.append(number(-1))
        return bare(x.args[0], above, below)
    if x.head == "div" and x.args[1].scalar and not x.args[0].scalar:
        below.append(x.args[1])
        return bare(x.args[0], above, below)
    if x.head == "mul" and sum(not f.scalar for f in x.args) == 1:
        above.extend(f for f in x.args if f.scalar)
        return bare(next(f for f in x.args if not f.scalar), above, below)
    return x


def size(form: Form) -> Node:
    """A size as a number."""
    return spelled_form(form, lambda atom: name(str(atom), scalar=True))
