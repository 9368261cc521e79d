"""A run as rows of the tables, and back: what was stored can be read as it was. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from synthetic.results import Journey, Media, Request, Run, Step
from synthetic.store import schema
from synthetic.store.schema import micros

PARTS = (schema.journeys, schema.steps, schema.requests, schema.media)
"""The tables that hold what a run consists of."""
_HEAD = (
    *("run_id", "suite", "target", "location", "trigger", "revision", "started_at"),
    *("finished_at", "duration_s", "verdict", "origin"),
)
_REST = ("pages", "findings", "samples", "notifications")
_JOURNEY = tuple(name for name in Journey.model_fields if name not in ("steps", "controls"))
_STEP = tuple(name for name in Step.model_fields if name not in ("error", "started_at", "ended_at"))
_REQUEST = tuple(name for name in Request.model_fields if name != "at")
_MEDIA = ("kind", "to", "journey", "attempt", "step", "identity", "impaired")
_MEASURED = tuple(name for name in Media.model_fields if name not in (*_MEDIA, "from_"))

_Row = dict[str, Any]
_Values = tuple[Any, ...]
_Fields = Callable[[_Row], _Values]
_journey: _Fields = itemgetter(*_JOURNEY)
_step: _Fields = itemgetter(*_STEP)
_request: _Fields = itemgetter(*_REQUEST)
_media: _Fields = itemgetter(*_MEDIA)
_measured: _Fields = itemgetter(*_MEASURED)


def head_of(run: Run) -> _Row:
    """The row of ``runs``, but for what only the database knows, as drivers take it."""
    rest: _Row = {"schema": run.schema_, "alerts": list(run.alerts)}
    for name in _REST:
        rest[name] = [one.model_dump(mode="json") for one in getattr(run, name)]
    times = {"started_at": micros(run.started_at), "finished_at": _micros(run.finished_at)}
    return {**{name: getattr(run, name) for name in _HEAD}, **times, "rest": json.dumps(rest)}


@dataclass(frozen=True)
class Part:
    """Rows of a table, but for their first column: the number that the run has there."""

    table: Table
    names: tuple[str, ...]
    rows: list[_Values]


def parts_of(run: Run) -> list[Part]:
    """What a run consists of, in the order of :data:`PARTS`; values are as drivers take them."""
    journeys = [
        (
            place,
            *_journey(vars(one)),
            json.dumps([control.model_dump() for control in one.controls]),
        )
        for place, one in enumerate(run.journeys)
    ]
    steps = [
        (
            place,
            order,
            *_step(vars(one)),
            *_error(one),
            micros(one.started_at),
            _micros(one.ended_at),
        )
        for place, journey in enumerate(run.journeys)
        for order, one in enumerate(journey.steps)
    ]
    requests = [
        (place, *_request(vars(one)), micros(one.at)) for place, one in enumerate(run.requests)
    ]
    media = [
        (place, *_media(vars(one)), one.from_, json.dumps(_figures(one)))
        for place, one in enumerate(run.media)
    ]
    more = ("error_type", "error_message", "started_at", "ended_at")
    return [
        Part(schema.journeys, ("number", *_JOURNEY, "controls"), journeys),
        Part(schema.steps, ("journey", "number", *_STEP, *more), steps),
        Part(schema.requests, ("number", *_REQUEST, "at"), requests),
        Part(schema.media, ("number", *_MEDIA, "from", "figures"), media),
    ]


def run_of(head: Any, parts: Mapping[Table, Iterable[Any]]) -> Run:
    """The run again, as far as its rows are still there."""
    rest = head.rest
    steps: dict[int, list[_Row]] = defaultdict(list)
    for row in parts.get(schema.steps, ()):
        steps[row.journey].append(_step_of(row))
    fields: _Row = {name: getattr(head, name) for name in _HEAD}
    fields["journeys"] = [
        {**_fields(row, "run", "number"), "steps": steps[row.number]}
        for row in parts.get(schema.journeys, ())
    ]
    fields["requests"] = [_fields(row, "run", "number") for row in parts.get(schema.requests, ())]
    fields["media"] = [
        {**_fields(row, "run", "number", "figures"), **row.figures}
        for row in parts.get(schema.media, ())
    ]
    return Run.model_validate({**fields, **rest})


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _error(step: Step) -> tuple[str | None, str | None]:
    return (step.error.type, step.error.message) if step.error else (None, None)


def _figures(media: Media) -> _Row:
    found = zip(_MEASURED, _measured(vars(media)), strict=True)
    figures = {name: value for name, value in found if value is not None}
    if media.glass_to_glass_ms:
        figures["glass_to_glass_ms"] = vars(media.glass_to_glass_ms)  # dict() asks pydantic
    return figures


def _step_of(row: Any) -> _Row:
    fields = _fields(row, "run", "journey", "number", "error_type", "error_message")
    if row.error_type is not None:
        fields["error"] = {"type": row.error_type, "message": row.error_message}
    return fields


def _fields(row: Any, *others: str) -> _Row:
    return {name: value for name, value in row._mapping.items() if name not in others}
