"""What Mailpit answers becomes mails, and what goes wrong with it becomes one sentence."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from synthetic._settings_product import Inbox
from synthetic.errors import MailboxError
from synthetic.inbox import mailpit, open_mailbox
from synthetic.inbox.imap import ImapMailbox
from synthetic.inbox.mailpit import MailpitMailbox

ME = "host+run7@example.org"


def summary(id_: str, to: str, created: str = "2026-11-23T12:00:00.5Z") -> dict[str, Any]:
    return {"ID": id_, "To": [{"Name": "", "Address": to}], "Cc": None, "Created": created}


class Mailpit(HTTPServer):
    """Answers each path with a status and a body, and keeps what it was asked."""

    answers: dict[str, tuple[int, object]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {}
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Mailpit

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.path} {self.headers.get('Authorization')}")
        status, body = self.server.answers[self.path.partition("?")[0]]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Mailpit]:
    with Mailpit() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def mailbox(server: Mailpit) -> Iterator[MailpitMailbox]:
    box = MailpitMailbox(f"{server.url}/", "ann", "hush")
    yield box
    box.close()


def test_only_mails_to_exactly_the_address_are_read(
    server: Mailpit, mailbox: MailpitMailbox
) -> None:
    found = [summary("c", ME.upper()), summary("b", f"x{ME}"), summary("a", ME)]
    server.answers["/api/v1/search"] = 200, {"messages": found}
    for id_ in "ac":
        server.answers[f"/api/v1/message/{id_}"] = 200, {"Subject": id_, "Text": "", "HTML": ""}
    assert mailbox.ids_to(ME) == {"a", "c"}
    assert [mail.subject for mail in mailbox.mails_to(ME)] == ["a", "c"]
    assert [mail.id for mail in mailbox.mails_to(ME, {"a"})] == ["c"]


def test_the_address_is_asked_for_with_its_tag_and_the_login(
    server: Mailpit, mailbox: MailpitMailbox
) -> None:
    server.answers["/api/v1/search"] = 200, {"messages": []}
    mailbox.ids_to(ME)
    assert server.asked == [
        "/api/v1/search?query=to%3A%22host%2Brun7%40example.org%22&limit=200 Basic YW5uOmh1c2g="
    ]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"", "refused us with 401: see SYNTHETIC_INBOX__USERNAME"),
        (503, b"", "answered 503: see Mailpit's log"),
        (404, b"no", "is not Mailpit's API .status 404.: see SYNTHETIC_INBOX__URL"),
        (200, b"<html>", "is not Mailpit's API"),
        (200, {"items": []}, "is not Mailpit's API"),
        (200, {"messages": [{"ID": "a"}]}, "is not Mailpit's API"),
        (302, b"", "is not Mailpit's API"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said_to_be_so(
    server: Mailpit, mailbox: MailpitMailbox, status: int, body: object, said: str
) -> None:
    server.answers["/api/v1/search"] = status, body
    with pytest.raises(MailboxError, match=said) as caught:
        mailbox.ids_to(ME)
    assert "hush" not in str(caught.value)


def test_a_refused_connection_says_where() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(MailboxError, match=f"{url} cannot be reached .*refused"):
        MailpitMailbox(url).ids_to(ME)


def test_a_silent_mailbox_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailpit, "REQUEST_TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailbox = MailpitMailbox(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(MailboxError, match=r"did not answer within 0.1 s"):
            mailbox.ids_to(ME)
        mailbox.close()


def test_the_settings_choose_the_mailbox() -> None:
    assert isinstance(open_mailbox(Inbox(url="http://127.0.0.1:8025")), MailpitMailbox)
    assert isinstance(open_mailbox(Inbox(kind="imap", url="imap://127.0.0.1")), ImapMailbox)
