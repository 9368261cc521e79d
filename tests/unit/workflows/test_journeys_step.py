"""What runs after what, whose words give no orders, and what people read of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from synthetic.github import journeys, summary
from synthetic.github.job import CannotGoOn, Job
from synthetic.store.run_folder import RunFolder
from tests import runs
from tests.unit.workflows.conftest import JobOf, outputs, said
from tests.unit.workflows.conftest import summary as page

TARGET = "https://staging.example.org"


def ran(job: JobOf, *codes: int, **more: str) -> tuple[int, list[str], Job]:
    """The exit code, and what was run, each with its trigger."""
    left, done = list(codes), list[str]()

    def run(command: list[str], given: Mapping[str, str]) -> int:
        words = " ".join(Path(word).name if "/" in word else word for word in command)
        done.append(f"{words} ({given.get('SYNTHETIC_TRIGGER', '')})")
        return left.pop(0)

    here = job(**{"SYNTHETIC_BASE_URL": TARGET, "SUITE": "smoke", **more})
    return journeys.main(here, run), done, here


def test_a_good_smoke_is_all(job: JobOf) -> None:
    code, done, here = ran(job, 0)
    assert (code, done) == (0, ["pytest -m smoke (schedule)"])
    assert outputs(here) == {"code": "0"}


def test_a_failing_smoke_is_followed_by_full_and_the_burst(job: JobOf) -> None:
    """Neither of them bends a rate."""
    code, done, here = ran(job, 1, 0, 0)
    assert code == 1
    assert done == ["pytest -m smoke (schedule)", "pytest -m full (burst)", "synthetic burst ()"]
    assert "The target failed, confirmed" in said(here)


def test_a_failing_full_is_followed_by_the_burst_alone(job: JobOf) -> None:
    assert ran(job, 1, 0, SUITE="full")[1] == ["pytest -m full (schedule)", "synthetic burst ()"]


@pytest.mark.parametrize(
    ("code", "sentence"), [(6, "Nobody can tell"), (4, "no verdict"), (5, "no verdict")]
)
def test_what_tells_nothing_is_no_green_light_and_no_reason_to_go_on(
    job: JobOf, code: int, sentence: str
) -> None:
    found, done, here = ran(job, code)
    assert (found, len(done)) == (code, 1)
    assert sentence in said(here)
    assert outputs(here) == ({"code": "6"} if code == 6 else {}), "a heartbeat without a run"


def test_without_a_target_nothing_runs(job: JobOf) -> None:
    code, done, here = ran(job, SYNTHETIC_BASE_URL="")
    assert (code, done) == (2, [])
    assert "There is no target" in said(here)


def test_what_a_target_says_gives_github_no_orders(capfd: pytest.CaptureFixture[str]) -> None:
    hostile = "import sys; print('::add-mask::o'); sys.exit(3)"
    assert journeys.unobeyed([sys.executable, "-c", hostile], {}) == 3
    first, *lines = capfd.readouterr().out.split("\n")
    token = first.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert lines == ["::add-mask::o", "", f"::{token}::", ""]


def test_the_summary_shows_the_steps_of_this_jobs_runs_alone(job: JobOf) -> None:
    bad = runs.failed("the guest's list stayed empty", name="join", feature="session_join")
    ours = runs.run(runs.journey(runs.step(latency_ms=197.4), bad), verdict="failed")
    RunFolder.create(Path("reports"), ours)
    RunFolder.create(Path("reports"), ours.model_copy(update={"run_id": "20260101T000000Z-0000"}))
    Path("reports/carried.json").write_text('{"artifacts": [], "runs": ["20260101T000000Z-0000"]}')
    here = job()
    assert summary.main(here) == 0
    assert page(here).count("### ❌ FAILED") == 1
    assert "- meet, attempt 1: the guest's list stayed empty" in page(here)
    assert "| ✅ | meet | leave | guest | 197 ms | < " in page(here)
    assert "| ❌ | meet | join | guest | – | < " in page(here)


def test_a_damaged_record_is_said(job: JobOf) -> None:
    Path("reports/runs/20260101T000000Z-0001").mkdir(parents=True)
    Path("reports/runs/20260101T000000Z-0001/run.json").write_text("{")
    here = job()
    assert summary.main(here) == 0
    assert "is gone or damaged" in said(here)


def test_hostile_texts_stay_in_their_cell() -> None:
    bad = runs.failed(f"{runs.HOSTILE} @octocat <img src=x> ::error::", name="a|b\n## x")
    text = summary.told(runs.run(runs.journey(bad, name="me`et")))
    assert "@octocat" not in text
    assert "<img" not in text.replace("\\<img", "")
    assert "\n## x" not in text
    assert "a\\|b" in text


def test_an_annotation_is_one_line_and_an_output_has_one(job: JobOf) -> None:
    here = job()
    here.say("error", "50 % of\r\n::add-mask::x")
    assert said(here) == "::error::50 %25 of%0D%0A::add-mask::x\n"
    for value in ("a\nadmitted=true", "a\r", "a\u2028b"):
        with pytest.raises(CannotGoOn):
            here.give(verdict=value)
    assert outputs(here) == {}
