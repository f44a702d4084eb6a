"""The grammar of NumPy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from symdl.language.form import Dim, Form
from symdl.language.syntax.declarations import Declarations
from symdl.language.syntax.elaborate import elaborate
from symdl.language.syntax.python.functions import CONSTANTS, FUNCTIONS
from symdl.language.syntax.python.reading import Reading
from symdl.language.syntax.python.source import Source
from symdl.language.syntax.python.tree import loose_names, tree
from symdl.language.syntax.request import Derivative
from symdl.language.tensor import Tensor

NONE: Mapping[str, Any] = MappingProxyType({})


def parse_numpy(text: str, declarations: Declarations,
                functions: Mapping[str, Callable[..., Any]] = NONE) -> Tensor | Derivative:
    """Read an expression in NumPy's spelling.

    Parameters
    ----------
    text : str
        An expression, or assignments `name = ...` on lines or behind semicolons and then an
        expression. `@`, `*` and broadcasting are NumPy's; functions may be written `np.exp`,
        `np.linalg.inv` or bare. A comprehension over a fixed range is written out.
    declarations : mapping of str to Declaration
        What each name is. Where a name or a size isn't declared, it is guessed, and the expression
        is one of operators and functions: a comprehension needs to know its arrays.
    functions : mapping of str to callable
        More functions of tensors, by name.

    Returns
    -------
    Tensor or Derivative

    Raises
    ------
    ParseError
        With the column, for whatever can't be read. Nothing is ever run.
    """
    source, names = Source(text), dict[str, Any]()
    open_sizes = any(d.value is None and None in d.sizes for d in declarations.values())
    given = {key.partition(".")[0] for key in functions}
    loose = [name for name in loose_names(source) if name not in {
        *declarations, *CONSTANTS, *FUNCTIONS, *given, *_sizes(declarations)}]
    if open_sizes or loose:
        return elaborate(text, tree(source, loose), declarations, arrays=True)
    for name, d in declarations.items():
        names[name] = d.made(s for s in d.sizes if s is not None)
    names = {**_sizes(declarations), **names}
    return Reading(source, names, functions).result()


def _sizes(declarations: Declarations) -> dict[str, Form]:
    """The sizes that declarations speak of, by name."""
    return {str(atom): Form.of(atom) for d in declarations.values() for size in d.sizes
            if size is not None for atom in size.all_atoms if isinstance(atom, Dim)}
