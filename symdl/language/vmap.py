"""Mapping an expression over a free index: one result for each of its values."""

from __future__ import annotations

from typing import Any

from symdl.language.bind import bound_over, ranges_of
from symdl.language.elementwise import as_tensor
from symdl.language.errors import SymdlError
from symdl.language.form import Form, Free
from symdl.language.ranged import joined
from symdl.language.tensor import Tensor


def vmap(expr: Any, over: Any) -> Tensor:
    """Collect an expression's values for all values of a free index along a new first axis.

    Parameters
    ----------
    expr : Tensor
        An expression that depends on indices made by `indices`, such as the gradient of one
        example's loss.
    over : index or size, or a tuple of them
        The index, or its range where exactly one free index of the expression has that range;
        of several the first becomes the first axis.

    Returns
    -------
    Tensor
        Of shape (range of the index, *shape of the expression).

    Raises
    ------
    SymdlError
        If the expression doesn't depend on the index, or none or several have that range.

    Examples
    --------
    >>> import symdl as sd
    >>> n, d = sd.dims("n d")
    >>> X, w = sd.tensor("X", n, d), sd.tensor("w", d)
    >>> i = sd.indices("i")
    >>> sd.vmap(sd.grad(sd.tanh(X[i] @ w), w), over=i).shape
    (n, d)
    """
    entry = as_tensor(expr)
    if isinstance(over, (tuple, list)):
        for one in reversed(over):
            entry = vmap(entry, one)
        return entry
    (entry,), (index,) = joined([entry], [_index(entry, over)])
    return bound_over(entry, ranges_of([entry], (index,)))


def _index(entry: Tensor, over: Any) -> Free:
    free = sorted(entry.free, key=lambda f: f.serial)
    held = (
        f"it has the free indices {', '.join(map(str, free))}"
        if free
        else ("it has no free index: make one with sd.indices and write X[i]")
    )
    atom = over.atom if isinstance(over, Form) else None
    if isinstance(atom, Free):
        if atom.key not in [f.key for f in free]:
            raise SymdlError(f"vmap: {entry.said} doesn't depend on the index {over}; {held}")
        return atom
    size = Form.of(over)
    found = [f for f, n in ranges_of([entry], free).items() if n == size]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SymdlError(f"vmap: {entry.said} has no free index over {size}; {held}")
    raise SymdlError(
        f"vmap: {', '.join(map(str, found))} all run over {size}; "
        f"say which: sd.vmap(..., over={found[0]})"
    )
