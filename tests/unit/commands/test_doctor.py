"""``synthetic doctor``: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from synthetic.cli import main
from synthetic.commands import doctor
from synthetic.journeys import walking
from synthetic.journeys.walking import Walk
from synthetic.media import camera, microphone
from synthetic.pages.proposals import Item, Sight

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(camera, "write_feed", lambda *_: None)
    monkeypatch.setattr(microphone, "cached_feed", lambda *_: None)


def printed(capsys: Captured, *options: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["doctor", "--no-browser", *options]) == code
    return capsys.readouterr().out


def test_a_fresh_clone_is_all_right(capsys: Captured) -> None:
    shown = printed(capsys).splitlines()
    assert shown[0].startswith("✓ settings ")
    assert shown[-1].startswith("· channels          nobody is told")


def test_what_is_wrong_fails_and_shows_no_secret(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("hush").write_text("no database")
    monkeypatch.setenv("SYNTHETIC_STORE_URL", "sqlite:///hush")
    monkeypatch.setenv("SYNTHETIC_WEBHOOK__SECRET", "hush")
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SYNTHETIC_ACCOUNTS__STANDING", "private@kulti.test")
    monkeypatch.setenv("SYNTHETIC_ACCOUNTS__FRESH", "monitor@kulti.test")
    monkeypatch.setenv("SYNTHETIC_INBOX__KIND", "fixed")
    told = json.loads(printed(capsys, "--json", code=1))
    assert told["right"] is False
    states = {one["name"]: one["state"] for one in told["checks"]}
    assert [name for name, state in states.items() if state == "wrong"] == [
        "store", "target", "mailbox",
    ]  # fmt: skip
    assert "hush" not in json.dumps(told)
    assert "private@" not in json.dumps(told)


def test_unreadable_settings_end_it_with_2(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHETIC_INBOX__KIND", "pop3")
    assert printed(capsys, code=2) == ""


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> Walk:
    """A walk over a landing page, of a target that holds what is secret."""
    walk = Walk(
        sights=[Sight("landing page", {"access.log_in": 0}, (Item("heading", "guest@x.test"),))]
    )

    @contextmanager
    def target(settings: Any) -> Iterator[Any]:
        yield settings, "http://127.0.0.1:1"

    monkeypatch.setattr(doctor, "_target", target)
    monkeypatch.setattr(walking, "walk", lambda *_: walk)
    monkeypatch.setenv("SYNTHETIC_ACCOUNTS__STANDING", "guest@x.test")
    return walk


def test_pages_are_told_and_decide(capsys: Captured, walked: Walk) -> None:
    shown = printed(capsys, "--pages", code=1)
    assert "✗ landing page: 0 of 1" in shown
    assert "guest@x.test" not in shown
    told = json.loads(printed(capsys, "--pages", "--json", code=1))
    (place,) = told["pages"]
    assert (place["path"], place["count"]) == ("access.log_in", 0)
    assert place["there"][0].startswith('heading "')
    assert "guest@x.test" not in json.dumps(told)
    walked.sights = [Sight("landing page", {"access.log_in": 1}, ())]
    assert "✓ landing page: 1 of 1" in printed(capsys, "--pages")
    walked.left = ["session 7: 500"]
    assert "✗ not removed" in printed(capsys, "--pages", code=1)
