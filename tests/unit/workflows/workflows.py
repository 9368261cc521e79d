"""The workflows as data, and their expressions as GitHub would fill them in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
FILES = (*sorted((ROOT / ".github" / "workflows").glob("*.yml")), ROOT / "action.yml")
WORKFLOWS = FILES[:-1]
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")


@dataclass(frozen=True)
class Step:
    """A step; ``job`` is none in the action."""

    file: str
    job: str | None
    at: int
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.file}:{self.job or 'action'}:{self.at}"

    @property
    def run(self) -> str:
        """Its command; nothing where it uses an action."""
        return str(self.body.get("run", ""))

    def environment(self, contexts: Mapping[str, Any]) -> dict[str, str]:
        """The variables that it is given, filled in."""
        given = self.body.get("env", {})
        return {name: filled(str(value), contexts) for name, value in given.items()}


@cache
def load(path: Path) -> dict[Any, Any]:
    """A file as it stands; ``on`` is read as true, as YAML 1.1 has it."""
    found = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """A workflow's jobs."""
    found: dict[str, dict[str, Any]] = load(path)["jobs"]
    return found


def steps() -> Iterator[Step]:
    """All steps of all workflows and of the action."""
    for path in WORKFLOWS:
        for job, body in jobs(path).items():
            for at, step in enumerate(body.get("steps", ())):
                yield Step(path.name, job, at, step)
    for at, step in enumerate(load(FILES[-1])["runs"]["steps"]):
        yield Step(FILES[-1].name, None, at, step)


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """A value with its expressions filled in: names, quoted words, variables, and ``||``."""
    return _EXPRESSION.sub(lambda found: _value(found[1], contexts), text)


def _value(expression: str, contexts: Mapping[str, Any]) -> str:
    for part in map(str.strip, expression.split("||")):
        if part.startswith("'"):
            found: Any = part.strip("'")
        elif part == "toJSON(vars)":
            found = json.dumps(contexts.get("vars", {}))
        else:
            found = contexts
            for name in part.split("."):
                found = found.get(name, "") if isinstance(found, Mapping) else ""
        if found:
            return _as_text(found)
    return ""


def _as_text(found: Any) -> str:
    """As GitHub has it, which writes out neither objects nor arrays."""
    if isinstance(found, Mapping | list):
        return "Array" if isinstance(found, list) else "Object"
    return json.dumps(found) if isinstance(found, bool) else str(found)
