"""The list of runs, and one run: what each person lived through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synthetic.dashboard.pages import BadQuery, NotThere
from synthetic.dashboard.views.run import Lived, lived
from synthetic.dashboard.views.runs import Runs, runs
from synthetic.dashboard.watched import Watched
from synthetic.results import Run
from synthetic.store.alive import hold
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder, StepDone
from tests import lives
from tests.dashboards import visiting, watched
from tests.runs import HOSTILE, START, at, camera, failed, journey, run, step
from tests.unit.reports.summaries import keep

RUN_ID = "20261123T211530Z-3f9c"
BAD: dict[str, Any] = {"verdict": "failed", "origin": "target"}


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    with Store.open(None, tmp_path) as store:
        yield watched(store, tmp_path)


def stored(seen: Watched, *given: Run) -> None:
    seen.store.save_again(given, lives.NOW)


def many(count: int, **more: Any) -> list[Run]:
    return [run(run_id=f"run-{n:03}", started_at=at(60 * n), **more) for n in range(count)]


def listed(seen: Watched, **asked: str) -> Runs:
    return runs(seen, asked)


def told(seen: Watched, run_id: str = RUN_ID) -> Lived:
    return lived(seen, {"run_id": run_id})


def test_runs_come_newest_first_page_by_page(seen: Watched) -> None:
    stored(seen, *many(120))
    first, last = listed(seen), listed(seen, page="3")
    assert [first.rows[0].run_id, first.rows[-1].run_id] == ["run-119", "run-070"]
    assert (first.total, first.newer, first.older) == (120, None, "/runs?page=2")
    assert [one.run_id for one in last.rows][-1] == "run-000"
    assert (last.first, last.newer, last.older) == (101, "/runs?page=2", None)


def test_a_choice_stays_from_page_to_page(seen: Watched) -> None:
    stored(seen, *many(60, location="us east"), run(run_id="x", **BAD))
    page = listed(seen, location="us east", verdict="passed")
    assert page.total == 60
    assert page.older == "/runs?verdict=passed&location=us+east&page=2"
    assert listed(seen, verdict="failed").total == 1
    assert listed(seen, verdict="", suite="", location="").total == 61


@pytest.mark.parametrize(
    "asked",
    [
        {"suite": "nightly"},
        {"location": "<script>"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "x"},
        {"page": "9999999999999999999999"},
        {"page": "2"},
        {"page": "\u00b2"},
    ],
)
def test_what_no_run_has_cannot_be_asked_for(seen: Watched, asked: dict[str, str]) -> None:
    stored(seen, run())
    with pytest.raises(BadQuery):
        listed(seen, **asked)


def test_a_wrong_question_is_answered_400(seen: Watched) -> None:
    stored(seen, run())
    with visiting(seen) as visitor:
        for query in ("verdict=good", "suite=nightly", "page=0", "nonsense=1", "page=1&page=2"):
            assert visitor.get(f"/runs?{query}").status_code == 400, query
        assert visitor.get("/runs?verdict=&suite=smoke&location=eu-west").status_code == 200


def test_the_answer_is_how_the_last_runs_ended(seen: Watched) -> None:
    bad = journey(failed("guest did not see the picture of host within 20 s", feature="video"))
    stored(seen, *many(3), run(bad, started_at=at(1e4), **BAD))
    page = listed(seen)
    assert page.standing is not None
    assert (page.standing.state, page.standing.said) == ("failed", "The last run failed")
    assert page.rows[0].why == "the guest never saw the host's picture"
    assert page.rows[1].why == ""
    assert listed(seen, verdict="failed").standing is None


def test_an_empty_list_says_what_will_appear(seen: Watched) -> None:
    with visiting(seen) as visitor:
        text = visitor.get("/runs").text
    assert "make smoke" in text


def test_a_failed_run_opens_at_what_failed(seen: Watched) -> None:
    bad = [
        journey(step("join"), failed("nobody came", name="see", started_at=at(1)), attempt=n)
        for n in (1, 2)
    ]
    fine = journey(step(), name="chat")
    seen.store.save_run(run(fine, *bad, **BAD, media=[camera()]), lives.NOW)
    page = told(seen)
    assert [(one.name, one.number, one.told) for one in page.attempts] == [
        ("meet", 2, True),
        ("meet", 1, False),
        ("chat", 1, False),
    ]
    assert page.outcome.fault == "the product is at fault"
    assert page.attempts[0].failing == "guest: see"
    assert page.attempts[0].story.startswith("Nobody came.")
    assert "not on this machine" in page.damage


def test_a_record_shows_its_evidence(seen: Watched) -> None:
    reports = seen.settings.reports_dir
    bad = journey(failed("nobody came"), name="test_two_people_meet")
    RunFolder.create(reports, run(bad, **BAD))
    keep(reports / "runs" / RUN_ID, 1, "guest", screenshot="guest", console="log\n")
    page = told(seen)
    (attempt,) = page.attempts
    assert not page.damage
    (picture,) = attempt.evidence.pictures
    assert picture.link == (f"/runs/{RUN_ID}/evidence/test_two_people_meet-1/guest/screenshot.png")
    assert [one.name for one in attempt.evidence.files] == [
        "guest/console.txt",
        "guest/screenshot.png",
    ]
    with visiting(seen) as visitor:
        assert visitor.get(picture.link).headers["content-type"] == "image/png"


def test_a_run_that_goes_on_says_so(seen: Watched) -> None:
    folder = RunFolder.create(
        seen.settings.reports_dir, run(finished_at=None, verdict="inconclusive")
    )
    folder.append("gw0", StepDone(journey="meet", attempt=1, step=step("join")))
    with hold(folder.path):
        page = told(seen)
        assert (page.outcome.word, page.damage) == ("Goes on just now", "")
        assert [one.name for one in page.attempts[0].waterfall.steps] == ["join"]
    cut = told(seen)
    assert cut.outcome.word == "Not finished"
    assert cut.damage == "It was cut off before it ended: of the product it says nothing."


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other/1"}', "\0" * 9])
def test_a_damaged_record_says_so(seen: Watched, text: str) -> None:
    path = seen.settings.reports_dir / "runs" / RUN_ID / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(NotThere, match="is damaged"):
        told(seen)
    stored(seen, run(journey(step("join"))))
    page = told(seen)
    assert page.damage == "Its record is damaged: this is what the history knows of it."
    assert page.attempts


@pytest.mark.parametrize("run_id", ["nobody", "..", "../../etc", "a/b", ".hidden", "x" * 65, ""])
def test_no_other_run_can_be_named(seen: Watched, run_id: str) -> None:
    with pytest.raises(NotThere):
        told(seen, run_id)


def test_runs_of_another_target_are_not_shown(seen: Watched) -> None:
    stored(seen, run(target="stand-in"))
    with pytest.raises(NotThere, match="another target"):
        told(seen)


def test_a_record_outside_the_reports_is_none(seen: Watched, tmp_path: Path) -> None:
    elsewhere = RunFolder.create(tmp_path / "elsewhere", run())
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / RUN_ID).symlink_to(elsewhere.path)
    with pytest.raises(NotThere):
        told(seen)


def test_a_record_may_say_what_it_likes(seen: Watched) -> None:
    """Markup, controls and megabytes change nothing but what is read."""
    evil = f"<script>alert(1)</script>{HOSTILE}" * 2000
    bad = journey(failed(evil, name=evil, actor=evil), name="meet")
    record = json.loads(run(bad, **BAD, location=evil).to_json())
    record["journeys"][0]["story"] = evil
    record["notifications"] = [
        {"channel": evil, "key": "k", "status": "sent", "at": str(START), "detail": evil}
    ]
    RunFolder.create(seen.settings.reports_dir, Run.model_validate(record))
    with visiting(seen) as visitor:
        text = visitor.get(f"/runs/{RUN_ID}").text
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert len(text) < 40_000
