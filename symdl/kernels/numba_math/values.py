"""Numbers that write instructions: arithmetic on them becomes LLVM code.

A formula over these values is branch-free straight-line code once it is compiled, so a loop that
calls it is vectorised. The instructions carry no fast-math flags and take none from the function
they are inlined into: what is written here is rounded as it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llvmlite import ir


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    Attributes
    ----------
    name : str
        NumPy's name.
    fraction : int
        The bits after the point; one more bit is implied.
    real, whole : ir.Type
        The types of its numbers, and of integers that hold their bits.
    """

    name: str
    fraction: int
    real: Any
    whole: Any

    @property
    def bias(self) -> int:
        """What is added to an exponent to store it."""
        return int((1 << (self.whole.width - self.fraction - 2)) - 1)

    @property
    def tiny(self) -> float:
        """The smallest normal number."""
        return float(2.0 ** (1 - self.bias))

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float((2.0 - 2.0**-self.fraction) * 2.0**self.bias)

    @property
    def rounder(self) -> float:
        """A number whose sum with x is an integer near x, which stands in the sum's low bits."""
        return float(1.5 * 2**self.fraction)


FLOAT64 = Format("float64", 52, ir.DoubleType(), ir.IntType(64))
FLOAT32 = Format("float32", 23, ir.FloatType(), ir.IntType(32))


class _Flags(list):  # type: ignore[type-arg]
    """The flags of an instruction that stays without."""

    def append(self, flag: str) -> None:
        """Keep the instruction as it is."""

    add = append


def bare(instruction: Any) -> Any:
    instruction.flags = instruction.fastmath = _Flags()
    return instruction


class Value:
    """A value in the code that a builder writes."""

    def __init__(self, builder: Any, form: Format, ir_value: Any) -> None:
        self.builder, self.form, self.ir_value = builder, form, ir_value

    def _operand(self, x: Value | float) -> Any:
        return x.ir_value if isinstance(x, Value) else ir.Constant(self.ir_value.type, x)


class Truth(Value):
    """Whether something holds."""

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.builder, self.form, self.builder.and_(self.ir_value, other.ir_value))

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.builder, self.form, self.builder.or_(self.ir_value, other.ir_value))

    def __invert__(self) -> Truth:
        return Truth(self.builder, self.form, self.builder.not_(self.ir_value))


class Whole(Value):
    """An integer as wide as the format, often a number's bits."""

    def _made(self, name: str, x: Whole | int) -> Whole:
        made = getattr(self.builder, name)(self.ir_value, self._operand(x))
        return Whole(self.builder, self.form, made)

    def __add__(self, x: Whole | int) -> Whole:
        return self._made("add", x)

    def __sub__(self, x: Whole | int) -> Whole:
        return self._made("sub", x)

    def __and__(self, x: Whole | int) -> Whole:
        return self._made("and_", x)

    def __or__(self, x: Whole | int) -> Whole:
        return self._made("or_", x)

    def __xor__(self, x: Whole | int) -> Whole:
        return self._made("xor", x)

    def __lshift__(self, x: int) -> Whole:
        return self._made("shl", x)

    def __rshift__(self, x: int) -> Whole:
        return self._made("lshr", x)

    def any(self) -> Truth:
        """Whether a bit is set."""
        found = self.builder.icmp_unsigned("!=", self.ir_value, self._operand(0))
        return Truth(self.builder, self.form, found)

    def real(self) -> Real:
        """The number with these bits."""
        return Real(self.builder, self.form, self.builder.bitcast(self.ir_value, self.form.real))


class Real(Value):
    """A floating-point number."""

    def _made(self, name: str, left: Real | float, right: Real | float) -> Real:
        made = getattr(self.builder, name)(self._operand(left), self._operand(right))
        return Real(self.builder, self.form, bare(made))

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
        return Real(self.builder, self.form, self.builder.fneg(self.ir_value))

    def __abs__(self) -> Real:
        return called("fabs", self)

    def _compared(self, sign: str, y: Real | float) -> Truth:
        found = self.builder.fcmp_ordered(sign, self.ir_value, self._operand(y))
        return Truth(self.builder, self.form, bare(found))

    def __lt__(self, y: Real | float) -> Truth:
        return self._compared("<", y)

    def __gt__(self, y: Real | float) -> Truth:
        return self._compared(">", y)

    def __le__(self, y: Real | float) -> Truth:
        return self._compared("<=", y)

    def __ge__(self, y: Real | float) -> Truth:
        return self._compared(">=", y)

    def equals(self, y: Real | float) -> Truth:
        """Whether it is this number."""
        return self._compared("==", y)

    def to(self, form: Format) -> Real:
        """The nearest number of another format."""
        convert = self.builder.fpext if form is FLOAT64 else self.builder.fptrunc
        return Real(self.builder, form, convert(self.ir_value, form.real))

    def bits(self) -> Whole:
        """The integer that is stored for it."""
        bits = self.builder.bitcast(self.ir_value, self.form.whole)
        return Whole(self.builder, self.form, bits)


def called(name: str, *args: Real | float) -> Real:
    """Call an LLVM intrinsic on numbers of one format."""
    x = next(a for a in args if isinstance(a, Real))
    kind = x.form.real
    function = x.builder.module.declare_intrinsic(
        f"llvm.{name}", (kind,), ir.FunctionType(kind, [kind] * len(args)))
    made = x.builder.call(function, [x._operand(a) for a in args])
    return Real(x.builder, x.form, bare(made))


def in_any_order(name: str, x: Real, y: Real) -> Real:
    """One of many sums or products that may be done in another order, and fused."""
    made = getattr(x.builder, name)(x.ir_value, y.ir_value, flags=("reassoc", "nsz", "contract"))
    return Real(x.builder, x.form, made)


def fma(x: Real | float, y: Real | float, z: Real | float) -> Real:
    """Return x y + z, rounded once."""
    return called("fma", x, y, z)


def square_root(x: Real) -> Real:
    """Return the square root."""
    return called("sqrt", x)


def rounded_down(x: Real) -> Real:
    """Return the largest integer that isn't larger."""
    return called("floor", x)


def copysign(x: Real | float, y: Real) -> Real:
    """Return |x| with the sign of y."""
    return called("copysign", x, y)


def where(truth: Truth, yes: Real | float, no: Real | float) -> Real:
    """Return the one number or the other; both are computed."""
    yes, no = (x.ir_value if isinstance(x, Real) else ir.Constant(truth.form.real, x)
               for x in (yes, no))
    return Real(truth.builder, truth.form, truth.builder.select(truth.ir_value, yes, no))


def at_most(bound: float, x: Real) -> Real:
    """Return x, or the bound where x is larger; NaN stays."""
    return where(x > bound, bound, x)


def at_least(bound: float, x: Real) -> Real:
    """Return x, or the bound where x is smaller; NaN stays."""
    return where(x < bound, bound, x)


def polynomial(x: Real, numbers: Sequence[float]) -> Real:
    """Return c0 + c1 x + c2 x^2 + ..., of many terms as even and odd powers side by side."""
    if len(numbers) < 10:
        return _horner(x, numbers)
    square = x * x
    return fma(x, _horner(square, numbers[1::2]), _horner(square, numbers[::2]))


def _horner(x: Real, numbers: Sequence[float]) -> Real:
    *rest, second, first = numbers
    value = fma(x, first, second)
    for c in reversed(rest):
        value = fma(x, value, c)
    return value
