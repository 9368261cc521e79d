"""Imports point one way, files and functions stay short, and no file knows a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "synthetic"

# A part may import what stands in a line above its own, never its neighbours or what is below.
LAYERS = (
    {"results"},
    {"errors"},
    {"redaction", "_settings_sources", "wording", "allure_guard"},
    {"asking"},
    {"_settings_channels", "_settings_product", "_settings_watching"},
    {"settings"},
    {"store", "plan", "inbox", "media", "sources"},
    {"evaluate", "sinks", "browser", "probes"},
    {"reports", "pages", "exports"},
    {"notify", "allure_report"},
    {"journeys"},
    {"rounds"},
    {"after_run", "again", "answers"},
    {"dashboard"},
    {"watch", "gate", "doctor"},
    {"run", "repro"},
    {"pytest_plugin", "pytest_attempts", "pytest_redaction"},
    {"pytest_fixtures", "pytest_stage"},
    {"pytest_actors"},
    {"commands", "github"},
    {"cli"},
)
# The stand-in is reached over the network, like any target.
STANDIN_MAY_IMPORT = {"standin", "errors", "results"}
MAY_IMPORT_STANDIN = {"standin", "cli"}

MAY_DRIVE_BROWSERS = {
    "browser",
    "pages",
    "journeys",
    "pytest_plugin",
    "pytest_fixtures",
    "pytest_stage",
    "pytest_actors",
}
NEEDS_INPUT_OR_OUTPUT = {"httpx", "playwright", "socket", "sqlalchemy", "subprocess", "requests"}
DOES_NONE = {"results", "errors", "redaction", "wording", "evaluate"}

LONGEST_FILE = 300
LONGEST_FUNCTION = 40

MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = ("synthetic", "tests", "scripts", "benchmarks")
SOURCES = sorted(
    path for folder in FOLDERS for kind in ("*.py", "*.js") for path in (ROOT / folder).rglob(kind)
)
# Parsed before any test runs: Python 3.11 may fail at it while leftovers of browsers are collected.
TREES = {path: ast.parse(path.read_text()) for path in SOURCES if path.suffix == ".py"}


def part(module: Path) -> str:
    """The part of the package that a module belongs to."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(module: Path) -> Iterator[str]:
    """Dotted names that a module imports, wherever it does so."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "synthetic":
            yield from (f"synthetic.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            yield node.module or ""


def parts_imported(module: Path) -> set[str]:
    """The parts of the package that a module imports."""
    names = (name.split(".") for name in imports(module) if name.startswith("synthetic."))
    return {name[1] for name in names if not name[1].startswith("__")}


def libraries_imported(module: Path) -> set[str]:
    """What a module imports from outside the package."""
    return {name.split(".")[0] for name in imports(module)} - {"synthetic"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


SUITE = [module for module in MODULES if part(module) not in {"standin", "__init__"}]
STANDIN = [module for module in MODULES if part(module) == "standin"]


@pytest.mark.parametrize("module", SUITE, ids=name_of)
def test_imports_point_one_way(module: Path) -> None:
    here = part(module)
    places = [number for number, layer in enumerate(LAYERS) if here in layer]
    assert places, f"say in LAYERS where {here} stands"
    above = set().union(*LAYERS[: places[0]]) | {here}
    assert parts_imported(module) - {"standin"} <= above


@pytest.mark.parametrize("module", SUITE, ids=name_of)
def test_only_the_command_line_knows_the_stand_in(module: Path) -> None:
    assert "standin" not in parts_imported(module) or part(module) in MAY_IMPORT_STANDIN


@pytest.mark.parametrize("module", STANDIN, ids=name_of)
def test_the_stand_in_knows_nothing_of_the_suite(module: Path) -> None:
    assert parts_imported(module) <= STANDIN_MAY_IMPORT


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_libraries_stay_where_they_belong(module: Path) -> None:
    used = libraries_imported(module)
    assert "playwright" not in used or part(module) in MAY_DRIVE_BROWSERS
    assert part(module) not in DOES_NONE or not used & NEEDS_INPUT_OR_OUTPUT


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_stays_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", TREES, ids=name_of)
def test_a_function_stays_short(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(TREES[path]):
        if isinstance(node, functions):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"


def test_no_file_knows_a_machine() -> None:
    folders = "|".join(("root", "work", "tmp", "home/[a-z]+", "Users/[a-z]+", "opt"))
    machine = re.compile(rf"(?<![\w.~}}/])/(?:{folders})/[\w.-]+", re.IGNORECASE)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    found = [
        f"{name}: {match.group()}"
        for name in tracked.stdout.decode().split("\0")
        if name and (ROOT / name).is_file()
        for match in machine.finditer((ROOT / name).read_bytes().decode(errors="ignore"))
    ]
    assert not found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_pinned_requirements_name_no_address(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pinned = [line for line in lines if not line.lstrip().startswith("#")]
    assert not [line for line in pinned if "://" in line or line.startswith("-")]
    assert all("==" in line or "--hash=sha256:" in line for line in pinned if line)
