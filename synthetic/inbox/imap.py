"""Reads mails over IMAP, and waits with IDLE, so that an arrival is seen at once."""

from __future__ import annotations

import imaplib
import ssl
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from imap_tools import AND, BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError
from imap_tools.message import MailMessage

from synthetic.errors import MailboxError
from synthetic.inbox.model import Mail, readable, same_address

REQUEST_TIMEOUT_S = 5.0
# IDLE is left this often to look, for two reasons: Dovecot tells of a new mail only 0.5 s after it
# came, and a notice in one packet with the server's "idling" stays in imaplib's buffer, unseen.
IDLE_S = 0.2
POLL_S = 0.1  # where a server has no IDLE


class ImapMailbox:
    """The folder of an account at ``imap://host[:port]`` or ``imaps://host[:port]``."""

    resolution_s = 1.0  # INTERNALDATE has whole seconds

    def __init__(self, url: str, username: str, password: str, folder: str = "INBOX") -> None:
        self._url = url
        self._username = username
        self._password = password
        self._folder = folder
        self._connection: BaseMailBox | None = None
        self._never = threading.Event()

    def ids_to(self, address: str) -> frozenset[str]:
        """Ids of the mails to exactly this address, as of now."""
        with self._reading() as box:
            found = box.fetch(AND(to=address), mark_seen=False, headers_only=True, bulk=True)
            return frozenset(mail.uid for mail in found if mail.uid and _is_to(mail, address))

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        """The mails to exactly this address but those with these ids, oldest first."""
        with self._reading() as box:
            box.client.noop()  # SEARCH alone may answer from before the latest arrival
            new = [uid for uid in box.uids(AND(to=address)) if uid not in but]
            if not new:
                return []
            found = box.fetch(AND(uid=new), mark_seen=False, bulk=True)
            return [_mail(mail, _received_at(box, mail)) for mail in found if _is_to(mail, address)]

    def wait(self, timeout_s: float) -> None:
        """Return as soon as the server says that something changed."""
        with self._reading() as box:
            if "IDLE" in box.client.capabilities:
                box.idle.wait(timeout=min(IDLE_S, timeout_s))
                return
        self._never.wait(min(POLL_S, timeout_s))

    def close(self) -> None:
        """Log out; a connection that is gone already is fine."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.logout()
            except (OSError, imaplib.IMAP4.error, ImapToolsError):
                connection.client.shutdown()

    @contextmanager
    def _reading(self) -> Iterator[BaseMailBox]:
        try:
            if self._connection is None:
                self._connection = self._open()
            yield self._connection
        except MailboxLoginError:
            raise MailboxError(
                f"The mailbox at {self._url} refused the login: see SYNTHETIC_INBOX__USERNAME and "
                "SYNTHETIC_INBOX__PASSWORD."
            ) from None
        except MailboxFolderSelectError:
            raise MailboxError(
                f"The mailbox at {self._url} has no folder {self._folder!r}: "
                "see SYNTHETIC_INBOX__FOLDER."
            ) from None
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            if self._connection is not None:
                self._connection.client.shutdown()
                self._connection = None
            raise MailboxError(
                f"The mailbox at {self._url} cannot be read ({error}): see whether an IMAP server "
                "runs there and SYNTHETIC_INBOX__URL is right."
            ) from error

    def _open(self) -> BaseMailBox:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        box: BaseMailBox
        if parts.scheme == "imaps":
            context = ssl.create_default_context()
            box = MailBox(host, parts.port or 993, REQUEST_TIMEOUT_S, ssl_context=context)
        else:
            box = MailBoxUnencrypted(host, parts.port or 143, REQUEST_TIMEOUT_S)
        try:
            box.login(self._username, self._password, initial_folder=self._folder)
        except BaseException:
            box.client.shutdown()
            raise
        return box


def _is_to(mail: MailMessage, address: str) -> bool:
    # IMAP finds addresses that merely contain this one.
    return any(same_address(address, other) for other in (*mail.to, *mail.cc))


def _received_at(box: BaseMailBox, mail: MailMessage) -> datetime:
    _, answer = box.client.uid("fetch", str(mail.uid), "(INTERNALDATE)")
    for line in answer:
        stamp = imaplib.Internaldate2tuple(line) if isinstance(line, bytes) else None
        if stamp is not None:
            return datetime(*stamp[:6]).astimezone(UTC)  # imaplib gives it in local time
    raise ImapToolsError("the server did not say when a mail was received")


def _mail(mail: MailMessage, received_at: datetime) -> Mail:
    return Mail(
        id=str(mail.uid),
        to=(*mail.to, *mail.cc),
        subject=mail.subject,
        text=readable(mail.text, mail.html),
        received_at=received_at,
        sent_at=mail.date.astimezone(UTC) if mail.date.year > 1900 else None,  # 1900: unreadable
    )
