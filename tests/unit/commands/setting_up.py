"""Runs ``synthetic init`` as tests do."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.cli import main

GIVEN: dict[str, Any] = {
    "target": "https://kulti.test",
    "inbox-kind": "imap",
    "inbox-url": "imaps://mail.kulti.test",
    "inbox-username": "monitor",
    "inbox-password": 'it\'s $HOME # "hush"',
    "fresh": "monitor@kulti.test",
    "standing": "guest-1@kulti.test,guest-2@kulti.test",
    "slack-webhook": "https://hooks.slack.com/services/T0/B0/hidden",
}
Captured = pytest.CaptureFixture[str]


def run(capsys: Captured, *more: str, code: int = 0, **given: str) -> str:
    """What it printed; ``given`` are options, by names with underscores."""
    capsys.readouterr()
    named = {name.replace("_", "-"): value for name, value in given.items()}
    options = [text for name, value in named.items() for text in (f"--{name}", value)]
    assert main(["init", *options, *more]) == code
    shown = capsys.readouterr()
    return shown.out + shown.err


def first(capsys: Captured) -> str:
    """The files of a first time, all given."""
    return run(capsys, **{name.replace("-", "_"): value for name, value in GIVEN.items()})
