"""Sizes at which an expression is tried."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symdl.evidence.line import Array
from symdl.language.errors import ShapeError
from symdl.language.form import Atom, Dim, Form
from symdl.language.sizes import dims_of, infer_sizes, variables_of
from symdl.language.tensor import Equation, Tensor, topological


def draw_sizes(
    root: Tensor,
    given: Mapping[str, Array],
    stated: Mapping[str, int],
    seed: int,
) -> dict[Dim, int]:
    """Choose the sizes of a program: those of given arrays, and small ones for the rest.

    Parameters
    ----------
    root : Tensor
        The program.
    given : mapping of str to ndarray
        Arrays that are there already, by the names of inputs.
    stated : mapping of str to int
        Sizes by name.
    seed : int
        The same one gives the same sizes.

    Returns
    -------
    dict of Dim to int
        With them every axis and every range of the program has an entry at least; or those of
        its inputs, where no sizes give one to all.
    """
    inputs = {v.name: v for v in variables_of([root])}
    known = infer_sizes({inputs[name]: np.shape(a) for name, a in given.items()}, stated)
    forms, shown = _forms(root), {n for v in inputs.values() for n in v.shape}
    loose = sorted(dims_of([root]) - known.keys(), key=str)
    generator = np.random.default_rng(seed)
    if not loose:
        return known
    kept: dict[Dim, int] | None = None
    for widest in (3, 4, 5, 6, 9, 14):
        for _ in range(100):
            drawn = 2 + (generator.uniform(size=len(loose)) ** 2 * (widest - 1)).astype(int)
            sizes = known | dict(zip(loose, map(int, drawn), strict=True))
            least = min(size_of(f, sizes) for f in forms)
            if least >= 1:
                return sizes
            if least == 0 and kept is None and all(size_of(f, sizes) >= 1 for f in shown):
                kept = sizes
    if kept is not None:
        return kept
    raise ShapeError(
        f"no small sizes {', '.join(map(str, loose))} found with which every axis has "
        "an entry; state them: sizes={...}"
    )


def _forms(root: Tensor) -> set[Form]:
    forms: set[Form] = set()
    for t in topological([root]):
        forms.update(t.shape)
        if isinstance(t, Equation):
            forms.update(t.scheme.sizes)
    return forms


def size_of(form: Form, sizes: Mapping[Dim, int]) -> int:
    """Return the number that a size stands for.

    Parameters
    ----------
    form : Form
        A size.
    sizes : mapping of Dim to int
        What it is made of.

    Returns
    -------
    int
    """
    values: dict[Atom, int] = dict(sizes.items())
    return form.value(values)
