"""Grafana's dashboards: as its published schema has them, and of what the plan says."""

from __future__ import annotations

import enum
import json
import types
import typing
import warnings
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins

from synthetic.cli import main
from synthetic.exports.grafana import PAGES, Page, dashboard
from synthetic.exports.prometheus import series
from synthetic.plan.load import load
from synthetic.plan.model import Span
from tests.plans import metric, plan, rule

with warnings.catch_warnings():  # it would rather have the next schema, which few can read
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.models.dashboard import Dashboard

    register_default_plugins()
PLAN = load()


def problems(given: Any, where: str = "dashboard") -> list[str]:
    """Where a value is not what Grafana's own classes, made from its schema, say it is."""
    found = []
    for name, kind in typing.get_type_hints(type(given)).items():
        value = getattr(given, name)
        if not fits(value, kind):
            found.append(f"{where}.{name}: {value!r} is no {kind}")
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if type(one).__module__.startswith("grafana_foundation_sdk.models"):
                found += problems(one, f"{where}.{name}[{number}]")
    return found


def fits(value: Any, kind: Any) -> bool:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(one, arguments[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(one, arguments[1]) for one in value.values())
    if origin is typing.Literal:
        return value in arguments
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return value in [one.value for one in kind] or isinstance(value, kind)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind is Any or (isinstance(value, kind) and not (kind is int and value is True))


def left_out(given: Any, known: Any, where: str = "dashboard") -> list[str]:
    """What Grafana's classes do not know, or have otherwise."""
    if isinstance(given, dict) and isinstance(known, dict):
        return [
            one
            for name, value in given.items()
            for one in (
                left_out(value, known[name], f"{where}.{name}")
                if name in known
                else [f"{where}.{name}"]
            )
        ]
    if isinstance(given, list) and isinstance(known, list) and len(given) == len(known):
        pairs = zip(given, known, strict=True)
        return [
            one
            for number, (mine, theirs) in enumerate(pairs)
            for one in left_out(mine, theirs, f"{where}[{number}]")
        ]
    return [] if given == known else [f"{where}: {given!r} became {known!r}"]


def complaints(made: dict[str, Any]) -> list[str]:
    """All that is not as Grafana's published schema has it."""
    read = Dashboard.from_json(json.loads(json.dumps(made)))
    known = json.loads(json.dumps(read, cls=JSONEncoder))
    whole = zip(made["panels"], known["panels"], strict=True)  # what it needs is there, too
    lacks = [
        one
        for mine, theirs in whole
        for one in left_out(theirs.get("options"), mine.get("options"), "needed")
    ]
    return left_out(made, known) + problems(read) + lacks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_dashboard_is_as_grafanas_schema_has_it(page: Page) -> None:
    assert complaints(dashboard(PLAN, page)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made["panels"][0].update(gridpos={}), "panels[0].gridpos"),
        (lambda made: made["panels"][3]["targets"][0].update(query="x"), "targets[0].query"),
        (lambda made: made["panels"][3]["options"].update(colour="x"), "options.colour"),
        (lambda made: made["panels"][0]["options"].update(graphMode="x"), "graph_mode"),
        (lambda made: made.update(refresh=60), "refresh"),
        (lambda made: made.update(schemaVersion="39"), "schema_version"),
        (
            lambda made: made["panels"][3]["fieldConfig"]["defaults"]["custom"].update(
                drawStyle="curve"
            ),
            "draw_style",
        ),
    ],
)
def test_what_is_not_as_the_schema_has_it_would_be_seen(change: Any, said: str) -> None:
    made = dashboard(PLAN, next(page for page in PAGES if page.name == "endpoints"))
    change(made)
    assert any(said in one for one in complaints(made))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_heading_of_a_page_is_one_of_the_plans(page: Page) -> None:
    found = {(row.part, row.heading) for row in page.rows(PLAN)}
    assert found == {(part, heading) for part, heading, _ in page.headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_panels_have_numbers_of_their_own_and_do_not_overlap(page: Page) -> None:
    panels = dashboard(PLAN, page)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    covered = [
        (place["x"] + across, place["y"] + down)
        for place in (panel["gridPos"] for panel in panels)
        for across in range(place["w"])
        for down in range(place["h"])
    ]
    assert len(set(covered)) == len(covered)
    assert max(x for x, _ in covered) == 23


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_queries_are_over_what_is_exposed(page: Page) -> None:
    known = {series(name) for name in PLAN.metrics}
    for panel in dashboard(PLAN, page)["panels"][2:]:
        for target in panel.get("targets", ()):
            assert target["expr"].partition("{")[0] in known


def steps(*alerts: tuple[str, Any, str]) -> list[tuple[str, float | None]]:
    """The colours of a gauge held to rules: compared how, to what, and how bad."""
    shown = rule("shown", part="D", heading="Response Times", kind="metric", alert=None)
    rules = [
        rule(f"r{number}", compare=compare, alert=alert, severity=severity)
        for number, (compare, alert, severity) in enumerate(alerts)
    ]
    page = next(page for page in PAGES if page.name == "endpoints")
    made = dashboard(plan(metric(), shown, *rules), page)
    scale = made["panels"][-1]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    return [(step["color"], step["value"]) for step in scale]


def test_the_scale_has_the_worst_that_holds_at_each_value() -> None:
    assert steps((">", 1, "medium"), (">", 5, "high")) == [
        ("green", None), ("orange", 1), ("red", 5),
    ]  # fmt: skip
    assert steps(("<", 95, "medium"), ("<", 80, "critical")) == [
        ("dark-red", None), ("orange", 80), ("green", 95),
    ]  # fmt: skip
    outside = Span(min=20, max=60)
    assert steps((">", outside, "low")) == [("yellow", None), ("green", 20), ("yellow", 60)]
    assert steps() == [("green", None)]


def test_files_are_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "dashboards"
    assert main(["plan", "--grafana", str(folder)]) == 0
    named = capsys.readouterr().out.splitlines()
    assert named == [str(folder / f"synthetic-{page.name}.json") for page in PAGES]
    assert json.loads(Path(named[0]).read_text()) == dashboard(PLAN, PAGES[0])


def test_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["plan", "--grafana", str(tmp_path / "file")]) == 2
    assert "cannot be written (File exists): name another" in capsys.readouterr().err
