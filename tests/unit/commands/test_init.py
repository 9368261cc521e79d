"""``synthetic init``: what it writes, what it refuses, and what it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from synthetic.commands import init
from synthetic.commands.init_files import variable
from synthetic.settings import load
from tests.unit.commands.setting_up import GIVEN, Captured, first, run

SECRETS = ("hush", "hidden", "guest-1", "mail.kulti.test")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_given_is_what_settings_read(capsys: Captured) -> None:
    first(capsys)
    settings = load(Path(), {})
    assert str(settings.base_url) == "https://kulti.test/"
    assert settings.inbox.kind == "imap"
    assert settings.inbox.password
    assert settings.inbox.password.get_secret_value() == GIVEN["inbox-password"]
    assert settings.accounts.standing == ("guest-1@kulti.test", "guest-2@kulti.test")
    assert settings.slack.webhook_url


def test_secrets_are_in_the_private_file_only_and_never_shown(capsys: Captured) -> None:
    shown = first(capsys)
    assert Path(".env").stat().st_mode & 0o777 == 0o600
    assert Path(".gitignore").read_text() == ".env\n"
    public = shown + Path("synthetic.toml").read_text()
    assert not [one for one in SECRETS if one in public]


def test_a_second_time_changes_nothing(capsys: Captured) -> None:
    first(capsys)
    before = {path.name: path.stat().st_mtime_ns for path in Path().iterdir()}
    assert "wrote" not in first(capsys)
    assert "wrote" not in run(capsys), "and what is set need not be given again"
    assert before == {path.name: path.stat().st_mtime_ns for path in Path().iterdir()}


def test_what_is_set_otherwise_is_replaced_by_force_only(capsys: Captured) -> None:
    first(capsys)
    other: dict[str, Any] = {
        "target": "https://new.test",
        "slack_webhook": "https://hooks.slack.com/services/new",
    }
    shown = run(capsys, code=1, **other)
    assert '-base_url = "https://kulti.test"' in shown
    assert '+base_url = "https://new.test"' in shown
    assert "~ SYNTHETIC_SLACK__WEBHOOK_URL=***** (another value than before)" in shown
    assert "services/new" not in shown
    assert str(load(Path(), {}).base_url) == "https://kulti.test/"
    assert "wrote .env\nwrote synthetic.toml" in run(capsys, "--force", **other)
    assert str(load(Path(), {}).base_url) == "https://new.test/"


def test_another_secret_alone_needs_force_too(capsys: Captured) -> None:
    first(capsys)
    run(capsys, code=1, inbox_password="other")
    assert "other" not in Path(".env").read_text()


def test_lines_of_ones_own_stay_and_are_not_shown(capsys: Captured) -> None:
    Path("synthetic.toml").write_text('[jira]\ntoken = "own-secret"\n')
    Path(".env").write_text("# mine\nexport SYNTHETIC_DEBUG=1\nOTHER=x\n")
    Path(".gitignore").write_text("build/\n/.env\n")
    shown = first(capsys)
    assert "own-secret" not in shown
    assert Path("synthetic.toml").read_text().endswith('\n\n[jira]\ntoken = "own-secret"\n')
    assert Path(".env").read_text().startswith("# mine\nexport SYNTHETIC_DEBUG=1\nOTHER=x\n")
    assert Path(".gitignore").read_text() == "build/\n/.env\n"
    assert load(Path(), {}).debug


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("target", "kulti.test", "SYNTHETIC_BASE_URL should be a URL such as https://host."),
        ("inbox_url", "https://host", "SYNTHETIC_INBOX__URL should be imap://host or imaps://host"),
        ("inbox_kind", "pop3", "SYNTHETIC_INBOX__KIND should be 'mailpit', 'imap', 'supabase' or"),
        ("standing", "monitor@x.test", "should be people of another name than the fresh one"),
        ("slack_webhook", "http://host/hook", "should be https://hooks.slack.com/services/"),
        ("inbox_password", "two\nlines", "INBOX__PASSWORD should be one line of printable"),
    ],
)
def test_an_answer_is_checked_as_settings_are(
    capsys: Captured, name: str, value: str, said: str
) -> None:
    given = {**{key.replace("-", "_"): text for key, text in GIVEN.items()}, name: value}
    assert said in run(capsys, code=2, **given)
    assert not list(Path().iterdir())


def test_without_a_terminal_what_is_missing_is_named(capsys: Captured) -> None:
    assert "--target, or SYNTHETIC_BASE_URL, is needed" in run(capsys, code=2)
    shown = run(capsys, code=2, target="https://kulti.test", inbox_kind="supabase")
    assert "--inbox-url, or SYNTHETIC_INBOX__URL, is needed" in shown


def test_the_kind_of_inbox_decides_what_is_needed(capsys: Captured) -> None:
    known: dict[str, Any] = {
        "target": "https://kulti.test",
        "fresh": "a@x.test",
        "standing": "b@x.test",
    }
    codes = '{"b@x.test": "123456", "a@x.test": "654321"}'
    run(capsys, inbox_kind="fixed", inbox_codes=codes, **known)
    settings = load(Path(), {})
    assert settings.inbox.codes["b@x.test"].get_secret_value() == "123456"
    assert "123456" not in Path("synthetic.toml").read_text()


def test_the_end_is_what_to_type_next(capsys: Captured) -> None:
    assert first(capsys).endswith(
        "Next: synthetic doctor --pages --send\nThen: make smoke\n"
        "A run every two hours, and a gate before deploys: docs/ci.md\n"
    )
    workflow = Path(".github/workflows/monitor.yml")
    workflow.parent.mkdir(parents=True)
    workflow.write_text("name: Monitor\n")
    assert run(capsys).splitlines()[-4:] == [
        "  gh secret set -f .env",
        "  gh variable set SYNTHETIC_BASE_URL --body https://kulti.test",
        "  gh variable set SYNTHETIC_INBOX__KIND --body imap",
        "  gh workflow run monitor.yml",
    ]


def test_what_it_writes_for_secrets_is_what_the_workflow_hands_on() -> None:
    monitor = (Path(__file__).parents[3] / ".github/workflows/monitor.yml").read_text()
    for question in init.QUESTIONS:
        name = variable(question.setting)
        assert f"secrets.{name}" in monitor or not question.private
    assert "toJSON(vars)" in monitor


def test_on_a_terminal_it_asks_until_the_answer_fits(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    typed = iter(
        ["", "kulti.test", "https://kulti.test", "", "fixed", '{"b@x.test": "1234"}', "a@x.test",
         "a@x.test", "b@x.test", ""]
    )  # fmt: skip
    asked: list[str] = []

    def prompt(text: str, *_: object, **how: object) -> str:
        asked.append(f"{text} {'hidden' if how['hide_input'] else ''}".strip())
        return next(typed)

    monkeypatch.setattr(typer, "prompt", prompt)
    answers = init._answers({}, {"location": "eu"}, init._asked)
    assert answers == {
        "base_url": "https://kulti.test",
        "location": "eu",
        "inbox.kind": "fixed",
        "inbox.codes": '{"b@x.test": "1234"}',
        "accounts.fresh": "a@x.test",
        "accounts.standing": "b@x.test",
    }
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == [
        "an answer is needed",
        "SYNTHETIC_BASE_URL should be a URL such as https://host.",
    ]
    assert "A name for where this machine stands [eu]" in asked
    assert sum("hidden" in one for one in asked) == 2


def test_a_readable_private_file_is_closed_to_others(capsys: Captured) -> None:
    first(capsys)
    Path(".env").chmod(0o644)
    assert "(made unreadable to others)" in run(capsys)
    assert Path(".env").stat().st_mode & 0o777 == 0o600


def test_only_who_names_no_product_hears_of_the_stand_in(capsys: Captured) -> None:
    assert "the stand-in needs none of this" in run(capsys, code=2)
    assert "the stand-in" not in run(capsys, code=2, inbox_url="imaps://mail.test")
    without = run(capsys, code=2, target=GIVEN["target"])
    assert "SYNTHETIC_INBOX__URL, is needed" in without
    assert "stand-in" not in without
