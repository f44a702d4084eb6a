"""One file out of several modules: imports merged, helpers of symdl copied in."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Sequence
from importlib import resources


def joined(parts: Sequence[str]) -> tuple[str, str]:
    """The imports and the rest of one module made of several.

    What a part imports from symdl is copied in before it, with the names that would meet others
    changed.
    """
    imports: dict[str, set[str]] = {}
    bodies: list[str] = []
    done: set[str] = set()
    taken = set[str]().union(*map(_defined, parts))
    for part in parts:
        _add(part, imports, bodies, done, taken)
    return _imports(imports), "\n\n\n".join(bodies)


def _add(text: str, imports: dict[str, set[str]], bodies: list[str], done: set[str],
         taken: set[str]) -> None:
    body = without_docstring(text)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.setdefault(f"import {_said(alias)}", set())
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            if not node.module.startswith("symdl."):
                imports.setdefault(node.module, set()).update(map(_said, node.names))
            elif node.module not in done:
                done.add(node.module)
                inner = _source(node.module)
                wanted = {alias.name for alias in node.names}
                for name in _defined(inner) - wanted & taken:
                    inner = re.sub(rf"\b{name}\b", _fresh(name, taken), inner)
                taken |= _defined(inner)
                _add(inner, imports, bodies, done, taken)
    bodies.append(body)


def _source(module: str) -> str:
    package, _, name = module.rpartition(".")
    return resources.files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")


def _said(alias: ast.alias) -> str:
    return alias.name + (f" as {alias.asname}" if alias.asname else "")


def _defined(text: str) -> set[str]:
    """The names that a module makes."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return found


def _fresh(name: str, taken: Iterable[str]) -> str:
    k = 2
    while f"{name}{k}" in taken:
        k += 1
    return f"{name}{k}"


def without_docstring(text: str) -> str:
    """A module without its docstring and its imports."""
    dropped: set[int] = set()
    for k, node in enumerate(ast.parse(text).body):
        string = k == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if string or isinstance(node, (ast.Import, ast.ImportFrom)):
            dropped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept = [line for k, line in enumerate(text.splitlines(), 1) if k not in dropped]
    return "\n".join(kept).strip("\n")


def _imports(found: dict[str, set[str]]) -> str:
    """Import statements, the standard library's first."""
    lines: dict[bool, list[str]] = {True: [], False: []}
    for head, names in found.items():
        module = head.removeprefix("import ")
        line = head if not names else f"from {module} import {', '.join(sorted(names))}"
        lines[module.split(".")[0].split(" ")[0] in sys.stdlib_module_names].append(line)
    blocks = ["\n".join(sorted(block, key=lambda x: (x.startswith("from"), x)))
              for block in lines.values() if block]
    return "\n\n".join(blocks)
