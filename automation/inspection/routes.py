"""Reads which paths an ASGI application answers, from decorators and included routers."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from automation.inspection.strings import constants, evaluate
from automation.inspection.tree import syntax

METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "route",
                     "api_route", "websocket"})  # fmt: skip
Node = tuple[str, str]
"""A router or an application: module file's stem path and the name of its variable."""


@dataclass(frozen=True)
class Route:
    """A path and whether it can be asked with GET."""

    path: str
    get: bool


@dataclass
class _Graph:
    own: dict[Node, str] = field(default_factory=dict)
    routes: list[tuple[Node, Route]] = field(default_factory=list)
    includes: list[tuple[Node, Node, str]] = field(default_factory=list)


def read(sources: Sequence[Path]) -> list[Route]:
    """List the routes with their prefixes, as far as they are written out."""
    graph, known = _Graph(), constants(sources)
    for path in sources:
        tree = syntax(path)
        if tree is not None:
            _Reader(graph, known, path, sources).visit(tree)
    found: dict[tuple[str, bool], None] = {}
    for node, route in graph.routes:
        for prefix in _prefixes(graph, node, ()):
            found[prefix + route.path or "/", route.get] = None
    return [Route(path, get) for path, get in found]


def _prefixes(graph: _Graph, node: Node, seen: tuple[Node, ...]) -> Iterator[str]:
    """Yield every prefix under which a router is reachable; its own where nothing includes it."""
    own = graph.own.get(node, "")
    parents = [(parent, at) for parent, child, at in graph.includes if child == node]
    if not parents or node in seen:
        yield own
    else:
        for parent, at in parents:
            for above in _prefixes(graph, parent, (*seen, node)):
                yield above + at + own


class _Reader(ast.NodeVisitor):
    """Collects routers, routes and includes of one module into the graph."""

    def __init__(
        self, graph: _Graph, known: Mapping[str, str], path: Path, sources: Sequence[Path]
    ) -> None:
        self.graph, self.known, self.path, self.sources = graph, known, path, sources
        self.imported: dict[str, tuple[Path, str | None]] = {}
        self.loops: dict[str, list[ast.expr]] = {}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = (node.module or "").split(".") if node.module else []
        for one in node.names:
            as_module = self._file([*module, one.name], node.level)
            if as_module is not None:
                self.imported[one.asname or one.name] = (as_module, None)
            elif (file := self._file(module, node.level)) is not None:
                self.imported[one.asname or one.name] = (file, one.name)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            prefix = evaluate(_argument(node.value, "prefix"), self.known)
            if prefix:
                self.graph.own[str(self.path), node.targets[0].id] = prefix
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if isinstance(node.target, ast.Name) and isinstance(node.iter, ast.Tuple | ast.List):
            self.loops[node.target.id] = node.iter.elts
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                self._route(decorator, decorator.func)
        self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            parent = (str(self.path), node.func.value.id)
            if name == "include_router" and node.args:
                at = evaluate(_argument(node, "prefix"), self.known) or ""
                for child in self._routers(node.args[0]):
                    self.graph.includes.append((parent, child, at))
            elif name == "mount" and len(node.args) > 1:
                at = evaluate(node.args[0], self.known) or ""
                self._mounted(parent, node.args[1], at)
            elif name in ("add_api_route", "add_route"):
                self._add(parent, node, get=True)
        if name == "Route" and node.args:
            self._add((str(self.path), "app"), node, get=True)
        self.generic_visit(node)

    def _mounted(self, parent: Node, child: ast.expr, at: str) -> None:
        if isinstance(child, ast.Name):
            for router in self._routers(child):
                self.graph.includes.append((parent, router, at))
        self.graph.routes.append((parent, Route(at, get=True)))

    def _route(self, call: ast.Call, function: ast.Attribute) -> None:
        if function.attr in METHODS and isinstance(function.value, ast.Name):
            node = (str(self.path), function.value.id)
            self._add(node, call, get=function.attr in ("get", "route", "api_route"))

    def _add(self, node: Node, call: ast.Call, *, get: bool) -> None:
        first = call.args[0] if call.args else _argument(call, "path")
        path = evaluate(first, self.known)
        if path is not None and (path == "" or path.startswith("/")):
            self.graph.routes.append((node, Route(path, get)))

    def _routers(self, node: ast.expr) -> Iterator[Node]:
        if isinstance(node, ast.Name):
            file, name = self.imported.get(node.id, (self.path, node.id))
            yield str(file), name or node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            for module in self.loops.get(node.value.id, [node.value]):
                if isinstance(module, ast.Name) and module.id in self.imported:
                    yield str(self.imported[module.id][0]), node.attr

    def _file(self, parts: list[str], level: int) -> Path | None:
        """Find the module's file: below this one's folder if relative, else anywhere."""
        if not parts:
            return None
        tail = ("/".join(parts) + ".py", "/".join(parts) + "/__init__.py")
        if level:
            base = self.path.parents[level - 1]
            return next((base / one for one in tail if base / one in self.sources), None)
        return next(
            (
                path
                for path in self.sources
                if path.as_posix().endswith(tuple("/" + t for t in tail))
            ),
            None,
        )


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)
