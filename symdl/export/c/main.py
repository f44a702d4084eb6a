"""The self-test and the main of a C file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np

from symdl.claims.example import Example
from symdl.export.c.types import Names, wrapped
from symdl.export.outputs import Output
from symdl.language.form import Dim

_CHECKS = """
static int run(void)
{
    return CALL;
}

/* How many entries of an output are off. */
static int compared(const char *label, const double *due, const REAL *found, size_t count,
                    double allowed)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++)
        if (!(fabs(found[i] - due[i]) <= allowed) && !(isnan(found[i]) && isnan(due[i]))) {
            printf("%s, entry %zu, is %.17g, but should be %.17g\\n", label, i, (double)found[i],
                   due[i]);
            wrong++;
        }
    return wrong;
}

/* The central difference of a number in an entry of an input. */
static double slope(const REAL *value, REAL *entry, double step)
{
    const REAL kept = *entry, up = (REAL)(kept + step), down = (REAL)(kept - step);
    *entry = up;
    run();
    const double above = *value;
    *entry = down;
    run();
    const double below = *value;
    *entry = kept;
    return (above - below)/((double)up - (double)down);
}

/* How many entries of a gradient central differences contradict; see the kernel's Python file. */
static int differs(const char *label, const REAL *value, REAL *input, const REAL *found,
                   size_t count)
{
    REAL *gradient = malloc(count*sizeof(REAL) + 1);
    const double eps = EPSILON;
    double scale = 0;
    int wrong = 0;
    run();
    const double size = fabs((double)*value) > 1 ? fabs((double)*value) : 1;
    for (size_t i = 0; i < count; i++) {
        gradient[i] = found[i];
        scale = fabs((double)found[i]) > scale ? fabs((double)found[i]) : scale;
    }
    for (size_t i = 0; i < count; i++) {
        double x = fabs((double)input[i]), off = 0, doubt = 0;
        x = x > 0.1 ? x : 0.1;
        int fits = 0;
        for (double step = 7e-4*x; !fits && step > LEAST*x; step *= 0.1) {
            const double rough = slope(value, input + i, step);
            const double fine = slope(value, input + i, step/2);
            off = fabs((4*fine - rough)/3 - gradient[i]);
            doubt = fabs(fine - rough);
            fits = off <= pow(eps, 0.4)*scale + 20*eps*size/step;
        }
        if (!fits && !(off <= 3*doubt)) {
            printf("%s, entry %zu, is off from differences by %g\\n", label, i, off);
            wrong++;
        }
    }
    free(gradient);
    return wrong;
}
"""


def main_text(name: str, names: Names, inputs: Sequence[Any], results: Sequence[Any],
              numbers: Mapping[Dim, str], outputs: Sequence[Output], example: Example) -> str:
    """The text, which is compiled where a macro asks for it.

    Parameters
    ----------
    name : str
        The function.
    names : Names
        C's names.
    inputs, results : sequence of Argument
        Its arguments.
    numbers : mapping
        The names of its sizes.
    outputs : sequence of Output
        The outputs.
    example : Example
        Inputs and what should come out.
    """
    lines: list[str] = []
    for a in inputs:
        lines += _array(a.declared(names).removeprefix("const ").replace("*", "example_"),
                        example.inputs[str(a.tensor.name)], names)
    for k, r in enumerate(results):
        count = max(example.outputs[k].size, 1)
        lines.append(f"static {r.declared(names).replace('*', 'found_')}[{count}];")
        lines += _array(f"double due_{r.name}", example.outputs[k], Names("float64"))
    call = [*(f"example_{a.name}" for a in inputs), *(f"found_{r.name}" for r in results),
            *(str(example.sizes[d]) for d in numbers)]
    checks = _CHECKS.replace("CALL", wrapped(f"{name}({', '.join(call)})", " " * 8, 88)).replace(
        "REAL", names.real).replace("EPSILON", "DBL_EPSILON" if names.real == "double" else
                                    "FLT_EPSILON").replace("LEAST", "6e-6" if names.real == "double"
                                                           else "6e-4")
    tests = []
    for k, (r, o) in enumerate(zip(results, outputs, strict=True)):
        if r.tensor.dtype == "real":
            tests.append(f'wrong += compared("{o.label}", due_{r.name}, found_{r.name}, '
                         f"{example.outputs[k].size}, {example.tolerances[k]!r});")
        else:
            tests.append(f"for (size_t i = 0; i < {example.outputs[k].size}; i++)\n"
                         f"        wrong += found_{r.name}[i] != due_{r.name}[i];")
    for k, (r, o) in enumerate(zip(results, outputs, strict=True)):
        if o.of is not None and o.wrt is not None:
            wrt = next(a.name for a in inputs if a.tensor is o.wrt)
            tests.append(f'wrong += differs("{o.label}", found_{results[o.of].name}, '
                         f"example_{wrt}, found_{r.name}, {example.outputs[k].size});")
    numbers_in = sum(a.size for a in example.outputs)
    main = [
        "int main(void)", "{", "    int wrong = run();", *(f"    {t}" for t in tests),
        f'    printf("{numbers_in} numbers compared, %d wrong\\n", wrong);',
        "    const clock_t begin = clock();", "    int calls = 0;",
        "    while (clock() - begin < CLOCKS_PER_SEC/2) {", "        run();", "        calls++;",
        "    }",
        '    printf("%.3f µs a call\\n", 1e6*(clock() - begin)/CLOCKS_PER_SEC/calls);',
        "    return wrong != 0;", "}"]
    used = checks if any("differs(" in t for t in tests) else checks[:checks.index(
        "/* The central")]
    used = used if any("compared(" in t for t in tests) else used[:used.index("/* How many")]
    return "\n".join([f"#ifdef {name.upper()}_MAIN", "", "#include <stdio.h>", "#include <time.h>",
                      "", *lines, used.rstrip("\n"), "", *main, "", "#endif"])


def _array(declaration: str, a: Any, names: Names) -> list[str]:
    """A static array with its numbers."""
    numbers = [str(int(x)) if a.dtype.kind == "i" else names.number(float(x)) for x in np.ravel(a)]
    return wrap(f"static {declaration}[] = {{{', '.join(numbers or ['0'])}}};", 99,
                subsequent_indent="    ", break_long_words=False)
