"""From a syntax tree and declarations to a tensor, or to the request for a derivative.

Two walks over the tree: the first finds every shape, unifying sizes that aren't declared; the
second makes the tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice

from symdl.language.form import Dim, Form
from symdl.language.syntax.declarations import Declaration, Declarations, guessed_rank
from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.indices import bounds, gathers, index_names, reaches
from symdl.language.syntax.limits import PARTS, check_tree
from symdl.language.syntax.names import CONSTANTS, IDENTITY, check_names
from symdl.language.syntax.request import Derivative as Request
from symdl.language.syntax.rules import Reading
from symdl.language.syntax.scopes import apart
from symdl.language.syntax.tree import (
    Derivative,
    Item,
    Name,
    Node,
    Reduce,
    Several,
    Unary,
    postorder,
)
from symdl.language.tensor import Tensor


def elaborate(source: str, root: Node, declarations: Declarations, arrays: bool = False,
              ) -> Tensor | Request:
    """The tensor that a formula stands for, or the derivative that it asks for.

    Parameters
    ----------
    source : str
        The text that the nodes' places refer to.
    root : Node
        The tree, of any grammar.
    declarations : mapping of str to Declaration
        What is known of the names; the kinds and sizes of others are guessed.
    arrays : bool
        NumPy's conventions instead of matrix notation's: vectors have no direction, shapes
        broadcast.

    Raises
    ------
    ParseError
        With the column, for shapes that don't fit, unknown functions and so on.
    """
    try:
        body, variables = _request(root)
    except Refusal as refusal:
        raise _placed(source, root, refusal) from None
    whole = Derivative(root.start, root.end, body, variables) if variables else body
    made = _made(source, whole, declarations, arrays)
    return Request(made[0], tuple(made[1:])) if variables else made[0]


def elaborate_together(source: str, formulas: Sequence[Node], declarations: Declarations,
                       arrays: bool = False) -> list[Tensor]:
    """The tensors of several formulas over common names and sizes.

    Parameters
    ----------
    source, declarations, arrays
        As `elaborate` takes them.
    formulas : sequence of Node
        None of them asks for a derivative.

    Raises
    ------
    ParseError
        As `elaborate` does.
    """
    whole = Several(0, len(source), tuple(formulas))
    try:
        _request(whole)
    except Refusal as refusal:
        raise _placed(source, whole, refusal) from None
    return _made(source, whole, declarations, arrays)


def _made(source: str, whole: Node, declarations: Declarations, arrays: bool) -> list[Tensor]:
    try:
        check_tree(whole)
        whole = apart(whole)
        known = _known(whole, declarations)
        check_names(whole, known, declarations)
    except Refusal as refusal:
        raise _placed(source, whole, refusal) from None
    return _first_fit(source, whole, known, declarations, arrays).made(whole)


def _request(root: Node) -> tuple[Node, tuple[Name, ...]]:
    """The function and the variables of a formula that asks for a derivative."""
    variables: tuple[Name, ...] = ()
    body = root
    while isinstance(body, Derivative):
        variables = (*body.variables, *variables)
        body = body.body
    for node in postorder(body):
        if isinstance(node, Derivative):
            raise Refusal("a derivative can't be part of a formula: ask for it alone, and "
                          "put a sum that is differentiated in brackets", node)
    return body, variables


def _known(root: Node, declarations: Declarations) -> dict[str, Declaration]:
    """A declaration for every tensor that occurs, guessed where none was made."""
    sizes = _sizes(root, declarations)
    indices = index_names(root, declarations, sizes)
    far = reaches(root)
    laid = {node.operand.name for node in postorder(root) if isinstance(node, Unary)
            and node.op == "'" and isinstance(node.operand, Name)}
    tables = gathers(root)
    ranks = {node.tensor.name: len(node.index) for node in postorder(root)
             if isinstance(node, Item) and isinstance(node.tensor, Name)}
    found = {name: declarations[name] for name in declarations}
    for name in [*tables, *(n.name for n in postorder(root) if isinstance(n, Name))]:
        if name in found or name in indices or name in sizes or (
                name in CONSTANTS or name == IDENTITY):
            continue
        rank = ranks.get(name, guessed_rank(name) or int(name in laid))
        facts = frozenset({"integer"} if name in tables else ())
        found[name] = Declaration(name, (None,) * tables.get(name, rank), facts)
    return {name: _reached(d, far.get(name, {})) for name, d in found.items()}


def _reached(d: Declaration, far: Mapping[int, Form]) -> Declaration:
    """The declaration, with sizes that aren't stated as large as the indices read."""
    if d.value is not None or None not in d.sizes:
        return d
    return replace(d, sizes=tuple(far.get(k) if s is None else s for k, s in enumerate(d.sizes)))


def _sizes(root: Node, declarations: Declarations) -> set[str]:
    """The names of sizes: in declared shapes, and in the ranges of indices."""
    stated = {str(atom) for d in declarations.values() for s in d.sizes if s is not None
              for atom in s.all_atoms if isinstance(atom, Dim)}
    bound = {name for node in postorder(root) if isinstance(node, Reduce)
             for name, _ in node.indices}
    return stated | {name for name in bounds(root) - bound if name not in declarations}


def _first_fit(source: str, root: Node, known: dict[str, Declaration], stated: Declarations,
               arrays: bool) -> Reading:
    """The first reading whose shapes fit: a guessed vector may turn out to be a scalar."""
    refused: ParseError | None = None
    sizes = _sizes(root, stated)
    indices = index_names(root, known, sizes)
    for scalars in _guesses(root, known, stated):
        tried = {**known, **{name: Declaration(name) for name in scalars}}
        reading = Reading(source, tried, indices, sizes, arrays)
        try:
            reading.read(root)
        except Refusal as refusal:
            refused = refused or _placed(source, root, refusal)
            continue
        return reading
    assert refused is not None
    raise refused from None


def _guesses(root: Node, known: dict[str, Declaration], stated: Declarations,
             ) -> Iterator[tuple[str, ...]]:
    """Which guessed vectors are taken as scalars: none first, then as few as will do."""
    items = {node.tensor.name for node in postorder(root)
             if isinstance(node, Item) and isinstance(node.tensor, Name)} | set(gathers(root))
    loose = [name for name, d in known.items()
             if name not in stated and name not in items and len(d.sizes) == 1]
    tries = 1 + 20 * PARTS // (1 + sum(1 for _ in postorder(root)))
    every = (names for count in range(len(loose) + 1) for names in combinations(loose, count))
    return islice(every, min(tries, 200))


def _placed(source: str, root: Node, refusal: Refusal) -> ParseError:
    node = refusal.node or root
    return ParseError(source, node.start, node.end, refusal.reason)
