"""A real Prometheus scrapes us, loads our rules, and alerts through Alertmanager as we do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from synthetic.evaluate.evaluation import evaluate
from synthetic.exports.metrics import CONTENT_TYPE, exposition
from synthetic.exports.prometheus import AGE, route, rules_file
from synthetic.notify.grouping import Firing
from synthetic.notify.routing import Place, destinations
from synthetic.plan.load import load
from synthetic.plan.model import BELOW, Phase, Plan, Row, Span
from synthetic.results import Sample
from synthetic.store.values import Alert
from tests.histories import asking
from tests.services.processes import eventually
from tests.services.prometheus_server import EVERY_S, Prometheus, alertmanager, prometheus
from tests.services.vendor import Answer, Request, Vendor, serving

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PHASE: Phase = "launch"
Fires = frozenset[tuple[str, frozenset[tuple[str, str]]]]
"""Alerts by rule and by the labels of their gauges."""
OURS = {"severity", "type", "cause", "id", "route", "alertname", "alertstate"}
THEIRS = {"__name__", "instance", "job"}


def hurried(plan: Plan) -> Plan:
    """The plan, its rules waiting for no longer than a test may."""
    quick = {"for_": EVERY_S, "keep_firing_for": 0}
    rows = tuple(row.model_copy(update=quick) if row.for_ else row for row in plan.rows)
    return plan.model_copy(update={"rows": rows})


def value(row: Row, *, bad: bool) -> float:
    """A value on one side or the other of a rule's line."""
    line = row.alert
    if isinstance(line, Span):
        inside = line.min if line.min is not None else line.max
        beyond = line.min - 1 if line.min is not None else (line.max or 0) + 1
        return beyond if bad else inside or 0
    return (line or 0) + (1 if (row.compare in BELOW) != bad else -1)


def key(row: Row) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What a rule looks at."""
    return row.metric or "", tuple(sorted(row.where.items()))


@dataclass
class Watcher(Vendor):
    """Evaluates a plan at each scrape, and answers what it comes to."""

    plan: Plan = field(default_factory=lambda: hurried(load()))
    ill: frozenset[str] = frozenset()
    """The rules whose metric is past its line."""
    alerts: tuple[Alert, ...] = ()

    def answer(self, request: Request) -> Answer:
        if request.path != "/metrics":
            return Answer(404)
        now = datetime.now(UTC)
        found = evaluate(self.plan, PHASE, self.alerts, asking(self.samples(now)), now)
        self.alerts = found.alerts
        own = [Sample(metric="watch_lag_s", value=0.5, at=now, labels={"task": "probe"})]
        text = exposition(self.plan, found.gauges, found.alerts, own, now)
        return Answer(200, text, {"Content-Type": CONTENT_TYPE})

    def samples(self, now: datetime) -> Iterator[Sample]:
        """What is known of each rule's metric, under the labels that the rule looks at."""
        at = now - timedelta(seconds=1)
        rules = sorted(self.plan.rules(PHASE), key=key)
        for (metric, where), rows in groupby(rules, key):
            found = tuple(rows)
            ill = [value(row, bad=True) for row in found if row.id in self.ill]
            well = [value(row, bad=False) for row in found]
            low = (found[0].compare in BELOW) == bool(ill)
            values = ill or well
            figure = min(values) if low else max(values)
            yield Sample(metric=metric, value=figure, at=at, labels=dict(where))

    @property
    def firing(self) -> Fires:
        """Those that fire, by our own rules."""
        fires = [one for one in self.alerts if one.state == "firing"]
        return frozenset((one.rule, frozenset(one.labels)) for one in fires)


@dataclass
class Webhook(Vendor):
    """Keeps what Alertmanager says of each alert, by who is told."""

    told: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        for one in json.loads(request.body)["alerts"]:
            self.told.setdefault(request.path, {})[one["fingerprint"]] = one
        return Answer(200)

    def firing(self, who: str) -> dict[str, dict[str, str]]:
        """The rules of which somebody was told, and not yet that they are over; their labels."""
        with self.lock:
            told = [one for one in self.told.get(who, {}).values() if one["status"] == "firing"]
        return {one["labels"]["id"]: one["labels"] for one in told}


@dataclass(frozen=True)
class Scene:
    """All of them, wired together."""

    watcher: Watcher
    webhook: Webhook
    prometheus: Prometheus

    def firing(self) -> Fires:
        """What fires, by Prometheus."""
        found = self.prometheus.query('ALERTS{alertstate="firing"}')
        return frozenset(
            (one["id"], frozenset(pair for pair in one.items() if pair[0] not in OURS | THEIRS))
            for one in found
        )


@pytest.fixture(scope="module")
def scene(
    server: Callable[[str, str], Path],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    """A watcher, a Prometheus that scrapes it, and an Alertmanager with a webhook."""
    folder = tmp_path_factory.mktemp("prometheus")
    here, there = (f"127.0.0.1:{free_port()}" for _ in range(2))
    with ExitStack() as stack:
        watcher = stack.enter_context(serving(Watcher()))
        webhook = stack.enter_context(serving(Webhook()))
        binary = server("prometheus-alertmanager", "prometheus-alertmanager")
        stack.enter_context(alertmanager(binary, there, webhook.url, folder / "alertmanager"))
        rules = rules_file(watcher.plan, PHASE, every_s=EVERY_S)
        binary = server("prometheus", "prometheus")
        scraped = urlsplit(watcher.url).netloc
        running = prometheus(binary, here, rules, scraped, there, folder / "prometheus")
        yield Scene(watcher, webhook, stack.enter_context(running))


def test_the_rules_are_loaded_and_none_has_an_error(scene: Scene) -> None:
    def evaluated() -> list[dict[str, str]]:
        rules = [rule for group in scene.prometheus.groups() for rule in group["rules"]]
        return [] if any(rule["health"] == "unknown" for rule in rules) else rules

    rules = eventually(evaluated)
    assert {rule["health"] for rule in rules} == {"ok"}
    alerting = [rule["name"] for rule in rules if rule["type"] == "alerting"]
    assert sorted(alerting) == sorted(
        [*(row.id for row in scene.watcher.plan.rules(PHASE)), "no-data"]
    )


def test_what_is_recorded_of_the_watcher_is_there(scene: Scene) -> None:
    assert eventually(lambda: scene.prometheus.query(f"{AGE} < 60"))
    assert scene.prometheus.query('synthetic_watch_lag_seconds{task="probe"} == 0.5')


def test_what_crosses_its_line_fires_there_as_with_us_and_ends_there_as_with_us(
    scene: Scene,
) -> None:
    rules = [row.id for row in scene.watcher.plan.rules(PHASE)]
    for ill in (frozenset(rules[::2]), frozenset[str]()):
        scene.watcher.ill = ill
        eventually(partial(settled, scene, ill))
        fires = {rule for rule, _ in scene.watcher.firing}
        eventually(partial(told, scene, "/everybody", fires))
        eventually(partial(told, scene, "/incidents", fires & in_incidents(scene.watcher.plan)))


def settled(scene: Scene, ill: frozenset[str]) -> bool:
    """Whether all of the ill fire, all fire if none is, and Prometheus says the same."""
    ours = scene.watcher.firing
    rules = {rule for rule, _ in ours}
    return (rules >= ill if ill else not rules) and scene.firing() == ours


def told(scene: Scene, who: str, fires: set[str]) -> bool:
    """Whether somebody knows of exactly these."""
    return scene.webhook.firing(who).keys() == fires


def in_incidents(plan: Plan) -> set[str]:
    """The rules of which #incident-response is told, as we tell it."""
    place = ("slack", "#incident-response")
    return {row.id for row in plan.rules(PHASE) if place in places(plan, row)}


def places(plan: Plan, row: Row) -> tuple[Place, ...]:
    """Whom we tell of an alert of a rule."""
    return destinations(plan, [Firing(Alert(row.id, (), "firing", EPOCH, 0), row)])


def test_alertmanager_is_told_what_the_plan_says_of_an_alert(scene: Scene) -> None:
    plan = scene.watcher.plan
    row = next(row for row in plan.rules(PHASE) if row.severity == "critical" and not row.where)
    scene.watcher.ill = frozenset([row.id])
    labels = eventually(lambda: scene.webhook.firing("/everybody").get(row.id, {}))
    assert (labels["severity"], labels["type"]) == ("critical", row.type)
    assert labels["route"].split(", ")[0] == "pagerduty"


def test_a_rule_is_labelled_with_the_places_that_we_tell() -> None:
    plan = load()
    for row in plan.rules(PHASE):
        assert route(plan, row) == tuple(" ".join(filter(None, one)) for one in places(plan, row))
