"""Settings come from three places, and what is wrong with them is said at once, in sentences."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from synthetic.errors import SettingsError
from synthetic.notify.channels.registry import channels
from synthetic.settings import Settings, describe, load, secrets

STANDING = Settings().accounts.standing

FIXTURES = Path(__file__).parents[2] / "fixtures" / "settings"

BAD: dict[str, str] = tomllib.loads((FIXTURES / "bad.toml").read_text())


def place(name: str, directory: Path) -> Path:
    """A directory whose ``.env`` or ``synthetic.toml`` is the fixture ``name``."""
    target = ".env" if name.endswith(".env") else "synthetic.toml"
    shutil.copy(FIXTURES / name, directory / target)
    return directory


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_settings_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(place(f"bad/{name}", tmp_path), {})
    assert str(caught.value) == BAD[name]


def test_every_bad_file_has_its_sentence() -> None:
    assert {path.name for path in (FIXTURES / "bad").iterdir()} == set(BAD)


@pytest.mark.parametrize("name", sorted(BAD))
def test_no_message_holds_a_value_that_may_be_secret(name: str) -> None:
    assert not {"hush", "12345678"} & set(BAD[name].replace(".", " ").split())


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    place("bad/unknown.env", tmp_path)
    place("bad/zero.toml", tmp_path)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {"SYNTHETIC_INBOX__KIND": "pop3"})
    assert str(caught.value).splitlines() == [
        BAD["zero.toml"],
        "SYNTHETIC_INBOX__KIND in the environment should be 'mailpit', 'imap', 'supabase' or "
        "'fixed'.",
        BAD["unknown.env"],
    ]


def test_a_broken_file_does_not_hide_other_problems(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"not valid TOML.*\n.*TYPO in the environment"):
        load(place("bad/broken.toml", tmp_path), {"SYNTHETIC_TYPO": "1"})


def test_a_dotenv_that_is_a_directory_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match=r"^\.env cannot be read: is a directory"):
        load(tmp_path, {})


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Settings()


def test_environment_beats_dotenv_beats_toml(tmp_path: Path) -> None:
    place("good/full.toml", tmp_path)
    assert load(tmp_path, {}).location == "fra"
    place("good/prefix.env", tmp_path)
    assert load(tmp_path, {}).location == "ams"
    assert load(tmp_path, {"SYNTHETIC_LOCATION": "iad"}).location == "iad"


def test_the_sources_are_merged_within_a_group(tmp_path: Path) -> None:
    inbox = load(place("good/full.toml", tmp_path), {"SYNTHETIC_INBOX__FOLDER": "Codes"}).inbox
    assert (inbox.kind, inbox.username, inbox.folder) == ("imap", "synthetic", "Codes")


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    assert load(tmp_path, {"SYNTHETIC_BASE_URL": "", "SYNTHETIC_SLACK__BOT_TOKEN": " \n"}) == (
        Settings()
    )


def test_a_secret_loses_the_line_break_a_ci_adds(tmp_path: Path) -> None:
    settings = load(tmp_path, {"SYNTHETIC_SENTRY__DSN": "hush\n"})
    assert secrets(settings) == {"hush", *STANDING}


def test_dotenv_keeps_dollars_and_ignores_other_programs(tmp_path: Path) -> None:
    settings = load(place("good/prefix.env", tmp_path), {"NOT": "x"})
    assert secrets(settings) == {"xoxb-${NOT}-replaced", *STANDING}


@pytest.mark.parametrize("text", ['["a@x.org", "b@x.org"]', "a@x.org, b@x.org", "a@x.org,b@x.org,"])
def test_standing_accounts_are_json_or_separated_by_commas(text: str, tmp_path: Path) -> None:
    settings = load(tmp_path, {"SYNTHETIC_ACCOUNTS__STANDING": text})
    assert settings.accounts.standing == ("a@x.org", "b@x.org")


def test_a_clean_up_step_can_be_switched_off(tmp_path: Path) -> None:
    assert load(place("good/full.toml", tmp_path), {}).cleanup.end_session == ""


@pytest.mark.parametrize(
    ("fallback", "beside"),
    [
        ("slack", {"SLACK__WEBHOOK_URL": "https://hooks.slack.com/services/T0"}),
        ("slack", {"SLACK__BOT_TOKEN": "xoxb-1", "SLACK__CHANNEL": "C1"}),
        ("pagerduty", {"PAGERDUTY__ROUTING_KEY": "f"}),
        ("jira", {"JIRA__API_URL": "https://jira.test"}),
        ("sentry", {"SENTRY__DSN": "https://key@sentry.test/1"}),
        ("webhook", {"WEBHOOK__URL": "https://own.test"}),
        ("signal", {"APPRISE__URLS__SIGNAL": "signal://host"}),
    ],
)
def test_any_channel_that_is_set_up_can_be_the_fallback(
    fallback: str, beside: dict[str, str], tmp_path: Path
) -> None:
    chosen = {"SYNTHETIC_NOTIFY__FALLBACK": fallback}
    environ = chosen | {f"SYNTHETIC_{name}": value for name, value in beside.items()}
    settings = load(tmp_path, environ)
    assert settings.notify.fallback == fallback
    assert fallback in channels(settings)
    with pytest.raises(SettingsError, match="FALLBACK in the environment should be a channel that"):
        load(tmp_path, chosen)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/services/T0", "http://localhost/x", "https://hooks.slack.com/x"]
)
def test_a_webhook_of_slack_is_encrypted_or_on_this_machine(url: str, tmp_path: Path) -> None:
    slack = load(tmp_path, {"SYNTHETIC_SLACK__WEBHOOK_URL": url}).slack
    assert slack.webhook_url
    assert slack.webhook_url.get_secret_value() == url


def test_a_locator_can_be_set_by_variables_too(tmp_path: Path) -> None:
    settings = load(tmp_path, {"SYNTHETIC_PAGES__ROOM__LEAVE__ROLE": "link"})
    assert settings.pages == {"room": {"leave": {"role": "link"}}}


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().inbox.kind = "imap"


def test_secrets_do_not_print(tmp_path: Path) -> None:
    settings = load(tmp_path, {"SYNTHETIC_STORE_URL": "postgresql://ann:hush%21@db/x"})
    assert "hush" not in repr(settings)
    assert secrets(settings) == {
        "postgresql://ann:hush%21@db/x",
        "hush%21",
        "hush!",
        *STANDING,
    }


def test_a_password_inside_a_plain_url_is_a_secret(tmp_path: Path) -> None:
    settings = load(tmp_path, {"SYNTHETIC_PUSHGATEWAY_URL": "http://ann:hush@gateway:9091"})
    assert secrets(settings) == {"hush", *STANDING}


def test_what_of_a_secret_address_travels_alone_is_a_secret_too(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "SYNTHETIC_SLACK__WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/hush",
            "SYNTHETIC_SENTRY__DSN": "https://public-key@sentry.test/42",
            "SYNTHETIC_STORE_URL": "postgresql://ann@db/x?sslmode=require&sslpassword=hush",
            "SYNTHETIC_ACCOUNTS__STANDING": "a@x.org, b@x.org",
        },
    )
    assert {"services/T0/B0/hush", "public-key", "hush", "a@x.org", "b@x.org"} < secrets(settings)
    assert "require" not in secrets(settings)


def test_what_is_secret_in_a_table_is_a_secret_too(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "SYNTHETIC_APPRISE__URLS__SMS": "twilio://sid:hush@1555/1556",
            "SYNTHETIC_PAGERDUTY__ROUTING_KEY": "silent",
            "SYNTHETIC_PAGERDUTY__ROUTING_KEYS": '{"engineering_lead": "quiet"}',
        },
    )
    assert {"twilio://sid:hush@1555/1556", "hush", "quiet"} < secrets(settings)
    assert not {"hush", "quiet"} & set(repr(settings).split("'"))


def test_every_setting_is_described_in_a_line() -> None:
    rows = describe()
    assert all(row.doc and row.type and "\n" not in row.doc for row in rows)
    assert ("SYNTHETIC_INBOX__KIND", "mailpit or imap or supabase or fixed", "mailpit") in [
        row[:3] for row in rows
    ]


def test_every_described_default_can_be_given_as_a_variable(tmp_path: Path) -> None:
    environ = {row.name: row.default for row in describe()}
    assert load(tmp_path, environ) == Settings()


def test_reading_settings_does_not_import_heavy_libraries() -> None:
    heavy = "{'pydantic_settings', 'dotenv', 'httpx', 'playwright', 'sqlalchemy'}"
    script = f"import sys, synthetic.settings; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert shown.stdout.strip() == b"set()"
