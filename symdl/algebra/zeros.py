"""Whether an expression is 0: cleared of denominators and inverses, or entry by entry."""

from __future__ import annotations

from collections.abc import Callable

from symdl.algebra.cofactors import without_determinants, without_inverses
from symdl.algebra.factoring import tidy
from symdl.algebra.inverses import beside
from symdl.algebra.normal import Normaliser, fraction
from symdl.algebra.terms import Sizes, Terms, TooLarge, budget, note
from symdl.algebra.unrolling import unrolled
from symdl.language.tensor import Tensor


def is_zero(t: Tensor, steps: int = 20_000) -> bool:
    """Whether an expression is found to be 0 wherever it is defined.

    Parameters
    ----------
    t : Tensor
        Any result, such as the difference of two whose normal forms differ.
    steps : int
        How many terms may be looked at in its normal form; a quarter in each further attempt.

    Returns
    -------
    bool
        Whether its normal form is 0 when it is multiplied by its denominators; or where all sizes
        are numbers is so entry by entry; or is 0 when it is multiplied by matrices whose inverses
        it holds; or entry by entry with the inverses and determinants of small matrices written
        out.
    """
    try:
        with budget(steps):
            terms = Normaliser().whole(t)
    except TooLarge:
        return False
    for name, attempt in _ATTEMPTS:
        if _succeeds(attempt, terms, t.shape, steps // 4):
            note(name)
            return True
    return False


def _succeeds(attempt: Callable[[Terms, Sizes], bool], terms: Terms, sizes: Sizes, steps: int,
              ) -> bool:
    try:
        with budget(steps):
            return attempt(terms, sizes)
    except TooLarge:
        return False


def _without_denominators(terms: Terms, sizes: Sizes) -> bool:
    return not fraction(terms, sizes)[0]


def _entry_by_entry(terms: Terms, sizes: Sizes) -> bool:
    return all(_without_denominators(tidy(entry, ()), ()) for entry in unrolled(terms, sizes))


def _without_inverses(terms: Terms, sizes: Sizes, products: int = 3) -> bool:
    """Whether a polynomial is 0, or is so after some of the products that `beside` makes."""
    return _without_denominators(terms, sizes) or (products > 0 and any(
        _without_inverses(tidy(p, over), over, products - 1) for p, over in beside(terms, sizes)))


def _by_cofactors(terms: Terms, sizes: Sizes) -> bool:
    return all(map(_is_zero_by_cofactors, unrolled(terms, sizes)))


def _is_zero_by_cofactors(entry: Terms) -> bool:
    whole = Normaliser().whole
    numerator, _ = fraction(tidy(without_inverses(entry, whole), ()), ())
    return not tidy(without_determinants(numerator, whole), ())


_ATTEMPTS: tuple[tuple[str, Callable[[Terms, Sizes], bool]], ...] = (
    ("multiplied by denominators", _without_denominators),
    ("entry by entry", _entry_by_entry),
    ("multiplied by what is inverted", _without_inverses),
    ("cofactors", _by_cofactors),
)
