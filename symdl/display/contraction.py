"""Sums of products as matrix expressions: chains of `@`, sums over axes, einsum for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_lowercase

from symdl.display.arrays import Array, Labels, multiplied, permuted, scalar, spread, summed, union
from symdl.display.tree import Node, call, is_one, is_zero, name, number, quotient


def product(factors: Sequence[Array], below: Sequence[Array] = ()) -> Array:
    """The product of operands entry by entry, divided by others; of two vectors the outer one."""
    if len(factors) > 1:
        factors = [Array(comparison(a.node), a.labels) for a in factors]
    factors, below = _on_the_diagonal(factors, below)
    labels = union([*factors, *below])
    kinds = {a.labels for a in factors if a.labels}
    apart = len(kinds) == 2 and all(len(k) == 1 for k in kinds) and not any(
        a.labels for a in below)
    if apart:
        sides = [quotient([a.node for a in factors if a.labels == k]) for k in sorted(kinds)]
        numbers = [a.node for a in factors if not a.labels]
        node = quotient([*numbers, call("outer", *sides)], [a.node for a in below])
        return Array(node, tuple(k for (k,) in sorted(kinds)))
    out = quotient([spread(a, labels) for a in factors], [spread(a, labels) for a in below])
    return Array(out, labels)


def _on_the_diagonal(factors: Sequence[Array], below: Sequence[Array],
                     ) -> tuple[Sequence[Array], Sequence[Array]]:
    """The factors with `diag(v)` in place of the identity matrix and vectors along it."""
    eye = next((a for a in factors if a.node.head == "call" and a.node.text == "eye"), None)
    vectors = [a for a in (*factors, *below) if a.ndim and a is not eye]
    if eye is None or not vectors or any(
            a.ndim > 1 or a.labels[0] not in eye.labels for a in vectors):
        return factors, below
    axis = eye.labels[:1]
    along = [[Array(a.node, axis) for a in side if a.ndim and a is not eye]
             for side in (factors, below)]
    line = product(along[0] or [scalar(number(1))], along[1])
    rest = [a for a in factors if not a.ndim]
    return [*rest, Array(call("diag", line.node), eye.labels)], [a for a in below if not a.ndim]


def comparison(x: Node) -> Node:
    """The comparison c in place of `where(c, 1, 0)`."""
    if x.head == "call" and x.text == "where" and is_one(x.args[1]) and is_zero(x.args[2]) and (
            x.args[0].head == "compare"):
        return x.args[0]
    return x


def contracted(factors: Sequence[Array], bound: Labels) -> Array:
    """The sum over bound indices of a product.

    Parameters
    ----------
    factors : sequence of Array
        The factors; each bound index is on an axis of at least one of them.
    bound : tuple of int
        The indices that are summed over; all others are axes of the result.
    """
    current = _merged(list(factors), bound)
    left = list(bound)
    while left:
        step = _next(current, left)
        if step is None:
            current = [_einsum(current, left)]
            break
        current, gone = step
        current = _merged(current, bound)
        left = [r for r in left if r not in gone]
    return product(current)


def _merged(factors: list[Array], bound: Labels) -> list[Array]:
    """Multiply operands with the same axes entry by entry; two vectors may wait for `x @ y`."""
    groups: dict[frozenset[int], list[Array]] = {}
    for a in factors:
        groups.setdefault(frozenset(a.labels), []).append(a)
    out = []
    for labels, group in groups.items():
        dot = len(labels) == 1 and labels <= set(bound) and not any(
            labels < other for other in groups)
        if dot and len(group) > 1:
            group.sort(key=lambda a: a.node.order)
            out.append(group.pop())
        if len(group) == 2 and _is_cycle(group[0], group[1], bound) and not any(
                labels & other for other in groups if other != labels):
            out.append(group.pop())
        out.append(product(group) if len(group) > 1 else group[0])
    return out


def _is_cycle(a: Array, b: Array, bound: Labels) -> bool:
    """Whether the sum over both indices is the trace of a product."""
    return a.ndim == 2 and a.labels == b.labels[::-1] and set(a.labels) <= set(bound)


def _next(factors: list[Array], bound: list[int]) -> tuple[list[Array], set[int]] | None:
    """Sum over the index, or the indices, that leave the smallest result."""
    steps = []
    for r in bound:
        holders = [a for a in factors if r in a.labels]
        others = [a for a in factors if r not in a.labels]
        found = _summed(holders, others, bound) or _joined(holders, r, bound)
        if found is not None:
            out, gone = found
            steps.append((out.ndim, -len(holders), r, ([*others, out], gone)))
    return min(steps, key=lambda s: s[:3])[3] if steps else None


def _summed(holders: list[Array], others: list[Array], bound: list[int],
            ) -> tuple[Array, set[int]] | None:
    """The sum of one operand over all indices that it alone has."""
    if len(holders) != 1:
        return None
    (a,) = holders
    gone = {k for k in bound if k in a.labels and not any(k in b.labels for b in others)}
    trace = _trace(a, gone)
    return trace or summed(a, sorted(gone)), gone


def _trace(a: Array, gone: set[int]) -> Array | None:
    x = a.node
    if x.head == "call" and x.text == "diag" and set(a.labels) == gone and len(a.labels) == 1:
        return scalar(call("trace", *x.args))
    return None


def _joined(holders: list[Array], r: int, bound: list[int]) -> tuple[Array, set[int]] | None:
    """The matrix product over r of two operands, a vector between them as a diagonal."""
    middle = [a for a in holders if a.labels == (r,)]
    if len(holders) == 3 and len(middle) == 1:
        a, b = (a for a in holders if a is not middle[0])
        if a.ndim == b.ndim == 2 and not _shared(a, b, r):
            a, b = _sides(a, b, r)
            spread_out = Array(call("diag", middle[0].node), (r, r))
            first = multiplied(a, spread_out, a.labels)
            return multiplied(first, b, (a.labels[0], b.labels[1])), {r}
    if len(holders) != 2:
        return None
    a, b = holders
    shared = _shared(a, b, r)
    if not shared:
        return _matmul(a, b, r)
    if _is_cycle(a, b, tuple(bound)):
        a, b = sorted((a, b), key=lambda x: x.node.order)
        chain = multiplied(a, b, (a.labels[0], a.labels[0]))
        return scalar(call("trace", chain.node)), set(a.labels)
    summed = {k for k in shared if k in bound} | {r}
    if len(summed) > 1:
        return _einsum([a, b], sorted(summed)), summed
    return _batched(a, b, r, shared) or (_einsum([a, b], [r]), {r})


def _shared(a: Array, b: Array, r: int) -> list[int]:
    return [k for k in a.labels if k in b.labels and k != r]


def _sides(a: Array, b: Array, r: int) -> tuple[Array, Array]:
    """Two matrices with r as inner index, the one whose other index comes first on the left."""
    i, j = (next(k for k in x.labels if k != r) for x in (a, b))
    if j < i:
        a, b, i, j = b, a, j, i
    return permuted(a, (i, r)), permuted(b, (r, j))


def _matmul(a: Array, b: Array, r: int) -> tuple[Array, set[int]] | None:
    if a.ndim == b.ndim == 1:
        a, b = sorted((a, b), key=lambda x: x.node.order)
        return multiplied(a, b, ()), {r}
    if a.ndim == b.ndim == 2:
        a, b = _sides(a, b, r)
        return multiplied(a, b, (a.labels[0], b.labels[1])), {r}
    if a.ndim < b.ndim:
        a, b = b, a
    if b.ndim > 2:
        return None
    rest = tuple(k for k in a.labels if k != r)
    b = permuted(b, (r, *(k for k in b.labels if k != r)))
    return multiplied(permuted(a, (*rest, r)), b, (*rest, *b.labels[1:])), {r}


def _batched(a: Array, b: Array, r: int, shared: list[int]) -> tuple[Array, set[int]] | None:
    """A product of stacks of matrices over the same leading axes."""
    lead = tuple(shared)
    if b.labels[:len(lead)] != lead or a.labels[:len(lead)] != lead:
        return None
    if a.ndim != len(lead) + 2 or b.ndim != len(lead) + 2:
        return None
    i, j = (next(k for k in x.labels[len(lead):] if k != r) for x in (a, b))
    if j < i:
        a, b, i, j = b, a, j, i
    left, right = permuted(a, (*lead, i, r)), permuted(b, (*lead, r, j))
    return multiplied(left, right, (*lead, i, j)), {r}


def _einsum(factors: Sequence[Array], bound: Sequence[int]) -> Array:
    """The sum in Einstein's notation, scalars in front."""
    arrays = [a for a in factors if a.labels]
    letters: dict[int, str] = {}
    for a in arrays:
        for k in a.labels:
            letters.setdefault(k, ascii_lowercase[len(letters) + (8 if len(letters) < 18 else -18)])
    out = tuple(sorted(k for k in letters if k not in bound))
    spec = ",".join("".join(letters[k] for k in a.labels) for a in arrays)
    text = name(f'"{spec}->{"".join(letters[k] for k in out)}"')
    node = call("einsum", text, *(a.node for a in arrays))
    node = replace(node, scalar=not out)
    return Array(quotient([*(a.node for a in factors if not a.labels), node]), out)
