"""The shape of the code: who may import whom, and how large things may grow."""

import ast
import importlib
import os
import pkgutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.contract.platforms import CLUSTERS
from components.contract.platforms import REGISTRIES as PLATFORMS

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("components", "automation", "clients")
LINES, MEDIAN, FUNCTION = 200, 80, 40
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
HEAVY = ("pulumi", "httpx", "rich", "pydantic", "psycopg", "cryptography", "jinja2", "alembic")

FILES = [
    ROOT / "__main__.py",
    *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))),
]
TREES = {path: ast.parse(path.read_text(), str(path)) for path in FILES}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import, wherever in the file it is."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: a relative import"
            # `from a import b` may import the module a.b
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def offenders(package: str, forbidden: str, *allowed: str) -> list[str]:
    """List the imports of a forbidden package in another, but for the modules that are allowed."""
    return [
        f"{name(path)}:{line}: {module}"
        for path in FILES
        if name(path).startswith(package)
        for line, module in imports(path)
        if within(module, forbidden) and not any(within(module, each) for each in allowed)
    ]


def test_what_exists_knows_nothing_of_what_happens() -> None:
    assert offenders("components/", "automation") == []


def test_the_driver_knows_only_the_contract() -> None:
    assert offenders("automation/", "components", "components.contract") == []


def test_the_contract_knows_nobody() -> None:
    for foreign in ("pulumi", "automation"):
        assert offenders("components/contract/", foreign) == []
    assert offenders("components/contract/", "components", "components.contract") == []


def test_clients_know_neither_side() -> None:
    for foreign in ("automation", "components", "pulumi"):
        assert offenders("clients/", foreign) == []


def test_only_the_engine_knows_the_automation_api() -> None:
    found = offenders("automation/", "pulumi")

    assert [each for each in found if not each.startswith("automation/engine")] == []


def test_only_the_settings_read_the_configuration() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "Config"
        and isinstance(node.value, ast.Name)
        and node.value.id == "pulumi"
    ]
    found += offenders("", "pulumi.Config")

    assert {each.partition(":")[0] for each in found} == {"components/settings.py"}


def test_modules_are_small() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in FILES}

    found = [f"{where}: {size}" for where, size in sizes.items() if size > LINES]
    assert not found, "\n".join(found)
    for package in PACKAGES:
        known = [size for where, size in sizes.items() if where.startswith(package) and size > 1]
        assert statistics.median(known) < MEDIAN, package


def test_functions_are_small() -> None:
    found = [
        f"{name(path)}:{node.lineno}: {node.name}: {size}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION
    ]

    assert not found, "\n".join(found)


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = [name(path) for path in FILES if VAGUE & {path.stem, *path.parent.parts}]

    assert not found, "\n".join(found)


def test_packages_hold_a_docstring_and_a_registry_and_nothing_else() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path, tree in TREES.items()
        if path.name == "__init__.py"
        for node in tree.body
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]

    assert not found, "\n".join(found)
    assert [name(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def registries() -> list[tuple[str, str, object]]:
    """List package, name and target of every entry that a registry names as `module:Class`."""
    found = []
    for package in PACKAGES:
        root = importlib.import_module(package)
        for each in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not each.ispkg:
                continue
            for attribute, value in vars(importlib.import_module(each.name)).items():
                if attribute.isupper() and isinstance(value, dict):
                    found += [(each.name, entry, target) for entry, target in value.items()]
    platforms = {(each.declared_by, entry) for kind in KINDS for entry, each in kind.items()}
    return [*found, *(("components", entry, target) for target, entry in sorted(platforms))]


KINDS = (*PLATFORMS.values(), CLUSTERS)
REGISTRIES = registries()


def test_there_are_registries() -> None:
    assert {"automation.databases", "automation.strategies"} <= {each[0] for each in REGISTRIES}
    assert any(target == "components.backend.local:LocalBackend" for _, _, target in REGISTRIES)


@pytest.mark.parametrize(("package", "entry", "target"), REGISTRIES)
def test_every_entry_of_a_registry_can_be_loaded(package: str, entry: str, target: object) -> None:
    if isinstance(target, str):
        module, _, attribute = target.partition(":")
        assert within(module, package), f"{package}: {entry} lies elsewhere"
        target = getattr(importlib.import_module(module), attribute)

    # a class, or an object of a class that is at home there
    assert callable(target) or within(type(target).__module__, package), entry


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, runpy\n"
        "sys.argv = ['automation', '--help']\n"
        "try:\n    runpy.run_module('automation', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert loaded & set(HEAVY) == set()
    assert "automation" in loaded
