"""Reading the sizes of a program off the arrays it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import Dim, Form
from symdl.language.owners import Recurrence
from symdl.language.tensor import Equation, Part, Tensor, Variable, topological


def inputs(*expressions: Tensor) -> tuple[Variable, ...]:
    """The inputs of some expressions, sorted by name.

    Raises
    ------
    SymdlError
        If two inputs share a name but not a shape or facts.
    """
    return variables_of(expressions)


def variables_of(roots: Iterable[Tensor]) -> tuple[Variable, ...]:
    """The inputs of a program, by name; one name stands for one tensor.

    Raises
    ------
    SymdlError
        If two inputs share a name but not a shape or facts.
    """
    found: dict[str, Variable] = {}
    for t in topological(roots):
        if isinstance(t, Variable):
            assert t.name is not None
            other = found.setdefault(t.name, t)
            if other is not t:
                raise SymdlError(
                    f"the name {t.name} is used for two inputs: {_said(other)} and {_said(t)}; "
                    "give them different names")
    return tuple(found[name] for name in sorted(found))


def _said(v: Variable) -> str:
    facts = "".join(f" {f}" for f in sorted(v.facts))
    return f"one of shape {shape_text(v.shape)}{facts}"


def dims_of(roots: Sequence[Tensor]) -> frozenset[Dim]:
    """Every size a program mentions."""
    found: set[Dim] = set()
    for t in topological(roots):
        forms = list(t.shape)
        if isinstance(t, Equation):
            forms += [*t.scheme.sizes, *t.scheme.forms]
        elif isinstance(t, Part) and isinstance(t.owner, Recurrence):
            forms.append(t.owner.length)
            for m in t.owner.members:
                forms += m.tensor.shape
                if isinstance(m.tensor, Equation):
                    forms += [*m.tensor.scheme.sizes, *m.tensor.scheme.forms]
        for f in forms:
            found.update(a for a in f.all_atoms if isinstance(a, Dim))
    return frozenset(found)


def infer_sizes(inputs: Mapping[Variable, Sequence[int]], given: Mapping[str, int],
                ) -> dict[Dim, int]:
    """The sizes that the shapes of the inputs state.

    Parameters
    ----------
    inputs : mapping of Variable to shape
        The actual shapes.
    given : mapping of str to int
        Sizes stated by name.

    Raises
    ------
    ShapeError
        If an input has the wrong number of axes, or two inputs contradict each other.
    """
    sizes: dict[Dim, int] = {Dim(name): int(n) for name, n in given.items()}
    source = {d: f"{d} = {n} as given" for d, n in sizes.items()}
    for v, shape in inputs.items():
        if len(shape) != v.ndim:
            raise ShapeError(f"{v.name} has {v.ndim} axes {shape_text(v.shape)}, but the array has "
                             f"shape {tuple(shape)}")
        for axis, (form, n) in enumerate(zip(v.shape, shape, strict=True)):
            atom = form.atom
            if not isinstance(atom, Dim):
                continue
            if sizes.setdefault(atom, n) != n:
                raise ShapeError(f"the size {atom} is {sizes[atom]} in {_place(source[atom])} but "
                                 f"{n} in axis {axis} of {v.name} with shape {tuple(shape)}")
            source.setdefault(atom, f"axis {axis} of {v.name}")
    _check_expressions(inputs, sizes)
    return sizes


def _place(text: str) -> str:
    return text.replace(" as given", "").join(("the call (", ")")) if "as given" in text else text


def _check_expressions(inputs: Mapping[Variable, Sequence[int]], sizes: dict[Dim, int]) -> None:
    entries = [(v, axis, form, n) for v, shape in inputs.items()
               for axis, (form, n) in enumerate(zip(v.shape, shape, strict=True))]
    _solve_expressions([(form, n) for _, _, form, n in entries], sizes)
    for v, axis, form, n in entries:
        if missing := _unknown(form, sizes):
            raise ShapeError(f"the size {missing[0]} can't be told from the arrays; give it as "
                             f"a keyword, {missing[0]}=...")
        if (value := form.value(sizes)) != n:  # type: ignore[arg-type]
            stated = ", ".join(f"{a} = {sizes[a]}" for a in sorted(
                (a for a in form.all_atoms if isinstance(a, Dim)), key=str))
            why = f" = {value} with {stated}" if stated else ""
            raise ShapeError(f"axis {axis} of {v.name} must be {form}{why}, but the array has "
                             f"shape {tuple(inputs[v])}")


def _solve_expressions(entries: Sequence[tuple[Form, int]], sizes: dict[Dim, int]) -> None:
    """Find the sizes that stand in expressions only, as long as one is the last unknown."""
    found = True
    while found:
        found = False
        for form, n in entries:
            missing = _unknown(form, sizes)
            if len(missing) == 1 and (size := _solved(form, missing[0], n, sizes)) is not None:
                sizes[missing[0]], found = size, True


def _unknown(form: Form, sizes: Mapping[Dim, int]) -> list[Dim]:
    return sorted((a for a in form.all_atoms if isinstance(a, Dim) and a not in sizes), key=str)


def _solved(form: Form, unknown: Dim, n: int, sizes: Mapping[Dim, int]) -> int | None:
    """The size that gives a linear expression its value."""
    parts = form.split(unknown)
    if parts is None or any(unknown in part.all_atoms for part in parts):
        return None
    c, rest = parts[0].value(sizes), parts[1].value(sizes)  # type: ignore[arg-type]
    return (n - rest) // c if c and (n - rest) % c == 0 else None
