"""Structures made of others: blocks, Kronecker products and their sums, exchanged axes."""

from __future__ import annotations

from dataclasses import dataclass

from symdl.algebra.structure.kinds import Diagonal, Structure
from symdl.language.tensor import Tensor


@dataclass(frozen=True)
class BlockDiagonal(Structure):
    """One block for each index over the places that its frame has and the block's has not."""

    block: Structure

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "block-diagonal"

    @property
    def text(self) -> str:
        """The kind in more words."""
        count = " x ".join(str(p.height) for p in self.frame.open
                           if p not in self.block.frame.open)
        return f"block-diagonal ({count} blocks, each {self.block.text})"


@dataclass(frozen=True)
class Kronecker(Structure):
    """A ⊗ B ⊗ ..., each factor over places of its own."""

    factors: tuple[Structure, ...]

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "Kronecker"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return f"Kronecker product ({' ⊗ '.join(f.text for f in self.factors)})"


@dataclass(frozen=True)
class KroneckerSum(Structure):
    """A ⊗ B + C ⊗ D + ..., the factors over the same places in every product.

    Attributes
    ----------
    shared : tuple of (Tensor or None), or None
        Where all factors over the same places have the same eigenvectors, the symmetric matrix
        whose these are; None for diagonal factors. No tuple where they don't.
    """

    matrix: Tensor
    products: tuple[Kronecker, ...]
    shared: tuple[Tensor | None, ...] | None

    @property
    def dense(self) -> bool:
        """Whether `solve` and `logdet` form all entries."""
        return self.shared is None

    @property
    def kind(self) -> str:
        """The name of the structure."""
        return "sum of Kronecker products"

    @property
    def text(self) -> str:
        """The kind in more words."""
        return " + ".join(" ⊗ ".join(f.text for f in p.factors) for p in self.products)


@dataclass(frozen=True)
class Permuted(Structure):
    """A structure whose column axes come in another order than its row axes."""

    core: Structure

    @property
    def kind(self) -> str:
        """The name of the structure."""
        plain = isinstance(self.core, Diagonal) and self.core.one
        return "permutation" if plain else "permuted " + self.core.kind

    @property
    def text(self) -> str:
        """The kind in more words."""
        return self.kind if self.kind == "permutation" else f"permuted {self.core.text}"
