"""A derivation: its lines, and what its letters stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symdl.language.tensor import Tensor, Variable


@dataclass(frozen=True)
class Step:
    """One line: a quantity in another form.

    Attributes
    ----------
    quantity : str
        What stands on the left, such as ``dL_dW``; the same as above in a line that goes on.
    rule : str
        The rule that was used.
    condition : str
        What it needs, if anything.
    after : Tensor
        The quantity's new form, over inputs and letters.
    """

    quantity: str
    rule: str
    condition: str
    after: Tensor


@dataclass(frozen=True)
class Derivation:
    """The derivative of a result, line by line.

    Attributes
    ----------
    definitions : tuple of (str, Tensor)
        The result and its intermediate results, each by earlier ones.
    steps : tuple of Step
        The lines.
    letters : mapping of Variable to Tensor
        What each letter of the lines stands for, as an expression of inputs: intermediate
        results by their names, derivatives in them as ``dL_dZ``.
    results : mapping of str to Tensor
        The derivatives asked for.
    then : Derivation or None
        The derivation of the second derivative from this one's result.
    """

    definitions: tuple[tuple[str, Tensor], ...]
    steps: tuple[Step, ...]
    letters: Mapping[Variable, Tensor]
    results: Mapping[str, Tensor]
    then: Derivation | None = None

    def text(self) -> str:
        """The derivation as plain text, the rules on the right."""
        from symdl.display.steps.pages import text

        return text(self)

    def latex(self) -> str:
        """The derivation as a LaTeX `align*` environment."""
        from symdl.display.steps.pages import latex

        return latex(self)

    def html(self) -> str:
        """The derivation as an HTML table that needs nothing else."""
        from symdl.display.steps.pages import html

        return html(self)

    __str__ = text
    _repr_html_ = html
