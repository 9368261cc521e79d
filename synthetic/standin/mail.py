"""Mail: a real SMTP client and server, and the mailbox behind it."""

from __future__ import annotations

import asyncio
import secrets
import smtplib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from synthetic.standin.faults import Faults

Clock = Callable[[], float]

SENDER = "Kulti <no-reply@kulti.test>"
MAILBOX_LIMIT = 2_000
TIMEOUT_S = 5
_DIGITS: Mapping[str, Mapping[int, int | None]] = {
    "wrong": str.maketrans("0123456789", "1234567890"),
    "missing": str.maketrans("", "", "0123456789"),
}


@dataclass(frozen=True)
class Mail:
    """A received mail. ``received_at`` is in seconds since 1970."""

    id: str
    received_at: float
    recipients: tuple[str, ...]
    message: EmailMessage
    size: int

    @property
    def text(self) -> str:
        """The plain-text body."""
        part = self.message.get_body(preferencelist=("plain",))
        return str(part.get_content()) if part else ""


class Mailbox:
    """Everything the SMTP server received, oldest first; also aiosmtpd's handler."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.mails: deque[Mail] = deque(maxlen=MAILBOX_LIMIT)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep what was received."""
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        message: Any = message_from_bytes(data, policy=policy.default)
        self.mails.append(
            Mail(
                secrets.token_urlsafe(16),
                self._clock(),
                tuple(envelope.rcpt_tos),
                message,
                len(data),
            )
        )
        return "250 Message accepted"


@dataclass
class Postman:
    """Sends mail through SMTP at ``port`` of this machine."""

    port: int = 0
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self._late: set[asyncio.Task[None]] = set()

    async def send(self, to: str, subject: str, text: str) -> None:
        """Deliver one mail; raises :class:`smtplib.SMTPException` or :class:`OSError`."""
        wrong = self.faults.at("mail")
        message = EmailMessage()
        message["From"], message["Subject"] = SENDER, subject
        message["To"] = str(wrong.get("to", to))
        message["Message-ID"] = f"<{secrets.token_hex(12)}@kulti.test>"
        if "code" in wrong:
            text = text.translate(_DIGITS[str(wrong["code"])])
        message.set_content(text)
        copies, delay_s = int(wrong.get("copies", 1)), float(wrong.get("delay_s", 0))
        if not delay_s:
            return await self._deliver(message, copies)
        task = asyncio.create_task(self._deliver_late(message, copies, delay_s))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return None

    async def probe(self) -> None:
        """Connect and say NOOP; raises as :meth:`send` does."""
        await asyncio.to_thread(self._noop)

    async def _deliver_late(self, message: EmailMessage, copies: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        await self._deliver(message, copies)

    async def _deliver(self, message: EmailMessage, copies: int) -> None:
        for _ in range(copies):
            await asyncio.to_thread(self._hand_over, message)

    def _hand_over(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, "localhost", TIMEOUT_S) as client:
            client.send_message(message)

    def _noop(self) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, "localhost", TIMEOUT_S) as client:
            client.noop()


async def receive(mailbox: Mailbox) -> asyncio.Server:
    """An SMTP server on a free port of this machine that fills ``mailbox``."""
    loop = asyncio.get_running_loop()
    # A fixed host name: looking the machine's own name up can take seconds on some networks.
    return await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", loop=loop), "127.0.0.1", 0
    )


def port_of(server: asyncio.Server) -> int:
    """The port that ``server`` listens on."""
    return int(server.sockets[0].getsockname()[1])
