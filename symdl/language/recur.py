"""Recurrences over a symbolic length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from symdl.language.bind import lifted
from symdl.language.body import slot
from symdl.language.elementwise import as_tensor
from symdl.language.errors import ShapeError, SymdlError, shape_text
from symdl.language.form import ONE, Atom, Form, Free, Idx, Intlike, fresh
from symdl.language.guard import Guard
from symdl.language.owners import Recurrence, closed
from symdl.language.rebuild import replaced
from symdl.language.scheme import Access, Leaf, Scheme
from symdl.language.shaping import at
from symdl.language.tensor import Equation, Part, Slot, Tensor, topological, transform


def recur(names: str | Sequence[str], length: Intlike, init: Any, step: Callable[..., Any],
          lags: int = 1) -> Any:
    """Run a step over time: state[t] = step(t, state[t-1]).

    Parameters
    ----------
    names : str or tuple of str
        The names of the states.
    length : Form or int
        The number of steps T; 0 is allowed.
    init : Tensor or tuple
        The state before the first step, one for each name; with `lags` > 1 a tuple of as
        many values for each, the latest first.
    step : callable
        Takes the time index t and the previous states (with `lags` > 1 each as a tuple,
        latest first) and returns the new states. Inputs are read as ``A[t]``.
    lags : int
        How many earlier states a step sees.

    Returns
    -------
    Tensor or tuple of Tensor
        For each name all T steps, time first, without the initial state; `final` gives the
        last one.

    Raises
    ------
    ShapeError
        If a step's result differs in shape from the initial state.
    """
    single = isinstance(names, str)
    labels = [names] if isinstance(names, str) else list(names)
    given = [init] if single else list(init)
    if len(given) != len(labels):
        raise SymdlError(f"recur: {len(labels)} states {', '.join(labels)} but {len(given)} "
                         "initial values")
    starts = [[as_tensor(x) for x in (g if lags > 1 else (g,))] for g in given]
    if any(len(s) != lags for s in starts):
        raise SymdlError(f"recur: with lags={lags} give {lags} initial values a state")
    size = Form.of(length)
    time = Free("t", fresh(), size)
    pasts = [[Slot.make((fresh(), f"previous_{label}"), (size, *s.shape)) for s in start]
             for label, start in zip(labels, starts, strict=True)]
    states = [[_at_time(p, time) for p in ps] for ps in pasts]
    result = step(Form.of(time), *(tuple(s) if lags > 1 else s[0] for s in states))
    several = isinstance(result, (tuple, list))
    results = [as_tensor(r) for r in (result if several and not single else [result])]
    _check(labels, starts, results)
    _require_flat(labels, results)
    outputs = _block(labels, size, time, starts, pasts, results)
    return outputs[0] if single else tuple(outputs)


def _check(labels: list[str], starts: list[list[Tensor]], results: list[Tensor]) -> None:
    if len(results) != len(labels):
        raise SymdlError(f"recur: the step returns {len(results)} values for the {len(labels)} "
                         f"states {', '.join(labels)}")
    for label, start, result in zip(labels, starts, results, strict=True):
        for s in start:
            if s.shape != result.shape:
                raise ShapeError(f"recur: {label} starts with shape {shape_text(s.shape)} but a "
                                 f"step gives {shape_text(result.shape)}")


def _require_flat(labels: list[str], results: list[Tensor]) -> None:
    """Refuse a recurrence whose own steps run over time: blocks don't nest."""
    for x in topological(results):
        inner = x.owner if isinstance(x, Part) else None
        if isinstance(inner, Recurrence) and any(isinstance(o, Slot) for o in topological([x])):
            raise SymdlError(
                f"recur: a step of {', '.join(labels)} runs a recurrence of its own, {x.said}, "
                "from its state; write both loops as one over the product of their lengths")


def _at_time(x: Tensor, time: Free) -> Tensor:
    """The entry `x[t]` of a tensor with time in front."""
    index = (Form.of(time), *(at(k) for k in range(x.ndim - 1)))
    return _view(x, x.shape[1:], index)


def _view(x: Tensor, shape: tuple[Form, ...], index: Sequence[Form], name: str | None = None,
          ) -> Tensor:
    return Equation.make(Scheme(shape, len(shape), "none", (), slot(0),
                                (Access(x, tuple(index)),)), x.dtype, name)


def _block(labels: list[str], size: Form, time: Free, starts: list[list[Tensor]],
           pasts: list[list[Slot]], results: list[Tensor]) -> list[Tensor]:
    """Give the step a leading time axis; what then depends on a past state is a member."""
    new = lifted(results, {time: size})
    names: dict[Tensor, str] = {}
    outputs: list[Tensor] = []
    for label, result in zip(labels, results, strict=True):
        whole = new[result]
        if time not in result.free:
            whole = _view(whole, (size, *whole.shape), [at(k + 1) for k in range(whole.ndim)])
        if isinstance(whole, Equation) and whole.name is None and whole not in names:
            names[whole] = label
        else:
            whole = _view(whole, whole.shape, [at(k) for k in range(whole.ndim)], label)
        outputs.append(whole)

    def rename(x: Tensor, so_far: Mapping[Tensor, Tensor]) -> Tensor:
        moved = replaced(x, so_far)
        return moved.renamed(names[x]) if x in names and isinstance(moved, Equation) else moved

    states = transform(outputs, rename)
    final = [states[o] for o in outputs]
    entries: list[tuple[Tensor, Tensor, int]] = [
        (past, _previous(final[k], starts[k], lag), 0)
        for k, ps in enumerate(pasts) for lag, past in enumerate(ps, start=1)
    ]
    inside: set[Tensor] = {p for ps in pasts for p in ps}
    for x in topological(final):
        if x not in inside and any(o in inside for o in x.operands):
            inside.add(x)
            entries.append((x, x, 0))
    block = closed(size, False, entries)
    place = {placeholder: k for k, (placeholder, _, _) in enumerate(entries)}
    return [Part.make(block, place[o]) if o in place else o
            for o, label in zip(final, labels, strict=True)]


def _previous(state: Tensor, start: list[Tensor], lag: int) -> Tensor:
    """`state[t-lag]`, and the initial values before the first steps."""
    rest = tuple(at(k) for k in range(1, state.ndim))
    t = at(0)
    leaves: list[Leaf] = [Access(state, (t - lag, *rest), (Guard(t - lag, ">="),))]
    for m in range(lag):
        leaves.append(Access(start[m], tuple(rest), (Guard(t - (lag - 1 - m), "=="),)))
    body = sympy.Add(*(slot(k) for k in range(len(leaves))))
    return Equation.make(Scheme(state.shape, state.ndim, "none", (), body, tuple(leaves)))


def final(state: Tensor) -> Tensor:
    """The last state of a recurrence; the initial one where there are no steps.

    Raises
    ------
    SymdlError
        If the tensor isn't a state of `recur`.
    """
    found = _initial(state) if isinstance(state, Part) else None
    if found is None:
        raise SymdlError(f"{state.said} is not a state of a recurrence")
    start, time = found
    length = state.shape[time]
    shape = (*state.shape[:time], *state.shape[time + 1:])
    rest = [at(k) for k in range(len(shape))]
    closer: dict[Atom, Form] = {Idx(k): at(k - 1) for k in range(time + 1, state.ndim)}
    last = Access(state, (*rest[:time], length - 1, *rest[time:]), (Guard(length - ONE, ">="),))
    begin = Access(start.tensor, tuple(f.substitute(closer) for f in start.index),
                   (Guard(length, "=="),))
    return Equation.make(Scheme(shape, len(shape), "none", (), slot(0) + slot(1), (last, begin)))


def _initial(state: Part) -> tuple[Access, int] | None:
    """The initial value that the past of a state begins with, and the time axis."""
    if not isinstance(state.owner, Recurrence):
        return None
    for m in state.owner.members:
        leaves = m.tensor.scheme.leaves if isinstance(m.tensor, Equation) else ()
        accesses = [x for x in leaves if isinstance(x, Access)]
        past = [x for x in accesses if isinstance(x.tensor, Slot)
                and x.tensor.number == ("member", state.number)]
        begin = [x for x in accesses if x not in past]
        if past and begin and past[0].index[m.time] == at(m.time) - 1:
            return next(x for x in begin if Guard(at(m.time), "==") in x.mask), m.time
    return None
