"""What the commands of LaTeX mean in a formula."""

from __future__ import annotations

from collections.abc import Mapping

SIGNS: Mapping[str, str] = {
    r"\cdot": "·", r"\times": "*", "*": "*", r"\odot": ".*", r"\circ": ".*", r"\oslash": "./",
    "/": "/", r"\otimes": "kron",
}
"""Products and quotients between factors."""
COMPARISONS: Mapping[str, str] = {
    "<": "<", ">": ">", "=": "==", r"\le": "<=", r"\leq": "<=", r"\leqslant": "<=", r"\ge": ">=",
    r"\geq": ">=", r"\geqslant": ">=", r"\ne": "!=", r"\neq": "!=", r"\lt": "<", r"\gt": ">",
}
FUNCTIONS: Mapping[str, str] = {
    **{f"\\{name}": name for name in
       ("exp", "log", "sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "coth",
        "det", "tr", "diag")},
    r"\ln": "log", r"\arcsin": "asin", r"\arccos": "acos", r"\arctan": "atan", r"\Tr": "tr",
    r"\trace": "tr",
}
INVERSES: Mapping[str, str] = {
    name: f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
"""Functions whose power -1 is their inverse: `\\sin^{-1} x`."""
WORDS: Mapping[str, str] = {
    "Tr": "tr", "trace": "tr", "Diag": "diag", "sgn": "sign", "relu": "relu", "ReLU": "relu",
    "LSE": "logsumexp", "lse": "logsumexp", "sech": "sech", "arctanh": "atanh", "arsinh": "asinh",
}
"""Other spellings of functions in `\\operatorname{...}`."""
REDUCTIONS: Mapping[str, str] = {r"\sum": "sum", r"\prod": "prod", r"\max": "max", r"\min": "min"}
STYLES = frozenset({
    r"\mathbf", r"\boldsymbol", r"\bm", r"\mathrm", r"\mathit", r"\mathsf", r"\mathcal", r"\mathbb",
    r"\mathfrak", r"\vec", r"\underline", r"\text", r"\textbf", r"\textrm", r"\mathtt", r"\pmb"})
"""Commands that change how a name looks."""
ACCENTS: Mapping[str, str] = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde",
    r"\widetilde": "tilde", r"\dot": "dot"}
"""Commands that make another name: `\\hat{y}` is y_hat."""
GREEK: Mapping[str, str] = {
    **{f"\\{name}": name for name in (
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
        "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi",
        "Psi", "Omega", "ell")},
    r"\varepsilon": "epsilon", r"\vartheta": "theta", r"\varphi": "phi", r"\varrho": "rho",
    r"\varsigma": "sigma",
}
BRACKETS: Mapping[str, str] = {
    "(": ")", "[": "]", r"\{": r"\}", r"\lparen": r"\rparen", r"\lbrack": r"\rbrack",
    r"\lbrace": r"\rbrace",
}
BARS: Mapping[str, str] = {
    r"\|": r"\|", r"\lVert": r"\rVert", r"\Vert": r"\Vert", "|": "|", r"\lvert": r"\rvert",
    r"\vert": r"\vert",
}
TRANSPOSES = frozenset({r"\top", r"\intercal", "T", r"\mathsf{T}", r"\mathrm{T}", r"\mathbf{T}"})
NORMS: Mapping[str, str] = {
    "": "norm_fro", "1": "norm1", "2": "norm2", "F": "norm_fro", r"\mathrm{F}": "norm_fro",
    r"\text{F}": "norm_fro", "*": "norm_nuc", r"\ast": "norm_nuc",
}
"""Norms by the subscript."""
DIFFERENTIALS = (r"\partial", "d", r"\mathrm")
"""What a fraction of differentials begins with."""
COMMANDS: Mapping[str, str] = {
    r"\frac": "fraction", r"\dfrac": "fraction", r"\tfrac": "fraction", r"\sqrt": "root",
    r"\langle": "inner_product", r"\begin": "cases", r"\operatorname": "name", r"\nabla": "name",
}
"""Command -> the method that reads it."""
