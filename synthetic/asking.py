"""Asking a vendor over HTTP: bounded in time and size, every failure one clear sentence."""

from __future__ import annotations

import functools
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from synthetic.errors import DeliveryError, MessageRefused
from synthetic.wording import fit

if TYPE_CHECKING:
    import httpx

_LARGEST_ANSWER = 4_000_000
_LONGEST_QUOTE = 200
_LONGEST_RETRY_AFTER_S = 86_400.0


@dataclass(frozen=True)
class Answer:
    """What a vendor said; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON; an empty table where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def quote(self) -> str:
        """Its first words, harmless."""
        return fit(self.body[:2000].decode(errors="replace"), _LONGEST_QUOTE)


@dataclass(frozen=True)
class Vendor:
    """Who is asked; ``check`` are the settings to look at when that fails."""

    name: str
    check: str
    timeout_s: float

    def ask(self, method: str, url: str, **how: Any) -> Answer:
        """One request (``how`` as httpx has it), redirects not followed.

        It ends within twice ``timeout_s`` even where the answer comes in drips. Raises
        :class:`DeliveryError` where there is no answer.
        """
        import httpx

        try:
            with (
                httpx.Client(timeout=self.timeout_s, verify=_trusted()) as client,
                client.stream(method, url, **how) as answer,
            ):
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, headers, self._body(answer))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
            raise DeliveryError(
                f"{self.name} did not answer within {self.timeout_s:g} s ({_reason(error)}); "
                f"check {self.check}"
            ) from None  # what is below may hold addresses that are secrets

    def _body(self, answer: httpx.Response) -> bytes:
        ends = time.monotonic() + self.timeout_s
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > _LARGEST_ANSWER:
                raise DeliveryError(f"{self.name} answers without end; check {self.check}")
            if time.monotonic() > ends:
                raise TimeoutError("timed out")
        return body

    def problem(self, answer: Answer, said: str = "") -> DeliveryError:
        """An answer that was none of the good ones; it may pass later."""
        if answer.status == 429:
            wait = retry_after(answer.headers)
            asks = "to come back later" if wait is None else f"to wait {wait:g} s"
            return DeliveryError(f"{self.name} limits our rate and asks {asks}", wait)
        told = f"{self.name} answered {answer.status}: {said or answer.quote or 'nothing'}"
        if answer.status >= 500:
            return DeliveryError(f"{told}; it is tried again", retry_after(answer.headers))
        return DeliveryError(f"{told}; check {self.check}")

    def refusal(self, answer: Answer, said: str = "") -> MessageRefused:
        """An answer by which this message will never be taken."""
        return MessageRefused(
            f"{self.name} will not take this message: {answer.status} "
            f"{said or answer.quote or 'without a word'}; look into it, it is not sent again"
        )


@contextmanager
def understanding(name: str) -> Iterator[None]:
    """Reading what a vendor answered: where it lacks what its API promises, nothing was taken."""
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise DeliveryError(
            f"{name} answered something else than its API promises ({error!r}); check that the "
            "address is its own"
        ) from error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, given as a number or a date; none without it."""
    said = headers.get("retry-after", "").strip()
    if said.replace(".", "", 1).isascii() and said.replace(".", "", 1).isdecimal():
        return min(float(said), _LONGEST_RETRY_AFTER_S)
    try:
        seconds = parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S)


@functools.cache  # reading all the authorities takes longer than most questions
def _trusted() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _reason(error: Exception) -> str:
    import httpx

    spoken = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, TimeoutError)
    if isinstance(error, spoken) and str(error):
        return fit(str(error), _LONGEST_QUOTE)
    return type(error).__name__
