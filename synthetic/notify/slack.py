"""Posting to Slack: by bot token to a channel, or by webhook."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.error import URLError

from synthetic.errors import DeliveryError
from synthetic.notify.slack_message import SlackMessage
from synthetic.settings import Slack

_LONGEST_RETRY_AFTER_S = 10.0


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

    Raises :class:`DeliveryError` saying what Slack answered and what to do.
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
        f"Slack limits our rate and asks to wait {retry_after_s:g} s; the message is kept and the "
        "next run sends it"
    )


def _attempt(message: SlackMessage, slack: Slack, timeout_s: float) -> float | None:
    """Seconds to wait when Slack answered 429, None when it took the message."""
    from slack_sdk.errors import SlackApiError

    timeout = max(1, round(timeout_s))
    try:
        if slack.bot_token and slack.channel:
            return _by_bot(message, slack, timeout)
        return _by_webhook(message, slack, timeout)
    except SlackApiError as error:
        answer: Any = error.response
        if answer.status_code == 429:
            return _retry_after(answer.headers)
        raise DeliveryError(_refusal(str(answer.get("error", answer.status_code)))) from error
    except (URLError, OSError, ValueError) as error:
        raise DeliveryError(
            f"Slack did not answer within {timeout} s ({getattr(error, 'reason', error)}); check "
            "SYNTHETIC_SLACK__API_URL or SYNTHETIC_SLACK__WEBHOOK_URL. The message is kept and "
            "the next run sends it"
        ) from error


def _by_bot(message: SlackMessage, slack: Slack, timeout: int) -> float | None:
    from slack_sdk import WebClient

    token = slack.bot_token.get_secret_value() if slack.bot_token else ""
    client = WebClient(token, base_url=str(slack.api_url), timeout=timeout, retry_handlers=[])
    client.chat_postMessage(
        channel=slack.channel or "", text=message.text, blocks=message.blocks, unfurl_links=False
    )
    return None


def _by_webhook(message: SlackMessage, slack: Slack, timeout: int) -> float | None:
    from slack_sdk.webhook import WebhookClient

    url = slack.webhook_url.get_secret_value() if slack.webhook_url else ""
    client = WebhookClient(url, timeout=timeout, retry_handlers=[])
    answer = client.send(text=message.text, blocks=message.blocks)
    if answer.status_code == 429:
        return _retry_after(answer.headers)
    if answer.status_code != 200:
        raise DeliveryError(_refusal(f"{answer.status_code} {str(answer.body)[:100]}"))
    return None


def _retry_after(headers: dict[str, Any]) -> float:
    value = {name.lower(): text for name, text in headers.items()}.get("retry-after", "30")
    first = value[0] if isinstance(value, list) else value
    return float(first) if str(first).replace(".", "", 1).isdigit() else 30.0


def _refusal(answer: str) -> str:
    return (
        f"Slack refused the message: {answer}; check SYNTHETIC_SLACK__BOT_TOKEN, "
        "SYNTHETIC_SLACK__CHANNEL or SYNTHETIC_SLACK__WEBHOOK_URL. The message is kept and the "
        "next run sends it"
    )
