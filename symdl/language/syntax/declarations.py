"""What is declared of the names in a formula, and what is guessed where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from symdl.language.declare import tensor
from symdl.language.errors import SymdlError
from symdl.language.facts import FACTS, check_facts
from symdl.language.form import Dim, Form
from symdl.language.late import late
from symdl.language.sizes import variables_of
from symdl.language.tensor import Tensor, Variable

KINDS: Mapping[int, str] = MappingProxyType({0: "scalar", 1: "vector", 2: "matrix"})
GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
    "omega", "lam", "eps",
})


@dataclass(frozen=True)
class Declaration:
    """A name's sizes, None where they are left to be found, and facts; or a tensor as it is."""

    name: str
    sizes: tuple[Form | None, ...] = ()
    facts: frozenset[str] = frozenset()
    value: Tensor | None = None

    def made(self, shape: Iterable[Form]) -> Tensor:
        """The tensor of that shape."""
        if self.value is not None:
            return self.value
        return tensor(self.name, *shape, **dict.fromkeys(self.facts, True))


Declarations = Mapping[str, Declaration]


def declared(given: str | Mapping[str, Any] = "", /, **names: Any) -> dict[str, Declaration]:
    """Declarations from text, from tensors, or from both.

    Parameters
    ----------
    given : str or mapping
        `A: matrix[n,n] symmetric, x: vector[n], c: scalar`, or what `names` holds as a mapping.
    **names : str or Tensor
        By name a kind (`"matrix[n,d]"`, `"vector"`, `"scalar positive"`), or a tensor that the
        name stands for.

    Raises
    ------
    ParseError
        For text that is no declaration.
    SymdlError
        For an unknown fact, one that the shape can't have, or a name declared twice.
    """
    read = late("symdl.language.syntax.text:declarations")
    found: list[Declaration] = list(read(given)) if isinstance(given, str) else []
    named = {**(given if isinstance(given, Mapping) else {}), **names}
    for name, value in named.items():
        if isinstance(value, Tensor):
            found.append(Declaration(name, tuple(value.shape), value=value))
        elif isinstance(value, str):
            found.extend(read(f"{name}: {value}"))
        else:
            raise SymdlError(f"{name} is declared by a text such as 'matrix[n,d]' or by a tensor, "
                             f"not by {type(value).__name__}")
    out: dict[str, Declaration] = {}
    for d in found:
        if d.name in out:
            raise SymdlError(f"{d.name} is declared twice")
        out[d.name] = d
    return out


def declaration(name: str, kind: str, sizes: tuple[Form, ...] | None, facts: Iterable[str],
                ) -> Declaration:
    """A declaration in words, checked: its kind, its sizes if stated, its facts.

    Raises
    ------
    SymdlError
        If the number of sizes isn't the kind's, or a fact doesn't fit.
    """
    rank = next((r for r, word in KINDS.items() if word == kind), None)
    if sizes is None and rank is None:
        raise SymdlError(f"{name}: a {kind} needs sizes, e.g. {kind}[n,m,k]")
    if sizes is not None and rank is not None and len(sizes) != rank:
        example = f"{kind}[{','.join('nm'[:rank])}]" if rank else kind
        raise SymdlError(f"{name}: a {kind} has {rank} sizes, not {len(sizes)}; write {example}")
    held = frozenset(facts)
    stated: tuple[Form | None, ...] = sizes if sizes is not None else (None,) * (rank or 0)
    square = tuple(Form.of(Dim("n")) if s is None else s for s in stated)
    check_facts(name, square, held)
    return Declaration(name, stated, held)


def is_square(d: Declaration) -> bool:
    """Whether a fact says that the last two sizes are equal."""
    return any(FACTS[fact] == 2 for fact in d.facts)


def guessed_rank(name: str) -> int:
    """The axes a name suggests: a capital a matrix, small Greek a scalar, else a vector."""
    stem = name.rstrip("0123456789").partition("_")[0]
    if stem in GREEK or re.fullmatch("[α-ω]", stem):
        return 0
    return 2 if name[0].isupper() else 1


def declarations_text(t: Tensor | Iterable[Tensor]) -> str:
    """The inputs of an expression as declarations that `parse` reads.

    Parameters
    ----------
    t : Tensor or iterable of Tensor

    Returns
    -------
    str
        In alphabetical order: `A: matrix[n,n] symmetric, x: vector[n]`.
    """
    roots = [t] if isinstance(t, Tensor) else list(t)
    return ", ".join(map(_said, variables_of(roots)))


def _said(v: Variable) -> str:
    kind = KINDS.get(v.ndim, "tensor")
    sizes = f"[{','.join(str(s).replace(' ', '') for s in v.shape)}]" if v.shape else ""
    return " ".join([f"{v.name}: {kind}{sizes}", *sorted(v.facts)])


__all__ = ["Declaration", "Declarations", "declaration", "declarations_text", "declared",
           "guessed_rank", "is_square"]
