"""The settings of whom we tell: groups of their own, for :mod:`synthetic.settings`."""

from __future__ import annotations

from pydantic import Field, HttpUrl, SecretStr, ValidationInfo, field_validator

from synthetic._settings_sources import PREFIX, Group


class Slack(Group):
    """Where run messages go: a webhook, or a bot token with a channel."""

    api_url: HttpUrl = Field(
        default=HttpUrl("https://slack.com/api/"), description="Slack's Web API"
    )
    webhook_url: SecretStr | None = Field(default=None, description="incoming webhook to post to")
    channel: str | None = Field(default=None, description="channel the bot posts to")
    bot_token: SecretStr | None = Field(
        default=None, description="bot token, used instead of a webhook"
    )
    on_success: bool = Field(default=False, description="post about runs that passed, too")

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


class Jira(Group):
    """The issue tracker."""

    api_url: HttpUrl | None = Field(default=None, description="address of the Jira site")


class Sentry(Group):
    """The error tracker."""

    dsn: SecretStr | None = Field(default=None, description="DSN of the Sentry project")
