"""Which channels there are, by the names that the plan's routes use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from synthetic.notify.channels.apprise import AppriseChannel
from synthetic.notify.channels.console import ConsoleChannel
from synthetic.notify.channels.jira import JiraChannel
from synthetic.notify.channels.model import Channel
from synthetic.notify.channels.pagerduty import PagerDutyChannel
from synthetic.notify.channels.sentry import SentryChannel
from synthetic.notify.channels.slack import SlackBot, SlackWebhook, place
from synthetic.notify.channels.webhook import WebhookChannel
from synthetic.plan.model import Destination, Plan

if TYPE_CHECKING:
    from synthetic.settings import Settings


def _utc_now() -> datetime:
    return datetime.now(UTC)


def channels(
    settings: Settings,
    *,
    show: Callable[[str], None] = print,
    now: Callable[[], datetime] = _utc_now,
) -> Mapping[str, Channel]:
    """Those that are configured, and the console; ``show`` is where that one shows its lines."""
    limit = settings.sink_timeout_s
    found: list[Channel] = [ConsoleChannel(show)]
    if settings.slack.bot_token:
        found.append(SlackBot(settings.slack, limit))
    elif settings.slack.webhook_url:
        found.append(SlackWebhook(settings.slack, limit))
    if settings.pagerduty.routing_key:
        found.append(PagerDutyChannel(settings.pagerduty, limit))
    if settings.jira.api_url:
        found.append(JiraChannel(settings.jira, limit, now))
    if settings.sentry.dsn:
        found.append(SentryChannel(settings.sentry, limit, now))
    if settings.webhook.url:
        found.append(WebhookChannel(settings.webhook, limit, now))
    urls = settings.apprise.urls
    found += [AppriseChannel(name, urls, limit) for name in urls]
    return {channel.name: channel for channel in found}


def settled(plan: Plan, settings: Settings) -> Plan:
    """The plan, its places in Slack replaced by the channels that they really are.

    Two places that are one channel are told once.
    """
    routes = (
        route.model_copy(
            update={"to": tuple(dict.fromkeys(_real(to, settings) for to in route.to))}
        )
        for route in plan.routes
    )
    return plan.model_copy(update={"routes": tuple(routes)})


def _real(to: Destination, settings: Settings) -> Destination:
    slack = settings.slack
    if to.channel != "slack" or not (slack.bot_token or slack.webhook_url):
        return to
    there = place(slack, to.place) if slack.bot_token else None
    return to.model_copy(update={"place": there})
