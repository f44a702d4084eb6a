"""Integer forms: polynomials in sizes and indices, the arithmetic of shapes and addresses.

A form is a sum of integer coefficients times products of *atoms*. An atom is a size
(`Dim`), an index by position inside its equation (`Idx`), a user's index (`Free`), an
entry of an integer tensor (`Read`), or a floor division, remainder or minimum of two forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, Union
from weakref import WeakValueDictionary

from symdl.language.late import late

if TYPE_CHECKING:
    from symdl.language.guard import Condition
    from symdl.language.tensor import Tensor

Intlike = Union["Form", int]
Monomial = tuple["Atom", ...]

_serial = count()
_atoms: WeakValueDictionary[tuple[object, ...], Atom] = WeakValueDictionary()
_lock = Lock()  # kernels are lowered in threads of their own


class Atom:
    """One indivisible factor of a form; equal atoms are one object."""

    __slots__ = ("__weakref__", "parts", "uid")
    parts: tuple[object, ...]
    uid: int

    def __new__(cls, *parts: object) -> Self:
        """Return the one atom with these parts."""
        key = (cls, *parts)
        known = _atoms.get(key)
        if known is not None:
            return known  # type: ignore[return-value]
        new = object.__new__(cls)
        new.parts, new.uid = parts, next(_serial)
        with _lock:
            return _atoms.setdefault(key, new)  # type: ignore[return-value]

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), self.parts)

    @property
    def inner(self) -> tuple[Form, ...]:
        """The forms nested in this atom."""
        return ()

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return (type(self).__name__, *self.parts)


class Dim(Atom):
    """A named symbolic size, a nonnegative integer."""

    def __str__(self) -> str:
        return str(self.parts[0])


class Idx(Atom):
    """An index of an equation, by position: first its axes, then its bound indices."""

    @property
    def position(self) -> int:
        """The number of the range."""
        return self.parts[0]  # type: ignore[return-value]

    def __str__(self) -> str:
        return f"i{self.parts[0]}"


class Free(Atom):
    """An index that a user holds in hand: its name, a serial number, its range if stated."""

    @property
    def size(self) -> Form | None:
        """The stated range."""
        return self.parts[2]  # type: ignore[return-value]

    @property
    def key(self) -> tuple[object, ...]:
        """Which index it is, whatever is known of its range."""
        return self.parts[:2]

    @property
    def serial(self) -> int:
        """A number that grows with every index that is made."""
        return self.parts[1]  # type: ignore[return-value]

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process that makes the same indices."""
        return ("Free", *self.key, None if self.size is None else self.size.token)

    def __str__(self) -> str:
        return str(self.parts[0])


class Read(Atom):
    """An entry of an integer tensor: `Read(tensor, index)`."""

    @property
    def tensor(self) -> Tensor:
        """What is read."""
        return self.parts[0]  # type: ignore[return-value]

    @property
    def inner(self) -> tuple[Form, ...]:
        """The indices."""
        return self.parts[1]  # type: ignore[return-value]

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return ("Read", self.tensor.digest, *(f.token for f in self.inner))

    def __str__(self) -> str:
        return f"{self.tensor.said}[{', '.join(map(str, self.inner))}]"


class Operation(Atom):
    """What two forms give together: a quotient, a remainder, the least of them."""

    sign = ""

    @property
    def inner(self) -> tuple[Form, ...]:
        """The two forms."""
        return self.parts  # type: ignore[return-value]

    @property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return (type(self).__name__, *(f.token for f in self.inner))

    def __str__(self) -> str:
        return self.sign.join(str(p) if p.atom is not None or p.constant is not None else f"({p})"
                              for p in self.inner)


class Quotient(Operation):
    """`a // b`, rounded down."""

    sign = "//"


class Remainder(Operation):
    """`a % b`, of the sign of b."""

    sign = " % "


class Least(Operation):
    """`min(a, b)`."""

    def __str__(self) -> str:
        return f"min({', '.join(map(str, self.inner))})"


class Form:
    """An integer polynomial over atoms; sizes and index expressions are forms."""

    __slots__ = ("__dict__", "_hash", "terms")
    terms: tuple[tuple[Monomial, int], ...]
    __array_ufunc__ = None

    def __init__(self, terms: Iterable[tuple[Monomial, int]]):
        self.terms = tuple(terms)
        self._hash = hash(self.terms)

    @staticmethod
    def collect(terms: Iterable[tuple[Monomial, int]]) -> Form:
        """The sum of the terms, like ones gathered."""
        total: dict[Monomial, int] = {}
        for monomial, c in terms:
            total[monomial] = total.get(monomial, 0) + c
        kept = [(m, c) for m, c in total.items() if c]
        kept.sort(key=_order)
        return Form(kept)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return self.constant == other
        return isinstance(other, Form) and self.terms == other.terms

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (self.terms,))

    @property
    def constant(self) -> int | None:
        """The value, where this form is a plain number."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def atom(self) -> Atom | None:
        """The atom, where this form is just one."""
        if len(self.terms) == 1 and len(self.terms[0][0]) == 1 and self.terms[0][1] == 1:
            return self.terms[0][0][0]
        return None

    @cached_property
    def atoms(self) -> frozenset[Atom]:
        """The atoms at the top level."""
        return frozenset(a for m, _ in self.terms for a in m)

    @cached_property
    def all_atoms(self) -> frozenset[Atom]:
        """The atoms at every level, those inside reads and divisions included."""
        nested = (g.all_atoms for a in self.atoms for g in a.inner)
        return self.atoms.union(*nested)

    @cached_property
    def indices(self) -> frozenset[int]:
        """Positions of the indices that occur at any level."""
        return frozenset(a.position for a in self.all_atoms if isinstance(a, Idx))

    @cached_property
    def free(self) -> frozenset[Free]:
        """The user's indices that occur at any level."""
        return frozenset(a for a in self.all_atoms if isinstance(a, Free))

    @cached_property
    def token(self) -> tuple[object, ...]:
        """A description that is the same in every process."""
        return tuple(sorted(((tuple(sorted((a.token for a in m), key=repr)), c)
                             for m, c in self.terms), key=repr))

    def split(self, atom: Atom) -> tuple[Form, Form] | None:
        """Write the form as `c * atom + rest`; None where it is not linear in the atom.

        Neither part may hold the atom at any level, and c may hold no index.
        """
        inside: list[tuple[Monomial, int]] = []
        outside: list[tuple[Monomial, int]] = []
        for m, c in self.terms:
            if atom in m:
                rest = list(m)
                rest.remove(atom)
                inside.append((tuple(rest), c))
            else:
                outside.append((m, c))
        coefficient, remainder = Form(inside), Form(outside)
        if atom in remainder.all_atoms or coefficient.indices or coefficient.free:
            return None
        return coefficient, remainder

    def substitute(self, values: Mapping[Atom, Form]) -> Form:
        """Replace atoms, at every level."""
        if not values or self.all_atoms.isdisjoint(values):
            return self
        total = ZERO
        for m, c in self.terms:
            term = Form.of(c)
            for a in m:
                term = term * _replace(a, values)
            total = total + term
        return total

    def rebuild(self, replace: Callable[[Read], Form | None]) -> Form:
        """Replace reads of integer tensors, at every level."""
        found: dict[Atom, Form] = {}
        for a in self.all_atoms:
            if isinstance(a, Read):
                new = replace(a)
                if new is not None:
                    found[a] = new
        return self.substitute(found)

    def value(self, env: Mapping[Atom, int], read: Callable[[Read], int] | None = None) -> int:
        """The number this form stands for, given its atoms' values."""
        total = 0
        for m, c in self.terms:
            for a in m:
                c *= _value(a, env, read)
            total += c
        return total

    @staticmethod
    def of(x: Intlike | Atom) -> Form:
        """A form from a form, an integer or a SymPy expression in integer symbols."""
        if isinstance(x, Form):
            return x
        if isinstance(x, Atom):
            return Form((((x,), 1),))
        try:
            n = x.__index__()
        except AttributeError:
            converted: Form = late("symdl.language.bridge.sizes:form_from_sympy")(x)
            return converted
        return _small[n] if 0 <= n < len(_small) else Form((((), n),)) if n else ZERO

    def __add__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return _real("add", self, other)
        other = Form.of(other)
        if not other.terms:
            return self
        if not self.terms:
            return other
        return Form.collect((*self.terms, *other.terms))

    def __mul__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return _real("multiply", self, other)
        other = Form.of(other)
        if len(other.terms) == 1 and not other.terms[0][0]:
            k = other.terms[0][1]
            return self if k == 1 else Form((m, c * k) for m, c in self.terms)
        return Form.collect(
            (tuple(sorted(m + o, key=_uid)), c * d) for m, c in self.terms for o, d in other.terms
        )

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Form:
        return Form((m, -c) for m, c in self.terms)

    def __pos__(self) -> Form:
        return self

    def __sub__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return _real("subtract", self, other)
        return self + -Form.of(other)

    def __rsub__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return _real("subtract", other, self)
        return Form.of(other) + -self

    def __pow__(self, n: int) -> Form:
        if not isinstance(n, int) or n < 0:
            return late("symdl.language.operators:power")(self, n)  # type: ignore[no-any-return]
        out = ONE
        for _ in range(n):
            out = out * self
        return out

    def __floordiv__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return NotImplemented
        return quotient(self, Form.of(other))

    def __mod__(self, other: Intlike) -> Form:
        if not isinstance(other, (Form, int)):
            return NotImplemented
        return remainder(self, Form.of(other))

    def __rfloordiv__(self, other: int) -> Form:
        return quotient(Form.of(other), self)

    def __rmod__(self, other: int) -> Form:
        return remainder(Form.of(other), self)

    def __truediv__(self, other: object) -> Tensor:
        return late("symdl.language.operators:divide")(self, other)  # type: ignore[no-any-return]

    def __rtruediv__(self, other: object) -> Tensor:
        return late("symdl.language.operators:divide")(other, self)  # type: ignore[no-any-return]

    def __ge__(self, other: Intlike) -> Condition:
        if isinstance(other, late("symdl.language.tensor:Tensor")):
            return NotImplemented
        return late("symdl.language.guard:at_least")(self, other)  # type: ignore[no-any-return]

    def __le__(self, other: Intlike) -> Condition:
        if isinstance(other, late("symdl.language.tensor:Tensor")):
            return NotImplemented
        return late("symdl.language.guard:at_least")(other, self)  # type: ignore[no-any-return]

    def __gt__(self, other: Intlike) -> Condition:
        if isinstance(other, late("symdl.language.tensor:Tensor")):
            return NotImplemented
        return late("symdl.language.guard:at_least")(self - 1, other)  # type: ignore[no-any-return]

    def __lt__(self, other: Intlike) -> Condition:
        if isinstance(other, late("symdl.language.tensor:Tensor")):
            return NotImplemented
        return late("symdl.language.guard:at_least")(other - 1, self)  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        n = self.constant
        if n is None:
            raise TypeError(f"the size {self} is symbolic and has no truth value")
        return bool(n)

    def __int__(self) -> int:
        n = self.constant
        if n is None:
            raise TypeError(f"the size {self} is symbolic, not a number")
        return n

    def __iter__(self) -> Iterator[Form]:
        raise TypeError(f"{self} is a single size or index; give several names to get several")

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        text = ""
        positive_first = sorted(self.terms, key=lambda t: (t[1] < 0, not t[0]))
        for m, c in positive_first:
            factors = [f"({a})" if isinstance(a, (Quotient, Remainder)) else str(a) for a in m]
            if abs(c) != 1 or not m:
                factors.insert(0, str(abs(c)))
            term = "*".join(factors)
            text += (f" + {term}" if c > 0 else f" - {term}") if text else (
                term if c > 0 else f"-{term}")
        return text

    __repr__ = __str__


def _real(operation: str, a: object, b: object) -> Any:
    """Arithmetic of a size or index with a number that is no integer gives a tensor."""
    if all(isinstance(x, (Form, Real)) for x in (a, b)):
        return late(f"symdl.language.operators:{operation}")(a, b)
    return NotImplemented


def fresh() -> int:
    """A number that no other index has."""
    return next(_serial)


def _uid(a: Atom) -> int:
    return a.uid


def _order(term: tuple[Monomial, int]) -> tuple[int, tuple[int, ...]]:
    return len(term[0]), tuple(a.uid for a in term[0])


def _rebuild(terms: tuple[tuple[Monomial, int], ...]) -> Form:
    return Form.collect((tuple(sorted(m, key=_uid)), c) for m, c in terms)


ZERO = Form(())
_small = [ZERO, *(Form((((), k),)) for k in range(1, 64))]
ONE = _small[1]


def quotient(a: Form, b: Form) -> Form:
    """`a // b` for b ≥ 1, exact multiples of b taken out."""
    whole, rest = _divide(a, b)
    if not rest.terms or (rest.constant is not None and 0 <= rest.constant < (b.constant or 0)):
        return whole
    if rest.constant == -1:
        return whole - 1
    return whole + Form.of(Quotient(rest, b))


def remainder(a: Form, b: Form) -> Form:
    """`a % b` for b ≥ 1, exact multiples of b dropped."""
    _, rest = _divide(a, b)
    if not rest.terms or (rest.constant is not None and 0 <= rest.constant < (b.constant or 0)):
        return rest
    if rest.constant == -1:
        return b - 1
    return Form.of(Remainder(rest, b))


def least(a: Form, b: Form) -> Form:
    """`min(a, b)`; one of them where they differ by a number."""
    apart = (a - b).constant
    if apart is not None:
        return b if apart > 0 else a
    return Form.of(Least(*sorted((a, b), key=lambda f: repr(f.token))))


def _divide(a: Form, b: Form) -> tuple[Form, Form]:
    """`a = whole*b + rest`, term by term."""
    if b.constant == 0:
        raise ZeroDivisionError(f"{a} is divided by a size that is 0")
    if b.constant is not None:
        n = b.constant
        parts = [(m, divmod(c, n) if not m else (int(c / n), c - n * int(c / n)))
                 for m, c in a.terms]
        return (Form.collect((m, q) for m, (q, _) in parts),
                Form.collect((m, r) for m, (_, r) in parts))
    if len(b.terms) > 1:
        whole = _exact(a, b)
        return (ZERO, a) if whole is None else (whole, ZERO)
    (divisor, n), quotients, rest = b.terms[0], [], []
    for m, c in a.terms:
        left = _without(m, divisor)
        if left is None:
            rest.append((m, c))
            continue
        quotients.append((left, c // n))
        rest.append((m, c % n))
    return Form.collect(quotients), Form.collect(rest)


def _exact(a: Form, b: Form) -> Form | None:
    """The form q with `a = q*b`, by long division in graded lexicographic order; None if none."""
    atoms = sorted({x for f in (a, b) for m, _ in f.terms for x in m}, key=lambda x: repr(x.token))

    def leading(f: Form) -> tuple[Monomial, int]:
        return max(f.terms, key=lambda t: (len(t[0]), [t[0].count(x) for x in atoms]))

    whole, (divisor, n) = ZERO, leading(b)
    while a.terms:
        monomial, c = leading(a)
        left = _without(monomial, divisor)
        if left is None or c % n:
            return None
        step = Form.collect([(left, c // n)])
        whole, a = whole + step, a - step * b
    return whole


def _without(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """The monomial divided by another one, None where that leaves a fraction."""
    left = list(monomial)
    for atom in divisor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def _replace(a: Atom, values: Mapping[Atom, Form]) -> Form:
    if a in values:
        return values[a]
    if not a.inner:
        return Form.of(a)
    inner = tuple(f.substitute(values) for f in a.inner)
    if isinstance(a, Read):
        return Form.of(Read(a.tensor, inner))
    return (quotient if isinstance(a, Quotient) else least if isinstance(a, Least) else remainder)(
        *inner)


def _value(a: Atom, env: Mapping[Atom, int], read: Callable[[Read], int] | None) -> int:
    if isinstance(a, Read):
        assert read is not None
        return read(a)
    if isinstance(a, Operation):
        x, y = (f.value(env, read) for f in a.inner)
        if isinstance(a, Least):
            return min(x, y)
        return x // y if isinstance(a, Quotient) else x % y
    return env[a]
