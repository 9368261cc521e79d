"""Our rules fire as those of Prometheus 2.42 do, at every instant, whatever the series."""

from __future__ import annotations

import json
import random
import subprocess
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.evaluate import gauges, rules
from synthetic.evaluate.gauges import Gauging
from synthetic.plan.model import Metric, Plan, Row
from synthetic.results import Sample
from synthetic.store.values import Alert
from tests.histories import asking

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # where promtool's time begins
GRID_S = 15
LONG_S = 45 * 60
LINE = 10.0
SERIES = 200  # for each of the schedules
Advancing = Callable[..., rules.Advance]
Promtool = Callable[[Path], subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Case:
    """A rule over one series: a value, or none, for every quarter of a minute."""

    row: Row
    interval_s: int
    values: list[float | None]

    @property
    def metric(self) -> str:
        return self.row.id

    @property
    def expression(self) -> str:
        line = f"{self.row.compare} {LINE:g}"
        return f"last_over_time({self.metric}[{1500 * self.interval_s}ms]) {line}"


def case(seed: int) -> Case:
    """Steps, gaps, values right on the line, and ends before the end."""
    chance = random.Random(seed)
    row = Row.model_validate(
        {
            "id": f"rule_{seed}", "kind": "rule", "part": "E", "heading": "-", "item": "-",
            "title": "-", "metric": f"rule_{seed}", "alert": LINE, "severity": "high",
            "compare": chance.choice(("<", ">", "<=", ">=")),
            "for": chance.choice((0, 0, 15, 30, 60, 90, 120, 300)),
            "keep_firing_for": chance.choice((0, 0, 30, 60, 75, 120, 300)),
        }
    )  # fmt: skip
    values = [value for piece in pieces(chance) for value in piece][: LONG_S // GRID_S]
    if chance.random() < 0.4:
        values = values[: chance.randrange(len(values))]
    return Case(row, chance.choice((15, 20, 30, 60, 120)), values)


def pieces(chance: random.Random) -> Iterator[list[float | None]]:
    """Stretches of a minute or a few; often only every second or fourth value is there."""
    every = chance.choice((1, 1, 2, 4))
    for _ in range(LONG_S // GRID_S):
        long = chance.choice((1, 2, 3, 4, 5, 6, 7, 12, 20))
        level = chance.choice((None, LINE, LINE - 1, LINE + 1, LINE - 1, LINE + 1))
        noise = chance.choice((0, 0, 0, 0, 5))
        piece = [level and level + chance.uniform(-noise, noise) for _ in range(long)]
        yield [value if index % every == 0 else None for index, value in enumerate(piece)]


def written(cases: list[Case], every_s: int, advance: Advancing, folder: Path) -> Path:
    """A test of promtool's that expects of every rule, at every instant, what we say of it."""
    alerts = [{"alert": one.row.id, "expr": one.expression, **durations(one.row)} for one in cases]
    group = {"name": "all", "rules": alerts}
    (folder / "rules.yml").write_text(json.dumps({"groups": [group]}))
    series = [
        {
            "series": one.metric,
            "values": " ".join("_" if v is None else repr(v) for v in one.values),
        }
        for one in cases
        if one.values
    ]
    expected = [each for instant in stands(cases, every_s, advance) for each in instant]
    test = {"interval": f"{GRID_S}s", "input_series": series, "promql_expr_test": expected}
    path = folder / "test.yml"
    path.write_text(
        json.dumps(
            {"rule_files": ["rules.yml"], "evaluation_interval": f"{every_s}s", "tests": [test]}
        )
    )
    return path


def durations(row: Row) -> dict[str, str]:
    keep = {"keep_firing_for": f"{row.keep_firing_for:g}s"} if row.keep_firing_for else {}
    return {"for": f"{row.for_:g}s", **keep}


def stands(
    cases: list[Case], every_s: int, advance: Advancing
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What we say at each instant: the state of each alert, and since when it is active."""
    plan = Plan(
        metrics={
            one.metric: Metric(
                name=one.metric, title="-", unit="count", observed_by="source",
                interval=one.interval_s,
            )
            for one in cases
        },
        rows=tuple(one.row for one in cases), routes=(), causes={}, phases=(), tiers=(),
    )  # fmt: skip
    ask = asking(
        Sample(metric=one.metric, value=value, at=EPOCH + timedelta(seconds=index * GRID_S))
        for one in cases
        for index, value in enumerate(one.values)
        if value is not None
    )
    standing: dict[str, tuple[Alert, ...]] = {}
    for second in range(0, LONG_S + 1, every_s):
        now = EPOCH + timedelta(seconds=second)
        working = Gauging(plan, ask)
        for row in plan.rows:
            known, before = working.gauge(row.id, now), standing.get(row.id, ())
            standing[row.id], _ = advance(row, before, known, now, silence_resolves=True)
        open_ = [one for all_ in standing.values() for one in all_ if one.state in rules.OPEN]
        yield instant(second, "ALERTS", open_), instant(second, "ALERTS_FOR_STATE", open_)


def instant(second: int, name: str, open_: list[Alert]) -> dict[str, Any]:
    samples = []
    for one in open_:
        state = f', alertstate="{one.state}"' if name == "ALERTS" else ""
        value = 1 if name == "ALERTS" else (one.since - EPOCH).total_seconds()
        samples.append({"labels": f'{name}{{alertname="{one.rule}"{state}}}', "value": value})
    return {"expr": name, "eval_time": f"{second}s", "exp_samples": samples}


@pytest.fixture
def promtool(
    server: Callable[[str, str], Path],
) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    binary = server("promtool", "prometheus")

    def test(path: Path) -> subprocess.CompletedProcess[str]:
        command = [str(binary), "test", "rules", path.name]
        return subprocess.run(command, cwd=path.parent, capture_output=True, text=True)

    return test


@pytest.mark.parametrize("every_s", [30, 60])
def test_what_we_say_is_what_prometheus_says(
    every_s: int, tmp_path: Path, promtool: Promtool
) -> None:
    cases = [case(seed) for seed in range(every_s * 1000, every_s * 1000 + SERIES)]
    ended = promtool(written(cases, every_s, rules.advance, tmp_path))
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]


def test_every_state_is_among_what_is_compared() -> None:
    cases = [case(seed) for seed in range(60)]
    seen: dict[str, int] = {}
    for alerts, _ in stands(cases, 60, rules.advance):
        for one in alerts["exp_samples"]:
            state = one["labels"].split('"')[-2]
            seen[state] = seen.get(state, 0) + 1
    assert min(seen["pending"], seen["firing"]) > 100


@pytest.mark.parametrize(
    ("is_", "becomes"),
    [
        ('"<": lt', '"<": le'),
        ('">": gt', '">": ge'),
        ('"<=": le', '"<=": lt'),
        ('">=": ge', '">=": gt'),
        (".total_seconds() >= row.for_", ".total_seconds() > row.for_"),
        (".total_seconds() < row.keep_firing_for", ".total_seconds() <= row.keep_firing_for"),
        ("old.kept_since or now", "now"),
        ("kept_since=None,", ""),
        ('if old.state == "pending":\n        return replace(old, state="inactive"',
         'if old.state == "none":\n        return replace(old, state="inactive"'),
        ("old or Alert(", "Alert("),
        ("old is not None and not silence_resolves", "old is not None and silence_resolves"),
    ],
)  # fmt: skip
def test_prometheus_tells_a_machine_that_is_wrong(
    is_: str, becomes: str, tmp_path: Path, promtool: Promtool
) -> None:
    source = Path(rules.__file__).read_text()
    assert is_ in source
    wrong = types.ModuleType("wrong")
    exec(compile(source.replace(is_, becomes, 1), "wrong", "exec"), wrong.__dict__)
    cases = [case(seed) for seed in range(30)]
    assert promtool(written(cases, 60, wrong.advance, tmp_path)).returncode == 1


@pytest.mark.parametrize(("name", "wrong"), [("TICK", timedelta()), ("LOOKBACK", 1.4)])
def test_prometheus_tells_a_look_back_that_is_wrong(
    name: str, wrong: object, tmp_path: Path, promtool: Promtool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gauges, name, wrong)
    cases = [case(seed) for seed in range(30)]
    assert promtool(written(cases, 60, rules.advance, tmp_path)).returncode == 1
