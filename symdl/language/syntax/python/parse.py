"""The grammar of NumPy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from symdl.language.errors import SymdlError
from symdl.language.form import Dim, Form
from symdl.language.syntax.declarations import Declarations
from symdl.language.syntax.python.reading import Reading
from symdl.language.syntax.python.source import Source
from symdl.language.tensor import Tensor

NONE: Mapping[str, Any] = MappingProxyType({})


def parse_numpy(text: str, declarations: Declarations,
                functions: Mapping[str, Callable[..., Any]] = NONE) -> Tensor:
    """Read an expression in NumPy's spelling.

    Parameters
    ----------
    text : str
        An expression, or assignments `name = ...` on lines or behind semicolons and then an
        expression. `@`, `*` and broadcasting are NumPy's; functions may be written `np.exp`,
        `np.linalg.inv` or bare. A comprehension over a fixed range is written out.
    declarations : mapping of str to Declaration
        What each name is, its sizes stated.
    functions : mapping of str to callable
        More functions of tensors, by name.

    Returns
    -------
    Tensor

    Raises
    ------
    ParseError
        With the column, for whatever can't be read. Nothing is ever run.
    """
    names: dict[str, Any] = {}
    for name, d in declarations.items():
        if d.value is None and None in d.sizes:
            raise SymdlError(f"the sizes of {name} aren't stated; a NumPy expression needs them, "
                             f"e.g. {name}='matrix[n,m]'")
        names[name] = d.made(s for s in d.sizes if s is not None)
        for size in d.sizes:
            for atom in size.all_atoms if size is not None else ():
                if isinstance(atom, Dim):
                    names.setdefault(str(atom), Form.of(atom))
    return Reading(Source(text), names, functions).result()
