"""Commands about alerts: what they print, keep and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.cli import main
from synthetic.notify.delivery import OVERTAKEN
from synthetic.notify.routing import parcels_for
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.values import Event, Note

TARGET = "https://kulti.test/"
Said = Callable[..., str]


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command that must do, and end so; what it printed."""

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == code, capsys.readouterr().err
        return capsys.readouterr().out.rstrip("\n")

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command that must not do; the sentence that says why."""

    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 2
        return capsys.readouterr().err.rstrip("\n")

    return run


@pytest.fixture
def outage(said: Said) -> str:
    """The error rate is at 12 % now, and that was noticed; the incident."""
    errors(12)
    return str(json.loads(said("evaluate", "--json"))["incidents"][0]["id"])


def errors(value: float) -> None:
    now = datetime.now(UTC)
    with Store.open(None, Path("reports")) as store:
        store.add_samples(TARGET, [Sample(metric="error_rate", value=value, at=now)], now)


def standing(said: Said, *, code: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said("alerts", "--json", code=code))
    return found


def test_evaluate_says_what_changed_and_whom_it_would_tell(said: Said) -> None:
    errors(12)
    printed = said("evaluate")
    assert "firing · Error rate, critical · 12%" in printed
    to = "pagerduty, sms, slack #incident-response, sentry"
    assert f"→ {to}: CRITICAL: Error rate 12% · kulti.test" in printed
    assert printed.endswith("Messages: 4 shown")


@pytest.mark.usefixtures("outage")
def test_alerts_shows_incidents_with_their_alerts(said: Said) -> None:
    first, second, *rest, doubt = said("alerts", code=1).splitlines()
    assert first.startswith("Requests fail (critical)")
    assert second.strip().startswith("20")
    assert "  firing critical: Error rate 12% for 0 s (e-critical-error-rate)" in rest
    assert doubt == "Not all is known: nothing was observed for a day, so nobody can tell."


def test_alerts_says_when_there_is_nothing(said: Said) -> None:
    now = datetime.now(UTC)
    with Store.open(None, Path("reports")) as store:
        ran = ("run_failed", "run_inconclusive")
        labels = {"suite": "smoke", "location": "eu"}
        store.add_samples(
            TARGET, [Sample(metric=one, value=0, at=now, labels=labels) for one in ran], now
        )
    assert said("alerts") == "Nothing is wrong, as far as is known."


def test_alerts_says_when_nobody_can_tell(said: Said) -> None:
    sentence = "Nothing is known: nothing was observed for a day, so nobody can tell."
    assert said("alerts", code=6) == sentence
    said("silence", "errors", "--for", "2h", "--reason", "new disk")
    assert said("alerts", code=6).splitlines()[0] == sentence
    assert standing(said, code=6)["doubts"] == [sentence.removeprefix("Nothing is known: ")[:-1]]


def test_ack_by_id_or_cause(said: Said, outage: str) -> None:
    assert said("ack", outage, "--by", "Ada") == f"Ada has {outage}: Requests fail"
    (incident,) = standing(said)["incidents"]
    assert incident["acknowledged_by"] == "Ada"
    assert said("ack", "errors", "--by", "Eve").startswith("Eve has ")


def test_ack_of_what_is_not_open(refused: Said, outage: str) -> None:
    assert refused("ack", "video") == f"video is no open incident; open are: {outage}"


def test_a_silence_is_of_the_target_that_settings_name(
    said: Said, refused: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("silence", "errors", "--for", "2h", "--reason", "new disk")
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "https://other.test/")
    assert "new disk" not in said("alerts", code=6)
    assert "no silence of errors holds" in refused("silence", "errors", "--end")


def test_a_silence_holds_back_and_can_be_ended(said: Said) -> None:
    said("silence", "errors", "--for", "2h", "--reason", "new disk", "--by", "Ada")
    assert "since new disk (Ada)" in said("alerts", code=6)
    errors(12)
    assert "Messages" not in said("evaluate")
    assert said("silence", "errors", "--end") == "errors: people are told again"
    assert "Messages: 4 shown" in said("evaluate")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("errors", "--for", "2h"), "a silence needs --for and --reason"),
        (("erorrs", "--for", "2h", "--reason", "x"), "did you mean errors?"),
        (("errors", "--for", "soon", "--reason", "x"), "--for soon should be a duration"),
        (("errors", "--end"), "no silence of errors holds"),
    ],
)
def test_a_silence_that_cannot_be(refused: Said, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused("silence", *arguments)


def test_maintenance_is_a_silence_to_come(said: Said) -> None:
    later = datetime.now(UTC) + timedelta(minutes=-1)
    end = later + timedelta(hours=2)
    printed = said(
        *("maintenance", "--from", later.isoformat(), "--to", end.isoformat()),
        *("--reason", "migration"),
    )
    assert printed.startswith("All: nobody is told from ")
    errors(12)
    assert "Messages" not in said("evaluate")


@pytest.mark.parametrize(
    ("begins", "ends", "sentence"),
    [
        ("2026-01-02T00:00Z", "2026-01-01T00:00Z", "swap them"),
        ("2026-01-01T00:00Z", "2026-01-02T00:00Z", "has passed"),
        ("2026-01-01", "2026-01-02T00:00Z", "should be a moment with its zone"),
    ],
)
def test_maintenance_that_cannot_be(refused: Said, begins: str, ends: str, sentence: str) -> None:
    arguments = ("maintenance", "--from", begins, "--to", ends, "--reason", "x")
    assert sentence in refused(*arguments)


def test_the_outbox_shows_what_waits_and_what_was_given_up_and_tries_again(said: Said) -> None:
    now = datetime.now(UTC)
    note = Note("k", "", "report", "Title", "Story.", TARGET, now)
    with Store.open(None, Path("reports")) as store:
        store.post(parcels_for(note, [("console", "#alerts"), ("console", None)], now))
        lost, waiting = store.due(now)
        store.put_off(waiting, now + timedelta(hours=1, seconds=30), "it is down")
        store.give_up(lost, now, "it will not have it")
    printed = said("outbox")
    assert "again in 1 h: console #alerts: Title (0 tries; it is down)" in printed
    assert ": console: Title (0 tries; it will not have it)" in printed
    assert said("outbox", "--retry") == "Nothing waits, and nothing was given up."


def given_up(event: Event, incident: str, problem: str = "no", target: str = TARGET) -> None:
    """A message for the console that was given up; its title says which."""
    now = datetime.now(UTC)
    title = f"{event} of {incident or 'none'} ({problem})"
    note = Note(f"{event}/{incident}/{problem}", incident, event, title, "Story.", target, now)
    (parcel,) = parcels_for(note, [("console", None)], now)
    with Store.open(None, Path("reports")) as store:
        store.post([parcel])
        store.give_up(parcel, now, problem)


def test_a_retry_revives_only_what_is_still_news(
    outage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for incident in (outage, "over"):
        for event in ("opened", "reminder", "resolved"):
            given_up(event, incident)
    given_up("acknowledged", outage, OVERTAKEN)
    given_up("report", "")
    given_up("report", "", "another target's", "https://other.test/")
    capsys.readouterr()
    assert main(["outbox", "--retry"]) == 0
    shown = capsys.readouterr().err.splitlines()
    assert {line.split(maxsplit=1)[-1] for line in shown if "of " in line} == {
        f"opened of {outage} (no)",
        f"resolved of {outage} (no)",
        "resolved of over (no)",
        "of none (no)",
    }
