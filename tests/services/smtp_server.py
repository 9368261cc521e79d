"""A local SMTP server that keeps what it gets, or refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class SmtpServer:
    """``mails`` are those that were taken; ``refusal`` is what is said instead of taking one."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""

    def url(self, to: str) -> str:
        """The address by which apprise writes to ``to``."""
        return f"mailto://127.0.0.1:{self.port}?from=robot@kulti.test&to={to}&mode=insecure"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        """Called by aiosmtpd for each mail."""
        if self.refusal:
            return self.refusal
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def serving(port: int) -> Iterator[SmtpServer]:
    """The server on a port of loopback."""
    server = SmtpServer(port)
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
