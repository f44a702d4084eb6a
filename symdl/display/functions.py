"""Named compositions found in matrix expressions: softmax, logsumexp."""

from __future__ import annotations

from dataclasses import replace

from symdl.display.tree import Node, call, quotient


def folded(x: Node) -> Node:
    """The expression with named compositions in place of their formulas."""
    args = tuple(map(folded, x.args))
    x = x if args == x.args else replace(x, args=args)
    return _softmax(x) or _logsumexp(x) or x


def _softmax(x: Node) -> Node | None:
    """`exp(Z)/sum(exp(Z), axis=k, keepdims=True)`."""
    if x.head != "div":
        return None
    above, below = (f.args if f.head == "mul" else (f,) for f in x.args)
    for e in above:
        for s in below:
            if _is(e, "exp") and _is(s, "sum") and s.args[0] == e and s.args[-1].text == "keepdims":
                axis = {a.text: a.args[0] for a in s.args[1:]}["axis"]
                weights = call("softmax", e.args[0], axis=axis)
                return quotient([weights, *(f for f in above if f is not e)],
                                [f for f in below if f is not s])
            if _is(e, "exp") and _is(s, "sum") and s.args == (e,):
                return quotient([call("softmax", e.args[0]), *(f for f in above if f is not e)],
                                [f for f in below if f is not s])
    return None


def _logsumexp(x: Node) -> Node | None:
    """`log(sum(exp(Z), ...))`."""
    if _is(x, "log") and _is(x.args[0], "sum") and _is(x.args[0].args[0], "exp"):
        inner = x.args[0]
        return replace(x, text="logsumexp", args=(inner.args[0].args[0], *inner.args[1:]))
    return None


def _is(x: Node, function: str) -> bool:
    return x.head == "call" and x.text == function
