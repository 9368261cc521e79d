"""The monitoring plan from its files, checked; all that is wrong with it is said at once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from synthetic.errors import PlanError
from synthetic.plan import quorums
from synthetic.plan.checks import problems
from synthetic.plan.entries import nearest, read, read_named
from synthetic.plan.model import Cause, Metric, Part, PhaseSpan, Plan, Route, Row, Tier


@dataclass(frozen=True)
class _File:
    """A file of the plan: entries under ``[[word]]``, or ``named`` by a table's own heading."""

    name: str
    model: type[BaseModel]
    word: str
    named: bool = False


_PARTS = {f"part_{part.lower()}.toml": part for part in get_args(Part)}
_FILES = (
    _File("metrics.toml", Metric, "metric", named=True),
    *(_File(name, Row, "row") for name in _PARTS),
    _File("routes.toml", Route, "route"),
    _File("causes.toml", Cause, "cause", named=True),
    _File("phases.toml", PhaseSpan, "phase"),
    _File("escalation.toml", Tier, "tier"),
)
_SHIPPED = resources.files("synthetic.plan")


@dataclass
class _Draft:
    """What was read so far."""

    entries: dict[type[BaseModel], list[Any]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    torn: set[str] = field(default_factory=set)
    whole: bool = True


def load(folder: Path | None = None, values: Mapping[str, float] | None = None) -> Plan:
    """The plan in ``folder`` (the one shipped unless given), with ``values`` for its blanks.

    Raises :class:`~synthetic.errors.PlanError`, one sentence a line for each mistake: what, in
    which file, and what is allowed there.
    """
    filled = tuple(sorted((values or {}).items()))
    return _shipped(filled) if folder is None else _load(folder, filled)


@cache
def _shipped(values: tuple[tuple[str, float], ...]) -> Plan:
    return _load(_SHIPPED, values)


def _load(folder: Traversable, values: tuple[tuple[str, float], ...]) -> Plan:
    draft = _Draft()
    if not folder.is_dir():
        raise PlanError(f"{folder} is no folder: SYNTHETIC_PLAN_DIR should name that of a plan.")
    draft.problems += _strangers(folder)
    for file in _FILES:
        _read(folder, file, draft)
    plan = _filled(_plan(draft), dict(values))
    if draft.whole:  # what refers to a file that could not be read cannot be judged
        draft.problems += _unknown_values(plan, dict(values))
        draft.problems += problems(plan, draft.names, draft.torn)
    if draft.problems:
        raise PlanError("\n".join(dict.fromkeys(draft.problems)))
    return plan


def _strangers(folder: Traversable) -> Iterator[str]:
    known = {file.name for file in _FILES} | _tables(_SHIPPED)  # a copy of that has them all
    for name in sorted(_tables(folder) - known):
        yield f"{name} is no file of a plan{nearest(name, known)}."


def _tables(folder: Traversable) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.endswith(".toml")}


def _read(folder: Traversable, file: _File, draft: _Draft) -> None:
    table = _table(folder, file, draft.problems)
    draft.whole = draft.whole and table is not None
    found = (
        read_named(file.model, file.name, file.word, table or {})
        if file.named
        else read(file.model, file.name, file.word, table or {}, _usual(file))
    )
    draft.problems += found.problems
    if found.problems:
        draft.torn.add(file.word)
    draft.problems += _misplaced(file, found.entries)
    draft.entries.setdefault(file.model, []).extend(found.entries)
    draft.names.setdefault(file.word, set()).update(found.names)


def _misplaced(file: _File, entries: list[BaseModel]) -> Iterator[str]:
    for row in entries:
        if isinstance(row, Row) and row.part != _PARTS[file.name]:
            part = _PARTS[file.name]
            yield f"part of row {row.id} in {file.name} should be {part} (or left out)."


def _usual(file: _File) -> dict[str, str]:
    return {"part": _PARTS[file.name]} if file.name in _PARTS else {}


def _table(folder: Traversable, file: _File, said: list[str]) -> dict[str, Any] | None:
    wanted = "[name]" if file.named else f"[[{file.word}]]"
    try:
        table = tomllib.loads(folder.joinpath(file.name).read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        said.append(f"{file.name} is missing: a plan has it, with {wanted} tables.")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        said.append(f"{file.name} is not UTF-8 at line {line}: save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        said.append(f"{file.name} is not valid TOML: {error}; correct that line.")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        said.append(f"{file.name} cannot be read: {reason}; make it a readable file.")
    else:
        if table:
            return table
        said.append(f"{file.name} is empty: it should hold {wanted} tables.")
    return None


def _plan(draft: _Draft) -> Plan:
    metrics = {one.name: one for one in draft.entries[Metric]}
    causes = {one.name: one for one in draft.entries[Cause]}
    return Plan.model_construct(
        metrics=metrics,
        rows=tuple(draft.entries[Row]),
        routes=tuple(draft.entries[Route]),
        causes=causes,
        phases=tuple(draft.entries[PhaseSpan]),
        tiers=tuple(draft.entries[Tier]),
    )


def _filled(plan: Plan, values: Mapping[str, float]) -> Plan:
    """The plan with its blanks filled in; those without a value are ``None`` in ``settings``."""
    blanks = {row.setting: values.get(row.setting) for row in plan.rows if row.setting}
    rows = tuple(
        quorums.with_quorums(_with_target(row, blanks.get(row.setting or "")), values, plan.metrics)
        for row in plan.rows
    )
    return plan.model_copy(update={"rows": rows, "settings": blanks})


def _with_target(row: Row, value: float | None) -> Row:
    return row if value is None else row.model_copy(update={"target": value})


def _unknown_values(plan: Plan, values: Mapping[str, float]) -> Iterator[str]:
    yield from quorums.problems({row.id: row for row in plan.rows}, values)
    for name, value in values.items():
        if quorums.is_one(name):
            continue
        where = f"{name} in SYNTHETIC_PLAN_VALUES"
        if name not in plan.settings:
            yield f"{where} is no blank of the plan{nearest(name, plan.settings)}."
        elif not math.isfinite(value):
            yield f"{where} should be a finite number."
