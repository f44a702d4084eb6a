"""One file out of several modules: imports merged, what comes from symdl copied in.

A module of symdl becomes a function that returns the names that others need of it: what is in it
can be called like something in another one. Only what is needed of it is copied.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from textwrap import fill, indent


def joined(parts: Sequence[str]) -> tuple[str, str]:
    """The imports and the rest of one module made of several.

    What the parts import from symdl comes first.
    """
    imports: dict[str, set[str]] = {}
    bodies: list[str] = []
    modules: dict[str, _Module] = {}
    for part in parts:
        own: list[str] = []
        for node in _imported(ast.parse(part)):
            if isinstance(node, ast.Import):
                imports |= {f"import {_said(alias)}": set() for alias in node.names}
            elif not (node.module or "").startswith("symdl."):
                imports.setdefault(str(node.module), set()).update(map(_said, node.names))
            else:
                _need(str(node.module), {alias.name for alias in node.names}, modules)
                own.append(_taken(node))
        bodies.append("\n\n\n".join(filter(None, ["\n".join(own), without_docstring(part)])))
    if modules:
        imports.setdefault("types", set()).add("SimpleNamespace")
    copied = [modules[name].copied() for name in _ordered(modules)]
    return _imports(imports), "\n\n\n".join([*copied, *bodies])


@dataclass(frozen=True)
class _Statement:
    """A statement of a module: its text, the names it makes, and those it reads."""

    node: ast.stmt
    text: str
    makes: frozenset[str]
    reads: frozenset[str]


class _Module:
    """A module of symdl, and the names that something needs of it."""

    def __init__(self, name: str) -> None:
        self.name, self.wanted = name, set[str]()
        package, _, file = name.rpartition(".")
        self.text = unannotated(
            resources.files(package).joinpath(f"{file}.py").read_text(encoding="utf-8"))

    @cached_property
    def statements(self) -> list[_Statement]:
        """What the module consists of, but docstrings; an import is one for each name."""
        found, lines = [], self.text.splitlines()
        for node in ast.parse(self.text).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found += [s for s in _single(node) if "__future__" not in s.text]
            elif not _is_string(node):
                first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
                text = "\n".join(lines[first - 1:node.end_lineno])
                reads = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                found.append(_Statement(node, text, frozenset(_made(node)), frozenset(reads)))
        return found

    def needed(self) -> list[_Statement]:
        """The statements that what is wanted needs, and those that make no name."""
        names, kept = set(self.wanted), list[_Statement]()
        while fresh := [s for s in self.statements
                        if s not in kept and (not s.makes or s.makes & names)]:
            kept += fresh
            names.update(*(s.reads for s in fresh))
        return [s for s in self.statements if s in kept]

    def copied(self) -> str:
        """A function that makes what is wanted, and its call."""
        name, statements = _name(self.name), self.needed()
        imports = [_taken(s.node) if s.text.startswith("from symdl.") else s.text
                   for s in statements if isinstance(s.node, ast.ImportFrom | ast.Import)]
        parts = ["\n".join(imports), *(s.text for s in statements
                                       if not isinstance(s.node, ast.ImportFrom | ast.Import))]
        made = fill(f"return SimpleNamespace({', '.join(f'{x}={x}' for x in sorted(self.wanted))})",
                    95, subsequent_indent="    ", break_long_words=False)
        doc = f'"""{(ast.get_docstring(ast.parse(self.text)) or "").splitlines()[0]}"""'
        body = "\n\n".join([*filter(None, [doc, *parts]), made])
        return f"def {name}():\n{indent(body, '    ')}\n\n\n{name} = {name}()"


def _need(module: str, names: set[str], modules: dict[str, _Module]) -> None:
    """Note that names of a module are needed, and what they need of others."""
    if module not in modules:
        modules[module] = _Module(module)
    found = modules[module]
    if names <= found.wanted:
        return
    found.wanted |= names
    for s in found.needed():
        if isinstance(s.node, ast.ImportFrom) and str(s.node.module).startswith("symdl."):
            _need(str(s.node.module), {alias.name for alias in s.node.names}, modules)


def _ordered(modules: dict[str, _Module]) -> list[str]:
    """The modules, each behind those that it imports."""
    done: list[str] = []

    def visit(name: str) -> None:
        for s in modules[name].needed():
            if isinstance(s.node, ast.ImportFrom) and s.node.module in modules:
                visit(s.node.module)
        if name not in done:
            done.append(name)

    for name in modules:
        visit(name)
    return done


def _name(module: str) -> str:
    """What a copied module is called."""
    return "_" + "_".join(module.split(".")[2:])


def _taken(node: ast.stmt) -> str:
    """The names of an import from symdl, taken out of the copied module."""
    assert isinstance(node, ast.ImportFrom)
    return "\n".join(f"{alias.asname or alias.name} = {_name(str(node.module))}.{alias.name}"
                     for alias in node.names)


def _single(node: ast.Import | ast.ImportFrom) -> Iterator[_Statement]:
    """An import of several names, one by one."""
    for alias in node.names:
        one = (ast.Import([alias]) if isinstance(node, ast.Import) else
               ast.ImportFrom(node.module, [alias], node.level))
        made = frozenset({alias.asname or alias.name.split(".")[0]})
        yield _Statement(one, ast.unparse(one), made, frozenset())


def _imported(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
            and getattr(node, "module", "") != "__future__")


def _said(alias: ast.alias) -> str:
    return alias.name + (f" as {alias.asname}" if alias.asname else "")


def _is_string(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _made(node: ast.stmt) -> Iterator[str]:
    """The names that a statement makes; a loop over constants makes none that others need."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for t in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (n.id for n in ast.walk(t) if isinstance(n, ast.Name))


def unannotated(text: str) -> str:
    """Source without the annotations of its functions: what they name needn't be there."""
    raw = text.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    cuts = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.arg) and node.annotation:
            begin = starts[node.lineno - 1] + node.col_offset + len(node.arg.encode())
            cuts.append((begin, _end(node.annotation, starts)))
        elif isinstance(node, ast.FunctionDef) and node.returns:
            begin = starts[node.returns.lineno - 1] + node.returns.col_offset
            cuts.append((raw.rindex(b")", 0, begin) + 1, _end(node.returns, starts)))
    for begin, end in sorted(cuts, reverse=True):
        raw = raw[:begin] + raw[end:]
    return raw.decode()


def _end(node: ast.expr, starts: Sequence[int]) -> int:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.end_lineno - 1] + node.end_col_offset


def without_docstring(text: str) -> str:
    """A module without its docstring and its imports."""
    dropped: set[int] = set()
    for k, node in enumerate(ast.parse(text).body):
        if (k == 0 and _is_string(node)) or isinstance(node, (ast.Import, ast.ImportFrom)):
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
