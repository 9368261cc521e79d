"""Codes that Supabase's admin API issues: what a product would mail, without any mail.

``POST /auth/v1/admin/generate_link`` makes a code, which takes the place of the one that the
product has just mailed: it is asked for once the product has answered, or the product's would void
ours. Nothing is delivered, so a code from here does not show that mails arrive.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from synthetic.errors import MailboxError
from synthetic.inbox.model import Mail

REQUEST_TIMEOUT_S = 5.0
Answer = TypeVar("Answer", bound=BaseModel)


class _Users(BaseModel):
    users: list[Any]


class _Link(BaseModel):
    email_otp: str = Field(min_length=1)


class SupabaseAdmin:
    """The project at ``url``; ``key`` is its service-role (secret) key.

    An address that Supabase does not know yet becomes a user of it, as it does at a sign-up.
    """

    resolution_s = 0.0

    def __init__(
        self,
        url: str,
        key: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        self._client = httpx.Client(timeout=REQUEST_TIMEOUT_S)
        self._clock = clock
        self._never = threading.Event()

    def ids_to(self, address: str) -> frozenset[str]:  # noqa: ARG002  # the protocol's signature
        """None: there are no mails. Asks whether we are let in, before anybody asks for a code."""
        self._ask("GET", "users", _Users, params={"page": 1, "per_page": 1})
        return frozenset()

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        """A code that is issued now, unless one of ``but`` was; it voids any earlier one."""
        if but:
            return []
        asked = {"type": "magiclink", "email": address}
        code = self._ask("POST", "generate_link", _Link, json=asked).email_otp
        name, issued_by = f"issued-{secrets.token_hex(8)}", "Supabase's admin API"
        return [Mail(name, (address,), "", code, self._clock(), issued_by=issued_by)]

    def wait(self, timeout_s: float) -> None:
        """Nothing comes by itself."""
        self._never.wait(timeout_s)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _ask(self, method: str, path: str, shape: type[Answer], **how: Any) -> Answer:
        try:
            address = f"{self._url}/auth/v1/admin/{path}"
            answer = self._client.request(method, address, headers=self._headers, **how)
        except httpx.TimeoutException:
            raise MailboxError(
                f"Supabase at {self._url} did not answer within {REQUEST_TIMEOUT_S:g} s: see its "
                "status page."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise MailboxError(
                f"Supabase at {self._url} cannot be reached ({type(error).__name__}): see whether "
                "SYNTHETIC_INBOX__URL is the project's address."
            ) from None  # what is below may hold the key
        if answer.status_code in (401, 403):
            raise MailboxError(
                f"Supabase at {self._url} refused us with {answer.status_code}: "
                "SYNTHETIC_INBOX__PASSWORD should be the project's service-role (secret) key."
            )
        if answer.status_code == 429 or answer.status_code >= 500:
            raise MailboxError(
                f"Supabase at {self._url} answered {answer.status_code}: try again later, and see "
                "its auth log."
            )
        return self._parsed(answer, shape)

    def _parsed(self, answer: httpx.Response, shape: type[Answer]) -> Answer:
        try:
            if answer.status_code != 200:
                raise ValueError(answer.status_code)
            return shape.model_validate_json(answer.content)
        except (ValidationError, ValueError):
            raise MailboxError(
                f"What answers at {self._url} is not Supabase's admin API (status "
                f"{answer.status_code}): see SYNTHETIC_INBOX__URL."
            ) from None
