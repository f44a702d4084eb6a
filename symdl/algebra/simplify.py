"""The normal form of a result: rules applied to every equation until none applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symdl.algebra.entries import over_indices
from symdl.algebra.names import named_in_order, names_of
from symdl.algebra.reading import RULES as READING
from symdl.algebra.rule import Network, Rule
from symdl.algebra.rules import RULES
from symdl.algebra.sharing import RULES as SHARING
from symdl.language.rebuild import replaced
from symdl.language.tensor import Equation, Tensor, transform


def simplify(t: Tensor, *known: Tensor) -> Tensor:
    """Rewrite a result so that it reads well; its values stay the same.

    Parameters
    ----------
    t : Tensor
        Any result.
    *known : Tensor
        Named tensors that may stand for what they are defined by, such as the x̂ of a
        normalisation, which its gradient would not read otherwise.

    Returns
    -------
    Tensor
        An equal tensor. Equations that have names are kept; a softmax that occurs gets the
        name P. Facts of the inputs (one_hot, simplex, symmetric) are used.
    """
    return simplified(t, known, RULES)


def simplified(t: Tensor, known: Sequence[Tensor], rules: Sequence[Rule]) -> Tensor:
    """The form in which none of some rules, tried in that order, applies.

    Those that call repeated factors by a name come last: they see the same form whatever the
    others' order. An expression at a user's indices is simplified as an entry of the tensor
    over them.
    """
    whole = over_indices(t, known)
    if whole is not None:
        return whole.entry(simplified(whole.tensor, whole.known, rules))
    given = names_of(t, *known)
    for stage in (READING, [r for r in rules if r.name not in _NAMING]):
        t, known = _settled(t, known, stage)
    plain = t
    t, known = _settled(t, known, [r for r in rules if r.name in _NAMING])
    if t is not plain:
        t, known = _settled(t, known, rules)
    return named_in_order(t, given)


def _settled(t: Tensor, known: Sequence[Tensor], rules: Sequence[Rule],
             ) -> tuple[Tensor, Sequence[Tensor]]:
    """The form in which none of some rules applies, and the known tensors likewise."""
    seen: set[Tensor] = set()
    while t not in seen and len(seen) < _PASSES:
        seen.add(t)
        t, known = _once(t, rules, known)
    return t, known


_NAMING = frozenset(rule.name for rule in SHARING)
_PASSES = 200
"""Each rule says why it ends; two of them that undo each other are stopped here."""


def _once(t: Tensor, rules: Sequence[Rule], known: Sequence[Tensor],
          ) -> tuple[Tensor, tuple[Tensor, ...]]:
    """One pass over the program, operands first, and over the known tensors."""
    network = Network.of([t], known)

    def change(x: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        new = rewritten(replaced(x, so_far), network, rules)
        network.follow(x, new)
        return new

    new = transform([*known, t], change)
    return new[t], tuple(new[x] for x in known)


def rewritten(x: Tensor, network: Network, rules: Sequence[Rule] = RULES) -> Tensor:
    """An equation to which no rule applies any more."""
    seen: set[Tensor] = set()
    while isinstance(x, Equation) and x not in seen:
        seen.add(x)
        x = next((y for rule in rules if (y := rule.rewrite(x, network)) is not None), x)
    return x
