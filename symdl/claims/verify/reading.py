"""Claims read: both sides as tensors over common sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from symdl.claims.verify.claim import Claim
from symdl.claims.verify.sized import at_sizes
from symdl.claims.verify.statement import Statement, derived
from symdl.language.elementwise import as_tensor
from symdl.language.errors import SymdlError
from symdl.language.form import Dim, Form
from symdl.language.rebuild import rewired
from symdl.language.sizes import dims_of, variables_of
from symdl.language.syntax import text as notation
from symdl.language.syntax.declarations import Declaration, Declarations, declared
from symdl.language.syntax.elaborate import elaborate_together
from symdl.language.syntax.errors import ParseError
from symdl.language.syntax.latex import parse as latex
from symdl.language.syntax.python.parse import parse_numpy
from symdl.language.syntax.request import Derivative as Request
from symdl.language.syntax.tree import Binary, Call, Derivative, Item, Name, Node, Number, Unary
from symdl.language.tensor import Tensor

_TREES: Mapping[str, Callable[[str, Declarations], Node]] = {
    "text": notation.tree, "latex": latex.tree}
_ENTRY = re.compile(r"/\s*\(?\s*(d|∂)\s?(?P<name>[^\W\d]\w*)\s*\[(?P<index>[^\]]*)\]\s*\)?"
                    r"\s*$")


def statement_of(claim: Claim, numeric: bool = False) -> Statement:
    """What a claim says.

    Parameters
    ----------
    claim : Claim
        In any grammar, or of tensors.
    numeric : bool
        Read it at the sizes that it states.

    Raises
    ------
    ParseError
        For a side that can't be read.
    """
    if isinstance(claim.left, Tensor) or isinstance(claim.right, Tensor):
        return _of_tensors(claim, numeric)
    known = declared(claim.declarations)
    if numeric:
        known = {name: replace(d, sizes=tuple(_at(s, claim.sizes) for s in d.sizes))
                 for name, d in known.items()}
    if claim.grammar == "numpy":
        return _of_numpy(claim, known)
    if claim.grammar not in _TREES:
        raise SymdlError(f"there is no grammar {claim.grammar!r}; there are text, latex and numpy")
    return _of_trees(claim, known)


def _at(size: Form | None, sizes: Mapping[str, int]) -> Form | None:
    return None if size is None else size.substitute({
        a: Form.of(sizes[str(a)]) for a in size.all_atoms
        if isinstance(a, Dim) and str(a) in sizes})


def _of_tensors(claim: Claim, numeric: bool) -> Statement:
    function, right = as_tensor(claim.left), as_tensor(claim.right)
    names = {v.name: v for v in variables_of([function, right])}
    wrt = tuple(v if isinstance(v, Tensor) else names[v] for v in claim.wrt)
    found = Statement(function, wrt, right, claim.relation, claim.layout)
    return sized(found, claim.sizes) if numeric else found


def sized(s: Statement, sizes: Mapping[str, int]) -> Statement:
    """A statement at numbers for sizes."""
    parts = [s.function, s.right, *s.variables, *(x for pair in s.at for x in pair)]
    numbers = {d: sizes[str(d)] for d in dims_of([*parts, *s.inputs()]) if str(d) in sizes}
    function, right, *rest = at_sizes(parts, numbers)
    count = len(s.variables)
    pairs = tuple(zip(rest[count::2], rest[count + 1::2], strict=True))
    return replace(s, function=function, right=right, variables=tuple(rest[:count]), at=pairs)


def _of_numpy(claim: Claim, known: Declarations) -> Statement:
    before = "".join(f"{name} = {formula}; " for name, formula in claim.where)
    left, right = (str(x) for x in (claim.left, claim.right))
    found = parse_numpy(before + left, known)
    function, variables = (found.function, found.variables) if isinstance(found, Request) else (
        found, ())
    inputs = {v.name or "": v for v in variables_of([function, *variables])}
    also = {**{n: Declaration(n, tuple(v.shape), value=v) for n, v in inputs.items()},
            **{n: d for n, d in known.items() if n not in inputs}}
    other = parse_numpy(before + right, also)
    if isinstance(other, Request):
        other = other.derive()
    wrt = tuple(v if isinstance(v, Tensor) else _input(inputs, v) for v in claim.wrt)
    return Statement(function, (*variables, *wrt), other, claim.relation, claim.layout)


def _input(inputs: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in inputs:
        raise SymdlError(f"{name} is no input of the left side: it has {', '.join(inputs)}")
    return inputs[name]


def _of_trees(claim: Claim, known: Declarations) -> Statement:
    source = str(claim)
    entry = _ENTRY.search(str(claim.left))
    if entry:
        return _of_entries(claim, known, entry)
    right = _tree(claim, str(claim.right), known)
    left, variables = _function(_tree(claim, str(claim.left), known))
    variables += tuple(Name(0, 0, str(v)) for v in claim.wrt)
    held = {v.name for v in variables}
    definitions: dict[str, Node] = {}
    later: list[tuple[str, Node]] = []
    for name, formula in claim.where:
        definition = inlined(_tree(claim, formula, known), definitions)
        if name in held:
            later.append((name, definition))
        else:
            definitions[name] = definition
    later += [(n, inlined(_tree(claim, f, known), definitions)) for n, f in claim.at]
    left, right = inlined(left, definitions), inlined(right, definitions)
    if claim.only:
        condition = _tree(claim, claim.only, known)
        left, right = (_only_where(condition, x) for x in (left, right))
    values = tuple(x for name, f in later for x in (Name(0, 0, name), f))
    function, other, *more = _fitting(source, left, right, variables, values, known)
    wrt, rest = tuple(more[:len(variables)]), more[len(variables):]
    pairs = tuple(zip(rest[:len(values):2], rest[1:len(values):2], strict=True))
    if pairs:
        (other,) = rewired([other], dict(pairs))
    return Statement(function, wrt, other, claim.relation, claim.layout, pairs)


def _function(root: Node) -> tuple[Node, tuple[Name, ...]]:
    """What is differentiated, and in which variables."""
    variables: tuple[Name, ...] = ()
    while isinstance(root, Derivative):
        variables = (*root.variables, *variables)
        root = root.body
    return root, variables


def _tree(claim: Claim, text: str, known: Declarations) -> Node:
    return _TREES[claim.grammar](text, known)


def inlined(root: Node, definitions: Mapping[str, Node]) -> Node:
    """The tree with definitions in place of their names."""
    if isinstance(root, Name):
        return definitions.get(root.name, root)
    changes: dict[str, Any] = {}
    for key, value in vars(root).items():
        if isinstance(value, Node):
            changes[key] = inlined(value, definitions)
        elif isinstance(value, tuple) and any(isinstance(x, Node) for x in value):
            changes[key] = tuple(inlined(x, definitions) if isinstance(x, Node) else x
                                 for x in value)
    return replace(root, **changes) if changes else root


def _fitting(source: str, left: Node, right: Node, variables: tuple[Name, ...],
             values: tuple[Node, ...], known: Declarations) -> list[Tensor]:
    """Both sides over common sizes, those that fit each other if there are some."""
    refused: ParseError | None = None
    for joint in (*_joints(left, right, variables), None):
        parts = (left, right, *variables, *values, *_equal(values))
        try:
            return elaborate_together(source, parts if joint is None else (*parts, joint), known)
        except ParseError as error:
            refused = error
    assert refused is not None
    raise refused


def _equal(values: tuple[Node, ...]) -> list[Node]:
    """Differences of what is to be of one shape."""
    return [_binary("-", a, b) for a, b in zip(values[::2], values[1::2], strict=True)]


def _joints(left: Node, right: Node, variables: tuple[Name, ...]) -> Iterator[Node]:
    """Formulas that are well formed if the sides have shapes that fit."""
    if not variables:
        yield _binary("-", left, right)
        return
    x = variables[0]
    if len(variables) == 1:
        yield _call("sum", _binary(".*", right, x))
        yield _call("sum", _binary(".*", right, _turned(x)))
        yield _binary("*", _turned(left), _binary("*", right, x))
        yield _binary("*", _turned(x), _binary("*", right, left))
        yield _binary("-", left, right)
    elif len(variables) == 2:
        yield _binary("*", _turned(x), _binary("*", right, variables[1]))
        yield _binary(".*", x, right)


def _binary(op: str, a: Node, b: Node) -> Node:
    return Binary(a.start, b.end, op, a, b)


def _call(name: str, a: Node) -> Node:
    return Call(a.start, a.end, name, (a,))


def _turned(a: Node) -> Node:
    return Unary(a.start, a.end, "'", a)


def _of_entries(claim: Claim, known: Declarations, entry: re.Match[str]) -> Statement:
    """A claim about the entries of a Jacobian, `d f[i] / d x[j] = ...`."""
    body = re.sub(r"^\s*(d|∂)\s*", "", str(claim.left)[:entry.start()]).strip()
    above = re.match(r"(?P<function>.+)\[(?P<index>[^\]]*)\]\s*\)?$", body.strip("() "), re.DOTALL)
    function, first = (above["function"], above["index"]) if above else (body, "")
    definitions: dict[str, Node] = {}
    for name, formula in claim.where:
        definitions[name] = inlined(_tree(claim, formula, known), definitions)
    tree = inlined(_tree(claim, function, known), definitions)
    of, wrt = elaborate_together(str(claim), (tree, Name(0, 0, entry["name"])), known)
    jacobian = derived(of, (wrt,))
    inputs = {v.name or "": v for v in variables_of([of, wrt])}
    also = {**known, **{n: Declaration(n, tuple(v.shape), value=v) for n, v in inputs.items()},
            "J_": Declaration("J_", tuple(jacobian.shape), value=jacobian)}
    index = ", ".join(x for x in (first, entry["index"]) if x.strip())
    left: Node = Item(0, 0, Name(0, 0, "J_"), _index(index))
    right = inlined(_tree(claim, str(claim.right), also), definitions)
    if claim.only:
        condition = _tree(claim, claim.only, also)
        left, right = (_only_where(condition, x) for x in (left, right))
    sides = elaborate_together(str(claim), (left, right), also)
    return Statement(sides[0], (), sides[1], claim.relation, claim.layout)


def _only_where(condition: Node, x: Node) -> Node:
    """A side where a condition on indices holds, else 0: `i == j` is an entry of the identity."""
    zero, one = Number(x.start, x.end, "0"), Number(x.start, x.end, "1")
    if isinstance(condition, Binary) and condition.op in ("==", "!="):
        same: Node = Item(x.start, x.end, Name(x.start, x.end, "eye"),
                          (condition.left, condition.right))
        return _binary("*", same if condition.op == "==" else _binary("-", one, same), x)
    return Call(x.start, x.end, "where", (condition, x, zero))


def _index(text: str) -> tuple[Node, ...]:
    item = notation.tree(f"J_[{text}]")
    assert isinstance(item, Item)
    return item.index
