"""Functions of the generated Python as C: one for each combination of argument types."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symdl.export.c.expressions import Expressions
from symdl.export.c.types import (
    INT,
    LIBM,
    NONE,
    REAL,
    Names,
    Type,
    Untranslatable,
    Value,
    volume_of,
    wrapped,
)

GIVEN = ("gemm", "gram", "_inside")
"""Functions that C has a text of its own for."""
_WORDS = frozenset(re.findall(r"\w+", """
    auto break case char const continue default do double else enum extern float for goto if inline
    int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while NAN INFINITY main errno signgam y0 y1 yn j0 j1 jn gamma
    fabs fabsf llabs free malloc memcpy setjmp longjmp kept0
""")) | {name + end for name in LIBM.values() for end in ("", "f")}


@dataclass(frozen=True)
class Instance:
    """A translated function: its name, its type, and the sizes that it takes beside arrays."""

    name: str
    type: Type
    sizes: tuple[tuple[int, int], ...] = ()  # an argument by number, and an axis


@dataclass
class Module:
    """A module of generated Python, from which functions are translated as they are called.

    Afterwards `texts` holds their definitions, callees first, and `used` the names of functions
    with a text of C's own.
    """

    text: str
    names: Names
    texts: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    instances: dict[tuple[str, tuple[Type, ...]], Instance] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text_lines = self.text.splitlines()
        self.definitions: dict[str, ast.FunctionDef] = {}
        limit = "DBL_MAX" if self.names.dtype == "float64" else "FLT_MAX"
        real = self.names.number
        self.constants |= {"zero": Value(real(0.0), REAL), "one": Value(real(1.0), REAL),
                           "inf": Value("INFINITY", REAL), "nan": Value("NAN", REAL),
                           "largest": Value(limit, REAL)}
        for node in ast.parse(self.text).body:
            if isinstance(node, ast.FunctionDef):
                self.definitions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._constant(node.targets[0].id, node.value)

    def _constant(self, name: str, value: ast.expr) -> None:
        if isinstance(value, ast.Attribute) and value.attr in LIBM:
            self.functions[name] = LIBM[value.attr]
        elif isinstance(value, ast.Constant) and isinstance(value.value, int):
            self.constants[name] = Value(str(value.value), INT)

    def call(self, name: str, arguments: Sequence[Value]) -> Value:
        """Translate a call, and what is called if that is new."""
        if name in GIVEN:
            self.used.add(name)
            called = "sd_inside" if name == "_inside" else name
            code = ", ".join(a.code for a in arguments)
            return Value(f"{called}({code})", INT if name == "_inside" else NONE)
        found = self._instance(name, arguments)
        sizes = {k: [arguments[n].shape[axis] for n, axis in found.sizes if n == k]
                 for k in range(len(arguments))}
        code = ", ".join(x for k, a in enumerate(arguments) for x in (a.code, *sizes[k]))
        return Value(f"{found.name}({code})", found.type)

    def _instance(self, name: str, arguments: Sequence[Value]) -> Instance:
        key = (name, tuple(a.type for a in arguments))
        if key not in self.instances:
            if name not in self.definitions:
                raise Untranslatable(f"{name} has no equal in C")
            count = sum(known == name for known, _ in self.instances)
            called = f"sd_{name.strip('_')}{count + 1 if count else ''}"
            function = Function(self, self.definitions[name], called, arguments)
            try:
                self.instances[key] = function.translated()
            except Untranslatable:
                raise Untranslatable(f"{name.strip('_')} has no equal in C") from None
            self.texts.append(function.text)
        return self.instances[key]


class Function:
    """One function for arguments of given types.

    The shapes of arrays are arguments too, as far as they are used, unless `shapes` says what
    they are.
    """

    def __init__(self, module: Module, node: ast.FunctionDef, name: str,
                 arguments: Sequence[Value], shapes: bool = True) -> None:
        self.module, self.node, self.name, self.names = module, node, name, module.names
        self.returned, self.shapes = NONE, shapes
        self.text = ""
        self.scratch: list[str] = []
        self.parameters: dict[str, Value] = {}
        for parameter, given in zip(node.args.args, arguments, strict=True):
            called = safe(parameter.arg)
            shape = tuple(f"{called}_{k}" for k in range(given.type.rank)) if shapes else (
                given.shape)
            self.parameters[parameter.arg] = Value(called, given.type, shape=shape)
        self.variables = dict(self.parameters)
        self.expressions = Expressions(self.variables, module.constants, module.functions,
                                       module.call, module.names)
        self.homes = _homes(node)
        self.declared: set[str] = set()

    def translated(self) -> Instance:
        """Translate; afterwards `text` is the definition."""
        for _ in range(2):  # the first pass finds the types of variables
            self.lines: list[str] = []
            self.declared, self.scratch = set(), []
            self._block(self.node.body, 1)
        if self.scratch and not isinstance(self.node.body[-1], ast.Return):
            self.lines += self._freed(1)
        words = set(re.findall(r"[A-Za-z_]\w*", "\n".join(self.lines)))
        sizes = tuple((n, axis) for n, v in enumerate(self.parameters.values())
                      for axis, s in enumerate(v.shape) if self.shapes and s in words)
        parameters = [f"{self.names.declared(v.type)}{'restrict ' if v.type.rank else ''}{v.code}"
                      + "".join(f", int64_t {v.shape[axis]}" for k, axis in sizes if k == n)
                      for n, v in enumerate(self.parameters.values())]
        head = [wrapped(f"static {self.names.declared(self.returned)}{self.name}("
                        f"{', '.join(parameters)})")]
        doc = ast.get_docstring(self.node)
        note = [f"/* {doc.splitlines()[0]} */"] if doc else []
        self.text = "\n".join([*note, *head, "{", *self.lines, "}"])
        return Instance(self.name, self.returned, sizes)

    def _line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def _block(self, body: Sequence[ast.stmt], depth: int) -> None:
        for name, home in self.homes.items():
            if home[0] is body and not home[1] and name not in self.parameters and (
                    name in self.variables and name not in self.declared):
                self._declare(name, depth)
        for node in body:
            self.lines += self._comments(node, depth)
            method = getattr(self, f"_{type(node).__name__}", None)
            if method is None:
                raise Untranslatable(f"{ast.unparse(node)} has no equal in C")
            method(node, depth)

    def _comments(self, node: ast.stmt, depth: int) -> list[str]:
        """The comments above a statement."""
        found: list[str] = []
        for line in reversed(self.module.text_lines[:node.lineno - 1]):
            if not line.strip().startswith("#"):
                break
            found.append(line.strip().removeprefix("#"))
        indent = "    " * depth
        lines = [f"{indent} *{line.rstrip()}" for line in reversed(found)]
        if not lines:
            return []
        return [f"{indent}/*{lines[0][len(indent) + 2:]}", *lines[1:-1],
                f"{lines[-1]} */"] if len(lines) > 1 else [f"{indent}/*{found[0]} */"]

    def _declare(self, name: str, depth: int) -> None:
        v = self.variables[name]
        self.declared.add(name)
        self._line(depth, f"{self.names.declared(v.type)}{v.code};")

    def _assign(self, name: str, value: Value, depth: int) -> None:
        known = self.variables.get(name)
        kind = value.type.joined(known.type) if known else value.type
        variable = known if known and known.type == kind else (
            Value(safe(name), kind, shape=value.shape))
        self.variables[name] = variable
        fresh = name not in self.declared and name not in self.parameters
        self.declared.add(name)
        self._line(depth, f"{self.names.declared(kind) if fresh else ''}{variable.code} = "
                          f"{value.code};")

    def _Assign(self, node: ast.Assign, depth: int) -> None:
        for target in reversed(node.targets):
            if isinstance(target, ast.Tuple):
                self._several(target.elts, node.value, depth)
            elif isinstance(target, ast.Name) and _is_empty(node.value):
                self._allocate(target.id, node.value, depth)
            elif isinstance(target, ast.Name) and isinstance(node.value, ast.Tuple):
                self._table(target.id, node.value.elts, depth)
            elif isinstance(target, ast.Name):
                self._assign(target.id, self.expressions.value(node.value), depth)
            else:
                self._line(depth, f"{self.expressions.code(target)} = "
                                  f"{self.expressions.code(node.value)};")

    def _several(self, targets: Sequence[ast.expr], value: ast.expr, depth: int) -> None:
        """`a, b = b, a` by way of other variables; `m, n = a.shape`."""
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            sizes = self.expressions.value(value.value).shape
            for target, size in zip(targets, sizes, strict=True):
                assert isinstance(target, ast.Name)
                self._assign(target.id, Value(size, INT), depth)
            return
        if not isinstance(value, ast.Tuple):
            raise Untranslatable(f"{ast.unparse(value)} is no pair")
        values = [self.expressions.value(v) for v in value.elts]
        if all(isinstance(t, ast.Name) for t in targets) and not _meet(targets, value.elts):
            for target, v in zip(targets, values, strict=True):
                self._assign(target.id, v, depth)  # type: ignore[attr-defined]
            return
        self._line(depth, "{")
        for k, v in enumerate(values[:-1]):
            self._line(depth + 1, f"{self.names.declared(v.type)}kept{k} = {v.code};")
        last = len(values) - 1
        self._line(depth + 1, f"{self.expressions.code(targets[last])} = {values[last].code};")
        for k, target in enumerate(targets[:-1]):
            self._line(depth + 1, f"{self.expressions.code(target)} = kept{k};")
        self._line(depth, "}")

    def _allocate(self, name: str, value: ast.expr, depth: int) -> None:
        assert isinstance(value, ast.Call)
        sizes, kind = value.args
        shape = [self.expressions.code(s) for s in
                 (sizes.elts if isinstance(sizes, ast.Tuple) else [sizes])]
        entries = Type("int" if ast.unparse(kind) == "np.int64" else "real", len(shape))
        volume = volume_of(shape)
        pointed = self.names.declared(entries)
        self.module.used.add("fresh")
        self.scratch.append(safe(name))
        self._assign(name, Value(f"sd_fresh((size_t)({volume}), sizeof({pointed.rstrip(' *')}))",
                                 entries, shape=tuple(shape)), depth)

    def _table(self, name: str, numbers: Sequence[ast.expr], depth: int) -> None:
        """Numbers that are read by place."""
        self.variables[name] = Value(safe(name), Type("wide", 1), shape=(str(len(numbers)),))
        self.declared.add(name)
        code = ", ".join(self.expressions.code(x) for x in numbers)
        self._line(depth, wrapped(f"const double {safe(name)}[] = {{{code}}};", " " * 8))

    def _freed(self, depth: int) -> Iterator[str]:
        return (f"{'    ' * depth}free({name});" for name in self.scratch)

    def _AugAssign(self, node: ast.AugAssign, depth: int) -> None:
        sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}.get(type(node.op))
        if sign is None:
            raise Untranslatable(f"{ast.unparse(node)} has no equal in C")
        self._line(depth, f"{self.expressions.code(node.target)} {sign}= "
                          f"{self.expressions.code(node.value)};")

    def _For(self, node: ast.For, depth: int) -> None:
        assert isinstance(node.target, ast.Name)
        assert isinstance(node.iter, ast.Call)
        ends = [self.expressions.code(a) for a in node.iter.args]
        first, last, *step = ["0", *ends] if len(ends) == 1 else ends
        kept = self.variables.get(node.target.id)
        i = safe(node.target.id)
        self.variables[node.target.id] = Value(i, INT)
        end = last if last.isidentifier() or last.isdigit() else f"{i}_end"
        begin = f"int64_t {i} = {first}" + (f", {end} = {last}" if end != last else "")
        self._line(depth, f"for ({begin}; {i} < {end}; {f'{i} += {step[0]}' if step else f'{i}++'})"
                          " {")
        self._block(node.body, depth + 1)
        self._line(depth, "}")
        if kept is not None:
            self.variables[node.target.id] = kept

    def _While(self, node: ast.While, depth: int) -> None:
        self._line(depth, f"while ({self.expressions.code(node.test)}) {{")
        self._block(node.body, depth + 1)
        self._line(depth, "}")

    def _If(self, node: ast.If, depth: int) -> None:
        self._line(depth, f"if ({self.expressions.code(node.test)}) {{")
        self._block(node.body, depth + 1)
        if node.orelse:
            self._line(depth, "} else {")
            self._block(node.orelse, depth + 1)
        self._line(depth, "}")

    def _Return(self, node: ast.Return, depth: int) -> None:
        if node.value is None:
            self.lines += self._freed(depth)
            self._line(depth, "return;")
            return
        value = self.expressions.value(node.value)
        self.returned = self.returned.joined(value.type)
        if self.scratch:
            self._line(depth, f"{self.names.declared(value.type)}result = {value.code};")
            self.lines += self._freed(depth)
            value = Value("result", value.type)
        self._line(depth, f"return {value.code};")

    def _Expr(self, node: ast.Expr, depth: int) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring
        self._line(depth, f"{self.expressions.code(node.value)};")

    def _Break(self, node: ast.Break, depth: int) -> None:
        self._line(depth, "break;")

    def _Pass(self, node: ast.Pass, depth: int) -> None:
        """Nothing stands for nothing."""


def safe(name: str) -> str:
    """A name that means nothing in C."""
    return f"{name}_" if name in _WORDS else name


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "np.empty"


def _meet(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> bool:
    """Whether a value reads what one before it is written to."""
    read = {n.id for v in values[1:] for n in ast.walk(v) if isinstance(n, ast.Name)}
    return bool(read & {t.id for t in targets if isinstance(t, ast.Name)})


def _homes(function: ast.FunctionDef) -> dict[str, tuple[Sequence[ast.stmt], bool]]:
    """For each variable the innermost block that holds all its occurrences.

    And whether its first occurrence there is an assignment of that block itself, which declares it.
    """
    found: dict[str, list[tuple[tuple[int, ...], ast.stmt]]] = {}
    blocks: dict[tuple[int, ...], Sequence[ast.stmt]] = {(): function.body}
    _visit(function.body, (), found, blocks, frozenset())
    homes = {}
    for name, places in found.items():
        paths = [path for path, _ in places]
        depth = 0
        while all(len(p) > depth and p[depth] == paths[0][depth] for p in paths):
            depth += 1
        first_path, first = places[0]
        common = paths[0][:depth]
        homes[name] = (blocks[common], first_path == common and isinstance(first, ast.Assign))
    return homes


def _visit(body: Sequence[ast.stmt], path: tuple[int, ...],
           found: dict[str, list[tuple[tuple[int, ...], ast.stmt]]],
           blocks: dict[tuple[int, ...], Sequence[ast.stmt]], hidden: frozenset[str]) -> None:
    """Gather occurrences, but not those of the variables of loops around them."""
    for node in body:
        inner = [b for b in (getattr(node, "body", None), getattr(node, "orelse", None)) if b]
        own = node if not inner else ast.Module([], [])
        parts: list[ast.AST] = [own] if not inner else [
            x for x in (getattr(node, "test", None), getattr(node, "iter", None)) if x]
        for part in parts:
            for n in ast.walk(part):
                if isinstance(n, ast.Name) and n.id not in hidden:
                    found.setdefault(n.id, []).append((path, node))
        for block in inner:
            deeper = (*path, len(blocks))
            blocks[deeper] = block
            target = node.target if isinstance(node, ast.For) else None
            own_loop = {target.id} if isinstance(target, ast.Name) else set()
            _visit(block, deeper, found, blocks, hidden | own_loop)

