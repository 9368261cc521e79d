"""The real stand-in, served in this process on a clock that tests can turn."""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from synthetic.standin.app import create_app
from synthetic.standin.faults import parse
from synthetic.standin.serving import Server, listen

# Loading the certificate authorities takes longer than most requests here, none of which uses TLS.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ADDRESSES = (f"person-{n}@synthetic.test" for n in itertools.count(1))


@dataclass
class Clock:
    """The time of day, plus what a test turned it on by (seconds)."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Standin:
    """A running stand-in."""

    url: str
    clock: Clock
    clients: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.reader = self.client()

    def client(self) -> httpx.Client:
        """Somebody who is not signed in."""
        return self.clients.enter_context(httpx.Client(base_url=self.url, verify=NO_TLS))

    def mails(self, email: str) -> list[dict[str, str]]:
        """The mails to ``email``, newest first."""
        query = {"query": f'to:"{email}"'}
        answer = self.reader.get("/mail/api/v1/search", params=query).json()
        found: list[dict[str, str]] = answer["messages"]
        return found

    def code(self, email: str) -> str:
        """The code in the newest mail to ``email``."""
        newest = self.mails(email)[0]["ID"]
        text = self.reader.get(f"/mail/api/v1/message/{newest}").json()["Text"]
        (code,) = re.findall(r"\b\d{6}\b", text)
        return str(code)

    def person(self, email: str | None = None) -> httpx.Client:
        """Somebody new (or called ``email``), signed in."""
        client, email = self.client(), email or next(ADDRESSES)
        assert client.post("/api/auth/signup", json={"email": email}).status_code == 202
        answer = {"email": email, "code": self.code(email)}
        assert client.post("/api/auth/verify-otp", json=answer).status_code == 200
        return client


@contextmanager
def serving(*faults: str, front: str = "plain") -> Iterator[Standin]:
    """A stand-in for as long as the context lasts."""
    clock, ready = Clock(), threading.Event()
    listener = listen(0)
    app = create_app(faults=parse(faults), front=front, clock=clock)
    server = Server(app, ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert ready.wait(10)
    standin = Standin(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    try:
        with standin.clients:
            yield standin
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    """A faultless stand-in, shared by a file's tests."""
    with serving() as running:
        yield running


@pytest.fixture
def misbehaving() -> Iterator[Callable[..., Standin]]:
    """Starts stand-ins with faults."""
    with ExitStack() as stack:
        yield lambda *faults, **options: stack.enter_context(serving(*faults, **options))
