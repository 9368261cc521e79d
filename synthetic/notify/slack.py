"""Posting the message about a run to Slack: by bot token to a channel, or by webhook."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from synthetic._settings_channels import Slack
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels import slack_api
from synthetic.notify.slack_message import SlackMessage

_LONGEST_RETRY_AFTER_S = 10.0
_UNSAID_RETRY_AFTER_S = 30.0
_KEPT = "The message is kept and the next run sends it"


def configured(slack: Slack) -> bool:
    """Whether there is a way to post."""
    return slack.webhook_url is not None or (slack.bot_token is not None and bool(slack.channel))


def post(
    message: SlackMessage,
    slack: Slack,
    *,
    timeout_s: float,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Post once; a 429 with a short ``Retry-After`` is waited for and tried once more.

    Raises :class:`DeliveryError` saying what Slack answered and what to do, and
    :class:`MessageRefused` when it is this message that Slack will not take.
    """
    retry_after_s = _attempt(message, slack, timeout_s)
    if retry_after_s is None:
        return
    if retry_after_s <= _LONGEST_RETRY_AFTER_S:
        wait(retry_after_s)
        retry_after_s = _attempt(message, slack, timeout_s)
        if retry_after_s is None:
            return
    raise DeliveryError(
        f"Slack limits our rate and asks to wait {retry_after_s:g} s. {_KEPT}", retry_after_s
    )


def _attempt(message: SlackMessage, slack: Slack, timeout_s: float) -> float | None:
    """Seconds to wait when Slack answered 429, None when it took the message."""
    by_bot = slack.bot_token is not None and bool(slack.channel)
    try:
        if by_bot:
            quiet = {"unfurl_links": False, "unfurl_media": False}
            arguments = {"channel": slack.channel or "", **asdict(message), **quiet}
            answer = slack_api.call(slack, "chat.postMessage", arguments, timeout_s)
        else:
            answer = slack_api.hook(slack, message, timeout_s)
    except DeliveryError as error:
        raise DeliveryError(f"{error}. {_KEPT}") from error
    if answer.limited:
        return _UNSAID_RETRY_AFTER_S if answer.retry_after_s is None else answer.retry_after_s
    if answer.at_fault:
        raise MessageRefused(
            f"Slack will not take this message: {answer.said}; it is set aside in reports/outbox"
        )
    if not answer.ok:
        used = "BOT_TOKEN and SYNTHETIC_SLACK__CHANNEL" if by_bot else "WEBHOOK_URL"
        raise DeliveryError(
            f"Slack refused the message: {answer.said}; check SYNTHETIC_SLACK__{used}. {_KEPT}"
        )
    return None
