"""Tensors: the nodes of a program and, at once, the expressions a user computes with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np
import sympy

from symdl.language.body import tree
from symdl.language.canonical import canonical
from symdl.language.form import Form, Free, Idx, Intlike
from symdl.language.late import late
from symdl.language.scheme import Access, Scheme, tidied
from symdl.language.spec import check_scheme

if TYPE_CHECKING:
    from symdl.language.owners import Application, Recurrence

_tensors: WeakValueDictionary[bytes, Tensor] = WeakValueDictionary()
_lock = Lock()  # kernels are lowered in threads of their own
Shape = tuple[Form, ...]
LONGEST = 72
"""How many characters of an expression a message shows."""
NEUTRAL: dict[str, sympy.Expr] = {
    "none": sympy.S.Zero, "sum": sympy.S.Zero, "prod": sympy.S.One,
    "max": sympy.S.NegativeInfinity, "min": sympy.S.Infinity,
    "argmax": sympy.S.Zero, "argmin": sympy.S.Zero,
}


class Tensor:
    """A tensor expression with a symbolic shape; equal expressions are one object.

    Attributes
    ----------
    shape : tuple of Form
        Sizes, one an axis.
    dtype : {"real", "int", "bool"}
        What the entries are.
    name : str or None
        The name it was given.
    operands : tuple of Tensor
        The tensors it reads directly.
    """

    __slots__ = ("__weakref__", "digest", "dtype", "free", "name", "operands", "shape")
    __array_ufunc__ = None
    shape: Shape
    dtype: str
    name: str | None
    digest: bytes
    operands: tuple[Tensor, ...]
    free: frozenset[Free]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a tensor is frozen: {name} can't be set")

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def label(self) -> str:
        """The name, or a short stand-in."""
        return self.name or f"_{self.digest.hex()[:4]}"

    @property
    def said(self) -> str:
        """What messages call the tensor: its name, or the expression, cut where it is long."""
        text = self.name or " ".join(repr(self).split())
        return text if len(text) <= LONGEST else f"{text[:LONGEST - 4]} ..."

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Tensor) and self.digest == other.digest)

    def __bool__(self) -> bool:
        raise TypeError(
            "a tensor expression has no truth value; `==` compares structure, "
            "sd.eq, sd.less, ... compare entries, and sd.where chooses between them"
        )

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.said} is an expression, not an array: sd.evaluate gives its "
                        "numbers, sd.compile a kernel")

    def __array_function__(self, function: Any, *args: Any) -> NoReturn:
        raise TypeError(f"numpy.{function.__name__} takes arrays, not expressions: "
                        f"use sd.{function.__name__}")

    def __len__(self) -> int:
        raise TypeError("a tensor's sizes are symbols; its length is .shape[0]")

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim and (n := self.shape[0].constant) is not None:
            return (self[k] for k in range(n))
        raise TypeError("a tensor over a symbolic size can't be iterated; index it with sd.indices")

    def __getitem__(self, key: Any) -> Any:
        return late("symdl.language.indexing:getitem")(self, key)

    def __add__(self, other: Any) -> Tensor:
        return _ops("add", self, other)

    def __radd__(self, other: Any) -> Tensor:
        return _ops("add", other, self)

    def __sub__(self, other: Any) -> Tensor:
        return _ops("subtract", self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return _ops("subtract", other, self)

    def __mul__(self, other: Any) -> Tensor:
        return _ops("multiply", self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return _ops("multiply", other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return _ops("divide", self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return _ops("divide", other, self)

    def __pow__(self, other: Any) -> Tensor:
        return _ops("power", self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return _ops("power", other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return _ops("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return _ops("floor_divide", other, self)

    def __mod__(self, other: Any) -> Tensor:
        return _ops("remainder", self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return _ops("remainder", other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return _ops("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _ops("matmul", other, self)

    def __neg__(self) -> Tensor:
        return _ops("negative", self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return _ops("abs", self)

    def __lt__(self, other: Any) -> Tensor:
        return _ops("less", self, other)

    def __le__(self, other: Any) -> Tensor:
        return _ops("less_equal", self, other)

    def __gt__(self, other: Any) -> Tensor:
        return _ops("greater", self, other)

    def __ge__(self, other: Any) -> Tensor:
        return _ops("greater_equal", self, other)

    def __and__(self, other: Any) -> Tensor:
        return _ops("logical_and", self, other)

    def __or__(self, other: Any) -> Tensor:
        return _ops("logical_or", self, other)

    def __invert__(self) -> Tensor:
        return _ops("logical_not", self)

    @property
    def T(self) -> Tensor:
        """The tensor with its axes reversed."""
        return _ops("transpose", self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The sum over axes; see `symdl.sum`."""
        return _ops("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The mean over axes; see `symdl.mean`."""
        return _ops("mean", self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The product over axes; see `symdl.prod`."""
        return _ops("prod", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The maximum over axes; see `symdl.max`."""
        return _ops("max", self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The minimum over axes; see `symdl.min`."""
        return _ops("min", self, axis=axis, keepdims=keepdims)

    def var(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The variance over axes; see `symdl.var`."""
        return _ops("var", self, axis=axis, keepdims=keepdims)

    def std(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The standard deviation over axes; see `symdl.std`."""
        return _ops("std", self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The place of the first maximum; see `symdl.argmax`."""
        return _ops("argmax", self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The place of the first minimum; see `symdl.argmin`."""
        return _ops("argmin", self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: int | None = -1) -> Tensor:
        """The running sum; see `symdl.cumsum`."""
        return _ops("cumsum", self, axis=axis)

    def clip(self, low: Any = None, high: Any = None) -> Tensor:
        """The entries kept between two bounds; see `symdl.clip`."""
        return _ops("clip", self, low, high)

    def dot(self, other: Any) -> Tensor:
        """The matrix product; see `symdl.dot`."""
        return _ops("dot", self, other)

    def flatten(self) -> Tensor:
        """All entries in one axis, rows first."""
        return _ops("reshape", self, -1)

    ravel = flatten

    def squeeze(self, axis: Any = None) -> Tensor:
        """The tensor without axes of size 1."""
        return _ops("squeeze", self, axis)

    def swapaxes(self, a: int, b: int) -> Tensor:
        """The tensor with two axes exchanged."""
        return _ops("swapaxes", self, a, b)

    def transpose(self, *axes: Any) -> Tensor:
        """The tensor with permuted axes."""
        return _ops("transpose", self, axes[0] if axes and not isinstance(axes[0], int) else
                    axes or None)

    def reshape(self, *shape: Any) -> Tensor:
        """The tensor with axes split or merged."""
        return _ops("reshape", self, shape[0] if len(shape) == 1 else shape)

    def named(self, name: str) -> Tensor:
        """The tensor under a name of its own, which results keep."""
        return late("symdl.language.define:named")(self, name)  # type: ignore[no-any-return]

    def simplify(self, *known: Tensor) -> Tensor:
        """The normal form; see `symdl.algebra`."""
        return late("symdl.algebra.simplify:simplify")(self, *known)  # type: ignore[no-any-return]

    def cost(self) -> Any:
        """Flops and bytes as polynomials in the sizes; see `symdl.lowering.cost`."""
        return late("symdl.lowering.cost:cost")(self)

    @property
    def structure(self) -> Any:
        """What it is as a linear map: diagonal, low rank, ...; see `symdl.structure`."""
        return late("symdl.algebra.structure.operator:structure")(self)

    def matvec(self, v: Any) -> Tensor:
        """H v over the last axes; see `symdl.algebra.structure.operator`."""
        return late("symdl.algebra.structure.operator:matvec")(self, v)  # type: ignore[no-any-return]

    def rmatvec(self, u: Any) -> Tensor:
        """Hᵀ u over the first axes; see `symdl.algebra.structure.operator`."""
        return late("symdl.algebra.structure.operator:rmatvec")(self, u)  # type: ignore[no-any-return]

    def solve(self, b: Any) -> Tensor:
        """X with H x = b, by the structure of H; see `symdl.algebra.structure.operator`."""
        return late("symdl.algebra.structure.operator:solve")(self, b)  # type: ignore[no-any-return]

    def logdet(self) -> Tensor:
        """Log det H, by the structure of H; see `symdl.algebra.structure.operator`."""
        return late("symdl.algebra.structure.operator:logdet")(self)  # type: ignore[no-any-return]

    def diagonal(self) -> Tensor:
        """The entries H[i, i]; see `symdl.algebra.structure.operator`."""
        return late("symdl.algebra.structure.operator:diagonal")(self)  # type: ignore[no-any-return]

    def kinks(self) -> Any:
        """The places where the expression isn't differentiable; see `symdl.calculus.kinks`."""
        return late("symdl.calculus.kinks:kinks")(self)

    @property
    def declarations(self) -> str:
        """The inputs as `symdl.parse` declares them."""
        found: str = late("symdl.language.syntax.declarations:declarations_text")(self)
        return found

    def matrix(self, style: str = "text") -> str:
        """Matrix notation as text, latex or unicode; raises where the result has none."""
        return late("symdl.display.matrix:matrix")(self, style)  # type: ignore[no-any-return]

    def index(self, style: str = "text") -> str:
        """Index notation as text, latex or unicode."""
        return late("symdl.display.index:index")(self, style)  # type: ignore[no-any-return]

    def latex(self) -> str:
        """LaTeX, in matrix notation where there is one, else in index notation."""
        return late("symdl.display.text:latex")(self)  # type: ignore[no-any-return]

    def unicode(self) -> str:
        """Unicode, in matrix notation where there is one, else in index notation."""
        return late("symdl.display.text:unicode")(self)  # type: ignore[no-any-return]

    def code(self, name: str = "result") -> str:
        """A NumPy function that computes it; see `symdl.display.code`."""
        return late("symdl.display.code:code")(self, name)  # type: ignore[no-any-return]

    def to_sympy(self) -> Any:
        """The expression in SymPy's terms; see `symdl.display.symbolic`."""
        return late("symdl.display.symbolic:to_sympy")(self)

    def __repr__(self) -> str:
        return late("symdl.display.text:text")(self)  # type: ignore[no-any-return]

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def _ops(name: str, *args: Any, **kwargs: Any) -> Tensor:
    return late(f"symdl.language.operators:{name}")(*args, **kwargs)  # type: ignore[no-any-return]


def interned(
    cls: type[Tensor], token: tuple[object, ...], shape: Shape, dtype: str, name: str | None,
    operands: Sequence[Tensor], free: frozenset[Free] = frozenset(), **fields: object,
) -> Any:
    """The one tensor with this token, made if need be."""
    digest = blake2b(repr((cls.__name__, name, dtype, token)).encode(), digest_size=16).digest()
    known = _tensors.get(digest)
    if known is not None:
        return known
    new = object.__new__(cls)
    free = free.union(*(t.free for t in operands), *(f.free for f in shape))
    values = {"shape": shape, "dtype": dtype, "name": name, "digest": digest,
              "operands": tuple(operands), "free": free, **fields}
    for key, value in values.items():
        object.__setattr__(new, key, value)
    with _lock:
        return _tensors.setdefault(digest, new)


class Variable(Tensor):
    """An input: a name, a shape, facts."""

    __slots__ = ("facts",)
    facts: frozenset[str]

    @staticmethod
    def make(name: str, shape: Sequence[Intlike], dtype: str = "real",
             facts: Iterable[str] = ()) -> Variable:
        """The input of that name, shape and facts."""
        sizes = tuple(map(Form.of, shape))
        known = frozenset(facts)
        token = (tuple(f.token for f in sizes), tuple(sorted(known)))
        return interned(Variable, token, sizes, dtype, name, (), facts=known)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return (Variable.make, (self.name, self.shape, self.dtype, self.facts))


class Constant(Tensor):
    """An array of numbers written into the program."""

    __slots__ = ("data",)
    data: np.ndarray[Any, Any]

    @staticmethod
    def make(data: Any) -> Constant:
        """The constant that holds a copy of the array."""
        array = np.array(data)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"an array of {array.dtype} can't be part of an expression")
        array.setflags(write=False)
        dtype = {"b": "bool", "i": "int", "u": "int"}.get(array.dtype.kind, "real")
        token = (array.shape, array.dtype.str, array.tobytes())
        shape = tuple(map(Form.of, array.shape))
        return interned(Constant, token, shape, dtype, None, (), data=array)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return (Constant.make, (self.data,))


class Slot(Tensor):
    """A tensor by number: a pattern's operand, or a member of the enclosing recurrence."""

    __slots__ = ("number",)
    number: object

    @staticmethod
    def make(number: object, shape: Shape, dtype: str = "real") -> Slot:
        """The slot of that number and shape."""
        token = (number, tuple(f.token for f in shape))
        name = str(number[-1]) if isinstance(number, tuple) else f"#{number}"
        return interned(Slot, token, shape, dtype, name, (), number=number)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        return (Slot.make, (self.number, self.shape, self.dtype))


class Equation(Tensor):
    """A tensor defined entry by entry by a scheme."""

    __slots__ = ("scheme",)
    scheme: Scheme

    @staticmethod
    def make(scheme: Scheme, dtype: str = "real", name: str | None = None) -> Tensor:
        """The equation of a scheme in canonical form; an identity copy is what it copies."""
        check_scheme(scheme)
        tidy = tidied(scheme)
        if tidy is None:
            neutral = NEUTRAL[scheme.reduce]
            tidy = Scheme(scheme.sizes[:scheme.axes], scheme.axes, "none", (), neutral, ())
        s = canonical(tidy)
        if name is None and (copied := _copied(s, dtype)) is not None:
            return copied
        token = (s.axes, tuple(f.token for f in s.sizes), s.reduce, s.component,
                 tuple(g.token for g in s.guards), tree(s.body), tuple(x.token for x in s.leaves))
        free = frozenset[Free]().union(*(f.free for f in s.forms), *(f.free for f in s.sizes))
        return interned(Equation, token, s.sizes[:s.axes], dtype, name, s.tensors,  # type: ignore[no-any-return]
                        free, scheme=s)

    def renamed(self, name: str | None) -> Tensor:
        """The same equation under a name."""
        return Equation.make(self.scheme, self.dtype, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Equation.make, (self.scheme, self.dtype, self.name))


def _copied(s: Scheme, dtype: str) -> Tensor | None:
    if s.reduce != "none" or s.guards or len(s.leaves) != 1 or not s.body.is_Symbol:
        return None
    leaf = s.leaves[0]
    if not isinstance(leaf, Access) or leaf.mask or leaf.tensor.shape != s.sizes:
        return None
    identity = all(f.atom is Idx(k) for k, f in enumerate(leaf.index))
    return leaf.tensor if identity and leaf.tensor.dtype == dtype else None


class Part(Tensor):
    """One of the outputs of a recurrence or of a primitive."""

    __slots__ = ("number", "owner")
    owner: Application | Recurrence
    number: int

    @staticmethod
    def make(owner: Application | Recurrence, number: int) -> Part:
        """The output of that number."""
        shape, dtype = owner.signature[number]
        token = (owner.digest, number)
        return interned(Part, token, shape, dtype, owner.names[number],  # type: ignore[no-any-return]
                        owner.operands, owner.free, owner=owner, number=number)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Part.make, (self.owner, self.number))


def topological(roots: Iterable[Tensor]) -> list[Tensor]:
    """Every tensor the roots are made of, operands first."""
    seen: set[bytes] = set()
    out: list[Tensor] = []
    stack: list[tuple[Tensor, bool]] = [(t, False) for t in reversed(list(roots))]
    while stack:
        tensor, done = stack.pop()
        if done:
            out.append(tensor)
        elif tensor.digest not in seen:
            seen.add(tensor.digest)
            stack.append((tensor, True))
            stack.extend((t, False) for t in reversed(tensor.operands))
    return out


def transform(roots: Sequence[Tensor], change: Callable[[Tensor, Mapping[Tensor, Tensor]], Tensor],
              ) -> dict[Tensor, Tensor]:
    """Rebuild a program operands first; `change` gets a tensor and the map so far."""
    new: dict[Tensor, Tensor] = {}
    for tensor in topological(roots):
        new[tensor] = change(tensor, new)
    return new
