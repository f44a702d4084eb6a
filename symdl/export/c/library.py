"""What translated functions call that isn't translated: C of its own."""

from __future__ import annotations

from collections.abc import Collection

_INTEGERS = """
static inline int64_t sd_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b != 0 && (a % b < 0) != (b < 0));
}

static inline int64_t sd_floor_mod(int64_t a, int64_t b)
{
    return a - b * sd_floor_div(a, b);
}

static inline int64_t sd_min_int(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t sd_max_int(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
"""

_ESCAPE = """
static _Thread_local jmp_buf sd_escape;
"""

_INSIDE = """
/* k, a place on an axis of n entries; otherwise the call ends with the status 1. */
static inline int64_t sd_inside(int64_t k, int64_t n)
{
    if (k < 0 || k >= n)
        longjmp(sd_escape, 1);
    return k;
}
"""

_FRESH = """
/* Memory for some entries; where there is none the call ends with the status 2. */
static void *sd_fresh(size_t count, size_t size)
{
    void *memory = malloc(count * size + 1);
    if (memory == NULL)
        longjmp(sd_escape, 2);
    return memory;
}
"""

_GEMM = """
/* Write op(a) op(b) into out, m by n, over k terms, rows first; or add it. */
static void gemm(int64_t m, int64_t n, int64_t k, int left_t, int right_t, const REAL *a,
                 int64_t a_at, const REAL *b, int64_t b_at, REAL *out, int64_t out_at, int more)
{
    a += a_at;
    b += b_at;
    for (int64_t i = 0; i < m; i++) {
        REAL *row = out + out_at + i*n;
        if (!more)
            for (int64_t j = 0; j < n; j++)
                row[j] = 0;
        if (right_t) {
            for (int64_t j = 0; j < n; j++) {
                REAL total = 0;
                for (int64_t l = 0; l < k; l++)
                    total += (left_t ? a[l*m + i] : a[i*k + l])*b[j*k + l];
                row[j] += total;
            }
        } else {
            for (int64_t l = 0; l < k; l++) {
                const REAL x = left_t ? a[l*m + i] : a[i*k + l];
                for (int64_t j = 0; j < n; j++)
                    row[j] += x*b[l*n + j];
            }
        }
    }
}
"""

_GRAM = """
/* As gemm, of a product that is symmetric. */
static void gram(int64_t m, int64_t n, int64_t k, int left_t, int right_t, const REAL *a,
                 int64_t a_at, const REAL *b, int64_t b_at, REAL *out, int64_t out_at, int more)
{
    gemm(m, n, k, left_t, right_t, a, a_at, b, b_at, out, out_at, more);
}
"""


def library(used: Collection[str], text: str, real: str) -> str:
    """The functions that a text needs.

    Parameters
    ----------
    used : collection of str
        Functions that are called: gemm, gram, _inside, sd_fresh.
    text : str
        What calls them.
    real : str
        The type of numbers.
    """
    parts = []
    for part in _INTEGERS.strip().split("\n\n"):
        name = part.split("(")[0].split()[-1]
        wanted = f"{name}(" in text or (name == "sd_floor_div" and "sd_floor_mod(" in text)
        parts += [part] if wanted else []
    parts += [_ESCAPE] if escapes(used) else []
    parts += [_INSIDE] if "_inside" in used else []
    parts += [_FRESH] if "fresh" in used else []
    parts += [_GEMM.replace("REAL", real)] if {"gemm", "gram"} & set(used) else []
    parts += [_GRAM.replace("REAL", real)] if "gram" in used else []
    return "\n\n".join(p.strip("\n") for p in parts)


def escapes(used: Collection[str]) -> bool:
    """Whether a call may end early."""
    return bool({"_inside", "fresh"} & set(used))
