"""Servers below HTTP, for what goes wrong there: each gives its sockets to a function."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answering = Callable[[socket.socket], object]


@contextmanager
def raw(
    answer: Answering,
    context: ssl.SSLContext | None = None,
    family: socket.AddressFamily = socket.AF_INET,
    *,
    asked: bool = True,
) -> Iterator[int]:
    """A server on a port of loopback; ``answer`` gets a socket when it was ``asked``.

    With ``context`` it speaks TLS.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            line = self.request
            try:
                line = context.wrap_socket(line, server_side=True) if context else line
                if line.recv(4096) if asked else True:
                    answer(line)
            except OSError:
                return  # the probe has seen enough
            finally:
                line.close()

    class Server(socketserver.ThreadingTCPServer):
        address_family = family
        daemon_threads = True
        block_on_close = False

    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with Server((host, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def says(status: str = "200 OK", body: bytes = b"Hello", **headers: str) -> Answering:
    """One HTTP/1.1 answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    return lambda line: line.sendall(head.encode() + body)
