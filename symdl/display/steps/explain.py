"""The derivation of a gradient: one line for each intermediate result, from the end back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from symdl.algebra.simplify import simplify
from symdl.calculus.gradient import grad
from symdl.calculus.variables import leaves_of
from symdl.display.steps.derivation import Derivation, Step
from symdl.display.steps.differentials import by_differentials
from symdl.display.steps.groups import Group, groups, rule_of
from symdl.display.steps.letters import letters, local, named_nodes, unnamed
from symdl.display.steps.rewriting import rewritings, tidied
from symdl.display.text import text as written
from symdl.language.elementwise import as_tensor
from symdl.language.errors import DifferentiationError
from symdl.language.rebuild import rewired
from symdl.language.reductions import sum as total
from symdl.language.tensor import Equation, Tensor, Variable, topological


def explain(loss: Any, wrt: Any, order: int = 1) -> Derivation:
    """Derive a gradient line by line, as one would by hand.

    The result is cut into intermediate results: those that have a name, and below each product
    and each function of entries. Every line is the derivative in one of them, from the last
    back to the variables (reverse accumulation; Griewank and Walther, *Evaluating Derivatives*,
    2nd ed., 2008, §3.2). A second derivative is read off the differential of the gradient
    (Magnus and Neudecker, *Matrix Differential Calculus*, 3rd ed., 2019, ch. 10).

    Parameters
    ----------
    loss : Tensor
        A scalar expression.
    wrt : Tensor, or a tuple, list or dict of tensors
        What to differentiate in, as in `grad`; for a second derivative one tensor.
    order : {1, 2}
        The order of the derivative.

    Returns
    -------
    Derivation
        Its lines, with `.text()`, `.latex()` and `.html()`; ``dL_dZ`` is the derivative in Z,
        of Z's shape, and ``dZ`` the differential of Z.

    Raises
    ------
    DifferentiationError
        As `grad` does, and for other orders.
    """
    loss = as_tensor(loss)
    gradients = grad(loss, wrt)
    found = dict(zip(leaves_of(wrt), leaves_of(gradients), strict=True))
    first = _Explanation(loss, found).derivation()
    if order == 1:
        return first
    if order != 2 or not isinstance(wrt, Tensor):
        raise DifferentiationError("explain: a derivation has order 1, or order 2 in one variable")
    return replace(first, then=by_differentials(loss, wrt, gradients))


@dataclass
class _Explanation:
    """The letters of one derivation."""

    loss: Tensor
    gradients: Mapping[Tensor, Tensor]
    groups: list[Group] = field(init=False)
    names: dict[Tensor, str] = field(init=False)
    values: dict[Tensor, Variable] = field(init=False)
    slopes: dict[Tensor, Variable] = field(init=False)
    plain: dict[Tensor, Variable] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = groups(self.loss, set(self.gradients))
        tops = [t for g in self.groups for t in g.outputs if t is not self.loss]
        nodes = list(dict.fromkeys([*self.gradients, *tops]))
        self.names = named_nodes([self.loss, *nodes], self.loss)
        self.values = letters(nodes, self.names)
        self.slopes = {t: Variable.make(f"d{self.names[self.loss]}_d{self.names[t]}", t.shape)
                       for t in nodes}

    def derivation(self) -> Derivation:
        """The whole."""
        steps = tuple(self._steps())
        whole = {t: self.gradients[t] if t in self.gradients else grad(self.loss, t)
                 for t in self.slopes}
        meanings: dict[Variable, Tensor] = {v: t for t, v in self.values.items() if v is not t}
        meanings |= {v: whole[t] for t, v in self.slopes.items()}
        definitions = tuple((self.names[t], self._local(t))
                            for g in self.groups for t in g.outputs)
        results = {self.names[t]: g for t, g in self.gradients.items()}
        return Derivation(definitions, steps, meanings, results)

    def _local(self, t: Tensor) -> Tensor:
        """The definition of an intermediate result by earlier ones."""
        return local(t, self.values)

    def _steps(self) -> Iterator[Step]:
        parts: dict[Tensor, list[tuple[str, Tensor]]] = {}
        found: dict[Tensor, Tensor] = {}
        for group in reversed(self.groups):
            for t in group.outputs:
                if t is not self.loss:
                    yield from self._lines(t, parts.pop(t, []), found)
            seeded = self._seeded(group)
            for t, v in self.values.items():
                if v in topological([seeded]) and t not in group.outputs:
                    slope = self._lettered(grad(seeded, v), group)
                    parts.setdefault(t, []).append((rule_of(group), slope))
        for t in self.gradients:
            if t in parts or t not in found:
                yield from self._lines(t, parts.pop(t, []), found)
            yield from self._inserted(t, found)

    def _seeded(self, group: Group) -> Tensor:
        """A scalar whose gradient is what the group contributes."""
        if group.outputs == (self.loss,):
            return self._local(self.loss)
        terms = [total(self.slopes[t] * self._local(t)) for t in group.outputs]
        return sum(terms[1:], terms[0])

    def _lettered(self, slope: Tensor, group: Group) -> Tensor:
        """A derivative with the group's results by their letters."""
        known = {self._local(t): self.values[t] for t in group.outputs
                 if t in self.values and isinstance(t, Equation)}
        self.plain.update({unnamed(simplify(t)): v for t, v in known.items()})
        return tidied(rewired([slope], {**known})[0])

    def _lines(self, t: Tensor, parts: Sequence[tuple[str, Tensor]], found: dict[Tensor, Tensor],
               ) -> Iterator[Step]:
        """The derivative in t by its readers', then simplified."""
        rule = parts[0][0] if len(parts) == 1 else "sum over paths" if parts else "no dependence"
        slopes = [p for _, p in parts] or [self.gradients[t]]
        total = sum(slopes[1:], slopes[0])
        quantity = str(self.slopes[t].name)
        found[t] = self._known(tidied(total))
        yield Step(quantity, rule, "", found[t])
        for line in rewritings(total):
            found[t] = self._known(line.after)
            yield Step(quantity, line.rule, line.condition, found[t])

    def _known(self, slope: Tensor) -> Tensor:
        """A derivative with intermediate results by their letters."""
        known: dict[Tensor, Tensor] = {
            t: v for t in topological([slope]) if (v := self.plain.get(unnamed(t))) is not None}
        return rewired([slope], known)[0]

    def _inserted(self, t: Tensor, found: Mapping[Tensor, Tensor]) -> Iterator[Step]:
        """The derivative with the letters of others replaced, where it stays readable."""
        new: dict[Tensor, Tensor] = {}
        for x in found:
            new[self.slopes[x]] = rewired([found[x]], new)[0]
        whole = new[self.slopes[t]]
        if whole is found[t]:
            return
        for after in (simplify(self.gradients[t]), simplify(whole)):
            if len(written(after)) <= _READABLE:
                yield Step(str(self.slopes[t].name), "substitution", "", after)
                return


_READABLE = 70
"""The length up to which a result is written out."""
