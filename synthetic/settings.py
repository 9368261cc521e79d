"""The only reader of the environment, ``.env`` and ``synthetic.toml``.

Sources, strongest first: environment (prefix ``SYNTHETIC_``, nesting ``__``), ``.env``,
``synthetic.toml``. An unknown name is an error, never ignored; an empty variable is unset, which
is what an unset secret is in CI. Secrets print as ``**********``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, HttpUrl, SecretStr

from synthetic import _settings_sources as sources
from synthetic._settings_channels import (
    Apprise,
    Jira,
    Links,
    Notify,
    PagerDuty,
    Sentry,
    Slack,
    Webhook,
    has_its_fallback,
)
from synthetic._settings_product import Accounts, Cleanup, Controls, Inbox, Seconds, TargetPass
from synthetic._settings_sources import PREFIX as PREFIX
from synthetic._settings_sources import Group
from synthetic._settings_watching import Dashboard, Exports, Feeds, Gate, Probes, Watch


def _site(url: HttpUrl) -> HttpUrl:
    if url.username or url.password:
        raise ValueError("must not hold a user name or password: it is written into every record")
    if url.query or url.fragment:
        raise ValueError("should end with the path: take away what follows ? or #")
    return url


class Settings(Group):
    """Every setting; ``base_url`` unset means the embedded stand-in."""

    base_url: Annotated[HttpUrl, AfterValidator(_site)] | None = Field(
        default=None, description="the target; unset means the embedded stand-in"
    )
    location: str = Field(default="local", description="where this runner stands")
    trigger: str = Field(default="manual", description="what started the run")
    reports_dir: Path = Field(default=Path("reports"), description="where runs write")
    reports_url: HttpUrl | None = Field(
        default=None, description="where others can read that folder; messages link there"
    )
    keep_evidence_days: int = Field(
        default=30, ge=1, description="what runs leave beside their records is kept for this, days"
    )
    keep_failed_evidence_days: int = Field(
        default=90, ge=1, description="the same of runs that failed, never for less, days"
    )
    media_dir: Path = Field(
        default=Path("fixtures/media"), description="cache of camera and microphone"
    )
    browser_path: Path | None = Field(
        default=None, description="Chromium to start instead of the found"
    )
    step_timeout_s: Seconds = Field(default=20, description="limit of a step, seconds")
    media_warmup_s: float = Field(
        default=0.8,
        ge=0,
        allow_inf_nan=False,
        description="media is not judged before this, seconds",
    )
    media_watch_s: Seconds = Field(default=1.2, description="media is judged over this, seconds")
    attempts: Annotated[int, Field(ge=1, le=3)] = Field(
        default=2, description="how often a journey is tried until it passes"
    )
    confirmations: Annotated[int, Field(ge=0)] = Field(
        default=4, description="most journeys of a run that are tried again"
    )
    recording_limit_s: Seconds = Field(
        default=300, description="longest wait for a recording to be processed, seconds"
    )
    session_limit: Annotated[int, Field(ge=2, le=50)] | None = Field(
        default=None, description="how many people a session holds; unset: a full one is not tried"
    )
    notify_standin: bool = Field(
        default=False, description="send to real channels about a stand-in"
    )
    debug: bool = Field(default=False, description="show tracebacks")
    store_url: SecretStr | None = Field(
        default=None, description="history database; unset means SQLite at reports/history.db"
    )
    plan_dir: Path | None = Field(
        default=None, description="folder of another monitoring plan than the one shipped"
    )
    plan_values: Annotated[dict[str, float], BeforeValidator(sources.as_table)] = Field(
        default={}, description="what the plan leaves blank, such as targets and budgets, by name"
    )
    launch_at: AwareDatetime | None = Field(
        default=None, description="moment of launch, with its zone"
    )
    pushgateway_url: HttpUrl | None = Field(
        default=None, description="Prometheus Pushgateway to push to"
    )
    sink_timeout_s: Seconds = Field(default=5, description="limit of one delivery, seconds")
    slack: Slack = Slack()
    pagerduty: PagerDuty = PagerDuty()
    jira: Jira = Jira()
    sentry: Sentry = Sentry()
    apprise: Apprise = Apprise()
    webhook: Webhook = Webhook()
    notify: Annotated[Notify, AfterValidator(has_its_fallback)] = Notify()
    links: Links = Links()
    inbox: Inbox = Inbox()
    accounts: Accounts = Accounts()
    cleanup: Cleanup = Cleanup()
    controls: Controls = Controls()
    target_pass: TargetPass = TargetPass()
    probes: Probes = Probes()
    feeds: Feeds = Feeds()
    watch: Watch = Watch()
    dashboard: Dashboard = Dashboard()
    gate: Gate = Gate()
    exports: Exports = Exports()
    pages: Annotated[dict[str, dict[str, dict[str, str]]], BeforeValidator(sources.as_table)] = (
        Field(default={}, description="locators of another front end: page, name, how to find it")
    )


def load(directory: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as seen from ``directory`` (the working directory unless given).

    Raises :class:`~synthetic.errors.SettingsError`, one sentence per bad setting, all at once.
    """
    return sources.read(Settings, directory or Path(), environ)


def secrets(settings: Settings) -> frozenset[str]:
    """What is redacted: secrets, passwords inside URLs, the standing accounts' addresses."""
    return sources.secret_values(settings) | set(settings.accounts.standing)


def describe() -> list[sources.Described]:
    """Name, type, default and one line about every setting, in the order of the model."""
    return sources.describe(Settings)
