"""Numbers that write instructions: arithmetic on them becomes LLVM code.

A formula over these values is branch-free straight-line code once it is compiled, so a loop that
calls it is vectorised. The instructions carry no fast-math flags and take none from the function
they are inlined into: what is written here is rounded as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from llvmlite import ir

from symdl.kernels.numba_math.format import FLOAT64, Format

T = TypeVar("T")


class _NoFlags(list):  # type: ignore[type-arg]
    """The fast-math flags of an instruction that takes none."""

    def append(self, flag: str) -> None:
        """Leave it out."""

    add = append


def bare(instruction: Any) -> Any:
    """Return the instruction, closed to the flags that Numba gives to a whole module."""
    instruction.flags = instruction.fastmath = _NoFlags()
    return instruction


class Value:
    """A value in the code that a builder writes."""

    def __init__(self, builder: Any, format: Format, ir_value: Any) -> None:
        self.builder, self.format, self.ir_value = builder, format, ir_value

    def operand(self, x: Value | float) -> Any:
        """Return what stands for x beside this value."""
        return x.ir_value if isinstance(x, Value) else ir.Constant(self.ir_value.type, x)

    def truth(self, ir_value: Any) -> Truth:
        """Return a truth in the same code."""
        return Truth(self.builder, self.format, ir_value)

    def whole(self, ir_value: Any) -> Whole:
        """Return an integer in the same code."""
        return Whole(self.builder, self.format, ir_value)

    def real(self, ir_value: Any) -> Real:
        """Return a number in the same code."""
        return Real(self.builder, self.format, ir_value)


class Truth(Value):
    """Whether something holds."""

    def __and__(self, other: Truth) -> Truth:
        return self.truth(self.builder.and_(self.ir_value, other.ir_value))

    def __or__(self, other: Truth) -> Truth:
        return self.truth(self.builder.or_(self.ir_value, other.ir_value))

    def __invert__(self) -> Truth:
        return self.truth(self.builder.not_(self.ir_value))


class Whole(Value):
    """An integer as wide as the format, often a number's bits."""

    def _with(self, name: str, x: Whole | int) -> Whole:
        return self.whole(getattr(self.builder, name)(self.ir_value, self.operand(x)))

    def __add__(self, x: Whole | int) -> Whole:
        return self._with("add", x)

    def __sub__(self, x: Whole | int) -> Whole:
        return self._with("sub", x)

    def __and__(self, x: Whole | int) -> Whole:
        return self._with("and_", x)

    def __or__(self, x: Whole | int) -> Whole:
        return self._with("or_", x)

    def __xor__(self, x: Whole | int) -> Whole:
        return self._with("xor", x)

    def __lshift__(self, x: int) -> Whole:
        return self._with("shl", x)

    def __rshift__(self, x: int) -> Whole:
        return self._with("lshr", x)

    def any(self) -> Truth:
        """Whether a bit is set."""
        return self.truth(self.builder.icmp_unsigned("!=", self.ir_value, self.operand(0)))

    def number(self) -> Real:
        """The number with these bits."""
        return self.real(self.builder.bitcast(self.ir_value, self.format.real))


class Real(Value):
    """A floating-point number."""

    def _made(self, name: str, left: Real | float, right: Real | float) -> Real:
        made = getattr(self.builder, name)(self.operand(left), self.operand(right))
        return self.real(bare(made))

    def __add__(self, y: Real | float) -> Real:
        return self._made("fadd", self, y)

    def __radd__(self, y: float) -> Real:
        return self._made("fadd", y, self)

    def __sub__(self, y: Real | float) -> Real:
        return self._made("fsub", self, y)

    def __rsub__(self, y: float) -> Real:
        return self._made("fsub", y, self)

    def __mul__(self, y: Real | float) -> Real:
        return self._made("fmul", self, y)

    def __rmul__(self, y: float) -> Real:
        return self._made("fmul", y, self)

    def __truediv__(self, y: Real | float) -> Real:
        return self._made("fdiv", self, y)

    def __rtruediv__(self, y: float) -> Real:
        return self._made("fdiv", y, self)

    def __neg__(self) -> Real:
        return self.real(self.builder.fneg(self.ir_value))

    def __abs__(self) -> Real:
        return called("fabs", self)

    def _compared(self, sign: str, y: Real | float) -> Truth:
        return self.truth(bare(self.builder.fcmp_ordered(sign, self.ir_value, self.operand(y))))

    def __lt__(self, y: Real | float) -> Truth:
        return self._compared("<", y)

    def __gt__(self, y: Real | float) -> Truth:
        return self._compared(">", y)

    def __le__(self, y: Real | float) -> Truth:
        return self._compared("<=", y)

    def equals(self, y: Real | float) -> Truth:
        """Whether it is this number."""
        return self._compared("==", y)

    def bits(self) -> Whole:
        """The integer that is stored for it."""
        return self.whole(self.builder.bitcast(self.ir_value, self.format.whole))

    def to(self, format: Format) -> Real:
        """The nearest number of another format."""
        convert = self.builder.fpext if format is FLOAT64 else self.builder.fptrunc
        return Real(self.builder, format, convert(self.ir_value, format.real))

    def pick(self, table: Mapping[str, T]) -> T:
        """What a table has for the number's format."""
        return table[self.format.name]


def called(name: str, *args: Real | float) -> Real:
    """Call an LLVM intrinsic on numbers of one format."""
    x = next(a for a in args if isinstance(a, Real))
    kind = x.format.real
    function = x.builder.module.declare_intrinsic(
        f"llvm.{name}", (kind,), ir.FunctionType(kind, [kind] * len(args)))
    return x.real(bare(x.builder.call(function, [x.operand(a) for a in args])))
