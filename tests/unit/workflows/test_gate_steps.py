"""Only a verdict lets through or blocks; who has no secrets is not at fault; texts stay texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from synthetic.gate.told import for_github
from synthetic.github import admit, comment, decide, gate
from synthetic.github.gate_told import told
from tests import runs
from tests.services.github_server import REPOSITORY, GitHubServer
from tests.unit.workflows.conftest import JobOf, outputs, said
from tests.unit.workflows.gates import HOSTILE, TARGET, decision, gated, pull_request


def difference(**more: Any) -> dict[str, Any]:
    usual = {"name": "join", "unit": "ms", "candidate": 812.5, "baseline": 540.0, "worse_by": 272.5}
    counts = {"candidate": 5, "baseline": 5}
    return {**usual, "counts": counts, "p": 0.0012, "conclusion": "worse", **more}


@pytest.mark.parametrize(
    ("name", "actor", "head", "who"),
    [
        ("pull_request", "mallory", "mallory/monitor", "a pull request from a fork"),
        ("pull_request", "dependabot[bot]", REPOSITORY, "a bot's pull request"),
        ("pull_request", "ada", REPOSITORY, None),
        ("pull_request_target", "mallory", "mallory/monitor", None),
        ("push", "ada", "", None),
    ],
)
def test_a_stranger_gets_no_secrets(name: str, actor: str, head: str, who: str | None) -> None:
    assert admit.stranger(name, actor, pull_request(head)) == who


def test_a_pull_request_from_a_fork_is_inconclusive_and_that_is_said(job: JobOf) -> None:
    fork = pull_request("mallory/monitor")
    here = job(fork, GITHUB_EVENT_NAME="pull_request", TARGET=TARGET, SUITE="smoke")
    assert admit.main(here) == 0
    told = outputs(here)
    assert (told["code"], told["admitted"]) == ("3", "false")
    assert said(here).count("\n") == 1
    assert "GitHub gives a pull request from a fork no secrets" in said(here)
    assert decide.main(job(FIRST=told["code"])) == 3


def test_of_a_deleted_fork_nothing_is_known_but_that_it_is_one() -> None:
    event = pull_request()
    event["pull_request"]["head"]["repo"] = None
    assert admit.stranger("pull_request", "ada", event) == "a pull request from a fork"


@pytest.mark.parametrize("target", ["", "preview.example.org", f"https://a.example/{HOSTILE}"])
def test_a_wrong_target_is_wrong_usage(job: JobOf, target: str) -> None:
    here = job(pull_request(), TARGET=target, SUITE="smoke")
    assert admit.main(here) == 2
    told = outputs(here)
    assert (told["code"], told["admitted"]) == ("2", "false")
    assert HOSTILE not in said(here)


def test_whoever_may_come_in_is_admitted(job: JobOf) -> None:
    here = job(pull_request(), GITHUB_EVENT_NAME="pull_request", TARGET=TARGET, SUITE="full")
    assert admit.main(here) == 0
    told = outputs(here)
    assert (told["code"], told["admitted"], told["evidence"]) == ("", "true", "true")


def test_each_gate_of_a_run_has_a_key_of_its_own(job: JobOf) -> None:
    asked = [(TARGET, "smoke"), (TARGET, "full"), ("https://b.example.org", "smoke")]
    keys = {admit.key_of(job(TARGET=target, SUITE=suite)) for target, suite in asked}
    assert len(keys) == 3
    assert all(key.isalnum() for key in keys)


def test_what_is_asked_stays_a_value(job: JobOf) -> None:
    _, asked = gated(job, 0, json.dumps(decision()), BASELINE="--strict", BUDGET="1h")
    assert asked[1:] == [
        "gate",
        f"--target={TARGET}",
        "--suite=smoke",
        "--json",
        "--baseline=--strict",
        "--budget=1h",
    ]


@pytest.mark.parametrize(
    ("code", "output", "counts", "verdict"),
    [
        (0, json.dumps(decision()), "0", "passed"),
        (0, json.dumps(decision("degraded")), "0", "degraded"),
        (1, json.dumps(decision("failed")), "1", "failed"),
        (3, json.dumps(decision("inconclusive")), "3", "inconclusive"),
        (2, "", "2", "inconclusive"),
        (1, "Traceback", "3", "inconclusive"),
        (0, "", "3", "inconclusive"),
        (0, json.dumps(decision("failed")), "3", "inconclusive"),
        (-9, "[]", "3", "inconclusive"),
    ],
)
def test_only_a_verdict_lets_through_or_blocks(
    job: JobOf, code: int, output: str, counts: str, verdict: str
) -> None:
    """A traceback of ours ends with 1, too, and is nobody's fault but ours."""
    here, _ = gated(job, code, output)
    assert outputs(here) == {"code": counts, "verdict": verdict}
    assert decide.main(job(FIRST=counts)) == int(counts)


@pytest.mark.parametrize(
    ("first", "again", "code"),
    [
        ("3", "0", 0),
        ("3", "1", 1),
        ("3", "3", 3),
        ("3", "", 3),
        ("0", "", 0),
        ("", "", 3),
        ("x", "", 3),
    ],
)
def test_the_second_try_counts_and_no_answer_is_no_pass(
    job: JobOf, first: str, again: str, code: int
) -> None:
    assert decide.main(job(FIRST=first, AGAIN=again)) == code


def test_settings_of_the_caller_are_taken_along(job: JobOf, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.toml"
    theirs.write_text("[pages.room.leave]\n")
    gated(job, 0, json.dumps(decision()), CONFIG=str(theirs))
    assert Path("synthetic.toml").read_text() == "[pages.room.leave]\n"


def test_what_is_worse_stands_first() -> None:
    rows = [difference(name="video", conclusion="fine"), difference(unit="ms")]
    text = told(
        decision("failed", baseline="https://example.org", comparison={"differences": rows}), TARGET
    )
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table[2:] == [
        "| ❌ | join | 812 ms | 540 ms | 272 ms | 0.0012 |",
        "| ✅ | video | 812 ms | 540 ms | 272 ms | 0.0012 |",
    ]


def test_a_long_comparison_and_hostile_texts_stay_a_comment(
    job: JobOf, github: GitHubServer
) -> None:
    rows = [difference(name=runs.HOSTILE * 50) for _ in range(500)]
    why = [f"{runs.HOSTILE} @everyone <script> {HOSTILE}\n\n# x" * 30] * 200
    hostile = decision("failed", why=why, comparison={"differences": rows})
    here, _ = gated(job, 1, json.dumps(hostile))
    comment.main(here)
    body = github.comments[7][0].body
    assert "@everyone" not in body
    assert "\n# x" not in body
    assert all(line.startswith("::error title=") for line in said(here).splitlines())
    assert len(said(here)) < 20_000


def test_what_is_annotated_is_what_the_gate_itself_would(job: JobOf) -> None:
    """With the level of the verdict, and each figure that is worse."""
    found = decision("degraded", comparison={"differences": [difference()]})
    here, _ = gated(job, 0, json.dumps(found))
    assert said(here).splitlines() == for_github(found)
    assert said(here).startswith("::warning title=Gate%3A HEAD::All journeys worked.\n::error ")


def test_the_command_is_told_nothing_of_github_and_annotates_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("SYNTHETIC_LOCATION", "oslo")
    words = "echo ${GITHUB_ACTIONS-none} $SYNTHETIC_LOCATION; echo ::error::x >&2; exit 3"
    assert gate.unobeyed(["sh", "-c", words]) == (3, b"none oslo\n")
    stop, order, go = capfd.readouterr().err.split()
    assert (stop.removeprefix("::stop-commands::"), order) == (go.strip(":"), "::error::x")


def test_the_gates_own_json_is_what_is_read() -> None:
    """What the command prints and what the comment reads have the same names."""
    from synthetic.gate.model import Comparison, Decision, Difference, Figure
    from synthetic.gate.told import Asked, as_json

    worse = Difference(
        Figure("step", "meet", "join", "ms"), 812.5, 540, (5, 5), 272.5, 100, 0.001, None, "worse"
    )
    comparison = Comparison("permutation", 0.05, (5, 5), (worse,))
    found = Decision("failed", ("Joining is slower.",), (), (), comparison)
    asked = Asked(TARGET, "https://example.org", "smoke", "github", 300, strict=False)
    text = told({**as_json(found, asked), "code": 1}, TARGET)
    assert "- Joining is slower." in text
    assert "against https:&#47;/example.org" in text
    assert "| ❌ | join | 812 ms | 540 ms | 272 ms | 0.001 |" in text
