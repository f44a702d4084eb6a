"""Who may import whom, and the imports that a source text contains."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Rule:
    """What a module may import besides its own folder and the standard library."""

    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


SYMBOLS = ("sympy", "numpy", "mpmath")
CORE = ("language", "calculus", "algebra", "lowering", "kernels", "evidence")

RULES = {
    "": Rule(("_public",)),
    "_public": Rule(),
    "__main__": Rule(("cli",)),
    "language": Rule((), (*SYMBOLS, "lark")),
    "calculus": Rule(("language",), SYMBOLS),
    "algebra": Rule(("language",), SYMBOLS),
    "lowering": Rule(("language", "algebra"), SYMBOLS),
    "kernels": Rule(("language", "lowering"), (*SYMBOLS, "scipy")),
    "kernels.oracle": Rule(("language", "kernels.scalars"), SYMBOLS),
    "kernels.scalars": Rule((), SYMBOLS),
    "kernels.numba*": Rule(
        ("language", "lowering", "kernels"), (*SYMBOLS, "scipy", "numba", "llvmlite")),
    "evidence": Rule((), ("numpy", "mpmath")),
    "claims": Rule(CORE, SYMBOLS),
    "display": Rule((*CORE, "claims"), (*SYMBOLS, "rich")),
    "export": Rule((*CORE, "claims", "display"), SYMBOLS),
    "nn": Rule(("language",), SYMBOLS),
    "probability": Rule(("language",), SYMBOLS),
    "cli": Rule(("*",), (*SYMBOLS, "click", "rich")),
    "web": Rule(("*",), SYMBOLS),
}
"""By place in symdl; the longest entry that fits decides.

What an earlier stage calls of a later one goes through an address in a string.
"""


@dataclass(frozen=True)
class Import:
    """One import: its line, its target, and whether it happens when the module is loaded."""

    line: int
    target: str
    at_load: bool


def place_of(module: str) -> str | None:
    """Return the entry of the table that decides about a module of symdl."""
    inner = module.partition(".")[2]
    parts = inner.split(".")
    heads = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    fits = (entry for head in heads for entry in RULES if fnmatchcase(head, entry))
    return next(fits, None)


def is_allowed(target: str, place: str) -> bool:
    """Whether the modules of a place may import a target."""
    top = target.split(".")[0]
    if top != "symdl":
        return top in sys.stdlib_module_names or top in RULES[place].outside
    there = place_of(target)
    if there is None:
        return False
    homes = (place, *RULES[place].inside)
    return any(
        there == home or fnmatchcase(there, f"{home}.*" if home else home) or home == "*"
        for home in homes
    )


def imports_of(
    source: str, module: str, known: frozenset[str] = frozenset(), is_package: bool = False
) -> list[Import]:
    """List the imports of a source text, those inside functions included."""
    found = []

    def visit(node: ast.AST, at_load: bool) -> None:
        for child in ast.iter_child_nodes(node):
            for target in _targets(child, module, known, is_package):
                found.append(Import(child.lineno, target, at_load))
            visit(child, at_load and not _is_deferred(child))

    visit(ast.parse(source), True)
    return found


def violations(
    source: str, module: str, known: frozenset[str] = frozenset(), is_package: bool = False
) -> list[str]:
    """Say which imports of a source text are not allowed at its place."""
    place = place_of(module)
    if place is None:
        return [f"{module} is at no place of the table"]
    return [
        f"{module}, line {found.line}: {found.target} may not be imported here"
        for found in imports_of(source, module, known, is_package)
        if not is_allowed(found.target, place)
    ]


def modules_of(package: Path) -> dict[str, Path]:
    """Map every module of a package to its file."""
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def _is_deferred(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _targets(node: ast.AST, module: str, known: frozenset[str], is_package: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = module.split(".")
        here = parts[: len(parts) - node.level + is_package] if node.level else []
        base = ".".join([*here, *filter(None, [node.module])])
        for alias in node.names:
            deeper = f"{base}.{alias.name}"
            yield deeper if deeper in known else base
