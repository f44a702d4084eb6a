"""What the outputs of a kernel are called, and which of them are gradients of which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symdl.calculus.gradient import grad
from symdl.language.tensor import Tensor, Variable


@dataclass(frozen=True)
class Output:
    """One output of a kernel.

    Attributes
    ----------
    tensor : Tensor
        What it is.
    label : str
        What it is called: by its name, else by its key, else by its number; a gradient of
        another output as a quotient, ``dL/dW``.
    of : int or None
        The output, by number, that it is the gradient of.
    wrt : Variable or None
        The input in which it is.
    """

    tensor: Tensor
    label: str
    of: int | None = None
    wrt: Variable | None = None


def outputs_of(tree: Any, inputs: Sequence[Variable]) -> tuple[Output, ...]:
    """The outputs in order.

    A gradient is recognised by differentiating the scalar outputs: equal expressions are one
    object.

    Parameters
    ----------
    tree : Tensor, or a nested dict, list or tuple of tensors
        The outputs of a kernel.
    inputs : sequence of Variable
        The inputs of the kernel.
    """
    entries = list(_keyed(tree, ()))
    gradients = _gradients(entries, inputs)
    names = _labels(entries, {of for of, _ in gradients.values()}, inputs)
    found = []
    for k, (_, t) in enumerate(entries):
        of, v = gradients.get(t, (None, None))
        label = names[k] if v is None or of is None else f"d{names[of]}/d{v.name}"
        found.append(Output(t, label, of, v))
    return tuple(found)


def _gradients(entries: Sequence[tuple[tuple[Any, ...], Tensor]], inputs: Sequence[Variable],
               ) -> dict[Tensor, tuple[int, Variable]]:
    """The outputs that are the gradient of one before them in an input.

    Where recurrences are differentiated, a gradient depends on what else is differentiated in:
    the inputs that later outputs have as keys are tried first, then all, then each by itself.
    """
    found: dict[Tensor, tuple[int, Variable]] = {}
    real = [v for v in inputs if v.dtype == "real"]
    for k, (_, root) in enumerate(entries):
        if root.ndim or root.dtype != "real":
            continue
        later = {t: path for path, t in entries[k + 1:] if t is not root and t not in found}
        keyed = [v for v in real if any(v.name == path[-1] for path in later.values() if path)]
        for variables in (keyed, real, *([v] for v in real)):
            unknown = [t for t in later if t not in found]
            if not any(t.shape == v.shape for t in unknown for v in variables):
                continue
            for v, g in zip(variables, grad(root, variables), strict=True):
                if g in unknown:
                    found[g] = (k, v)
    return found


def _keyed(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Tensor]]:
    """The leaves with all their keys."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from _keyed(branch, (*path, key))
    elif isinstance(tree, (tuple, list)):
        for k, branch in enumerate(tree):
            yield from _keyed(branch, (*path, k))
    else:
        yield path, tree


def _labels(entries: Sequence[tuple[tuple[Any, ...], Tensor]], leading: Collection[int],
            inputs: Sequence[Variable]) -> list[str]:
    """A label of its own for each output; one that others are gradients of is called f."""
    taken = {str(v.name) for v in inputs}
    labels: list[str] = []
    for k, (path, t) in enumerate(entries):
        keys = [key for key in path if isinstance(key, str)]
        plain = "f" if k in leading else f"out{k}"
        wish = t.name if t.name and not isinstance(t, Variable) else ".".join(keys) or plain
        if wish in taken:
            wish = f"out{k}.{wish}"
        taken.add(wish)
        labels.append(wish)
    return labels
