"""Functions in NumPy expressions: by name, from a module, as a method, or a lambda."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from symdl.language import operators as op
from symdl.language.errors import SymdlError
from symdl.language.syntax.errors import ParseError, Refusal
from symdl.language.syntax.python.functions import ALIASES, FUNCTIONS, METHODS
from symdl.language.syntax.python.lists import Value
from symdl.language.syntax.python.source import Source
from symdl.language.syntax.python.tree import MODULES
from symdl.language.tensor import Tensor


class Calls(ABC):
    """Reads calls; what stands in their brackets is read by the other half."""

    def __init__(self, source: Source, names: Mapping[str, Value],
                 functions: Mapping[str, Callable[..., Any]]):
        self._source = source
        self._names: dict[str, Value] = dict(names)
        self._functions = functions
        self._steps = self._depth = 0

    @abstractmethod
    def value(self, node: ast.AST) -> Value:
        """The meaning of a node."""

    @abstractmethod
    def _lambda(self, node: ast.Lambda) -> Callable[..., Any]:
        """A function written in place."""

    def _said(self, reason: str, operands: Iterable[tuple[Value, ast.AST]]) -> str:
        """A reason in the user's words: operands that have no name by their text."""
        for x, node in operands:
            if isinstance(x, Tensor) and x.name is None:
                reason = reason.replace(x.label, self._source.digits(node))
        return reason

    def _call(self, node: ast.Call) -> Value:
        if any(isinstance(a, ast.Starred) for a in node.args) or any(
                k.arg is None for k in node.keywords):
            raise Refusal("arguments are written out one by one")
        function, first = self._called(node.func)
        args = [*first, *map(self.value, node.args)]
        nodes = [node.func, *node.args][1 - len(first):]
        options = {str(k.arg): _option(self.value(k.value)) for k in node.keywords}
        try:
            return function(*args, **options)
        except TypeError as error:
            reason = str(error).partition(") ")[2] or str(error)
            raise Refusal(f"{self._source.digits(node.func)}: {reason}") from None
        except ParseError:
            raise
        except SymdlError as error:
            raise Refusal(self._said(str(error), zip(args, nodes, strict=True))) from None

    def _called(self, node: ast.expr) -> tuple[Callable[..., Any], list[Value]]:
        """The function, and the array whose method it is."""
        if isinstance(node, ast.Name):
            own = self._names.get(node.id)
            if callable(own) and not isinstance(own, Tensor):
                return own, []
            if own is not None:
                raise Refusal(f"{node.id} is an array, not a function. Did you mean "
                              f"{node.id}*(...)?")
            found = self._function(node.id)
            if found is None:
                near = get_close_matches(node.id, [*FUNCTIONS, *self._functions], 1)
                raise Refusal(f"there is no function {node.id}"
                              + (f". Did you mean {near[0]}?" if near else ""))
            return found, []
        if isinstance(node, ast.Attribute):
            if (given := self._functions.get(self._source.digits(node))) is not None:
                return given, []
            if self._is_module(node.value):
                found = self._function(f"np.{node.attr}") or self._function(node.attr)
                if found is None:
                    raise Refusal(f"there is no function {self._source.digits(node)}")
                return found, []
            if node.attr in METHODS:
                return self._method(node.attr), [self.value(node.value)]
        if isinstance(node, ast.Lambda):
            return self._lambda(node), []
        raise Refusal(f"{self._source.digits(node)} is no function")

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            if node.attr not in MODULES:
                return False
            node = node.value
        return isinstance(node, ast.Name) and node.id in MODULES and node.id not in self._names

    def _method(self, name: str) -> Callable[..., Any]:
        if name in ("flatten", "ravel"):
            return lambda x, order="C": FUNCTIONS["vec"](x) if order == "F" else op.reshape(x, -1)
        return FUNCTIONS[f"np.{name}" if f"np.{name}" in FUNCTIONS else name]

    def _function(self, name: str) -> Callable[..., Any] | None:
        own = self._functions.get(name)
        return own if own is not None else FUNCTIONS.get(ALIASES.get(name, name))


def _option(x: Value) -> Any:
    return tuple(x) if isinstance(x, list) else x
