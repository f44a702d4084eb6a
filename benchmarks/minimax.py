"""`python -m benchmarks.minimax`: write the coefficients of the kernels' elementary functions.

Each polynomial is the best one in the sense of the largest weighted error, found by Remez's
exchange (Cheney, *Introduction to Approximation Theory*, 2nd edition, section 3.8) in 300 bits,
and rounded. Leading terms whose rounding would count are no part of it but exact, or in two parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mpmath import lu_solve, matrix, mp, mpf

FILE = Path(__file__).parents[1] / "symdl" / "kernels" / "numba_math" / "coefficients.py"
FORMATS = ("float64", "float32")
POINTS = 600
"""Where an error is looked at, for each polynomial."""

HEAD = '''"""Coefficients, made by `python -m benchmarks.minimax`, the lowest power first."""
'''

mp.prec = 300
Function = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Table:
    """A polynomial to be fitted to a target; the error counts times the weight."""

    name: str
    says: str
    target: Function
    weight: Function
    ends: dict[str, tuple[mpf, mpf]]
    degrees: dict[str, int]


@dataclass(frozen=True)
class Constant:
    """A number as a sum of floats of falling size."""

    name: str
    says: str
    value: Callable[[], mpf]
    parts: int


def everywhere(lo: mpf, hi: mpf) -> dict[str, tuple[mpf, mpf]]:
    return dict.fromkeys(FORMATS, (lo, hi))


def degrees(float64: int, float32: int = 0) -> dict[str, int]:
    return {"float64": float64, **({"float32": float32} if float32 else {})}


ROOM = mpf("1.0001")
HALF_LOG2 = mp.log(2) / 2 * ROOM
LOG_S2 = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * ROOM
EIGHTH = mp.pi / 4 * ROOM
ERF_ENDS = {"float64": mpf("5.93"), "float32": mpf("3.93")}
ERFC_ENDS = {"float64": mpf("27.3"), "float32": mpf("10.1")}


def _scaled_erfc(t: mpf) -> mpf:
    """exp(a^2) erfc(a) (a + 4), where t = (a - 4)/(a + 4)."""
    a = 4 * (1 + t) / (1 - t)
    return mp.exp(a * a) * mp.erfc(a) * (a + 4)


TWO_OVER_ROOT_PI = 2 / mp.sqrt(mp.pi)

TABLES = (
    Table("EXP", "(exp(r) - 1 - r)/r^2 for |r| <= log(2)/2; error relative to exp(r)",
          lambda r: (mp.expm1(r) - r) / r**2, lambda r: r**2 / mp.exp(r),
          everywhere(-HALF_LOG2, HALF_LOG2), degrees(9, 4)),
    Table("LOG", "(2 atanh(s) - 2 s)/s^3 in z = s^2, for |s| <= (sqrt(2) - 1)/(sqrt(2) + 1)",
          lambda z: (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) * 2 / z, lambda z: z / 2,
          everywhere(mpf(0), LOG_S2), degrees(6, 2)),
    Table("LOG_WIDE", "(2 atanh(s) - 2 s)/s^3 in z = s^2, for |s| <= 1/3",
          lambda z: (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) * 2 / z, lambda z: z / 2,
          everywhere(mpf(0), ROOM / 9), degrees(9, 3)),
    Table("LOG_TAIL", "(atanh(s)/s - 1 - s^2/3)/s^4 in z = s^2, for the same s",
          lambda z: ((mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z - mpf(1) / 3) / z,
          lambda z: z**2, everywhere(mpf(0), LOG_S2), degrees(6)),
    Table("SIN", "(sin(r) - r)/r^3 in z = r^2, for |r| <= pi/4; error relative to sin(r)",
          lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
          lambda z: z * mp.sqrt(z) / mp.sin(mp.sqrt(z)),
          everywhere(mpf(0), EIGHTH**2), degrees(5, 2)),
    Table("COS", "(cos(r) - 1 + r^2/2)/r^4 in z = r^2, for |r| <= pi/4; error relative to cos(r)",
          lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
          lambda z: z**2 / mp.cos(mp.sqrt(z)), everywhere(mpf(0), EIGHTH**2), degrees(5, 2)),
    Table("ATAN", "(atan(t) - t)/t^3 in z = t^2, for |t| <= tan(pi/8)",
          lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
          lambda z: z * mp.sqrt(z) / mp.atan(mp.sqrt(z)),
          everywhere(mpf(0), (mp.tan(mp.pi / 8) * ROOM) ** 2), degrees(10, 4)),
    Table("ASIN", "(asin(s) - s)/s^3 in z = s^2, for |s| <= 1/2; error relative to asin(s)",
          lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
          lambda z: z * mp.sqrt(z) / mp.asin(mp.sqrt(z)),
          everywhere(mpf(0), mpf(1) / 4), degrees(11, 4)),
    Table("ERF", "(log(erfc(-b)) - 2/sqrt(pi) b)/b^2 for -5.93 <= b <= 0, in float32 from -3.93;\n"
          "error relative to erf(b)",
          lambda b: (mp.log(mp.erfc(-b)) - TWO_OVER_ROOT_PI * b) / b**2,
          lambda b: b**2 * mp.erfc(-b) / mp.erf(-b),
          {k: (-end, mpf(0)) for k, end in ERF_ENDS.items()}, degrees(23, 7)),
    Table("ERFC", "exp(a^2) erfc(a) (a + 4) in t = (a - 4)/(a + 4), for 0 <= a <= 27.3,\n"
          "in float32 10.1; relative error", _scaled_erfc, lambda t: 1 / _scaled_erfc(t),
          {k: (mpf(-1), (end - 4) / (end + 4)) for k, end in ERFC_ENDS.items()}, degrees(22, 10)),
)

CONSTANTS = (
    Constant("LOG2", "log(2)", lambda: mp.log(2), 2),
    Constant("LOG2E", "1/log(2)", lambda: 1 / mp.log(2), 1),
    Constant("HALF_PI", "pi/2", lambda: mp.pi / 2, 3),
    Constant("TWO_OVER_PI", "2/pi", lambda: 2 / mp.pi, 1),
    Constant("TWO_OVER_ROOT_PI", "2/sqrt(pi)", lambda: TWO_OVER_ROOT_PI, 2),
    Constant("THIRD", "1/3", lambda: mpf(1) / 3, 2),
)


def rounded(x: mpf, kind: str) -> mpf:
    """The nearest number of a format."""
    bits = {"float64": 53, "float32": 24}[kind]
    with mp.workprec(bits):
        return +x


class Fit:
    """The fitting of one table in one format."""

    def __init__(self, table: Table, kind: str) -> None:
        lo, hi = table.ends[kind]
        middle, half = (lo + hi) / 2, (hi - lo) / 2
        self.size = table.degrees[kind] + 1
        self.at = [_off_zero(middle - half * mp.cos(mp.pi * k / POINTS))
                   for k in range(POINTS + 1)]
        self.target = [table.target(x) for x in self.at]
        self.weight = [table.weight(x) for x in self.at]

    def errors(self, c: Sequence[mpf]) -> list[mpf]:
        """The weighted error of a polynomial at each point."""
        return [w * (mp.polyval(c[::-1], x) - f)
                for x, f, w in zip(self.at, self.target, self.weight, strict=True)]

    def levelled(self, places: Sequence[int]) -> list[mpf]:
        """The polynomial whose errors at these places are equal with alternating signs."""
        rows, right = matrix(len(places), len(places)), matrix(len(places), 1)
        for i, k in enumerate(places):
            for j in range(self.size):
                rows[i, j] = self.weight[k] * self.at[k] ** j
            rows[i, self.size] = (-1) ** i
            right[i] = self.weight[k] * self.target[k]
        return list(lu_solve(rows, right))[:-1]

    def best(self) -> list[mpf]:
        """The polynomial of the smallest error."""
        count = self.size + 1
        places = [round(POINTS * (1 - mp.cos(mp.pi * (k + mpf(1) / 2) / count)) / 2)
                  for k in range(count)]
        while True:
            c = self.levelled(places)
            found = _extremes(self.errors(c), count)
            if found == places:
                return c
            places = found


def _off_zero(x: mpf) -> mpf:
    """Targets are quotients that need a point beside 0."""
    return x if abs(x) > mpf(10) ** -12 else -mpf(10) ** -12 if x < 0 else mpf(10) ** -12


def _extremes(errors: Sequence[mpf], count: int) -> list[int]:
    """The places of the largest error between changes of sign, at most so many."""
    found, start = [], 0
    for k in range(1, len(errors) + 1):
        if k == len(errors) or errors[k] * errors[start] < 0:
            found.append(max(range(start, k), key=lambda q: abs(errors[q])))
            start = k
    while len(found) > count:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    return found


def shortest(x: mpf, kind: str) -> str:
    """The shortest decimal that reads as this number."""
    return repr(float(x)) if kind == "float64" else str(np.float32(float(x)))


def written(name: str, rows: dict[str, list[mpf]], says: Sequence[str]) -> str:
    """A table as Python, with what it is."""
    lines = [f"{name} = {{"]
    for kind, numbers in rows.items():
        lines += [f'    "{kind}": (', *(f"        {shortest(x, kind)}," for x in numbers), "    ),"]
    return "\n".join([*lines, "}", '"""' + "\n".join(says), '"""', ""])


def parts(value: mpf, count: int, kind: str) -> list[mpf]:
    out: list[mpf] = []
    for _ in range(count):
        out.append(rounded(value - sum(out), kind))
    return out


def main() -> None:
    """Fit every polynomial and write the file."""
    blocks = [HEAD]
    for table in TABLES:
        rows, notes = {}, []
        for kind, degree in table.degrees.items():
            fit = Fit(table, kind)
            rows[kind] = [rounded(x, kind) for x in fit.best()]
            worst = mp.log(max(map(abs, fit.errors(rows[kind]))), 2)
            notes.append(f"{kind}: degree {degree}, error 2^{mp.nstr(worst, 3)}.")
        blocks.append(written(table.name, rows, [f"{table.says}.", "", *notes]))
    for c in CONSTANTS:
        rows = {kind: parts(c.value(), c.parts, kind) for kind in FORMATS}
        blocks.append(written(c.name, rows, [f"{c.says}."]))
    FILE.write_text("\n".join(blocks))


if __name__ == "__main__":
    main()
