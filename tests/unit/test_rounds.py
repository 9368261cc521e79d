"""A round keeps all that it came to at once, and rounds of one target follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from synthetic.errors import StoreLocked
from synthetic.notify.delivery import EVER
from synthetic.notify.routing import parcels_for
from synthetic.plan.load import load
from synthetic.results import Journey, Run, Sample, Verdict
from synthetic.rounds import ALONE_FOR, Round, alone, evaluate_round
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from synthetic.store.values import Note
from tests.runs import START, at, failed, journey, run

TARGET = "https://kulti.test/"
PLAN = load()


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


def errors(store: Store, value: float, when: datetime) -> None:
    """The error rate, as something else measured it."""
    store.add_samples(TARGET, [Sample(metric="error_rate", value=value, at=when)], when)


def round_at(store: Store, clock: Clock, seen: list[str], **more: object) -> Round:
    settings = Settings.model_validate({"reports_dir": "reports", **more})
    return evaluate_round(
        store, PLAN, settings, TARGET, clock=clock, wait=clock.wait, show=seen.append
    )


def test_an_outage_is_found_kept_and_told_once(store: Store) -> None:
    clock, seen = Clock(), list[str]()
    errors(store, 12, clock.now)
    first = round_at(store, clock, seen)
    again = round_at(store, clock, seen)
    (incident,) = store.incidents(TARGET, open_only=True)
    assert (incident.cause, incident.severity) == ("errors", "critical")
    assert len(first.decision.parcels) == first.delivered.shown == 4
    assert (again.decision.parcels, len(seen)) == ((), 1)
    fired = {one.rule for one in store.alerts(TARGET) if one.state == "firing"}
    assert fired >= {"e-critical-error-rate", "e-low-error-rate"}


def test_it_ends_when_all_is_good(store: Store) -> None:
    clock, seen = Clock(), list[str]()
    errors(store, 12, clock.now)
    round_at(store, clock, seen)
    clock.wait(600)
    errors(store, 0.1, clock.now)
    round_at(store, clock, seen)
    assert store.incidents(TARGET, open_only=True) == ()
    assert seen[-1].startswith("✅ Resolved after 10 min: Requests fail · kulti.test")


def test_a_round_shows_what_it_made_and_leaves_what_others_did(store: Store) -> None:
    clock, seen = Clock(), list[str]()
    note = Note("other", "i", "opened", "Another's page", "Story.", TARGET, clock.now)
    elsewhere = replace(note, key="elsewhere", target="https://elsewhere.test/")
    for one in (note, elsewhere):
        store.post(parcels_for(one, [("pagerduty", None)], clock.now))
    errors(store, 12, clock.now)
    assert round_at(store, clock, seen).delivered.shown == 4
    assert {one.id for one in store.due(EVER)} == {"other@pagerduty", "elsewhere@pagerduty"}


def test_links_lead_to_the_latest_evidence_and_the_tools(store: Store, tmp_path: Path) -> None:
    clock = Clock()
    broken = run(journey(failed("guest was told: no", "Refused")), verdict="failed")
    RunFolder.create(tmp_path, broken)
    store.save_run(broken, at(20))
    clock.wait(20)
    errors(store, 12, clock.now)
    links = {
        "runbook": "https://wiki.test/{page}",
        "sentry": "https://sentry.test/?from={start_ms}",
    }
    done = round_at(store, clock, [], links=links, reports_url="https://reports.test")
    notes = [one.note for one in done.decision.parcels]
    assert dict(next(one.links for one in notes if "-errors-" in one.incident)) == {
        "Runbook": "https://wiki.test/docs/runbooks/errors.md",
        "Evidence": f"https://reports.test/runs/{broken.run_id}/evidence/meet-1/summary.html",
        "Sentry": f"https://sentry.test/?from={int(clock.now.timestamp()) - 300}000",
    }


def seen_as(number: int, *journeys: Journey, verdict: Verdict = "failed") -> Run:
    """A run, in the order of numbers."""
    name = f"run-{number}"
    when = {"started_at": at(number), "finished_at": at(number + 1)}
    return run(*journeys, run_id=name, verdict=verdict, origin="target", **when)


def test_who_hears_of_an_incident_reads_what_people_lived_through(store: Store) -> None:
    clock = Clock()
    black = failed("guest did not see the picture of host", feature="video")
    lost = failed("guest looked for it", feature="chat")
    for number, one in enumerate((black, lost)):
        told = f"The story of {one.feature}. The monitor works."
        store.save_run(seen_as(number, journey(one, name=one.feature, story=told)), at(number + 1))
    clock.wait(10)
    done = round_at(store, clock, [], reports_url="https://reports.test/")
    (note, *_) = [one.note for one in done.decision.parcels if "-video-" in one.note.incident]
    assert note.story.startswith("The story of video. The monitor works. Feature works (video, ")
    assert ": the guest never saw the host's picture · " in note.title
    page = "https://reports.test/runs/run-0/evidence/video-1/summary.html"
    assert dict(note.links)["Evidence"] == page


def test_a_failure_is_told_however_many_runs_could_not_tell_since(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    black = failed("guest did not see the picture of host", feature="video")
    told = journey(black, name="video", story="The guest saw black. The monitor works.")
    store.save_run(seen_as(0, told), at(1))
    for number in range(1, 12):
        store.save_run(seen_as(number, verdict="inconclusive"), at(number + 1))
    clock.wait(20)
    monkeypatch.delattr(Store, "run")  # requests and media, which no message tells of, stay unread
    done = round_at(store, clock, [])
    (note, *_) = [one.note for one in done.decision.parcels if "-video-" in one.note.incident]
    assert note.story.startswith("The guest saw black. The monitor works. ")


def test_a_round_does_not_wait_for_ever_for_one_that_goes_on(store: Store) -> None:
    clock = Clock()
    store.lease(f"round of {TARGET}", "somebody alive", START + timedelta(hours=1), START)
    with pytest.raises(StoreLocked, match=r"have evaluated https://kulti\.test/ for 2 min: see"):
        round_at(store, clock, [])


def test_a_round_that_died_holds_nobody_up_for_long(store: Store) -> None:
    clock = Clock()
    assert store.lease(f"round of {TARGET}", "somebody dead", START + ALONE_FOR, START)
    errors(store, 12, clock.now)
    done = round_at(store, clock, [])
    assert ALONE_FOR <= done.at - START <= ALONE_FOR + timedelta(seconds=1)


def test_targets_do_not_wait_for_each_other(store: Store) -> None:
    clock = Clock()
    with alone(store, "https://other.test/", clock):
        assert round_at(store, clock, []).at == START
