"""Differential notation: `df = tr(A⁻¹ dA)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from symdl.algebra.simplify import simplify
from symdl.calculus.gradient import grad
from symdl.calculus.tangent import jvp
from symdl.display.arrays import Array, multiplied, transposed
from symdl.display.errors import NotationError
from symdl.display.matrix import formulas_of
from symdl.display.style import style_of
from symdl.display.text import text
from symdl.display.tree import Node, call, name, negative, quotient
from symdl.language.elementwise import as_tensor
from symdl.language.sizes import dims_of
from symdl.language.tensor import Tensor, Variable, topological


def differential(y: Any, x: Tensor, style: str = "text") -> str:
    r"""The differential of an expression in a variable's, ``dy`` in ``dx``.

    Of a scalar in a matrix it is ``dy = trace(G.T @ dX)`` with the gradient G, in a vector
    ``dy = g @ dx``; of an array the directional derivative along dx (Magnus & Neudecker, *Matrix
    Differential Calculus*, 3rd ed., 2019, ch. 9).

    Parameters
    ----------
    y : Tensor
        An expression of any shape.
    x : Tensor
        An input, or an intermediate that y is computed from.
    style : {"text", "latex", "unicode"}
        How it is set.

    Returns
    -------
    str
        The formula, and below it a line for each intermediate; in index notation where it has no
        matrix notation.

    Raises
    ------
    DifferentiationError
        As `grad` and `jvp` do.
    """
    y = as_tensor(y)
    left = f"d{y.name or _unused('f', y)}"
    dx = _unused(f"d{x.name or 'x'}", y)
    written = style_of(style)
    if not y.ndim and x.ndim <= 2:
        try:
            lines = _of_scalar(y, x, dx, style)
            return f"{written.symbol(left)} = {written.page(lines, ())}"
        except NotationError:
            pass
    moved = simplify(jvp(y, x, Variable.make(dx, x.shape)))
    return f"{written.symbol(left)} = {text(moved, style)}"


def _unused(wanted: str, y: Tensor) -> str:
    used = {t.name for t in topological([y])} | {str(d) for d in dims_of([y])}
    while wanted in used:
        wanted += "_"
    return wanted


def _of_scalar(y: Tensor, x: Tensor, dx: str, style: str) -> list[str]:
    """The lines of `tr(Gᵀ dX)`, dX in last place."""
    slope = grad(y, x)
    arranged, formulas = formulas_of(simplify(slope.T if x.ndim == 2 else slope))
    (_, main), *others = formulas.items()
    written, names = style_of(style), arranged.names
    return [written.formula(_applied(main, x.ndim, name(dx, scalar=not x.ndim)), names, True),
            *(f"{written.symbol(names[t])} = {written.formula(f, names, True)}"
              for t, f in others)]


def _applied(slope: Node, ndim: int, dx: Node) -> Node:
    """The slope times the variable's differential, summed over what they share."""
    if ndim == 0:
        return quotient([slope, dx])
    if ndim == 1:
        return _row_times(slope, dx)
    return _traced(multiplied(Array(slope, (0, 1)), Array(dx, (1, 2)), (0, 2)).node)


def _row_times(slope: Node, dx: Node) -> Node:
    """`(A v)ᵀ dx = vᵀ Aᵀ dx`, numbers in front."""
    return _with_core(multiplied(Array(slope, (0,)), Array(dx, (0,)), ()).node, _turned)


def _turned(chain: Node) -> Node:
    *matrices, vector, dx = chain.args
    turned = (transposed(m, (1, 0)) for m in reversed(matrices))
    return replace(chain, args=(vector, *turned, dx))


def _traced(product: Node) -> Node:
    """The trace of a product of matrices, numbers in front."""
    return _with_core(product, lambda core: replace(call("trace", core), scalar=True))


def _with_core(x: Node, change: Callable[[Node], Node]) -> Node:
    """A product whose matrix product is changed, its numbers and sign kept."""
    if x.head == "neg":
        return negative(_with_core(x.args[0], change))
    if x.head == "div":
        return quotient([_with_core(x.args[0], change)], [x.args[1]])
    if x.head == "mul":
        *numbers, core = x.args
        return quotient([*numbers, _with_core(core, change)])
    return change(x)
