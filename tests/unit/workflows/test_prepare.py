"""Without a target nothing runs; locations are a matrix; a broken schedule is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from synthetic.github import alive, beat, prepare
from synthetic.github.job import CannotGoOn
from tests.services.github_server import GitHubServer
from tests.unit.workflows.conftest import JobOf, outputs, said, summary
from tests.unit.workflows.workflows import WORKFLOWS, load

TARGET = "https://staging.example.org"
NOW = datetime(2026, 11, 26, 8, 37, tzinfo=UTC)
CRON = "0 */2 * * *"


def test_without_a_target_it_fails_with_one_sentence(job: JobOf) -> None:
    here = job(SUITE="smoke")
    assert prepare.main(here, NOW) == 2
    assert said(here).splitlines() == [
        "::error::There is no target: set SYNTHETIC_BASE_URL; the stand-in is never used in its "
        "place."
    ]
    assert outputs(here) == {}


@pytest.mark.parametrize(
    "url",
    [
        "staging.example.org",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.org",
        "https://example.org/?a=1",
        "https://example.org/#a",
        "https://example.org/\n::set-output::",
        "https://example.org/$(id)`id`",
        'https://example.org/" --baseline=x',
        "https://[",
        "https://example.org:99999",
        "https://example.org/$(id)",
        "https://example.org/" + "a" * 1_000_000,
        "-",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CannotGoOn, match="The target should be a web address"):
        prepare.check_target(url, "SYNTHETIC_BASE_URL")


def test_locations_are_names_with_the_labels_of_their_runners() -> None:
    rows = prepare.locations("github, frankfurt=self-hosted+frankfurt")
    assert rows == [
        {"location": "github", "runs_on": ["ubuntu-24.04"]},
        {"location": "frankfurt", "runs_on": ["self-hosted", "frankfurt"]},
    ]
    assert prepare.locations("") == prepare.locations("github")
    assert prepare.chosen(rows, "frankfurt") == rows[1:]


@pytest.mark.parametrize("text", ["Frank furt", "a=b c", "a,a", "../x", ",", "a=b+"])
def test_odd_locations_are_refused(text: str) -> None:
    with pytest.raises(CannotGoOn, match="SYNTHETIC_LOCATIONS"):
        prepare.locations(text)


def test_a_location_that_is_none_is_refused_without_repeating_it(job: JobOf) -> None:
    here = job(TARGET=TARGET, SUITE="smoke", LOCATION="x\n::error::y", LOCATIONS="github,oslo")
    assert prepare.main(here, NOW) == 2
    assert "known are github, oslo" in said(here)
    assert said(here).count("::error::") == 1


def test_a_late_start_and_runs_that_never_began_are_said(job: JobOf, github: GitHubServer) -> None:
    github.workflows["monitor.yml"].runs = {
        1: "2026-11-26T00:03:00Z",
        2: "2026-11-26T02:41:00Z",
        3: "2026-11-26T06:04:00Z",
        4711: "2026-11-26T08:36:00Z",
    }
    github.workflows["monitor.yml"].cancelled = {3}  # it waited, and another took its place
    here = job({"schedule": CRON}, TARGET=TARGET, SUITE="smoke")
    assert prepare.main(here, NOW) == 0
    assert "was due at 08:00 UTC and began 37 min late" in said(here)
    assert "No run began that was due at 26 Nov 04:00, 26 Nov 06:00 UTC" in said(here)
    assert "unknown" in summary(here)
    told = outputs(here)
    assert (told["lag_s"], told["missed"]) == ("2220", "2")
    assert json.loads(told["locations"]) == {
        "include": [{"location": "github", "runs_on": ["ubuntu-24.04"]}]
    }


def test_whether_the_schedule_was_kept_may_be_unknown(job: JobOf, github: GitHubServer) -> None:
    github.scopes.clear()
    here = job({"schedule": CRON}, TARGET=TARGET, SUITE="smoke")
    assert prepare.main(here, NOW) == 0
    assert "Whether the schedule was kept is unknown: GitHub answers 403" in said(here)
    assert outputs(here)["lag_s"] == ""


def test_what_is_run_again_by_hand_is_not_late(job: JobOf) -> None:
    here = job({"schedule": CRON}, TARGET=TARGET, SUITE="smoke", GITHUB_RUN_ATTEMPT="2")
    assert prepare.main(here, NOW) == 0
    assert said(here) == ""
    assert (outputs(here)["lag_s"], outputs(here)["missed"]) == ("", "")


def test_by_hand_nothing_is_late(job: JobOf) -> None:
    here = job({}, TARGET=TARGET, SUITE="full", GITHUB_EVENT_NAME="workflow_dispatch")
    assert prepare.main(here, NOW) == 0
    assert said(here) == ""


def test_evidence_is_kept_only_where_the_public_cannot_read_it(
    job: JobOf, github: GitHubServer
) -> None:
    assert prepare.is_private(job({"repository": {"private": True}}))
    assert not prepare.is_private(job({"repository": {"private": False}}))
    assert prepare.is_private(job({"schedule": CRON}))
    github.private = False
    assert not prepare.is_private(job({"schedule": CRON}))
    assert not prepare.is_private(job({}, GITHUB_TOKEN="wrong"))


def test_all_schedules_are_kept_alive(job: JobOf, github: GitHubServer) -> None:
    assert alive.main(job()) == 0
    scheduled = {path.name for path in WORKFLOWS if "schedule" in load(path)[True]}
    assert {name for name, one in github.workflows.items() if one.enabled == 1} == scheduled
    github.scopes.remove("actions:write")
    here = job()
    assert alive.main(here) == 1
    assert "The schedules may stop after 60 idle days: GitHub answers 403" in said(here)


def test_a_schedule_that_somebody_switched_off_stays_off(job: JobOf, github: GitHubServer) -> None:
    github.workflows["page.yml"].state = "disabled_manually"
    github.workflows["monitor.yml"].state = "disabled_inactivity"
    assert alive.main(job()) == 0
    assert [github.workflows[name].enabled for name in ("monitor.yml", "page.yml")] == [1, 0]


def test_a_dead_mans_switch_hears_of_each_run_and_is_never_named(
    job: JobOf, github: GitHubServer
) -> None:
    assert beat.main(job()) == 0
    assert github.asked == 0
    here = job(SYNTHETIC_WATCH__HEARTBEAT_URL=f"{github.url}/ping/secret")
    assert beat.main(here) == 0
    assert github.asked == 1
    assert "takes no heartbeat: HTTPError" in said(here)
    assert "secret" not in said(here)
