"""The scalar functions of kernels, written so that the loops that call them are vectorised.

They stand for the helpers of the same names in `symdl.kernels.prelude`, in compiled kernels. How
exact and how fast they are is measured by `python -m benchmarks.ulp`.
"""

HOMES = {
    name: f"{__name__}.{module}"
    for module, names in {
        "exponentials": "_sigmoid cosh exp expm1 sinh tanh",
        "logarithms": "_log1mexp _logaddexp _softplus acosh asinh atanh log log1p",
        "powers": "pow_",
        "circular": "acos asin atan cos sin tan",
        "error_function": "erf erfc",
        "pieces": "_cube _finite _fourth _max _min _plus _sign _square _times ceil floor sqrt",
    }.items()
    for name in names.split()
}
"""The module of each function."""
