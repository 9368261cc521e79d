"""The settings of whom we tell: groups of their own, for :mod:`synthetic.settings`."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from synthetic._settings_sources import PREFIX, Group, as_table

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_MINUTES = ("start", "end", "start_ms", "end_ms")


def _template(*known: str) -> AfterValidator:
    braces = ", ".join(f"{{{name}}}" for name in known)

    def check(text: str) -> str:
        if not text.startswith(("http://", "https://")):
            raise ValueError("should begin with http:// or https://")
        if not set(re.findall(r"\{(.*?)\}", text)) <= set(known):
            raise ValueError(f"may have {braces} in it, and nothing else in braces")
        try:
            text.format(**dict.fromkeys(known, ""))
        except (ValueError, LookupError):
            raise ValueError(f"should close each brace: {braces} may stand in it") from None
        return text

    return AfterValidator(check)


def _apprise(urls: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, url in urls.items():
        if "://" not in url.get_secret_value():
            raise ValueError(f"should be addresses such as mailto://host, and {name} is none")
        if name.startswith("sms_") and "sms" not in urls:
            raise ValueError(f"needs {PREFIX}APPRISE__URLS__SMS beside {name}: who is called first")
    return urls


def _project(key: str) -> str:
    if not re.fullmatch("[A-Z][A-Z0-9_]+", key):
        raise ValueError("should be the key of a project, such as KUL")
    return key


Minutes = Annotated[str, _template(*_MINUTES)]
Page = Annotated[str, _template("page")]
Rule = Annotated[str, _template("rule")]


class Slack(Group):
    """Where messages go: a webhook, or a bot token with a channel."""

    api_url: HttpUrl = Field(
        default=HttpUrl("https://slack.com/api/"), description="Slack's Web API"
    )
    webhook_url: SecretStr | None = Field(default=None, description="incoming webhook to post to")
    channel: str | None = Field(
        default=None, description="channel the bot posts to, unless channels are told apart below"
    )
    channels: Annotated[dict[str, str], BeforeValidator(as_table)] = Field(
        default={},
        description="ids of the plan's channels by name, such as #alerts; one that is not in the "
        "table goes by its name; without a table all goes to the channel above",
    )
    bot_token: SecretStr | None = Field(
        default=None, description="bot token, used instead of a webhook"
    )
    on_success: bool = Field(default=False, description="post about runs that passed, too")

    @field_validator("webhook_url")
    @classmethod
    def _is_safe(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url else None
        safe = parts and (parts.scheme == "https" or parts.hostname in _LOOPBACK)
        if parts and not (safe and parts.hostname and parts.scheme in ("http", "https")):
            raise ValueError("should be https://hooks.slack.com/services/ and what Slack gave")
        return url

    @field_validator("bot_token")
    @classmethod
    def _has_a_channel(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token and not info.data.get("channel"):
            raise ValueError(f"needs {PREFIX}SLACK__CHANNEL beside it: where the bot posts")
        return token


class PagerDuty(Group):
    """Events v2."""

    api_url: HttpUrl = Field(
        default=HttpUrl("https://events.pagerduty.com"), description="PagerDuty's Events API"
    )
    routing_key: SecretStr | None = Field(
        default=None, description="integration key of the service"
    )
    routing_keys: Annotated[dict[str, SecretStr], BeforeValidator(as_table)] = Field(
        default={},
        description="keys of other services by whom an escalation calls, such as engineering_lead",
    )

    @field_validator("routing_keys")
    @classmethod
    def _somebody_is_on_call(
        cls, keys: dict[str, SecretStr], info: ValidationInfo
    ) -> dict[str, SecretStr]:
        if keys and not info.data.get("routing_key"):
            raise ValueError(f"needs {PREFIX}PAGERDUTY__ROUTING_KEY beside it: who is called first")
        return keys


class Jira(Group):
    """The issue tracker: Jira Cloud, one issue per incident."""

    api_url: HttpUrl | None = Field(default=None, description="address of the Jira site")
    user: str | None = Field(default=None, description="e-mail address of Jira's account")
    token: SecretStr | None = Field(default=None, description="API token of that account")
    project: Annotated[str, AfterValidator(_project)] = Field(
        default="SYN", description="key of the project for issues"
    )
    issue_type: str = Field(default="Task", description="type of the issues")
    search_lag_s: float = Field(
        default=60,
        ge=0,
        allow_inf_nan=False,
        description="how long Jira's search may lack an issue that was made, seconds",
    )


class Sentry(Group):
    """The error tracker."""

    dsn: SecretStr | None = Field(default=None, description="DSN of the Sentry project")


class Apprise(Group):
    """SMS, e-mail and anything else that apprise can reach."""

    urls: Annotated[dict[str, SecretStr], BeforeValidator(as_table), AfterValidator(_apprise)] = (
        Field(
            default={},
            description="apprise's addresses by name: sms, email, and others as fallback; "
            "sms_engineering_lead is for SMS to that person only",
        )
    )


class Webhook(Group):
    """A receiver of one's own."""

    url: SecretStr | None = Field(default=None, description="address that notes are posted to")
    secret: SecretStr | None = Field(default=None, description="signs what is posted there")


class Notify(Group):
    """What holds for every channel."""

    fallback: str = Field(
        default="console", description="channel that pages go through when theirs fails"
    )


def has_its_fallback(notify: Notify, info: ValidationInfo) -> Notify:
    """For the setting ``notify``, after those of the channels: its fallback must be one of them.

    Raises ``ValueError`` as validators do.
    """
    found = info.data
    if not {"slack", "pagerduty", "jira", "sentry", "webhook", "apprise"} <= set(found):
        return notify  # what is wrong with them is said already
    there = {
        "console": True,
        "slack": found["slack"].bot_token or found["slack"].webhook_url,
        "pagerduty": found["pagerduty"].routing_key,
        "jira": found["jira"].api_url,
        "sentry": found["sentry"].dsn,
        "webhook": found["webhook"].url,
        **found["apprise"].urls,
    }
    usable = [name for name, configured in there.items() if configured]
    if notify.fallback not in usable:
        raise ValueError(f"should be a channel that is set up, which here is {' or '.join(usable)}")
    return notify


class Links(Group):
    """Where people look; of an incident's very minutes where the address has their places."""

    runbook: Page | None = Field(
        default=None, description="address of the runbook's pages, {page} standing for one"
    )
    rule: Rule | None = Field(
        default=None, description="address of a rule of the plan, {rule} standing for its id"
    )
    sentry: Minutes | None = Field(
        default=None, description="Sentry at {start} to {end}, or {start_ms} to {end_ms}"
    )
    vercel: Minutes | None = Field(default=None, description="Vercel's logs at the same minutes")
    hms: Minutes | None = Field(default=None, description="100ms' dashboard at the same minutes")
