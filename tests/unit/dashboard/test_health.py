"""One sentence: how the product stands, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.dashboard.health import Standing, standing, worst
from synthetic.dashboard.watched import Watched
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Incident, Severity
from tests import lives
from tests.dashboards import watched

NOW = lives.NOW


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """A product that was just seen to answer, and to work."""
    with Store.open(None, tmp_path) as store:
        told(store, "site_up", lives.MINUTE)
        told(store, "outcome", lives.MINUTE)
        yield watched(store, tmp_path)


def told(store: Store, metric: str, before: timedelta) -> None:
    sample = Sample(metric=metric, value=1, at=NOW - before, labels={"location": "eu-west"})
    store.add_samples(lives.TARGET, [sample], NOW)


def opened(seen: Watched, minutes: float, severity: Severity, ended: float | None = None) -> None:
    at = NOW - timedelta(minutes=minutes)
    closed = None if ended is None else NOW - timedelta(minutes=ended)
    one = Incident(
        f"i-{minutes}", lives.TARGET, "site", f"{severity} trouble", severity, at, (),
        closed_at=closed,
    )  # fmt: skip
    seen.store.commit_round(lives.TARGET, [], [], [one])


def now(seen: Watched) -> Standing:
    return standing(seen, NOW)


def test_without_any_incident_nobody_knows_since_when(seen: Watched) -> None:
    found = now(seen)
    assert (found.state, found.since, found.more) == ("ok", None, ("No incident is known.",))


def test_all_is_well_since_the_last_incident_ended(seen: Watched) -> None:
    opened(seen, 90, "high", ended=60)
    opened(seen, 50, "low", ended=10)
    found = now(seen)
    assert (found.state, found.since) == ("ok", NOW - timedelta(minutes=60))


def test_the_worst_incident_is_the_answer_and_others_are_told(seen: Watched) -> None:
    opened(seen, 90, "medium")
    opened(seen, 30, "critical")
    found = now(seen)
    assert (found.state, found.said) == ("failed", "critical trouble")
    assert (found.since, found.more) == (NOW - timedelta(minutes=30), ("medium trouble (medium)",))


def test_a_medium_incident_is_no_failure(seen: Watched) -> None:
    opened(seen, 90, "medium")
    assert now(seen).state == "degraded"


def test_a_low_one_is_told_and_all_is_well(seen: Watched) -> None:
    opened(seen, 90, "low")
    found = now(seen)
    assert (found.state, found.said, found.more) == ("ok", "all is well", ("low trouble (low)",))


def test_after_silence_nobody_can_tell(seen: Watched) -> None:
    found = standing(seen, NOW + timedelta(hours=4))
    assert (found.state, found.since) == ("unknown", NOW - lives.MINUTE)


@pytest.mark.parametrize(
    ("probed", "tried", "why", "since"),
    [
        (1, None, "Journeys are silent: none told anything in 30 days.", None),
        (1, 200, "Journeys are silent: none told anything in the last 3 hours.", 200),
        (6, 20, "Probes are silent: none told anything in the last 5 minutes.", 6),
        (300, 20, "Probes are silent: none told anything in the last 5 minutes.", 300),
    ],
)
def test_all_is_well_only_where_journeys_and_probes_say_so(
    tmp_path: Path, probed: int, tried: int | None, why: str, since: int | None
) -> None:
    with Store.open(None, tmp_path) as store:
        told(store, "site_up", timedelta(minutes=probed))
        if tried is not None:
            told(store, "outcome", timedelta(minutes=tried))
        found = standing(watched(store, tmp_path), NOW)
    assert (found.state, found.more) == ("unknown", (why,))
    assert found.since == (None if since is None else NOW - timedelta(minutes=since))


def test_without_probes_journeys_will_do(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        told(store, "site_up", timedelta(days=2))
        told(store, "outcome", timedelta(hours=2))
        assert standing(watched(store, tmp_path), NOW).state == "ok"


def test_silence_does_not_hide_an_incident(seen: Watched) -> None:
    opened(seen, 90, "critical")
    assert standing(seen, NOW + timedelta(hours=4)).state == "failed"


def test_the_worst_of_several_states() -> None:
    assert worst(["ok", "failed", "unknown", None]) == "failed"
    assert worst(["ok", "unknown"]) == "ok"
    assert worst(["unknown"]) == "unknown"
    assert worst([None]) is None
