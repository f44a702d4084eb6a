"""The canonical form of a scheme: one numbering of bound indices and leaves.

Two schemes that differ by the names of their bound indices, the order of their leaves or
of commuting operands get the same form: colour refinement first, then each member of the
first unresolved class is individualised in turn and the least result is taken
(McKay & Piperno, *Practical graph isomorphism II*, 2014, section 2).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from hashlib import blake2b

import sympy
from sympy.core.relational import Relational

from symdl.language.body import tree
from symdl.language.form import Form, Idx
from symdl.language.guard import Guard
from symdl.language.scheme import Access, Leaf, Scheme, renumber

Colours = dict[int, object]


def canonical(s: Scheme) -> Scheme:
    """The scheme with canonically numbered bound indices and leaves.

    Where the order of the bound indices has a meaning (ties of max, min and their
    arguments) it is kept.
    """
    start: Colours = {k: ("axis", k) for k in range(s.axes)}
    ordered = s.reduce not in ("none", "sum", "prod")
    for k in s.bound:
        start[k] = ("bound", k if ordered else 0, s.sizes[k].token)
    if _resolved(s, start):
        return _numbered(s, start)
    return _least(s, _refined(s, start))[1]


def _least(s: Scheme, colours: Colours) -> tuple[str, Scheme]:
    """The least numbering among the ways to resolve the colouring, with its certificate.

    Two members of a class whose first resolutions are the same scheme are exchanged by an
    automorphism: what lies behind the second one is known.
    """
    tied = _tied(s, colours)
    if not tied:
        found = _numbered(s, colours)
        return _certificate(found), found
    known: dict[str, tuple[str, Scheme]] = {}
    for k in tied:
        chosen = _chosen(s, colours, k)
        first = _certificate(_first(s, chosen))
        if first not in known:
            known[first] = _least(s, chosen)
    return min(known.values(), key=lambda pair: pair[0])


def _first(s: Scheme, colours: Colours) -> Scheme:
    """The numbering where always the first member of a class is chosen."""
    while tied := _tied(s, colours):
        colours = _chosen(s, colours, tied[0])
    return _numbered(s, colours)


def _chosen(s: Scheme, colours: Colours, k: int) -> Colours:
    return _refined(s, {**colours, k: ("chosen", colours[k])})


def _tied(s: Scheme, colours: Colours) -> list[int]:
    """The members of the first class that has several."""
    classes = Counter(repr(colours[k]) for k in s.bound)
    first = min((c for c, n in classes.items() if n > 1), default=None)
    return [k for k in s.bound if repr(colours[k]) == first]


def _resolved(s: Scheme, colours: Colours) -> bool:
    return len({repr(colours[k]) for k in s.bound}) == len(s.bound)


def _numbered(s: Scheme, colours: Colours) -> Scheme:
    bound = sorted(s.bound, key=lambda k: repr(colours[k]))
    first = renumber(s, bound, range(len(s.leaves)))
    leaves = sorted(range(len(s.leaves)), key=lambda k: repr(first.leaves[k].token))
    return renumber(first, range(s.axes, len(s.sizes)), leaves)


def _certificate(s: Scheme) -> str:
    return repr((tuple(g.token for g in s.guards), tree(s.body), [x.token for x in s.leaves]))


def _refined(s: Scheme, colours: Colours) -> Colours:
    """Distinguish indices by where they occur until nothing new is learnt."""
    count = len({repr(c) for c in colours.values()})
    while True:
        leaves = [_hash(_leaf_colour(x, colours)) for x in s.leaves]
        contexts = _contexts(tree(s.body), leaves) if _steady(s.body) else [""] * len(leaves)
        seen: dict[int, list[object]] = {k: [] for k in s.bound}
        for n, leaf in enumerate(s.leaves):
            place = (leaves[n], contexts[n])
            for position, form in enumerate(_addresses(leaf)):
                for k in form.indices & seen.keys():
                    seen[k].append((place, position, _form_colour(form, colours, k)))
            for g in leaf.mask:
                for k in g.form.indices & seen.keys():
                    seen[k].append((place, _guard_colour(g, colours, k)))
        for g in s.guards:
            for k in g.form.indices & seen.keys():
                seen[k].append(_guard_colour(g, colours, k))
        colours = colours | {
            k: (*_head(colours[k]), _hash(sorted(map(repr, at)))) for k, at in seen.items()
        }
        found = len({repr(c) for c in colours.values()})
        if found == count:
            return colours
        count = found


def _head(colour: object) -> tuple[object, ...]:
    """The first part of a colour stays in front, so that refining keeps the order of classes."""
    return colour if isinstance(colour, tuple) and len(repr(colour)) < 400 else (_hash(colour),)


def _addresses(leaf: Leaf) -> tuple[Form, ...]:
    return leaf.index if isinstance(leaf, Access) else (leaf.form,)


def _leaf_colour(leaf: Leaf, colours: Colours) -> object:
    who = leaf.tensor.digest if isinstance(leaf, Access) else b"value"
    return (who, [_form_colour(f, colours) for f in _addresses(leaf)],
            sorted(repr(_guard_colour(g, colours)) for g in leaf.mask))


def _guard_colour(g: Guard, colours: Colours, marked: int | None = None) -> object:
    """The relation and the form's colour; an equality says the same with the other sign."""
    forms = (g.form,) if g.relation == ">=" else (g.form, -g.form)
    return (g.relation, min(_form_colour(f, colours, marked) for f in forms))


def _form_colour(form: Form, colours: Colours, marked: int | None = None) -> str:
    """The form with indices replaced by their colours, and one of them marked."""
    names = {Idx(k): f"<{_hash(colours[k])}>" for k in form.indices if k != marked}
    if marked is not None:
        names[Idx(marked)] = "<*>"
    return _spell(form, names)


def _spell(form: Form, names: dict[Idx, str]) -> str:
    terms = []
    for monomial, c in form.terms:
        atoms = []
        for a in monomial:
            if isinstance(a, Idx):
                atoms.append(names[a])
            elif a.inner:
                tail = a.tensor.digest.hex() if hasattr(a, "tensor") else ""
                inner = [_spell(f, names) for f in a.inner]
                atoms.append(f"{type(a).__name__}{tail}{inner}")
            else:
                atoms.append(repr(a.token))
        terms.append(f"{c}*{sorted(atoms)}")
    return repr(sorted(terms))


@lru_cache(maxsize=1 << 12)
def _steady(body: sympy.Expr) -> bool:
    """Whether SymPy writes a body alike whatever its placeholders' numbers.

    Of tanh(u - v) and -tanh(v - u) it keeps the one that the names favour; so it does with all
    odd and even functions and with comparisons. Such a body tells the leaves apart at the end.
    """
    return not any(isinstance(node, _REFLECTED) and any(a.has(sympy.Add) for a in node.args)
                   for node in sympy.preorder_traversal(body))


_REFLECTED = (
    sympy.sin, sympy.cos, sympy.tan, sympy.sinh, sympy.cosh, sympy.tanh, sympy.asin, sympy.atan,
    sympy.asinh, sympy.atanh, sympy.erf, sympy.erfc, sympy.Abs, sympy.sign, Relational,
)


def _contexts(body: object, leaves: list[str]) -> list[str]:
    """For each leaf, where in the body it stands, the other leaves seen by colour."""
    found: dict[int, list[str]] = {k: [] for k in range(len(leaves))}
    _walk(body, "", leaves, found)
    return [_hash(sorted(found[k])) for k in range(len(leaves))]


def _walk(node: object, above: str, leaves: list[str], found: dict[int, list[str]]) -> None:
    if not isinstance(node, tuple):
        return
    if node[0] == "a":
        found[node[1]].append(above)
        return
    head, *rest = node
    colours = [_colour(x, leaves) for x in rest]
    for n, child in enumerate(rest):
        if isinstance(child, tuple):
            others = colours[:n] + colours[n + 1:]
            place = sorted(others) if head in _COMMUTATIVE else [n, *others]
            _walk(child, _hash((above, head, place)), leaves, found)


def _colour(node: object, leaves: list[str]) -> str:
    if not isinstance(node, tuple):
        return repr(node)
    if node[0] == "a":
        return leaves[node[1]]
    inner = [_colour(x, leaves) for x in node[1:]]
    return _hash((node[0], sorted(inner) if node[0] in _COMMUTATIVE else inner))


_COMMUTATIVE = frozenset({"Add", "Mul", "Max", "Min", "And", "Or", "Equality", "Unequality"})


def _hash(x: object) -> str:
    return blake2b(repr(x).encode(), digest_size=8).hexdigest()
