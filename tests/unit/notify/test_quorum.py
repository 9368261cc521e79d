"""What only one location sees is told as that, and pages once enough of them see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from synthetic.evaluate.history import Gauge
from synthetic.notify.scene import Around
from synthetic.store.values import Note
from tests.unit.notify.transcript import NOON, PLAN, Stage, minute, only, places_of

PLACES = ("frankfurt", "oregon", "tokyo")


def looking(*places: str) -> Around:
    """All these locations look at the site."""
    return Around(tuple(Gauge("site_up", (("location", one),), 1, NOON) for one in places))


def stage(quorum: int | None = 2) -> Stage:
    rows = tuple(
        row.model_copy(update={"quorum": quorum}) if row.id == "site" else row for row in PLAN.rows
    )
    return Stage(PLAN.model_copy(update={"rows": rows}))


def seen(stage: Stage, *places: str, short: bool, of: int = 3) -> list[tuple[Note, str]]:
    """What is told, and where, when just these see the site down."""
    for place in PLACES:
        fires = ("site", (("location", place),)) in stage.alerts
        if place in places or fires:
            stage.do(f"{'+' if place in places else '-'}site@{place}")
    for key, one in stage.alerts.items():
        stage.alerts[key] = replace(one, below_quorum=short)
    return places_of(stage.tick(around=looking(*PLACES[:of])))


def test_one_location_alone_is_told_without_paging() -> None:
    ((note, places),) = seen(stage(), "frankfurt", short=True)
    assert note.title == "MEDIUM: The site is down, only from frankfurt · kulti.test"
    assert "Only from frankfurt: 1 of 3 locations; it pages from 2 on." in note.story
    assert dict(note.facts)["Locations"].startswith("only from frankfurt: 1 of 3 locations")
    assert not {"Action", "SLA"} & dict(note.facts).keys()
    assert places == "#alerts #ops"


def test_it_pages_once_enough_locations_see_it_and_calls_off_when_they_do_not() -> None:
    play = stage()
    seen(play, "frankfurt", short=True)
    ((note, places),) = seen(play, "frankfurt", "tokyo", short=False)
    assert note.title.startswith("Now CRITICAL, was MEDIUM: The site is down")
    assert dict(note.facts)["Locations"] == "2 of 3: frankfurt, tokyo"
    assert {"pagerduty", "sms"} <= set(places.split())
    calm = {note.event: (note, places) for note, places in seen(play, "frankfurt", short=True)}
    note, places = calm["resolved"]
    assert note.title.startswith("No longer calling: The site is down")
    assert {"pagerduty", "sms"} <= set(places.split())


def test_its_promises_run_from_when_enough_locations_see_it() -> None:
    play = stage()
    seen(play, "frankfurt", short=True)
    assert only(play).promised == ()
    seen(play, "frankfurt", "tokyo", short=False)
    seen(play, "frankfurt", short=True)
    assert only(play).promised == (("site", minute(1)),)


def test_where_fewer_look_than_are_asked_for_it_says_from_how_many_on() -> None:
    ((note, _),) = seen(stage(quorum=3), "frankfurt", short=True, of=2)
    assert dict(note.facts)["Locations"] == (
        "only from frankfurt: 1 of 2 locations; it pages from 2 on"
    )


def test_one_location_that_pages_since_nobody_else_looked_says_so() -> None:
    ((note, places),) = seen(stage(), "frankfurt", short=False)
    assert dict(note.facts)["Locations"] == (
        "only from frankfurt: 1 of 3 locations; the others have not looked since"
    )
    assert "pagerduty" in places


def test_without_a_quorum_one_location_pages_and_says_that_it_is_alone() -> None:
    ((note, places),) = seen(stage(quorum=None), "frankfurt", short=False)
    assert note.title == "CRITICAL: The site is down, only from frankfurt · kulti.test"
    assert note.story.endswith("Only from frankfurt: 1 of 3 locations.")
    assert "pagerduty" in places


def test_the_only_location_there_is_is_not_told_to_be_alone() -> None:
    ((note, _),) = seen(stage(quorum=None), "frankfurt", short=False, of=1)
    assert "only from" not in note.title
    assert dict(note.facts)["Locations"] == "1 of 1: frankfurt"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(10, "3 of 3: frankfurt, oregon, tokyo"), (20, "2 of 2: frankfurt, oregon")],
)
def test_a_location_that_fell_silent_is_not_counted_for_long(minutes: int, told: str) -> None:
    play = stage(quorum=None)
    seen(play, "frankfurt", "tokyo", short=False)
    play.do("!site@tokyo")
    play.now += timedelta(minutes=minutes)
    play.do("+site@oregon")
    ((note, _),) = places_of(play.tick(around=looking("frankfurt", "oregon")))
    assert dict(note.facts)["Locations"] == told
