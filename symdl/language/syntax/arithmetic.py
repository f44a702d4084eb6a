"""Operators by the shapes of their operands.

Each rule answers with the shape at once, for sizes to be found, and with the function that makes
the tensor once they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

from symdl.language import operators as op
from symdl.language.form import ONE
from symdl.language.syntax.errors import Refusal
from symdl.language.syntax.limits import POWER
from symdl.language.syntax.operands import Context, Made, Make, Operand
from symdl.language.syntax.sizes import Size, Unknown
from symdl.language.tensor import Tensor

ENTRYWISE: Mapping[str, Make] = {
    "+": op.add, "-": op.subtract, ".*": op.multiply, "./": op.divide, ".^": op.power,
    "<": op.less, "<=": op.less_equal, ">": op.greater, ">=": op.greater_equal,
    "==": op.equal_to, "!=": op.not_equal, "and": op.logical_and, "or": op.logical_or,
}


def entrywise(c: Context, what: str, make: Make, operands: list[Operand]) -> Made:
    """Entry by entry: scalars broadcast, other shapes agree (or broadcast as NumPy's do)."""
    if c.arrays:
        return Made(_broadcast(c, what, operands), make)
    wide = [a for a in operands if a.rank]
    for a in wide[1:]:
        _same_shape(c, what, wide[0], a)
    return Made(wide[0].shape, make, wide[0].row) if wide else Made((), make)


def _same_shape(c: Context, what: str, a: Operand, b: Operand) -> None:
    if a.rank != b.rank or a.row != b.row:
        raise Refusal(f"{_both(c, a, b)}: {what} needs equal shapes or a scalar{_hint(a, b)}")
    if all(c.fit(s, t) for s, t in zip(a.shape, b.shape, strict=True)):
        for s, t in zip(a.shape, b.shape, strict=True):
            c.same(s, t, lambda: _both(c, a, b))
        return
    differ = next((s, t) for s, t in zip(a.shape, b.shape, strict=True) if not c.fit(s, t))
    turned = a.rank == 2 and all(c.fit(s, t) for s, t in zip(a.shape, b.shape[::-1], strict=True))
    raise Refusal(f"{_both(c, a, b)}: {c.sizes.differ(*differ)}"
                  + (f". Did you mean {transposed(b.text)}?" if turned else ""))


def _both(c: Context, a: Operand, b: Operand) -> str:
    return f"{a.said(c.sizes)}, {b.said(c.sizes)}"


def _hint(a: Operand, b: Operand) -> str:
    if a.rank == b.rank == 1:
        return f". Did you mean {transposed(b.text)}?"
    vector = a if a.rank == 1 else b
    if {a.rank, b.rank} == {1, 2}:
        row = vector.text if vector.row else transposed(vector.text)
        return f". To add it to every row, write vector(1)*{row}"
    return ""


def transposed(text: str) -> str:
    """The text of a transpose."""
    if text.endswith("'") and text[:-1].isidentifier():
        return text[:-1]
    whole = text.isidentifier() or (text.startswith("(") and text.endswith(")")
                                    and ")" not in text[:-1])
    return f"{text}'" if whole else f"({text})'"


def _broadcast(c: Context, what: str, operands: list[Operand]) -> tuple[Size, ...]:
    rank = max((a.rank for a in operands), default=0)
    shape: list[Size] = []
    for axis in range(-rank, 0):
        sizes = [(a, a.shape[axis]) for a in operands if a.rank >= -axis]
        wide = [(a, s) for a, s in sizes if getattr(c.sizes.find(s), "constant", None) != 1]
        for a, s in wide[1:]:
            first = wide[0][0]
            c.same(wide[0][1], s, partial(_unlike, c, what, first, a))
        shape.append((wide or sizes)[0][1])
    return tuple(shape)


def _unlike(c: Context, what: str, a: Operand, b: Operand) -> str:
    return f"{_both(c, a, b)}: {what} can't broadcast them"


def product(c: Context, a: Operand, b: Operand) -> Made:
    """`*`: scaling by a scalar, or the product of matrices, columns and rows."""
    if not a.rank or not b.rank:
        return entrywise(c, "*", op.multiply, [a, b])
    for x in (a, b):
        if x.rank > 2:
            raise Refusal(f"{x.said(c.sizes)}: * multiplies matrices and vectors")
    left, right = _sides(a), _sides(b)
    if not _meet(c, left[1], right[0]):
        raise Refusal(_inner(c, a, b, left[1], right[0]))
    outer = [s for s, kept in ((left[0], a.rank == 2 or not a.row),
                               (right[1], b.rank == 2 or b.row)) if kept]
    lies = a.rank == 1 and a.row and b.rank == 2
    return Made(tuple(outer), _multiply(a, b), lies)


def dot(c: Context, a: Operand, b: Operand) -> Made:
    """`·`: the inner product of two vectors, else `*`."""
    if a.rank == b.rank == 1 and a.row == b.row:
        c.same(a.shape[0], b.shape[0], lambda: _both(c, a, b))
        return Made((), op.matmul)
    return product(c, a, b)


def _meet(c: Context, p: Size, q: Size) -> bool:
    """Whether inner sizes agree; one that isn't known is never guessed to be 1."""
    p, q = c.sizes.find(p), c.sizes.find(q)
    if (p == ONE and isinstance(q, Unknown)) or (q == ONE and isinstance(p, Unknown)):
        return False
    return c.sizes.unify(p, q)


def _sides(a: Operand) -> tuple[Size, Size]:
    if a.rank == 2:
        return a.shape[0], a.shape[1]
    return (ONE, a.shape[0]) if a.row else (a.shape[0], ONE)


def _multiply(a: Operand, b: Operand) -> Make:
    def make(x: Tensor, y: Tensor) -> Tensor:
        if a.rank == b.rank == 1:
            return op.matmul(x, y) if a.row else op.outer(x, y)
        if a.rank == 1 and not a.row:
            x = op.expand_dims(x, 1)
        if b.rank == 1 and b.row:
            y = op.expand_dims(y, 0)
        return op.matmul(x, y)

    return make


def _inner(c: Context, a: Operand, b: Operand, p: Size, q: Size) -> str:
    text = (f"{_both(c, a, b)}: inner sizes {c.sizes.shown(p)} and "
            f"{c.sizes.shown(q)} differ")
    left, right = _sides(a), _sides(b)
    if a.rank == b.rank == 1 and a.row == b.row and c.fit(a.shape[0], b.shape[0]):
        dot = f"{transposed(a.text)}*{b.text}" if not a.row else f"{a.text}*{transposed(b.text)}"
        return f"{text}. Did you mean {dot} or {a.text} .* {b.text}?"
    if c.fit(left[0], right[0]):
        return f"{text}. Did you mean {transposed(a.text)}*{b.text}?"
    if c.fit(left[1], right[1]):
        return f"{text}. Did you mean {a.text}*{transposed(b.text)}?"
    return text


def matrix_product(c: Context, a: Operand, b: Operand) -> Made:
    """`@`: NumPy's matrix product of matrices and vectors, leading axes broadcast."""
    if not a.rank or not b.rank:
        raise Refusal(f"{_both(c, a, b)}: @ takes vectors and matrices; "
                      "use * with a scalar")
    inner = b.shape[-2] if b.rank > 1 else b.shape[0]
    c.same(a.shape[-1], inner, lambda: f"{_both(c, a, b)}: inner")
    lead = _broadcast(c, "@", [Operand(x.text, x.shape[:-2]) for x in (a, b)])
    columns = b.shape[-1:] if b.rank > 1 else ()
    return Made((*lead, *a.shape[-2:-1], *columns), op.matmul)


def quotient(c: Context, a: Operand, b: Operand) -> Made:
    """`/`: by a scalar."""
    if b.rank and not c.arrays:
        raise Refusal(f"{_both(c, a, b)}: / divides by a scalar. "
                      f"Did you mean {a.text} ./ {b.text}?")
    return entrywise(c, "/", op.divide, [a, b])


def power(c: Context, a: Operand, b: Operand, exponent: Fraction | None) -> Made:
    """`^`: the power of a scalar, or of a square matrix to a whole number."""
    if not a.rank and not b.rank:
        return Made((), op.power)
    if a.rank == 2 and exponent is not None:
        c.square(a, "^")
        if exponent.denominator != 1:
            raise Refusal(f"a matrix is raised to a whole number, not {exponent}. "
                          f"Did you mean {a.text} .^ {b.text}?")
        if abs(exponent) > POWER:
            raise Refusal(f"a matrix is raised to at most {POWER}, not {exponent}")
        return Made(a.shape, lambda x, _: matrix_power(x, int(exponent)))
    raise Refusal(f"{_both(c, a, b)}: ^ is the power of a scalar or of a "
                  f"square matrix. Did you mean "
                  f"{transposed(a.text) if b.text == 'T' else f'{a.text} .^ {b.text}'}?")


def matrix_power(a: Tensor, n: int) -> Tensor:
    """A^n by repeated squaring; A^-n is the inverse of A, to the n."""
    if n < 0:
        return matrix_power(op.inv(a), -n)
    out: Tensor | None = None
    while n:
        if n & 1:
            out = a if out is None else op.matmul(out, a)
        n >>= 1
        a = op.matmul(a, a) if n else a
    return out if out is not None else op.eye(a.shape[0])


def transpose(c: Context, a: Operand) -> Made:
    """`'`: a matrix's axes exchanged, a column laid down, a row stood up."""
    if a.rank > 2 and not c.arrays:
        raise Refusal(f"{a.said(c.sizes)}: ' transposes matrices and vectors")
    if a.rank == 1:
        return Made(a.shape, lambda x: x, not a.row and not c.arrays)
    return Made(a.shape[::-1], op.transpose)


def transposed_power(c: Context, base: str, made: Made) -> Made:
    """`A^-1'`, `x.^2'`: the power of what is transposed, where the exponent is a number."""
    turned = transpose(c, Operand(base, made.shape, made.row))
    return Made(turned.shape, lambda x, k: turned.make(made.make(x, k)), turned.row)


__all__ = ["ENTRYWISE", "dot", "entrywise", "matrix_power", "matrix_product", "power",
           "product", "quotient", "transpose", "transposed",
           "transposed_power"]
