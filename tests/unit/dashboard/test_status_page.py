"""The public page: is it me or them? In words that may be published, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.dashboard.views.status import DAYS, PARTS, TRIED, Status, status
from synthetic.dashboard.watched import Watched
from synthetic.plan.load import load
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Incident
from tests import lives
from tests.dashboards import watched

NOW = lives.NOW
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """Somebody looked until just now."""
    with Store.open(None, tmp_path) as store:
        looked(store, NOW - timedelta(minutes=1))
        yield watched(store, tmp_path)


FEATURES = tuple(sorted({one for features in TRIED.values() for one in features}))


def looked(
    store: Store, *moments: object, up: float = 1.0, tried: Sequence[str] = FEATURES
) -> None:
    """The site answered, and features were tried."""
    samples = [
        Sample.model_validate({"metric": "site_up", "value": up, "at": at}) for at in moments
    ]
    samples += [
        Sample.model_validate(
            {"metric": "outcome", "value": 1.0, "at": at, "labels": {"feature": feature}}
        )
        for at in moments
        for feature in tried
    ]
    store.add_samples(lives.TARGET, samples, NOW)


def incident(cause: str, began: timedelta, lasted: timedelta | None, **more: object) -> Incident:
    opened = NOW - began
    closed = None if lasted is None else opened + lasted
    plain = Incident(f"{cause}-{began}", lives.TARGET, cause, "secret title", "high", opened, ())
    return replace(plain, closed_at=closed, **more)  # type: ignore[arg-type]


def shown(seen: Watched, *incidents: Incident) -> Status:
    seen.store.commit_round(lives.TARGET, [], (), incidents)
    return status(seen, {})


def of(page: Status, name: str) -> list[str]:
    (part,) = (one for one in page.parts if one.name == name)
    return [one.state for one in part.days]


def test_without_an_incident_everything_works(seen: Watched) -> None:
    page = shown(seen)
    assert (page.state, page.answer) == ("ok", "Everything works, as far as we see")
    assert {one.state for one in page.parts} == {"ok"}


def test_when_nobody_looked_nobody_can_tell(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        page = status(watched(store, tmp_path), {})
    assert (page.state, page.uptime) == ("unknown", "")
    assert {one.state for one in page.parts} == {"unknown"}
    assert {day.state for one in page.parts for day in one.days} == {"unknown"}


def test_what_an_incident_took_along_has_trouble_too(seen: Watched) -> None:
    members = (("e-high-video-failures", ()), ("no rule any more", ()))
    page = shown(seen, incident("services", HOUR, None, members=members))
    failed = [one.name for one in page.parts if one.state == "failed"]
    assert failed == ["Site and dashboard", "Video and sound"]


def test_a_part_that_nobody_tried_is_not_known(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        looked(store, NOW - timedelta(minutes=1), tried=("chat",))
        page = status(watched(store, tmp_path), {})
    ok = [one.name for one in page.parts if one.state == "ok"]
    assert ok == ["Site and dashboard", "Chat", "Everything else"]
    assert [of(page, name)[-1] for name in ("Chat", "Recordings")] == ["ok", "unknown"]


def test_parts_agree_with_the_answer_when_nobody_looks_any_more(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        looked(store, NOW - 5 * HOUR)
        page = status(watched(store, tmp_path), {})
    assert page.state == "unknown"
    assert {one.state for one in page.parts} == {"unknown"}
    assert of(page, "Chat")[-1] == "ok", "somebody looked today"


def test_shortly_after_midnight_of_utc_the_parts_still_work(tmp_path: Path) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    with Store.open(None, tmp_path) as store:
        looked(store, midnight - timedelta(minutes=1))
        page = status(watched(store, tmp_path, midnight + timedelta(minutes=1)), {})
    assert page.state == "ok"
    assert {one.state for one in page.parts} == {"ok"}


def test_what_overlaps_counts_once(seen: Watched) -> None:
    page = shown(seen, incident("chat", 4 * HOUR, 2 * HOUR), incident("chat", 3 * HOUR, 2 * HOUR))
    (chat,) = (one for one in page.parts if one.name == "Chat")
    assert chat.days[-1].said == "trouble for 3 h"


def test_an_outage_is_told_in_the_plans_words(seen: Watched) -> None:
    page = shown(seen, incident("video", HOUR, None))
    assert page.answer == "It is not you: people do not see or hear each other"
    assert page.more[:2] == (
        "People in a call may not see or hear each other.",
        "Leave the call and join it again. Chat goes on working meanwhile.",
    )
    assert [one.name for one in page.parts if one.state == "failed"] == ["Video and sound"]


def test_days_are_as_their_incidents_were(seen: Watched) -> None:
    looked(seen.store, NOW - 3 * DAY, NOW - DAY)
    page = shown(
        seen,
        incident("chat", 3 * DAY, HOUR, severity="medium"),
        incident("chat", DAY + 8 * HOUR, 24 * HOUR),
    )
    days = of(page, "Chat")
    assert len(days) == DAYS
    assert days[-4:] == ["degraded", "unknown", "failed", "failed"]
    assert of(page, "Recordings")[-4:] == ["ok", "unknown", "ok", "ok"]
    (chat,) = (one for one in page.parts if one.name == "Chat")
    assert chat.state == "ok", "what is over is not so now"


def test_what_users_do_not_notice_is_not_told(seen: Watched) -> None:
    page = shown(
        seen,
        incident("security", HOUR, None),
        incident("monitoring", HOUR, None),
        incident("nobody knows this cause", HOUR, None),
        incident("chat", HOUR, HOUR / 2, part_of="another"),
    )
    assert (page.state, page.also, page.before) == ("ok", (), ())


def test_uptime_is_of_the_time_in_which_we_looked(seen: Watched) -> None:
    looked(seen.store, *(NOW - DAY - number * timedelta(minutes=1) for number in range(3)), up=0.0)
    looked(seen.store, *(NOW - 2 * DAY - number * timedelta(minutes=1) for number in range(5)))
    page = shown(seen)
    assert page.uptime == "67%"
    assert "of the 13 min in which we looked" in page.basis


def test_every_cause_that_users_notice_is_of_one_part() -> None:
    named = [cause for causes in PARTS.values() for cause in causes]
    noticed = {name for name, cause in load().causes.items() if cause.noticed}
    assert sorted(named) == sorted(noticed)
