"""What a mail and a mailbox are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Protocol

LONGEST_TEXT = 200_000  # characters of a mail that are looked at; a code stands near its start


@dataclass(frozen=True)
class Mail:
    """A mail as the mailbox shows it; its text is not printed, for it holds a code.

    ``received_at`` is the mailbox's own stamp, ``sent_at`` the Date header, if there is one.
    Where no mail was delivered, ``issued_by`` says who gave the code, and ``text`` is the code.
    """

    id: str
    to: tuple[str, ...]
    subject: str = field(repr=False)
    text: str = field(repr=False)
    received_at: datetime
    sent_at: datetime | None = None
    issued_by: str = ""


class Mailbox(Protocol):
    """A mailbox. Each method raises :class:`~synthetic.errors.MailboxError` if it can't be read."""

    @property
    def resolution_s(self) -> float:
        """How fine its stamps are, in seconds."""

    def ids_to(self, address: str) -> frozenset[str]:
        """Ids of the mails to exactly this address, as of now."""

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        """The mails to exactly this address but those with these ids, oldest first."""

    def wait(self, timeout_s: float) -> None:
        """Return when something may have arrived, ``timeout_s`` at the latest."""

    def close(self) -> None:
        """Give the connection back."""


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one, tag included; products change the case they are given."""
    return one.strip().casefold() == other.strip().casefold()


def readable(text: str, html: str) -> str:
    """What a person could read of a mail's two bodies, plain text first."""
    return f"{text[:LONGEST_TEXT]}\n{_visible(html[:LONGEST_TEXT])}".strip()


def _visible(html: str) -> str:
    parser = _Visible()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts)


class _Visible(HTMLParser):
    """Collects text outside style, script and title: colours look like six-digit codes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the base class's signature
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self._hidden:
            self._hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


_HIDDEN = frozenset({"style", "script", "title"})
_BLOCKS = frozenset({"br", "div", "h1", "h2", "h3", "li", "p", "table", "td", "th", "tr"})
