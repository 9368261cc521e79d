"""``synthetic gate`` as a pipeline calls it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from synthetic.cli import main
from synthetic.gate.model import Ran
from synthetic.gate.running import Runner
from synthetic.results import Run
from tests.unit.gate.worlds import broken, measured, unsure, weak
from tests.unit.store.test_upgrade import VERSION_1

TARGET = ("gate", "--target", "https://preview.kulti.test")


@pytest.fixture(autouse=True)
def runners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Runner]:
    """Who ran; each run is good unless a test says otherwise."""
    ran: list[Runner] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    comes_to(monkeypatch, measured(), ran)
    return ran


def comes_to(monkeypatch: pytest.MonkeyPatch, found: Run, ran: list[Runner]) -> None:
    def run(runner: Runner, _: float) -> Ran:
        ran.append(runner)
        return Ran(runner.side, found, 60.0)

    monkeypatch.setattr(Runner, "run", run)


@pytest.mark.parametrize(
    ("found", "strict", "code"),
    [
        (measured(), True, 0),
        (weak(), False, 0),
        (weak(), True, 1),
        (broken(), False, 1),
        (unsure(), False, 3),
    ],
)
def test_the_exit_code_is_the_decision(
    monkeypatch: pytest.MonkeyPatch, found: Run, strict: bool, code: int
) -> None:
    comes_to(monkeypatch, found, [])
    assert main([*TARGET, *(["--strict"] if strict else [])]) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ("gate",),
        ("gate", "--target", ""),
        ("gate", "--target", "nonsense"),
        (*TARGET, "--suite", "none"),
        (*TARGET, "--budget", "soon"),
        (*TARGET, "--baseline", "no-such-file.db"),
    ],
)
def test_wrong_usage_runs_nothing(arguments: tuple[str, ...], runners: list[Runner]) -> None:
    assert main(list(arguments)) == 2
    assert not runners


def test_a_target_in_the_settings_is_no_explicit_target(
    monkeypatch: pytest.MonkeyPatch, runners: list[Runner]
) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "https://kulti.test/")
    assert main(["gate"]) == 2
    assert not runners


def test_the_pass_is_the_candidate_s_alone(
    monkeypatch: pytest.MonkeyPatch, runners: list[Runner]
) -> None:
    monkeypatch.setenv("SYNTHETIC_TARGET_PASS__NAME", "x-bypass")
    monkeypatch.setenv("SYNTHETIC_TARGET_PASS__VALUE", "hush")
    monkeypatch.setenv("SYNTHETIC_GATE__BASELINE", '{"inbox__url": "http://mail.test"}')
    main([*TARGET, "--baseline", "https://kulti.test"])
    candidate, baseline = runners[:2]
    assert candidate.target_pass.sent() == {"x-bypass": "hush"}
    assert baseline.target_pass.sent() == {}
    assert baseline.more == {
        "SYNTHETIC_TARGET_PASS__SENT_AS": "off",
        "SYNTHETIC_INBOX__URL": "http://mail.test",
    }
    assert (baseline.url, candidate.reports.parent) == (
        "https://kulti.test/",
        baseline.reports.parent,
    )


def test_json_stands_alone_on_standard_output_also_on_github(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main([*TARGET, "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["verdict"] == "passed"
    assert said.err.startswith("::notice title=Gate%3A DEPLOY::")


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_gets_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: signal.Signals
) -> None:
    def run(*_: object) -> Ran:
        os.kill(os.getpid(), told)
        raise AssertionError("it went on")

    before = signal.getsignal(told)
    monkeypatch.setattr(Runner, "run", run)
    assert main([*TARGET]) == 3
    assert capsys.readouterr().out == ""
    assert signal.getsignal(told) is before


def test_what_breaks_in_the_gate_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: object) -> Ran:
        raise ZeroDivisionError

    monkeypatch.setattr(Runner, "run", run)
    assert main([*TARGET, "--json"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "INCONCLUSIVE: the gate itself broke (ZeroDivisionError), which says nothing" in said.err


def test_a_baseline_s_history_of_an_older_shape_is_said_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "theirs.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(VERSION_1)
    before = file.read_bytes()
    assert main([*TARGET, "--baseline", str(file)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "No comparison:" in said
    assert "has version 1, and this synthetic reads" in said
    assert file.read_bytes() == before


def test_a_baseline_s_history_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert main([*TARGET, "--baseline", f"sqlite:///{tmp_path}/none/none.db"]) == 0
    assert not (tmp_path / "none").exists()


def test_for_people_the_verdict_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TARGET]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("DEPLOY: https://preview.kulti.test/\n")
    assert said.err == ""
