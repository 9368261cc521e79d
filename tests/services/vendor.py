"""A local server in the place of a vendor's: what it does with a request, and what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

LONGEST_HANG_S = 30


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests.

    Without more it is an answer of ``status``, and the request is not taken. ``hangs``: silence
    until the test is over; ``slow_s``: all is well, but only after so many seconds; ``lost``: the
    request is taken and the line closed before the answer.
    """

    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    hangs: bool = False
    slow_s: float = 0
    lost: bool = False


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Vendor:
    """What every such server has; ``weather`` decides about each request when ``fault`` is unset.

    Requests are taken one at a time, so what a test reads while nobody asks is whole.
    """

    url: str = ""
    asked: int = 0
    fault: Fault | None = None
    weather: Callable[[Request], Fault | None] | None = None
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Answer:
        """Take or refuse a request, as the vendor would."""
        raise NotImplementedError

    def next_fault(self, request: Request) -> Fault | None:
        """The fault of this request, used up once it has come ``times`` times."""
        with self.lock:
            self.asked += 1
            if self.fault is not None and self.fault.times:
                self.fault.times -= 1
                return self.fault
        return self.weather(request) if self.weather else None

    def take(self, request: Request, fault: Fault | None) -> Answer | None:
        """The answer to a request under a fault; none where the line is closed without one."""
        if fault and fault.hangs:
            self.over.wait(LONGEST_HANG_S)
            return None
        if fault and not fault.slow_s and not fault.lost:
            return Answer(fault.status, fault.body, fault.headers)
        if fault:
            self.over.wait(fault.slow_s)
        with self.lock:
            answer = self.answer(request)
        return None if fault and fault.lost else answer


class _Handler(BaseHTTPRequestHandler):
    vendor: Vendor

    def _any(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )
        answer = self.vendor.take(request, self.vendor.next_fault(request))
        self.close_connection = True
        if answer is None:
            return
        content = answer.body if isinstance(answer.body, bytes) else answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is nothing to report."""


V = TypeVar("V", bound=Vendor)


@contextmanager
def serving(vendor: V) -> Iterator[V]:
    """The vendor on a free port of loopback."""
    handler = type("Handler", (_Handler,), {"vendor": vendor})
    with _Server(("127.0.0.1", 0), handler) as server:
        vendor.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield vendor
        finally:
            vendor.over.set()
            server.shutdown()
            thread.join()
