"""``synthetic plan`` and ``synthetic replay``, as people and programs call them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synthetic.cli import WRONG_USAGE, main
from synthetic.exports.catalogue import catalogue
from synthetic.exports.coverage import coverage
from synthetic.exports.prometheus import rules_file
from synthetic.plan.load import load
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.wording import columns
from tests.unit.plan.plans import GOOD

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _settings_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory without settings, and the small plan."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_PLAN_DIR", str(GOOD))


@pytest.fixture
def outage() -> None:
    """In the history: an error rate of 9 % from 9:10 to 9:30, for sign-ups."""
    samples = [
        Sample(
            metric="error_rate",
            value=9 if 10 <= minute < 30 else 0,
            at=START + timedelta(minutes=minute),
            labels={"endpoint": "/api/auth/signup"},
        )
        for minute in range(60)
    ]
    reports = Path("reports")
    reports.mkdir()
    with Store.open(None, reports) as store:
        store.add_samples("stand-in", samples, START + timedelta(hours=1))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints that ends well."""
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says that was given something wrong."""
    assert main([*arguments]) == WRONG_USAGE
    return capsys.readouterr().err


def test_a_plan_is_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "plan", "--json")) == catalogue(load(GOOD))


def test_a_plan_is_printed_as_rules(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "plan", "--prometheus", "--phase", "week1")
    assert text == rules_file(load(GOOD), "week1")


def test_rules_are_those_of_the_phase_that_holds_now(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=2)
    monkeypatch.setenv("SYNTHETIC_LAUNCH_AT", yesterday.isoformat())
    assert printed(capsys, "plan", "--prometheus") == rules_file(load(GOOD), "week1")


def test_a_plan_is_printed_as_what_sees_each_item(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "plan", "--coverage") == coverage(load(GOOD))


def test_a_plan_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = Path(GOOD.parents[2] / "synthetic" / "plan")
    lines = printed(capsys, "plan", "--plan", str(shipped)).splitlines()
    assert max(map(columns, lines)) <= 80
    assert len(lines) > 400


def test_a_line_says_what_is_good_what_is_not_and_who_sees_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = printed(capsys, "plan").splitlines()
    (error_rate,) = [" ".join(line.split()) for line in lines if "over 5" in line]
    assert error_rate == "Error rate over 5 % < 1% high > 5% for 5m derived"
    (users,) = [line for line in lines if "Daily active" in line]
    assert "not set" in users


def test_with_a_phase_its_rules_take_the_place_of_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "over 5" not in printed(capsys, "plan", "--phase", "week1")
    assert "over 2" not in printed(capsys, "plan", "--phase", "launch")


def test_a_value_for_a_blank_of_the_plan_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_PLAN_VALUES__DAU_TARGET", "500")
    (users,) = [one for one in printed(capsys, "plan").splitlines() if "Daily active" in one]
    assert "500" in users


def test_a_bad_plan_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shutil.copytree(GOOD, tmp_path / "plan")
    (tmp_path / "plan" / "routes.toml").unlink()
    said = refused(capsys, "plan", "--plan", str(tmp_path / "plan"))
    assert said == "routes.toml is missing: a plan has it, with [[route]] tables.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("plan --json --prometheus", "exclude each other"),
        ("plan --json --grafana here", "exclude each other"),
        ("plan --phase week2", "should be launch, week1, month1, steady"),
        ("replay --from 9:00 --to 2026-11-25T10:00Z", "--from 9:00 should be a moment"),
        ("replay --from 2026-11-25T09:00 --to 2026-11-25T10:00Z", "with its zone"),
        ("replay --from 2026-11-25T10:00Z --to 2026-11-25T09:00Z", "lies after"),
        ("replay --from 2026-11-25T09:00Z --to 2026-11-25T10:00Z --every 5", "duration such as"),
        ("replay --from 2026-11-25T09:00Z --to 2026-11-25T10:00Z --every 0s", "more than nothing"),
    ],
)
def test_wrong_usage_is_said(capsys: pytest.CaptureFixture[str], arguments: str, said: str) -> None:
    assert said in refused(capsys, *arguments.split())


SPAN = ("--from", "2026-11-25T09:00:00Z", "--to", "2026-11-25T10:00:00Z", "--every", "60s")


@pytest.mark.usefixtures("outage")
def test_a_replay_prints_transitions_as_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "replay", *SPAN, "--json").splitlines()
    found = [json.loads(line) for line in lines]
    assert [tuple(one) for one in found] == [("at", "rule", "state", "value", "labels")] * 3
    assert [(one["at"], one["state"], one["value"]) for one in found] == [
        ("2026-11-25T09:10:00Z", "pending", 9),
        ("2026-11-25T09:15:00Z", "firing", 9),
        ("2026-11-25T09:35:00Z", "resolved", 0),
    ]
    assert found[0]["rule"] == "e-error-rate"
    assert found[0]["labels"] == {"endpoint": "/api/auth/signup"}


@pytest.mark.usefixtures("outage")
def test_a_replay_says_whom_it_would_have_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "replay", *SPAN).splitlines()
    fired = lines.index(
        "2026-11-25T09:15:00Z firing · Error rate over 5 % · 9% · endpoint=/api/auth/signup"
    )
    told = "2026-11-25T09:15:00Z → slack #incident-response, pagerduty: STAND-IN"
    assert lines[fired + 1].startswith(told)
    assert lines[-1].startswith("2026-11-25T09:35:00Z → slack #incident-response, pagerduty: ")


@pytest.mark.usefixtures("outage")
def test_an_edited_plan_is_replayed_without_telling_anybody(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(GOOD, tmp_path / "plan")
    rules = tmp_path / "plan" / "part_e.toml"
    rules.write_text(rules.read_text().replace("alert = 5", "alert = 10"))
    edited = printed(capsys, "replay", *SPAN, "--plan", str(tmp_path / "plan"))
    assert edited == (
        "Nothing would have changed from 2026-11-25T09:00:00Z to 2026-11-25T10:00:00Z.\n"
    )
    with Store.open(None, Path("reports")) as store:
        assert not store.alerts("stand-in")


@pytest.mark.usefixtures("outage")
def test_another_target_has_another_history(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "https://kulti.test/")
    assert printed(capsys, "replay", *SPAN, "--json") == ""
