"""Slack's Web API and webhooks by slack-sdk: one question, and what Slack says to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from synthetic._settings_channels import Slack
from synthetic.asking import retry_after
from synthetic.errors import DeliveryError
from synthetic.notify.slack_message import SlackMessage
from synthetic.wording import fit

_LONGEST_QUOTE = 100
# What Slack says of a message that it will never take, however often it is sent.
_AT_FAULT = (
    "invalid_blocks",
    "invalid_arguments",
    "invalid_payload",
    "invalid_metadata",
    "metadata_too_large",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
)
_READS = ("conversations.history", "conversations.replies", "users.conversations")
_silent = logging.getLogger(f"{__name__}.sdk")
_silent.disabled = True  # whatever it would log, the error says better


@dataclass(frozen=True)
class SlackAnswer:
    """``said`` is ``ok``, or what was wrong in Slack's own word, harmless and short."""

    status: int
    said: str
    retry_after_s: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether Slack did what was asked."""
        return self.said == "ok"

    @property
    def limited(self) -> bool:
        """Whether Slack limits our rate."""
        return self.status == 429

    @property
    def at_fault(self) -> bool:
        """Whether it is the message that Slack will never take."""
        return not self.limited and self.said.startswith(_AT_FAULT)


def call(slack: Slack, method: str, arguments: dict[str, Any], timeout_s: float) -> SlackAnswer:
    """Ask the Web API; raises :class:`DeliveryError` where there is no answer."""
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError, SlackClientError

    client = WebClient(
        slack.bot_token.get_secret_value() if slack.bot_token else "",
        base_url=str(slack.api_url).rstrip("/") + "/",
        timeout=whole(timeout_s),
        retry_handlers=[],
        logger=_silent,
    )
    try:
        if method in _READS:
            answer: Any = client.api_call(method, http_verb="GET", params=arguments)
        else:
            answer = client.api_call(method, json=arguments)
    except SlackApiError as error:
        refusal: Any = error.response
        said = str(refusal.get("error") or f"HTTP {refusal.status_code}")
        return SlackAnswer(
            refusal.status_code, fit(said, _LONGEST_QUOTE), _retry_after(refusal.headers)
        )
    except (OSError, HTTPException, ValueError, SlackClientError) as error:
        raise _silence(error, timeout_s, "SYNTHETIC_SLACK__API_URL") from None
    return SlackAnswer(200, "ok", data=answer.data)


def hook(slack: Slack, message: SlackMessage, timeout_s: float) -> SlackAnswer:
    """Post to the webhook; raises :class:`DeliveryError` where there is no answer."""
    from slack_sdk.errors import SlackClientError
    from slack_sdk.webhook import WebhookClient

    url = slack.webhook_url.get_secret_value() if slack.webhook_url else ""
    client = WebhookClient(url, timeout=whole(timeout_s), retry_handlers=[], logger=_silent)
    try:
        answer = client.send(
            text=message.text, blocks=message.blocks, unfurl_links=False, unfurl_media=False
        )
    except (OSError, HTTPException, ValueError, SlackClientError) as error:
        raise _silence(error, timeout_s, "SYNTHETIC_SLACK__WEBHOOK_URL") from None
    body = fit(str(answer.body), _LONGEST_QUOTE)  # "ok" when Slack took it
    if answer.status_code != 200 and not body.startswith(_AT_FAULT):
        body = f"HTTP {answer.status_code} {body}".rstrip()
    return SlackAnswer(
        answer.status_code, body or "an empty answer", _retry_after(dict(answer.headers))
    )


def whole(timeout_s: float) -> int:
    """The limit as slack-sdk has it: whole seconds."""
    return max(1, round(timeout_s))


def _silence(error: Exception, timeout_s: float, setting: str) -> DeliveryError:
    # What is no error of the network may quote the address, which is a secret.
    reason = getattr(error, "reason", error) if isinstance(error, OSError) else type(error).__name__
    return DeliveryError(
        f"Slack did not answer within {whole(timeout_s)} s ({reason}); check {setting}"
    )


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    first = {
        name.lower(): value[0] if isinstance(value, list) else value
        for name, value in headers.items()
        if value
    }
    return retry_after(first)
