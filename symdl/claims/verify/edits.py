"""A formula in writing with one of its parts changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from symdl.language.errors import SymdlError
from symdl.language.syntax import text as notation
from symdl.language.syntax.latex import parse as latex
from symdl.language.syntax.python.source import Source
from symdl.language.syntax.python.tree import loose_names
from symdl.language.syntax.python.tree import tree as numpy_tree
from symdl.language.syntax.tree import Binary, Call, Item, Name, Node, Unary, postorder


@dataclass(frozen=True)
class Edit:
    """A changed formula, and what was wrong with the old one."""

    text: str
    fault: str
    kind: str


def edits(source: str, grammar: str = "text") -> Iterator[Edit]:
    """Every formula that one small change makes of another.

    Parameters
    ----------
    source : str
        A formula.
    grammar : {"text", "latex", "numpy"}
        Its notation.

    Returns
    -------
    iterator of Edit
        Signs, factors, transposes, orders of products, terms left out, other functions.
    """
    try:
        root = _TREES[grammar](source)
    except (SymdlError, KeyError):
        return
    marks = _TRANSPOSED[grammar]
    for node in postorder(root):
        part = source[node.start:node.end]
        for new, fault, kind in _changes(node, part, source, root, marks):
            changed = f"{source[:node.start]}{new}{source[node.end:]}"
            if changed.strip() != source.strip():
                yield Edit(changed, f"{part}: {fault}", kind)


def _changes(node: Node, part: str, source: str, root: Node, marks: str,
             ) -> Iterator[tuple[str, str, str]]:
    if _is_term(node, root):
        yield f"(-({part}))", "its sign", "sign"
        yield f"(2*({part}))", "a factor 2 is missing", "factor"
        yield f"(({part})/2)", "a factor 2 is too much", "factor"
    if isinstance(node, (Name, Item)) or (isinstance(node, Call) and node.function in _MATRICES):
        yield f"({part}){marks}", "a transpose is missing", "transpose"
    if isinstance(node, Unary) and node.op == "'":
        inner = source[node.operand.start:node.operand.end]
        yield f"({inner})", "the transpose is too much", "transpose"
    if isinstance(node, Binary):
        left, right = (source[x.start:x.end] for x in (node.left, node.right))
        if node.op in ("+", "-"):
            yield f"({left})", f"the term {right} is too much", "term"
            yield (f"({right})" if node.op == "+" else f"(-({right}))",
                   f"the term {left} is too much", "term")
            yield f"({left} {'-' if node.op == '+' else '+'} {right})", "a sign", "sign"
        if node.op in ("*", "@"):
            yield f"({right}{node.op}{left})", "the order of the product", "order"
        if node.op in ("*", ".*"):
            yield f"({left})", f"the factor {right} is too much", "factor"
    if isinstance(node, Call):
        for other in _OTHERS.get(node.function, ()):
            yield f"{other}{part[len(node.function):]}", f"it is {other}", "function"


def _is_term(node: Node, root: Node) -> bool:
    if node is root:
        return True
    return any(isinstance(x, Binary) and x.op in ("+", "-") and node in (x.left, x.right)
               for x in postorder(root))


_OTHERS: Mapping[str, tuple[str, ...]] = {
    "sin": ("cos",), "cos": ("sin",), "exp": ("log",), "log": ("exp",), "tanh": ("sigmoid",),
    "sigmoid": ("tanh",), "sum": ("mean",), "mean": ("sum",), "det": ("tr",), "tr": ("det",),
    "inv": (), "relu": ("abs",), "softmax": ("sigmoid",), "max": ("min",), "min": ("max",)}
_MATRICES = frozenset({"inv", "diag", "pinv"})
_TRANSPOSED: Mapping[str, str] = {"text": "'", "latex": r"^\top", "numpy": ".T"}
_TREES: Mapping[str, Callable[[str], Node]] = {
    "text": notation.tree, "latex": lambda source: latex.tree(source, {}),
    "numpy": lambda source: numpy_tree(Source(source), loose_names(Source(source)))}
