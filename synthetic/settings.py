"""The only reader of the environment, ``.env`` and ``synthetic.toml``.

Sources, strongest first: environment (prefix ``SYNTHETIC_``, nesting ``__``), ``.env``,
``synthetic.toml``. An unknown name is an error, never ignored; secrets print as ``**********``.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from synthetic.errors import SettingsError

PREFIX = "SYNTHETIC_"


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Slack(_Group):
    """Where run messages go: a webhook, or a bot token with a channel."""

    api_url: HttpUrl = HttpUrl("https://slack.com/api/")
    webhook_url: SecretStr | None = None
    bot_token: SecretStr | None = None
    channel: str | None = None
    on_success: bool = False


class PagerDuty(_Group):
    """Events v2."""

    api_url: HttpUrl = HttpUrl("https://events.pagerduty.com")
    routing_key: SecretStr | None = None


class Jira(_Group):
    """The issue tracker."""

    api_url: HttpUrl | None = None


class Sentry(_Group):
    """The error tracker."""

    dsn: SecretStr | None = None


class Inbox(_Group):
    """Where OTP mails are read. ``url`` is ``http(s)://`` for mailpit, ``imap(s)://host`` for imap."""

    kind: Literal["mailpit", "imap"] = "mailpit"
    url: str | None = None
    username: str | None = None
    password: SecretStr | None = None
    folder: str = "INBOX"
    timeout_s: float = Field(default=20, gt=0)


class Accounts(_Group):
    """Who the actors are: ``fresh`` gets ``+<run_id>`` before its ``@``; ``standing`` are leased."""

    fresh: str = "host@synthetic.test"
    standing: tuple[str, ...] = ("guest@synthetic.test",)


class Cleanup(_Group):
    """How what a run created is removed; an empty string switches a step off."""

    log_in: str = "POST /api/auth/login"
    end_session: str = "POST /api/sessions/{session_id}/end"
    delete_account: str = "DELETE /api/users/profile"


class Settings(BaseSettings):
    """Every setting; ``base_url`` unset means the embedded stand-in."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file_encoding="utf-8",
        extra="forbid",
        frozen=True,
    )

    base_url: HttpUrl | None = None
    location: str = "local"
    trigger: str = "manual"
    reports_dir: Path = Path("reports")
    media_dir: Path = Path("fixtures/media")
    browser_path: Path | None = None
    step_timeout_s: float = Field(default=20, gt=0)
    media_warmup_s: float = Field(default=1.0, ge=0)
    media_watch_s: float = Field(default=1.5, gt=0)
    notify_standin: bool = False
    store_url: SecretStr | None = None
    launch_at: AwareDatetime | None = None
    pushgateway_url: HttpUrl | None = None
    sink_timeout_s: float = Field(default=5, gt=0)
    slack: Slack = Slack()
    pagerduty: PagerDuty = PagerDuty()
    jira: Jira = Jira()
    sentry: Sentry = Sentry()
    inbox: Inbox = Inbox()
    accounts: Accounts = Accounts()
    cleanup: Cleanup = Cleanup()
    pages: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment, then .env, then synthetic.toml."""
        toml = TomlConfigSettingsSource(settings_cls, toml_file=Path("synthetic.toml"))
        return init_settings, env_settings, dotenv_settings, toml


def load(directory: Path | None = None) -> Settings:
    """The settings as seen from ``directory`` (the working directory unless given).

    Raises :class:`SettingsError`, naming every bad setting at once.
    """
    raise NotImplementedError(directory)


def secrets(settings: Settings) -> frozenset[str]:
    """Every secret value among the settings, for redaction."""
    raise NotImplementedError(settings)
