"""What Prometheus scrapes: every gauge that is known, and none that is not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from synthetic.evaluate.history import Gauge
from synthetic.exports import metrics
from synthetic.exports.metrics import exposition
from synthetic.exports.prometheus import series
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.results import Sample
from synthetic.store.digest import Labels
from synthetic.store.values import Alert
from tests.histories import START, after
from tests.plans import metric, plan, rule
from tests.runs import HOSTILE

PLAN = plan(metric("error_rate", title="Error rate"), rule())
Found = dict[str, list[tuple[dict[str, str], float]]]


def gauge(value: float = 7.5, labels: Labels = (), name: str = "error_rate") -> Gauge:
    return Gauge(name, labels, value, START)


def page(*gauges: Gauge, of: Plan = PLAN, **more: Any) -> str:
    usual = {"alerts": (), "own": (), "at": after(1)}
    by_metric: dict[str, tuple[Gauge, ...]] = {}
    for one in gauges:
        by_metric[one.metric] = (*by_metric.get(one.metric, ()), one)
    return exposition(of, by_metric, **{**usual, **more})


def shown(text: str) -> Found:
    """Label sets and values by name, as Prometheus' own client reads them."""
    return {
        family.name: [(dict(one.labels), one.value) for one in family.samples]
        for family in text_string_to_metric_families(text)
    }


def test_a_gauge_has_its_name_labels_title_and_unit() -> None:
    text = page(gauge(labels=(("endpoint", "/api/health"),)))
    assert text.startswith(
        "# HELP synthetic_plan_error_rate Error rate, in %\n"
        "# TYPE synthetic_plan_error_rate gauge\n"
        'synthetic_plan_error_rate{endpoint="/api/health"} 7.5\n'
    )


def test_what_is_unknown_has_no_sample() -> None:
    assert shown(page()).keys() == {
        "synthetic_evaluated_timestamp_seconds",
        "synthetic_series_left_out",
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_has_no_sample(value: float) -> None:
    assert "error_rate" not in page(gauge(value))


@pytest.mark.parametrize("value", [0.0, -0.001, 1e21, 0.1 + 0.2, 5e-324])
def test_values_are_whole(value: float) -> None:
    assert shown(page(gauge(value)))["synthetic_plan_error_rate"] == [({}, value)]


def test_gauges_that_the_plan_does_not_have_are_left_out() -> None:
    assert "other" not in page(gauge(name="other"))


@pytest.mark.parametrize("text", [HOSTILE, 'a"b', "a\\nb\\", "a\nb", "日本", "a}b{c,d=e", "\x00"])
def test_labels_of_any_text_stay_whole(text: str) -> None:
    (found,) = shown(page(gauge(labels=(("endpoint", text),))))["synthetic_plan_error_rate"]
    assert found == ({"endpoint": text}, 7.5)


@pytest.mark.parametrize(
    ("name", "becomes"),
    [("a.b-c", "a_b_c"), ("1st", "_1st"), ("__name__", "name__"), ("é", "_"), ('x="y"}', "x__y__")],
)  # fmt: skip
def test_labels_have_names_that_prometheus_takes(name: str, becomes: str) -> None:
    (found,) = shown(page(gauge(labels=((name, "x"),))))["synthetic_plan_error_rate"]
    assert found[0] == {becomes: "x"}


def test_half_a_character_and_endless_text_break_nothing() -> None:
    text = page(gauge(labels=(("endpoint", "\ud800" + "x" * 9999),)))
    assert len(text.encode()) < 2000


def test_of_two_samples_with_the_same_labels_one_is_shown() -> None:
    found = shown(page(gauge(1, (("a.b", "x"),)), gauge(2, (("a-b", "x"),))))
    assert found["synthetic_plan_error_rate"] == [({"a_b": "x"}, 1)]


def test_of_too_many_series_the_first_are_shown_and_the_rest_counted() -> None:
    many = [gauge(labels=(("endpoint", f"/{number:05}"),)) for number in range(5000)]
    found = shown(page(*many))
    assert len(found["synthetic_plan_error_rate"]) == metrics.MOST_SERIES
    assert found["synthetic_series_left_out"] == [({}, 5000 - metrics.MOST_SERIES)]


def test_open_alerts_are_shown_with_their_rule_state_and_since_when() -> None:
    alerts = [
        Alert("high-errors", (("type", "mine"),), "firing", START, 12, stale=True),
        Alert("gone", (), "pending", START, 1),
        Alert("no-data", (), "firing", START, 1),
        Alert("over", (), "resolved", START, 1),
    ]
    found = shown(page(alerts=alerts))
    assert [labels for labels, _ in found["synthetic_alert"]] == [
        {"exported_type": "mine", "rule": "high-errors", "severity": "high", "stale": "true",
         "state": "firing", "type": "error"},
        {"rule": "gone", "stale": "false", "state": "pending"},
        {"rule": "no-data", "severity": "medium", "stale": "false", "state": "firing",
         "type": "infrastructure"},
    ]  # fmt: skip
    since = found["synthetic_alert_since_timestamp_seconds"]
    assert ({"rule": "gone"}, START.timestamp()) in since


def test_the_moment_of_the_evaluation_is_shown() -> None:
    found = shown(page())["synthetic_evaluated_timestamp_seconds"]
    assert found == [({}, after(1).timestamp())]


@pytest.mark.parametrize(
    ("figure", "name", "value"),
    [
        ("watch_lag_s", "synthetic_watch_lag_seconds", 2),
        ("watch_memory_mb", "synthetic_watch_memory_bytes", 2e6),
        ("watch_disk_free_gb", "synthetic_watch_disk_free_bytes", 2e9),
        ("watch_skipped", "synthetic_watch_skipped", 2),
        ("s", "synthetic_s", 2),
    ],
)
def test_the_watcher_is_measured_in_seconds_and_bytes(figure: str, name: str, value: float) -> None:
    own = [Sample(metric=figure, value=2, at=START, labels={"task": "probe"})]
    assert shown(page(own=own))[name] == [({"task": "probe"}, value)]


def test_every_metric_of_the_plan_has_a_name_of_its_own() -> None:
    names = [series(name) for name in load().metrics]
    assert len(names) == len(set(names))
