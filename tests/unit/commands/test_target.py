"""Commands look at the history that runs write: also of a stand-in that is served, or was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from synthetic.cli import main
from synthetic.journeys.target import STANDIN, remember
from synthetic.reports.gathering import actions_note
from synthetic.results import Sample
from synthetic.store.history import Store

URL = "http://127.0.0.1:1/"
"""Where nothing answers."""


@pytest.fixture(autouse=True)
def _outage_of_a_served_standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", URL)
    now = datetime.now(UTC)
    with Store.open(None, Path("reports")) as store:
        remember(store, URL, STANDIN)
        store.add_samples(STANDIN, [Sample(metric="error_rate", value=12, at=now)], now)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(list(arguments)) == code, capsys.readouterr().err
    return capsys.readouterr().out


def test_the_outage_is_seen_taken_and_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    (incident,) = json.loads(printed(capsys, "evaluate", "--json"))["incidents"]
    assert incident["target"] == STANDIN
    assert printed(capsys, "ack", "errors", "--by", "Ada").startswith(f"Ada has {incident['id']}")
    printed(capsys, "silence", "errors", "--for", "1h", "--reason", "drill")
    standing = json.loads(printed(capsys, "alerts", "--json", code=1))
    assert [one["acknowledged_by"] for one in standing["incidents"]] == ["Ada"]
    assert [one["target"] for one in standing["silences"]] == [STANDIN]


def test_figures_and_notes_go_to_the_same_place(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "record", "dau", "5")
    line = {"metric": "dau", "value": 6, "at": "2026-11-23T21:15:30Z"}
    Path("samples.jsonl").write_text(json.dumps(line))
    assert printed(capsys, "import", "samples.jsonl").startswith("stand-in: 1 samples stored")
    printed(capsys, "action", "add", "look", "--owner", "Ada", "--due", "2026-12-01")
    assert "This is about the stand-in" in printed(capsys, "report", "daily")
    with Store.open(None, Path("reports")) as store:
        assert store.targets() == (STANDIN,)
        assert store.note(actions_note(STANDIN))
