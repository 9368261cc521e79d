"""Codes are read from a real IMAP server, Dovecot, as soon as they arrive."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from uuid import uuid4

import pytest

from synthetic.errors import MailboxError, StepTimeout
from synthetic.inbox import Code, wait_for_code
from synthetic.inbox.imap import ImapMailbox
from tests.journeys.running import wait_for

PASSWORD = "correct-horse"
ME = "guest+run7@example.org"
SECOND = timedelta(seconds=1)

CONFIG = """
base_dir = {run}/base
state_dir = {run}/state
log_path = {run}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{run}/mail/%u
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={run}/mail/%u
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server, and an account of it."""

    port: int
    process: subprocess.Popen[bytes]
    user: str = "guest"

    @property
    def url(self) -> str:
        return f"imap://127.0.0.1:{self.port}"

    def deliver(self, code: str, *, to: str = ME, sent_ago: timedelta = timedelta()) -> None:
        """Put a mail with ``code`` into the account's INBOX."""
        mail = EmailMessage()
        mail["To"], mail["From"], mail["Subject"] = to, "kulti@example.org", "Dein Code für Kulti"
        mail["Date"] = format_datetime(datetime.now(UTC) - sent_ago)
        mail.set_content(f"Your code is {code}, good for 5 minutes. © Kulti 2026")
        mail.add_alternative(f"<style>#123456</style><b>{code}</b>", subtype="html")
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.login(self.user, PASSWORD)
        client.append("INBOX", "", "", mail.as_bytes())
        client.logout()


@contextmanager
def running(binary: Path, port: int) -> Iterator[Dovecot]:
    # Mail is never read as root, so root's servers use another account, to which tmp_path is shut.
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "mail").mkdir()
        os.chown(folder / "mail", account.pw_uid, account.pw_gid)
        config = folder / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                run=folder,
                port=port,
                password=PASSWORD,
                user=account.pw_name,
                group=grp.getgrgid(account.pw_gid).gr_name,
                uid=account.pw_uid,
                gid=account.pw_gid,
            )
        )
        process = subprocess.Popen([binary, "-F", "-c", config], start_new_session=True)
        try:
            wait_until_it_listens(port, process, folder / "dovecot.log")
            yield Dovecot(port, process)
        finally:
            kill(process)


@pytest.fixture(scope="module")
def binary(server: Callable[[str, str], Path]) -> Path:
    return server("dovecot", "dovecot-imapd")


@pytest.fixture(scope="module")
def shared(binary: Path, free_port: Callable[[], int]) -> Iterator[Dovecot]:
    with running(binary, free_port()) as server:
        yield server


@pytest.fixture
def dovecot(shared: Dovecot) -> Dovecot:
    """The server, with an account that is this test's alone."""
    return replace(shared, user=f"guest-{uuid4().hex}")


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Iterator[ImapMailbox]:
    with closing(ImapMailbox(dovecot.url, dovecot.user, PASSWORD)) as box:
        yield box


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the server with its workers, at once: with SIGTERM they serve whoever is connected."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def wait_until_it_listens(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with imaplib.IMAP4("127.0.0.1", port, timeout=5):
                return
        except OSError:
            threading.Event().wait(0.02)
    pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")


def code(mailbox: ImapMailbox, seen: frozenset[str], timeout_s: float = 5) -> Code:
    since = datetime.now(UTC)
    return wait_for_code(mailbox, ME, since=since, seen_before=seen, timeout_s=timeout_s)


def test_a_code_is_found_in_a_mail_of_several_parts(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    seen = mailbox.ids_to(ME)
    dovecot.deliver("493817")
    assert code(mailbox, seen).value == "493817"


def test_reading_does_not_mark_mails_as_read(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.deliver("493817")
    mailbox.mails_to(ME)
    with mailbox._reading() as box:
        assert box.uids("UNSEEN") == ["1"]


def test_an_arrival_during_the_wait_is_seen_at_once(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    seen = mailbox.ids_to(ME)
    delivered: list[datetime] = []

    def deliver() -> None:
        dovecot.deliver("493817")
        delivered.append(datetime.now(UTC))

    timer = threading.Timer(0.7, deliver)
    timer.start()
    found = code(mailbox, seen)
    timer.join()
    assert abs(found.received_at - delivered[0]) < SECOND / 4


def test_an_older_mail_is_never_the_code(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.deliver("111111")
    seen = mailbox.ids_to(ME)
    dovecot.deliver("222222")
    assert code(mailbox, seen).value == "222222"


def test_an_older_mail_that_is_delivered_late_is_never_the_code(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    seen = mailbox.ids_to(ME)
    dovecot.deliver("111111", sent_ago=90 * SECOND)
    timer = threading.Timer(0.3, dovecot.deliver, ["222222"])
    timer.start()
    assert code(mailbox, seen).value == "222222"
    timer.join()


def test_of_two_mails_the_newest_counts(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    seen = mailbox.ids_to(ME)
    dovecot.deliver("111111")
    dovecot.deliver("222222")
    # Dovecot may list what came within one second a moment later.
    wait_for(lambda: len(mailbox.ids_to(ME) - seen) == 2, 10, "both mails are listed")
    found = code(mailbox, seen)
    assert (found.value, found.mails_seen) == ("222222", 2)


def test_mail_to_another_tag_is_not_ours(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.deliver("111111", to="guest@example.org")
    dovecot.deliver("111111", to="guest+run77@example.org")
    dovecot.deliver("111111", to=f"x{ME}")
    assert mailbox.ids_to(ME) == frozenset()
    assert mailbox.mails_to(ME) == []


def test_a_mail_after_the_limit_is_too_late(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    dovecot.deliver("111111")
    seen = mailbox.ids_to(ME)
    with pytest.raises(StepTimeout, match=r"within 0.2 s.* holds 1 older to this address"):
        code(mailbox, seen, timeout_s=0.2)


def test_a_wrong_password_is_said_without_showing_it(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(dovecot.url, dovecot.user, "wrong-horse")
    with pytest.raises(MailboxError, match=r"refused the login.*INBOX__PASSWORD") as caught:
        mailbox.ids_to(ME)
    assert "horse" not in str(caught.value)


def test_a_missing_folder_is_named(dovecot: Dovecot) -> None:
    mailbox = ImapMailbox(dovecot.url, dovecot.user, PASSWORD, folder="Codes")
    with pytest.raises(MailboxError, match=r"no folder 'Codes'.*INBOX__FOLDER"):
        mailbox.ids_to(ME)


def test_a_server_that_stops_during_the_wait_is_not_the_targets_fault(
    binary: Path, free_port: Callable[[], int]
) -> None:
    with running(binary, free_port()) as own:
        mailbox = ImapMailbox(own.url, own.user, PASSWORD)
        seen = mailbox.ids_to(ME)
        timer = threading.Timer(0.3, kill, [own.process])
        timer.start()
        with pytest.raises(MailboxError, match="cannot be read"):
            code(mailbox, seen)
        timer.join()


def test_a_refused_connection_says_where(free_port: Callable[[], int]) -> None:
    port = free_port()
    with pytest.raises(MailboxError, match=f"imap://127.0.0.1:{port} cannot be read.*refused"):
        ImapMailbox(f"imap://127.0.0.1:{port}", "guest", PASSWORD).ids_to(ME)


def test_a_server_that_speaks_no_imap_is_a_mailbox_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        threading.Thread(target=answer_as_http, args=[other], daemon=True).start()
        with pytest.raises(MailboxError, match="cannot be read"):
            ImapMailbox(f"imap://127.0.0.1:{port}", "guest", PASSWORD).ids_to(ME)


def answer_as_http(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
