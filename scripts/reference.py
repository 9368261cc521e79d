"""Writes docs/reference: what follows from the code, so that nobody has to keep it up by hand."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.main import get_command

from synthetic.cli import app, main, settings_table
from synthetic.evaluate.arrivals import NO_DATA
from synthetic.exports.coverage import alert_of, coverage, metric_of
from synthetic.notify.grouping import Firing
from synthetic.notify.routing import destinations
from synthetic.plan.load import load
from synthetic.plan.model import Plan, Row, duration
from synthetic.results import json_schema
from synthetic.settings import describe
from synthetic.standin.__main__ import parser as options_of_standin
from synthetic.standin.faults import listing
from synthetic.store.values import Alert

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NONE = "–"
_EPOCH = datetime.fromtimestamp(0, UTC)
_ALERTS = """\
# Alerts

Made by `make docs` from the [plan](../plan-coverage.md); not to be edited. Every rule that can
fire, under the page of the [on-call guide](../on-call.md) that says what it means, where to look
and when to escalate. *Told* is where the plan's routes send it; an alert that joins an open
incident is told in its thread. What fires "in launch" or "in week1" does so in that phase only."""
_COMMANDS = """\
# Commands

Made by `make docs` from what each says about itself; not to be edited. `synthetic` is in
`.venv/bin`. Wrong usage or settings end it with 2 and one sentence."""
_FAULTS = """\
# Faults of the stand-in

Made by `make docs` from `synthetic standin --list-faults`; not to be edited. What `--fault NAME`
gets wrong, and the step that must catch it; what was caught is in [detection](../detection.md).
`--break NAME` does it to a stand-in that runs, `--mend` ends it. Where there is a unit,
`NAME=VALUE` says how much."""
_RECORD = """\
# The run record

Made by `make docs`; not to be edited. `reports/runs/<run_id>/run.json` is valid at every moment of
a run. This is the short form of the JSON Schema that `synthetic schema` prints. Times are RFC 3339
in UTC; an older record may lack a field that has a default."""


def pages() -> dict[str, str]:
    """Each page's name and text."""
    return {
        "alerts.md": "\n".join([_ALERTS, *_alerts(load())]) + "\n",
        "commands.md": "\n".join([_COMMANDS, *_commands()]) + "\n",
        "faults.md": "\n".join([_FAULTS, *_faults()]) + "\n",
        "record.md": "\n".join([_RECORD, *_record(json_schema())]) + "\n",
    }


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(heads)
    yield from ("", f"| {' | '.join(names)} |", "|---" * len(names) + "|")
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


# --- Alerts ---------------------------------------------------------------------------------------


def _alerts(plan: Plan) -> Iterator[str]:
    rows = [row for row in (*plan.rows, NO_DATA) if row.alerts]
    order = list(plan.causes)
    rows.sort(key=lambda row: order.index(row.cause or ""))
    for cause, of_cause in groupby(rows, key=lambda row: row.cause):
        page = plan.causes[cause or ""]
        yield ""
        yield f"## [{page.title}]({page.runbook.replace('docs/', '../')})"
        heads = ("alert", "rule", "of", "fires", "told", "take it within")
        yield from _table(heads, (_alert(plan, row) for row in of_cause))


def _alert(plan: Plan, row: Row) -> Iterator[str]:
    told = destinations(plan, [Firing(Alert(row.id, (), "firing", _EPOCH, 0), row)])
    yield f'<a id="{row.id}"></a>{row.title}'  # where links to a rule lead
    yield f"`{row.id}`"
    yield "what arrived before" if row is NO_DATA else metric_of(row)
    yield f"{row.severity}: overdue" if row is NO_DATA else alert_of(plan, row)
    yield ", ".join(" ".join(filter(None, place)) for place in told)
    yield duration(row.acknowledge_within) if row.acknowledge_within else _NONE


# --- Commands -------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    for words in _names(get_command(app)):
        yield from ("", f"## synthetic {' '.join(words)}")
        yield from (_standin() if words == ("standin",) else ("", "```text", _help(words), "```"))


def _names(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command, those of groups included."""
    for name, one in sorted(command.commands.items()):
        yield (*words, name)
        if hasattr(one, "commands"):
            yield from _names(one, (*words, name))


def _help(words: tuple[str, ...]) -> str:
    said = io.StringIO()
    with patch.dict(os.environ, {"COLUMNS": "100"}), redirect_stdout(said):
        main([*words, "--help"])
    return said.getvalue().strip()


def _standin() -> Iterator[str]:
    parser = options_of_standin()
    yield from ("", str(parser.description))
    rows = []
    for action in parser._actions:
        taken = action.metavar or ("|".join(action.choices) if action.choices else "")
        takes = "" if action.nargs == 0 else f" {taken or action.dest.upper()}"
        rows.append((f"`{', '.join(action.option_strings)}{takes}`", action.help or _NONE))
    yield from _table(("option", "what it does"), rows)


# --- Faults ---------------------------------------------------------------------------------------


def _faults() -> Iterator[str]:
    found = sorted(listing(), key=lambda one: str(one["feature"]))
    for feature, faults in groupby(found, key=lambda one: one["feature"]):
        yield from ("", f"## {feature}")
        heads = ("fault", "breaks", "caught by", "in", "verdict", "unit")
        yield from _table(heads, map(_fault, faults))


def _fault(one: Mapping[str, object]) -> Iterator[str]:
    yield f"`{one['name']}`"
    yield str(one["breaks"]) + (" (shows what is another's)" if one["security"] else "")
    yield str(one["step"])
    yield f"`{one['journey']}`"
    origin = "" if one["origin"] == "target" else f", origin {one['origin']}"
    yield f"{one['verdict']}{origin}"
    yield str(one["unit"] or _NONE)


# --- The run record -------------------------------------------------------------------------------


def _record(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _object("Run", schema)
    for name, one in sorted(schema["$defs"].items()):
        yield from _object(name, one)


def _object(name: str, one: Mapping[str, Any]) -> Iterator[str]:
    said = re.sub(r"``([^`]+)``", r"`\1`", one.get("description", ""))
    yield from ("", f"## {name}", "", *said.splitlines())
    rows = (
        (f"`{field}`", _type(about), _default(about)) for field, about in one["properties"].items()
    )
    yield from _table(("field", "type", "default"), rows)


def _type(about: Mapping[str, Any]) -> str:
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in about:
        return " or ".join(_type(one) for one in about["anyOf"])
    if "const" in about or "enum" in about:
        return ", ".join(f"`{one}`" for one in about.get("enum", [about.get("const")]))
    if about.get("type") == "array":
        return f"list of {_type(about['items'])}"
    return str(about.get("format") or about.get("type") or "any")


def _default(about: Mapping[str, Any]) -> str:
    return f"`{json.dumps(about['default'])}`" if "default" in about else _NONE


def write() -> None:
    """Write all pages, and those that commands print."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    (FOLDER.parent / "plan-coverage.md").write_text(coverage(load()), encoding="utf-8")
    page = FOLDER.parent / "settings.md"
    head, mark, _ = page.read_text("utf-8").partition("| setting |")
    assert mark, f"{page} lost its table"
    page.write_text(f"{head}{settings_table(describe())}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
