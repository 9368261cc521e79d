"""What a note says: the whole story in its first line, then what a tired person needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.history import Gauge, Question
from synthetic.notify.channels.wording import headline
from synthetic.notify.impact import LOOKED_AT, Impact, impact, in_words
from synthetic.notify.incidents import decide
from synthetic.notify.scene import Around, Pages
from synthetic.store.digest import Labels, digest
from synthetic.store.values import Alert, Note
from tests.runs import HOSTILE
from tests.unit.notify.transcript import NOON, PLAN, TARGET, Stage, minute, opened

PAGES = Pages(
    runbook="https://wiki.test/runbook/{page}",
    minutes=(
        ("Sentry", "https://sentry.test/issues/?start={start}&end={end}"),
        ("100ms", "https://hms.test/sessions?from={start_ms}&to={end_ms}"),
    ),
    reports="https://reports.test/",
    evidence="runs/a/summary.html",
)


def first(stage: Stage, *happens: str, around: Around | None = None) -> Note:
    """The first note of what is told when all this happens."""
    return opened(stage, *happens, around=around or Around())[0].note


def after(minutes: int, began: str, *happens: str, around: Around | None = None) -> Note:
    """The first note of what is told, some minutes after something began."""
    stage = Stage()
    opened(stage, began)
    stage.now = minute(minutes)
    return first(stage, *happens, around=around)


def fact(note: Note, label: str) -> str:
    return dict(note.facts)[label]


def test_the_first_line_says_how_bad_what_and_for_how_long() -> None:
    note = after(5, "?errors-10 12", "+errors-10 12.4")
    assert headline(note) == "🔴 CRITICAL: Error rate 12% for 5 min · kulti.test"


def test_a_figure_that_is_yes_or_no_is_told_by_its_cause() -> None:
    assert after(2, "?site", "+site").title == "CRITICAL: The site is down for 2 min · kulti.test"


def test_the_story_is_the_figure_and_whom_it_hits() -> None:
    hit = Around(impact=(Impact("/api/sessions/join", 14, 14),))
    note = after(5, "?errors-10 12", "+errors-10 12", around=hit)
    assert note.story == (
        "Error rate: 12%, alert line > 10%, since 1 Dec 2026, 12:00 UTC. "
        "Of real users, 0 of 14 joined in the last 10 min."
    )
    assert fact(note, "Real users") == "0 of 14 joined in the last 10 min"


def test_the_facts_say_what_to_do_and_by_when() -> None:
    note = after(5, "?errors-10 12", "+errors-10 12")
    assert note.facts == (
        ("Error rate", "12%, alert line > 10%"),
        ("Since", "1 Dec 2026, 12:00 UTC (5 min)"),
        ("Action", "see to errors"),
        ("SLA", "acknowledge within 2 min, resolve within 1 h"),
        ("Runbook", "errors"),
        ("Incident", note.incident),
    )


def test_links_lead_to_the_very_minutes() -> None:
    note = after(5, "?errors-10 12", "+errors-10 12", around=Around(pages=PAGES))
    assert note.links == (
        ("Runbook", "https://wiki.test/runbook/errors"),
        ("Evidence", "https://reports.test/runs/a/summary.html"),
        (
            "Sentry",
            "https://sentry.test/issues/?start=2026-12-01T11:55:00Z&end=2026-12-01T12:05:00Z",
        ),
        ("100ms", "https://hms.test/sessions?from=1796126100000&to=1796126700000"),
    )


def test_locations_are_counted_against_all_that_look() -> None:
    seen = tuple(
        Gauge("video_failures", (("location", place),), 0, NOON) for place in ("eu", "us", "asia")
    )
    note = first(Stage(), "+video@eu 30", "+video@us 30", around=Around(gauges=seen))
    assert fact(note, "Locations") == "2 of 3: eu, us"


def test_what_else_is_wrong_is_named_and_counted() -> None:
    happens = ["+site", *(f"+endpoint-{n}" for n in range(11)), "+slow 6"]
    note = first(Stage(), *happens)
    assert fact(note, "Also affected") == "Error rate of an endpoint, Response time, P95"
    assert note.story.endswith(f"It explains what else is wrong: {fact(note, 'Also affected')}.")


def test_what_is_worse_than_its_cause_is_the_headline() -> None:
    stage = Stage()
    opened(stage, "+errors-2 12")
    note = first(stage, "+video@eu 30")
    assert note.title.startswith("Now HIGH, was MEDIUM: Video failures 30% · ")
    assert [label for label, _ in note.facts[:2]] == ["Video failures", "Error rate"]


def test_a_figure_that_stopped_is_said_to_be_old() -> None:
    stage = Stage()
    stage.do("+errors-10 12")
    (key,) = stage.alerts
    stage.alerts[key] = replace(stage.alerts[key], stale=True)
    stage.now = minute(20)
    (_, text), *_ = stage.tick()[0].note.facts
    assert text == "12%, alert line > 10%; nothing newer than 1 Dec 2026, 12:00 UTC"


def test_what_got_worse_says_what_it_was() -> None:
    stage = Stage()
    opened(stage, "+errors-5 7")
    note = first(stage, "+errors-10 12")
    assert headline(note) == "🔴 Now CRITICAL, was HIGH: Error rate 12% · kulti.test"


def test_what_joins_is_named_first() -> None:
    stage = Stage()
    opened(stage, "+video@eu 30")
    note = first(stage, "+video@us 40")
    assert note.story.startswith("Newly broken: Video failures at us. Video failures: ")


def test_a_reminder_says_whether_anybody_has_it() -> None:
    stage = Stage()
    opened(stage, "+slow 6")
    stage.do("ack Ada")
    stage.now = minute(130)
    stage.incidents = {key: replace(one, tier=2) for key, one in stage.incidents.items()}
    assert stage.tick()[0].note.story.startswith("Ada has it. Response time, P95: 6.0 s")


def test_an_escalation_says_who_is_called_and_why() -> None:
    stage = Stage()
    opened(stage, "+errors-10 12")
    stage.now = minute(2)
    note = stage.tick()[0].note
    assert note.title == "CRITICAL, calling the Lead: Error rate 12% for 2 min · kulti.test"
    assert note.story.startswith(
        "Nobody has acknowledged it within 2 min, so the Lead is called. Error rate: "
    )


def test_whoever_has_it_is_told_when_it_moves_up() -> None:
    stage = Stage()
    opened(stage, "+errors-10 12")
    note = stage.do("ack Ada <!channel>")[0].note
    assert note.title == "Ada <!channel> has it: Errors · kulti.test"
    assert note.story.endswith(
        "Unless it is resolved by 1 Dec 2026, 13:00 UTC, the Lead is called."
    )


def test_the_end_says_how_long_it_was_and_how_bad() -> None:
    stage = Stage()
    opened(stage, "+errors-10 12", "+errors-5 12")
    stage.now = minute(72)
    note = first(stage, "-errors-10", "-errors-5")
    assert headline(note) == "✅ Resolved after 1 h 12 min: Errors · kulti.test"
    assert note.story == (
        "All 2 alerts of it are good again. It lasted 1 h 12 min and was critical at its worst."
    )


def test_the_end_knows_the_worst_of_it() -> None:
    stage = Stage()
    opened(stage, "+errors-5 7")
    opened(stage, "+errors-10 12")
    opened(stage, "-errors-10")
    assert first(stage, "-errors-5").story.endswith("and was critical at its worst.")


def test_what_was_taken_in_says_where_it_goes_on() -> None:
    stage = Stage()
    opened(stage, "+errors-5 7")
    opened(stage, "+slow 6")
    stage.do("+site")
    note = next(one.note for one in stage.tick() if "Part of" in one.note.title)
    (eldest, _) = stage.incidents.values()
    assert note.story.endswith(f"The site is down. It goes on as incident {eldest.id}.")


def test_who_was_called_hears_that_nothing_calls_any_more_and_what_is_left() -> None:
    stage = Stage()
    opened(stage, "+errors-5 7", "+errors-2 7")
    (note,) = {one.note for one in opened(stage, "-errors-5 3")}
    assert note.title == "No longer calling: Errors · kulti.test"
    assert note.story.endswith("Still open, and calling nobody: Error rate.")
    again = opened(stage, "+errors-5 7")[0].note
    assert again.title.startswith("Now HIGH, was MEDIUM: Error rate 7%")


def test_a_call_that_others_hear_of_already_says_that_it_calls() -> None:
    stage = Stage()
    opened(stage, "+video")
    (note, *_) = [one.note for one in opened(stage, "+errors-5 7")]
    assert note.title == "HIGH, calling: Error rate 7% · kulti.test"


def test_each_call_has_a_name_of_its_own() -> None:
    stage = Stage()
    opened(stage, "+errors-5 7")
    raised, replaced = dict.fromkeys(one.note for one in opened(stage, "+errors-10 12"))
    assert (raised.call, replaced.call) == ("20261201T120100Z", "")


def test_data_that_stopped_is_told_by_its_name() -> None:
    labels: Labels = (("location", "eu"), ("metric", "error_rate"))
    alert = Alert(NO_DATA.id, labels, "firing", NOON, 720.0, fired_at=NOON, seen=NOON)
    note = decide(PLAN, TARGET, (), [alert], NOON).parcels[0].note
    assert note.facts[0] == ("No data from eu (error_rate)", "overdue by 12 min")
    assert note.title == "MEDIUM: No data from eu (error_rate) · kulti.test"


def test_hostile_labels_are_cut_and_harmless() -> None:
    labels: Labels = (("endpoint", HOSTILE * 50),)
    alert = Alert("errors-10", labels, "firing", NOON, 12.0, fired_at=NOON, seen=NOON)
    note = decide(PLAN, TARGET, (), [alert], NOON).parcels[0].note
    said = (note.title, note.story, *(text for pair in note.facts for text in pair))
    assert not any(bad in text for text in said for bad in ("\x1b", "\n", "\u202e"))
    assert len(note.title) <= 140


@pytest.mark.parametrize("target", ["stand-in", TARGET])
def test_the_stand_in_is_said_in_the_first_line(target: str) -> None:
    alert = Alert("errors-10", (), "firing", NOON, 12.0, fired_at=NOON, seen=NOON)
    note = decide(PLAN, target, (), [alert], NOON).parcels[0].note
    assert headline(note).startswith("🔴 STAND-IN, not the product · CRITICAL: ") is (
        target == "stand-in"
    )


def test_the_same_is_said_under_the_same_key() -> None:
    once, again = (opened(Stage(), "+errors-10 12") for _ in range(2))
    assert [one.id for one in once] == [one.id for one in again]


@pytest.mark.parametrize(
    ("impacts", "said"),
    [
        ([], None),
        ([Impact("/api/sessions/join", 0, 0)], None),
        (
            [Impact("/api/sessions/join", 14, 14), Impact("/api/auth/signup", 20, 2)],
            "0 of 14 joined, 18 of 20 signed up in the last 10 min",
        ),
        (
            [Impact("/api/x", 1200, 1)],
            "1,199 of 1,200 got an answer from /api/x in the last 10 min",
        ),
        ([Impact("/api/x", 214, 0)], "none of 214 requests failed in the last 10 min"),
    ],
)
def test_impact_in_words(impacts: list[Impact], said: str | None) -> None:
    assert in_words(impacts) == said


def test_only_requests_of_real_users_are_impact() -> None:
    def ask(question: Question) -> dict[Labels, object]:
        assert question == Question("request_failed", NOON - LOOKED_AT, NOON)
        rows = [(NOON, 1.0), (NOON - timedelta(minutes=1), 0.0)]
        named = (("endpoint", "/api/sessions/join"), ("location", "eu"))
        return {
            (*named, ("source", "traffic")): digest(rows),
            (("endpoint", "/api/sessions/join"), ("source", "traffic")): digest(rows),
            (*named, ("source", "journeys")): digest(rows),
        }

    assert impact(ask, NOON) == (Impact("/api/sessions/join", 4, 2),)  # type: ignore[arg-type]
