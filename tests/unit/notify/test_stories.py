"""A failed run tells of the alerts that it made, of no others, and the newest one does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.titles import rules_of
from synthetic.notify.channels.wording import story
from synthetic.notify.incidents import decide
from synthetic.notify.scene import Around
from synthetic.notify.stories import lived, tells_of
from synthetic.plan.load import load
from synthetic.results import Run
from synthetic.store.fingerprint import fingerprint
from synthetic.store.values import Alert, Note
from tests.runs import HOSTILE, failed, journey, run
from tests.unit.notify.transcript import NOON, TARGET

PLAN = load()
RULES = rules_of(PLAN)
WHERE = {"feature": "video", "journey": "meet", "location": "eu-west"}


def bad(
    told: str = "What happened. Why.", name: str = "meet", error: str = "WrongPicture", **more: str
) -> Run:
    """A run that ended at noon, in which somebody saw nothing."""
    usual = {"feature": "video", "ended_at": NOON, **more}
    step = failed("guest did not see the picture of host: black", error, **usual)
    began = NOON - timedelta(minutes=2)
    attempt = journey(step, name=name, story=told)
    return run(attempt, verdict="failed", origin="target", started_at=began, finished_at=NOON)


def alert(rule: str, since: datetime = NOON, seen: datetime = NOON, /, **labels: str) -> Alert:
    return Alert(
        rule, tuple(sorted(labels.items())), "firing", since, 0.0, fired_at=since, seen=seen
    )


def tells(one: Run, rule: str, since: datetime = NOON, seen: datetime = NOON, /, **of: str) -> bool:
    fires = alert(rule, since, seen, **of)
    return any(tells_of(each, PLAN, fires, RULES[rule]) for each in lived([one]))


def opened(*runs: Run, rule: str = "f-video", **labels: str) -> Note:
    around = Around(lived=lived(runs))
    fires = [alert(rule, **(labels or WHERE))]
    return decide(PLAN, TARGET, (), fires, NOON, around=around).parcels[0].note


def test_a_failure_tells_of_its_own_journey_and_feature() -> None:
    assert tells(bad(), "f-video", **WHERE)
    assert not tells(bad(name="another"), "f-video", **WHERE)
    assert not tells(bad(feature="chat"), "f-video", **WHERE)


def test_a_failure_elsewhere_tells_nothing_of_here() -> None:
    assert not tells(bad(), "f-video", **{**WHERE, "location": "us-east"})


def test_that_nothing_answers_is_told_by_what_could_not_be_reached() -> None:
    assert tells(bad(feature="site"), "e-all-services-down")


@pytest.mark.parametrize("feature", ["site", "chat"])
def test_that_nothing_answers_probes_is_told_by_no_journey(feature: str) -> None:
    a_probe = NOON + timedelta(minutes=1)
    assert not tells(bad(feature=feature), "e-all-services-down", NOON, a_probe)


def test_what_others_measured_is_told_by_no_journey() -> None:
    said = "WrongPicture: guest did not see the picture of host: black"
    ours = {"fingerprint": fingerprint(said)}
    assert tells(bad(), "b-medium-new-errors", **ours)
    assert not tells(bad(), "b-medium-new-errors", **ours, source="traffic")
    assert not tells(bad(), "b-medium-new-errors", fingerprint="TypeError: x is undefined")


def test_a_failure_tells_nothing_of_what_began_long_after_it() -> None:
    assert tells(bad(), "f-video", NOON + timedelta(hours=2, minutes=57), **WHERE)
    assert not tells(bad(), "f-video", NOON + timedelta(hours=2, minutes=58), **WHERE)


def test_a_burst_tells_nothing_of_a_rate_that_it_does_not_bend() -> None:
    assert tells(bad(feature="signup"), "a-signup-success")
    burst = bad(feature="signup").model_copy(update={"trigger": "burst"})
    assert not tells(burst, "a-signup-success")


def test_figures_of_probes_and_requests_have_no_story() -> None:
    assert not tells(bad(), "e-critical-error-rate")
    assert not tells(bad(feature="site"), "f-site-200", location="eu-west")
    assert not tells(bad(), NO_DATA.id, metric="runs")


def test_only_a_leak_tells_of_a_leak() -> None:
    assert tells(bad(error="Leak"), "e-security-alert")
    assert not tells(bad(), "e-security-alert")


def test_a_run_in_doubt_tells_why_nobody_can_tell_and_blames_nobody() -> None:
    doubt = bad().model_copy(update={"verdict": "inconclusive"})
    assert tells(doubt, "a-t1-smoke", suite="smoke", location="eu-west")
    assert not tells(doubt, "f-video", **WHERE)


def test_what_is_not_blamed_on_the_target_is_no_story_of_a_failed_run() -> None:
    assert not tells(bad(origin="runner"), "f-video", **WHERE)


def test_what_only_looks_into_an_earlier_failure_tells_nobody() -> None:
    assert lived([bad().model_copy(update={"trigger": "repro"})]) == ()


def test_the_newest_failure_is_told_first_with_its_reason_in_the_title() -> None:
    note = opened(bad("Newest. Why."), bad("Older. Why."))
    assert note.story.startswith("Newest. Why. Feature works (video, meet): no, since ")
    assert note.title == (
        "HIGH: People do not see or hear each other: the guest never saw the host's picture · "
        "kulti.test"
    )


def test_a_title_with_a_figure_has_no_other_reason() -> None:
    note = opened(bad(feature="signup"), rule="a-signup-success", location="eu-west")
    assert "never saw" not in note.title
    assert note.story.startswith("What happened. Why. ")


def test_that_we_cannot_tell_is_no_story_of_what_lies_behind_it() -> None:
    doubt = bad("We found no browser. Why.").model_copy(update={"verdict": "inconclusive"})
    cannot_tell = alert("a-t1-smoke", suite="smoke", location="eu-west")
    around = Around(lived=lived([doubt]))
    fires = [alert("e-all-services-down"), cannot_tell]
    (note, *_) = [one.note for one in decide(PLAN, TARGET, (), fires, NOON, around=around).parcels]
    assert note.title.startswith("CRITICAL: The site cannot be reached · ")
    assert "browser" not in note.story
    alone = decide(PLAN, TARGET, (), [cannot_tell], NOON, around=around).parcels[0].note
    assert alone.story.startswith("We found no browser. Why. ")


def test_without_a_failure_the_figures_speak() -> None:
    assert opened().story.startswith("Feature works (video, meet): no, since ")


@pytest.mark.parametrize("longest", [200, 20_000])
def test_a_hostile_story_is_cut_and_leaves_room_for_the_figures(longest: int) -> None:
    note = opened(bad(HOSTILE * 100))
    assert len(note.story) <= 1100
    assert "Feature works (video, meet): no" in note.story
    assert not any(one in story(note, longest) for one in ("\x1b", "\n", "\u202e"))
