"""A program while it is written: operands to pick from, and tests that every line must pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

from symdl.evidence.domains import DOMAINS
from symdl.kernels.oracle import oracle
from symdl.language.form import Form
from symdl.language.scalars import Interval
from symdl.language.tensor import Tensor, topological
from tests.fuzz.kinks import distance
from tests.fuzz.program import Array, Input, Line, dims, evaluated, namespace

LARGEST, ENTRIES, AXES, AWAY = 30.0, 40, 4, 1e-2
FACTS, SQUARE = ("positive", "unit_interval"), ("symmetric", "lower_triangular", "orthogonal")
SIZES, WEIGHTS = (0, 1, 2, 3, 4), (6, 20, 36, 28, 10)


class Broken(Exception):
    """The last line couldn't be evaluated, which is a failure of the language or the oracle."""


class Unfit(Exception):
    """A construct can't be shown with the sizes at hand."""


class Draft:
    """Inputs and lines so far, with their tensors and their values at the point."""

    def __init__(self, seed: int):
        self.rng = Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.sizes = {name: self.rng.choices(SIZES, WEIGHTS)[0] for name in ("n", "m", "k")}
        self.inputs: list[Input] = []
        self.lines: list[Line] = []
        self.scope: dict[str, Any] = namespace(self.sizes)
        self.numeric: dict[str, Array] = {}
        self.checked: set[Tensor] = set()

    # ---- picking operands

    def one_in(self, n: int) -> bool:
        """True once in n times."""
        return self.rng.randrange(n) == 0

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of the choices."""
        return self.rng.choice(choices)

    def shape(self, name: str) -> list[str]:
        """The symbolic shape as text."""
        return [str(f) for f in self.scope[name].shape]

    def value(self, size: str) -> int:
        """A size's value."""
        return Form.of(evaluated(size, self.scope)).value(dims(self.sizes))

    def entries(self, shape: Sequence[str]) -> int:
        """The number of entries of a shape."""
        return int(np.prod([self.value(s) for s in shape]))

    def size(self) -> str:
        """A size: mostly a symbol."""
        return self.rng.choices(
            [self.pick(list(self.sizes)), self.pick(["n + 1", "2*n + 1", "m + k"]),
             str(self.rng.randint(1, 3))], (8, 1, 2))[0]

    def sizes_of(self, ndim: int) -> list[str]:
        """A shape."""
        return [self.size() for _ in range(ndim)]

    def fresh(self, names: str) -> str:
        """An unused name."""
        count = len(self.inputs) + len(self.lines)
        return f"{names}{count}"

    def input(self, shape: Sequence[str], fact: str = "") -> str:
        """A new real input, of which a fact is known now and then."""
        shape = [str(s) for s in shape]
        if not fact and self.one_in(8):
            square = len(shape) == 2 and shape[0] == shape[1]
            fact = self.pick([*FACTS, *(SQUARE if square else ())])
        value = np.round(self.drawn([self.value(s) for s in shape], fact), 3)
        facts = (fact,) if fact else ()
        return self._enter(Input(self.fresh("x"), tuple(shape), value, facts))

    def drawn(self, shape: Sequence[int], fact: str = "") -> Array:
        """Entries for a real input."""
        if fact and 0 not in shape:
            return DOMAINS[fact].draw(tuple(shape), self.numbers)
        sign = self.numbers.choice((-1.0, 1.0), size=tuple(shape))
        return sign * self.numbers.uniform(0.05, 1.5, tuple(shape))

    def labels(self, shape: Sequence[str], below: str) -> str:
        """A new integer input whose entries index an axis of size `below`."""
        shape, n = [str(s) for s in shape], self.value(below)
        if n < 1 and self.entries(shape):
            raise Unfit
        drawn = self.numbers.integers(0, max(n, 1), [self.value(s) for s in shape])
        return self._enter(Input(self.fresh("y"), tuple(shape), drawn, ("integer",), below))

    def _enter(self, new: Input) -> str:
        self.inputs.append(new)
        self.scope[new.name] = evaluated(new.text, self.scope)
        self.numeric[new.name] = new.value
        return new.name

    def found(self, ndim: int | None, fits: Callable[[str], bool], least: int = 0) -> str | None:
        """A real tensor that is there already, one that is late or unread more likely."""
        names = [x.name for x in (*self.inputs, *self.lines)
                 if x.name in self.numeric and self.scope[x.name].dtype == "real"]
        found = [x for x in names if self.scope[x].ndim >= least
                 and ndim in (None, self.scope[x].ndim) and fits(x)]
        used = frozenset[str]().union(*(line.uses for line in self.lines))
        weights = [(1 + k) * (1 if x in used else 4) for k, x in enumerate(found)]
        return self.rng.choices(found, weights)[0] if found else None

    def real(self, ndim: int | None = None, least: int = 0,
             fits: Callable[[str], bool] = lambda _: True) -> str:
        """A real tensor, often one that is there already."""
        if not self.one_in(4) and (name := self.found(ndim, fits, least)):
            return name
        rank = max(least, self.rng.choice((0, 1, 1, 2, 2, 2, 3))) if ndim is None else ndim
        for _ in range(40):
            shape = self.sizes_of(rank)
            if self.entries(shape) <= ENTRIES and fits(name := self.input(shape)):
                return name
        return self.input(["1"] * rank)

    def like(self, shape: Sequence[str]) -> str:
        """A real tensor of this shape."""
        wanted = list(map(str, shape))
        name = None if self.one_in(3) else self.found(
            len(wanted), lambda x: self.shape(x) == wanted)
        return name or self.input(wanted)

    def square(self, rank: int = 2) -> str:
        """A real square matrix or a batch of them."""
        name = None if self.one_in(3) else self.found(
            rank, lambda x: self.shape(x)[-1] == self.shape(x)[-2])
        n = self.pick(list(self.sizes))
        return name or self.input([*(self.size() for _ in range(rank - 2)), n, n])

    def within(self, x: str, domain: Interval) -> str:
        """An expression of x with its values well inside an interval."""
        a = self.numeric[x]
        if np.all((a - 0.1 > domain.lo) & (a + 0.1 < domain.hi)):
            return x
        if domain.hi == np.inf:
            low = str(round(domain.lo + 0.3, 3))
            return self.pick([f"({x}**2 + {low})", f"(sd.softplus({x}) + {low})"])
        if domain.lo == 0:
            return f"(0.1 + 0.8*sd.sigmoid({x}))"
        return self.pick([f"(0.8*sd.tanh({x}))", f"(0.8*sd.sin({x}))"])

    # ---- adding lines

    def add(self, text: str, *tags: str) -> str | None:
        """Add a line, unless its value is large, near a kink, or not a number."""
        name = self.fresh("t")
        line = Line(name, text, tags)
        try:
            tensor = evaluated(text, self.scope)
        except Exception as error:  # the constructs write nothing that may be refused
            self.lines.append(line)
            raise Broken(repr(error)) from error
        shape = [f.value(dims(self.sizes)) for f in tensor.shape]
        if min(shape, default=0) < 0 or np.prod(shape) > ENTRIES or len(shape) > AXES:
            return None
        if not self._sound(line, tensor):
            return None
        self.lines.append(line)
        self.scope[name] = tensor
        return name

    def _sound(self, line: Line, tensor: Tensor) -> bool:
        values = {x.name: x.value for x in self.inputs}
        try:
            array = np.asarray(oracle([tensor], values, **self.sizes)[0], float)
            new = [t for t in topological([tensor]) if t not in self.checked]
            near = distance(new, values, self.sizes) if np.all(np.isfinite(array)) else 0.0
        except Exception as error:
            self.lines.append(line)
            raise Broken(repr(error)) from error
        if near < AWAY or np.abs(array).max(initial=0.0) > LARGEST:
            return False
        self.checked.update(new)
        self.numeric[line.name] = array
        return True
