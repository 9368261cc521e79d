"""Alerts: what wants somebody comes first, what was told to whom, and what is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.dashboard.views.alerts import Alerts, alerts
from synthetic.dashboard.watched import Watched
from synthetic.notify.routing import parcels_for
from synthetic.store.history import Store
from synthetic.store.values import Alert, Incident, Note, Silence
from tests import lives
from tests.dashboards import watched

NOW = lives.NOW
HERE = (("location", "eu-west"),)
RULE = "e-critical-error-rate"


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    with Store.open(None, tmp_path) as store:
        yield watched(store, tmp_path)


def incident(name: str, minutes: float, **more: object) -> Incident:
    opened = NOW - timedelta(minutes=minutes)
    plain = Incident(name, lives.TARGET, "errors", name, "high", opened, ((RULE, HERE),))
    return replace(plain, **more)  # type: ignore[arg-type]


def firing(**more: object) -> Alert:
    plain = Alert(RULE, HERE, "firing", NOW - timedelta(minutes=9), 12.0, fired_at=NOW, seen=NOW)
    return replace(plain, **more)  # type: ignore[arg-type]


def silence(matches: str, **more: object) -> Silence:
    ends = NOW + timedelta(hours=2)
    plain = Silence("s", lives.TARGET, matches, NOW - timedelta(hours=1), ends, "new disk", "Ada")
    return replace(plain, **more)  # type: ignore[arg-type]


def shown(seen: Watched, *incidents: Incident, fire: tuple[Alert, ...] = (firing(),)) -> Alerts:
    seen.store.commit_round(lives.TARGET, fire, (), incidents)
    return alerts(seen, {})


def test_the_oldest_that_nobody_has_comes_first(seen: Watched) -> None:
    taken = incident("taken", 90, acknowledged_at=NOW, acknowledged_by="Ada")
    page = shown(seen, incident("new", 5), taken, incident("old", 60))
    assert [one.title for one in page.open] == ["old", "new", "taken"]
    assert page.standing.said == "old, and nobody has it"
    assert page.standing.more == ("And 2 more are open.",)


def test_what_is_in_hand_wants_nobody(seen: Watched) -> None:
    page = shown(seen, incident("a", 9, acknowledged_at=NOW, acknowledged_by="Ada (dashboard)"))
    assert (page.standing.state, page.open[0].word) == ("degraded", "acknowledged")
    assert page.open[0].by == "Ada (dashboard)"


@pytest.mark.parametrize("matches", ["*", "errors", RULE, "services"])
def test_a_silence_shows_where_it_holds(seen: Watched, matches: str) -> None:
    seen.store.add_silence(silence(matches))
    (one,) = shown(seen, incident("a", 9)).open
    assert (one.quiet is not None) == (matches != "services")
    assert one.word == ("firing" if matches == "services" else "firing, silenced")


def test_a_silence_of_another_target_is_none_of_ours(seen: Watched) -> None:
    seen.store.add_silence(silence("*", target="stand-in"))
    page = shown(seen, incident("a", 9))
    assert not page.silences
    assert page.open[0].quiet is None


def test_an_alert_shows_its_figure_against_the_line(seen: Watched) -> None:
    (one,) = shown(seen, incident("a", 9)).open
    (member,) = one.members
    assert (member.value, member.where) == ("12%, alert line > 10%", "eu-west")
    assert (one.line, one.runbook) == ("Error rate 12%", "docs/runbooks/errors.md")
    assert one.runbook_at == "/runbooks/errors"


def test_without_new_figures_it_is_stale(seen: Watched) -> None:
    (one,) = shown(seen, incident("a", 9), fire=(firing(stale=True),)).open
    assert (one.word, one.members[0].state) == ("firing, no new figures", "unknown")


def test_an_alert_that_is_about_to_fire_waits_outside(seen: Watched) -> None:
    pending = firing(rule="e-high-error-rate", state="pending", since=NOW, fired_at=None)
    (one,) = shown(seen, fire=(pending,)).coming
    assert one.waits == "fires in 5 min unless it ends"


def test_messages_say_what_became_of_them(seen: Watched) -> None:
    note = Note("a/opened", "a", "opened", "HIGH: a", "", lives.TARGET, NOW)
    parcels = parcels_for(note, [("slack", "#alerts"), ("pagerduty", None), ("sms", None)], NOW)
    seen.store.post(parcels)
    seen.store.sent(parcels[0], NOW, "123.4")
    seen.store.give_up(parcels[1], NOW, "410 Gone")
    (one,) = shown(seen, incident("a", 9)).open
    (message,) = one.messages
    assert dict(message.places) == {
        "Slack #alerts": "sent",
        "PagerDuty": "given up: 410 Gone",
        "SMS": "waits",
    }


def test_what_ended_within_a_week_is_told(seen: Watched) -> None:
    ended = incident("then", 60, closed_at=NOW - timedelta(minutes=30), acknowledged_by="Ada")
    ancient = incident("long ago", 20_000, closed_at=NOW - timedelta(days=8))
    page = shown(seen, ended, ancient, fire=())
    assert [(one.title, one.took, one.by) for one in page.over] == [("then", "30 min", "Ada")]


def test_nothing_is_only_good_news_while_somebody_looks(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        assert alerts(watched(store, tmp_path), {}).standing.state == "unknown"
        lives.healthy(store)
        assert alerts(watched(store, tmp_path), {}).standing.said == "Nothing wants you"
