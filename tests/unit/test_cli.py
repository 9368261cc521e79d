"""The command line hands over, and ends with a sentence and the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synthetic import cli
from synthetic.cli import main, settings_table
from synthetic.errors import SettingsError
from synthetic.results import json_schema
from synthetic.settings import describe

SETTINGS = Path(__file__).parents[2] / "docs/settings.md"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes ``synthetic schema`` fail as a command does whose settings are wrong."""

    def fail() -> None:
        raise SettingsError("SYNTHETIC_X is no setting.")

    monkeypatch.setattr("synthetic.results.json_schema", fail)
    monkeypatch.delenv("SYNTHETIC_DEBUG", raising=False)


def test_schema_prints_the_json_schema_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def test_everything_after_standin_is_the_stand_ins(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["standin", "--list-faults"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_the_stand_ins_exit_code_is_kept() -> None:
    assert main(["standin", "--fault", "no-such-fault"]) == 2


@pytest.mark.usefixtures("broken")
def test_an_error_of_ours_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schema"]) == 2
    assert capsys.readouterr().err == "SYNTHETIC_X is no setting.\n"


@pytest.mark.usefixtures("broken")
def test_a_traceback_is_shown_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError):
        main(["--debug", "schema"])
    monkeypatch.setenv("SYNTHETIC_DEBUG", "1")
    with pytest.raises(SettingsError):
        main(["schema"])


def test_an_unknown_command_is_wrong_usage() -> None:
    assert main(["dance"]) == cli.WRONG_USAGE


def test_the_page_of_settings_shows_each_as_it_is() -> None:
    assert settings_table(describe()) in SETTINGS.read_text()


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'pydantic_settings', 'httpx', 'playwright', 'sqlalchemy', 'starlette', 'imap_tools'}"
    script = f"import sys; from synthetic import cli; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert shown.stdout.strip() == b"set()"
