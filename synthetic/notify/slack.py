"""Posting to Slack: by bot token to a channel, or by webhook."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from synthetic._settings_channels import Slack
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.slack_message import SlackMessage
from synthetic.wording import fit

_LONGEST_RETRY_AFTER_S = 10.0
_LONGEST_ANSWER = 100
# What Slack says of a message that it will never take, however often it is sent.
_AT_FAULT = ("invalid_blocks", "invalid_arguments", "invalid_payload", "msg_too_long", "no_text")
_KEPT = "The message is kept and the next run sends it"
_silent = logging.getLogger(f"{__name__}.sdk")
_silent.disabled = True  # whatever it would log, the error says better


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
    raise DeliveryError(f"Slack limits our rate and asks to wait {retry_after_s:g} s. {_KEPT}")


def _attempt(message: SlackMessage, slack: Slack, timeout_s: float) -> float | None:
    """Seconds to wait when Slack answered 429, None when it took the message."""
    timeout = max(1, round(timeout_s))
    by_bot = slack.bot_token is not None and bool(slack.channel)
    try:
        status, headers, answer = (_by_bot if by_bot else _by_webhook)(message, slack, timeout)
    except (OSError, HTTPException, ValueError) as error:
        where = "SYNTHETIC_SLACK__API_URL" if by_bot else "SYNTHETIC_SLACK__WEBHOOK_URL"
        raise DeliveryError(
            f"Slack did not answer within {timeout} s ({getattr(error, 'reason', error)}); check "
            f"{where}. {_KEPT}"
        ) from error
    if status == 429:
        return _retry_after(headers)
    if answer.startswith(_AT_FAULT):
        raise MessageRefused(
            f"Slack will not take this message: {answer}; it is set aside in reports/outbox"
        )
    if answer != "ok":
        used = "BOT_TOKEN and SYNTHETIC_SLACK__CHANNEL" if by_bot else "WEBHOOK_URL"
        raise DeliveryError(
            f"Slack refused the message: {answer}; check SYNTHETIC_SLACK__{used}. {_KEPT}"
        )
    return None


_Answer = tuple[int, Any, str]  # status, headers, and "ok" or what was wrong


def _by_bot(message: SlackMessage, slack: Slack, timeout: int) -> _Answer:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    token = slack.bot_token.get_secret_value() if slack.bot_token else ""
    client = WebClient(
        token,
        base_url=str(slack.api_url).rstrip("/") + "/",
        timeout=timeout,
        retry_handlers=[],
        logger=_silent,
    )
    try:
        client.chat_postMessage(
            channel=slack.channel or "",
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
    except SlackApiError as error:
        answer: Any = error.response
        refusal = str(answer.get("error") or f"HTTP {answer.status_code}")
        return answer.status_code, answer.headers, fit(refusal, _LONGEST_ANSWER)
    return 200, {}, "ok"


def _by_webhook(message: SlackMessage, slack: Slack, timeout: int) -> _Answer:
    from slack_sdk.webhook import WebhookClient

    url = slack.webhook_url.get_secret_value() if slack.webhook_url else ""
    client = WebhookClient(url, timeout=timeout, retry_handlers=[], logger=_silent)
    answer = client.send(
        text=message.text, blocks=message.blocks, unfurl_links=False, unfurl_media=False
    )
    body = fit(str(answer.body), _LONGEST_ANSWER)  # "ok" when Slack took it
    if answer.status_code != 200 and not body.startswith(_AT_FAULT):
        body = f"HTTP {answer.status_code} {body}".rstrip()
    return answer.status_code, answer.headers, body or "an empty answer"


def _retry_after(headers: dict[str, Any]) -> float:
    value = {name.lower(): text for name, text in headers.items()}.get("retry-after", "30")
    first = value[0] if isinstance(value, list) else value
    return float(first) if str(first).replace(".", "", 1).isdigit() else 30.0
