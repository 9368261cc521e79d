"""Reads mails through Mailpit's HTTP API (v1), which the stand-in speaks too."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from synthetic.errors import MailboxError
from synthetic.inbox.model import Mail, readable, same_address

POLL_S = 0.05
REQUEST_TIMEOUT_S = 5.0
NEWEST = 200  # of the mails to one address; older ones cannot be what is waited for

Answer = TypeVar("Answer", bound=BaseModel)


class _Address(BaseModel):
    Address: str


class _Summary(BaseModel):
    """One found message. Mailpit writes null for an empty list of addresses."""

    ID: str
    To: list[_Address] | None = None
    Cc: list[_Address] | None = None
    Bcc: list[_Address] | None = None
    Created: AwareDatetime

    def addresses(self) -> tuple[str, ...]:
        lists = (self.To, self.Cc, self.Bcc)
        return tuple(entry.Address for entries in lists for entry in entries or ())


class _Found(BaseModel):
    messages: list[_Summary]


class _Message(BaseModel):
    Subject: str
    Text: str
    HTML: str
    Date: AwareDatetime | None = None


class MailpitMailbox:
    """A Mailpit at ``url``; ``username`` and ``password`` are for its basic authentication."""

    resolution_s = 0.001

    def __init__(self, url: str, username: str = "", password: str = "") -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(
            auth=(username, password) if username else None, timeout=REQUEST_TIMEOUT_S
        )
        self._never = threading.Event()

    def ids_to(self, address: str) -> frozenset[str]:
        """Ids of the mails to exactly this address, as of now."""
        return frozenset(summary.ID for summary in self._summaries(address))

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        """The mails to exactly this address but those with these ids, oldest first."""
        newest_first = [found for found in self._summaries(address) if found.ID not in but]
        return [self._mail(found) for found in reversed(newest_first)]

    def wait(self, timeout_s: float) -> None:
        """Wait for the next look: Mailpit is asked every 50 ms."""
        self._never.wait(min(POLL_S, timeout_s))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _summaries(self, address: str) -> list[_Summary]:
        # Mailpit finds addresses that merely contain this one, so what it found is looked through.
        query: dict[str, str | int] = {"query": f'to:"{address}"', "limit": NEWEST}
        found = self._get("/api/v1/search", _Found, query).messages
        return [
            summary
            for summary in found
            if any(same_address(address, other) for other in summary.addresses())
        ]

    def _mail(self, summary: _Summary) -> Mail:
        message = self._get(f"/api/v1/message/{summary.ID}", _Message)
        return Mail(
            id=summary.ID,
            to=summary.addresses(),
            subject=message.Subject,
            text=readable(message.Text, message.HTML),
            received_at=summary.Created,
            sent_at=message.Date,
        )

    def _get(
        self, path: str, shape: type[Answer], query: dict[str, str | int] | None = None
    ) -> Answer:
        try:
            response = self._client.get(f"{self._url}{path}", params=query)
        except httpx.TimeoutException:
            raise MailboxError(
                f"The mailbox at {self._url} did not answer within {REQUEST_TIMEOUT_S:g} s: "
                "see whether Mailpit is overloaded."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise MailboxError(
                f"The mailbox at {self._url} cannot be reached ({error}): see whether Mailpit runs "
                "there and SYNTHETIC_INBOX__URL is right."
            ) from error
        if response.status_code in (401, 403):
            raise MailboxError(
                f"The mailbox at {self._url} refused us with {response.status_code}: "
                "see SYNTHETIC_INBOX__USERNAME and SYNTHETIC_INBOX__PASSWORD."
            )
        if response.status_code >= 500:
            raise MailboxError(
                f"The mailbox at {self._url} answered {response.status_code}: see Mailpit's log."
            )
        return self._parsed(response, shape)

    def _parsed(self, response: httpx.Response, shape: type[Answer]) -> Answer:
        try:
            if response.status_code != 200:
                raise ValueError(response.status_code)
            return shape.model_validate_json(response.content)
        except (ValidationError, ValueError):
            raise MailboxError(
                f"What answers at {self._url} is not Mailpit's API (status {response.status_code}):"
                " see SYNTHETIC_INBOX__URL."
            ) from None
