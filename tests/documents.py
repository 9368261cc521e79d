"""The documentation as tests see it: its pages, their fences, and the commands in them."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(path for path in DOCS.rglob("*.md") if "reference" not in path.parts),
]
LANGUAGES = {"console", "ini", "json", "promql", "python", "sh", "sql", "text", "toml", "yaml"}
_FENCE = re.compile(r"^( *)```(\S*)(?: .*)?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_OURS = re.compile(r"(\.venv/bin/)?(synthetic|make|export) |[A-Z][A-Z0-9_]*=")
_SPAN = re.compile(r"(?<!`)`(synthetic [a-z][^`]*)`(?!`)")


@dataclass(frozen=True)
class Fence:
    """A fenced block: where it begins, its language, what is in it."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a fence, with the lines that are shown as its output, if any are."""

    text: str
    shown: str = ""

    @property
    def words(self) -> list[str]:
        """The words that a shell would make of it."""
        return shlex.split(self.text, comments=True)


def fences(page: Path) -> Iterator[Fence]:
    """The fenced blocks of a page."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Fence(page, line, found[2], found[3])


def commands(fence: Fence) -> Iterator[Command]:
    """The commands of a fence in ``sh``, or in ``console`` with what they print.

    A fence in ``sh`` without a command of ours is one command, for a shell.
    """
    text = fence.text.replace("\\\n", " ")
    if fence.language == "console":
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield Command(command, shown)
    elif fence.language == "sh":
        lines = text.splitlines()
        yield from map(Command, lines if any(map(_OURS.match, lines)) else [text])


def spans(page: Path) -> Iterator[str]:
    """Commands of ours inside sentences, such as those in ``synthetic ack``."""
    text = _FENCE.sub("", page.read_text("utf-8"))
    yield from (" ".join(found.split()) for found in _SPAN.findall(text))


def loaded(path: Path) -> ModuleType:
    """The module in a file that belongs to no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
