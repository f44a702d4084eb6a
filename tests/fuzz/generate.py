"""The program of a seed."""

from __future__ import annotations

from random import Random

from symdl.language.owners import Recurrence
from symdl.language.tensor import Equation, Part
from tests.fuzz.constructs import CONSTRUCTS
from tests.fuzz.draft import Broken, Draft, Unfit
from tests.fuzz.program import Program

FEATURED, TRIES = 4, 6


def program(seed: int, small: bool = False) -> Program:
    """The program of a seed: featured constructs, some others, and a loss of all that is left.

    A small program shows two featured constructs less and no others.
    """
    d = Draft(seed)
    try:
        for name in _featured(seed)[2 * small:]:
            _write(d, name)
        for _ in range(0 if small else d.pick((0, 0, 1))):
            _write(d, d.pick(list(CONSTRUCTS)))
        loss = _loss(d)
        if d.one_in(8) and not small:
            loss = _second(d, loss)
    except Broken:
        last = d.lines[-1]
        return Program(d.sizes, tuple(d.inputs), tuple(d.lines), (), last.name, seed).used()
    whole = Program(d.sizes, tuple(d.inputs), tuple(d.lines), (), loss, seed).used()
    return _with_variables(d, whole)


def _featured(seed: int) -> list[str]:
    """The constructs that this seed must show: consecutive seeds go through all of them."""
    names = list(CONSTRUCTS)
    hands = -(-len(names) // FEATURED)
    Random(seed // hands).shuffle(names)
    return names[seed % hands::hands]


def _write(d: Draft, name: str) -> str | None:
    """Write a line with the construct, trying again where the line isn't sound."""
    for _ in range(TRIES):
        try:
            text = d.pick(CONSTRUCTS[name])(d)
        except Unfit:
            continue
        if text is not None and (found := d.add(text, name)) is not None:
            return found
    return None


def _loss(d: Draft) -> str:
    """A scalar of every line that no other line reads."""
    for _ in range(40):
        used = frozenset[str]().union(*(line.uses for line in d.lines))
        open_ends = [x.name for x in d.lines if x.name not in used
                     and d.scope[x.name].dtype == "real"] or [d.real()]
        text = " + ".join(_scalar(d, x) for x in open_ends)
        if (loss := d.add(text)) is not None:
            return loss
    raise AssertionError("no loss was found")


def _scalar(d: Draft, x: str) -> str:
    """A random reduction of a tensor to a number."""
    if not d.scope[x].ndim:
        return d.pick([x, f"{x}**2", f"sd.sin({x})"])
    shape = d.shape(x)
    weighted = f"sd.sum({x} * {d.input(shape)})"
    choices = [weighted, weighted, f"sd.sum({x}**2)", f"sd.sum(sd.sin({x}))", f"0.5*sd.sum({x})",
               f"-sd.sum({x})", f"sd.log(1 + sd.sum({x}**2))"]
    if d.entries(shape):
        choices += [f"sd.mean({x})", f"sd.mean({x}**2)", f"sd.max({x})"]
    return d.pick(choices)


def _second(d: Draft, loss: str) -> str:
    """A random projection of the gradient, to be differentiated again."""
    reals = [x.name for x in d.inputs if x.real and any(x.name in line.uses for line in d.lines)]
    if not reals:
        return loss
    x = d.pick(reals)
    g = d.add(f"sd.grad({loss}, {x})", "second_derivative")
    return (g and d.add(_scalar(d, g))) or loss


def _with_variables(d: Draft, whole: Program) -> Program:
    """What to differentiate by: every real input, and some intermediates."""
    inputs = [x.name for x in whole.inputs if x.real]
    known = [d.scope[x.name] for x in (*whole.inputs, *whole.lines)]
    between = [x.name for x in whole.lines if x.name != whole.loss
               and known.count(d.scope[x.name]) == 1 and _can_be_probed(d, x.name, x.text)]
    chosen = d.rng.sample(between, min(len(between), d.pick((0, 1, 2))))
    tags = [*(f"size_{n}" for n in (0, 1) if n in whole.sizes.values()),
            *(["intermediate"] if chosen else []),
            *(["size_expression"] if any(set("+*/") & set(s) for x in whole.inputs
                                         for s in x.shape) else [])]
    return Program(whole.sizes, whole.inputs, whole.lines, (*inputs, *chosen), whole.loss,
                   whole.seed, tuple(tags))


def _can_be_probed(d: Draft, name: str, text: str) -> bool:
    t = d.scope[name]
    if t.dtype != "real" or text.startswith("sd.stop_gradient"):
        return False
    if isinstance(t, Part) and isinstance(t.owner, Recurrence):
        return "PROBE(" in text
    return isinstance(t, (Equation, Part))
