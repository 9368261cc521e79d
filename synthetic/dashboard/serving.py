"""Serving an application: a socket of its own, a word when ready, a quick and quiet end."""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from synthetic.errors import UsageError

_GONE_MS = 30_000  # what a viewer leaves lying for so long, it will not take any more
_GRACE_S = 1  # for answers under way when we end; streams of events have no end of their own
_WAITING = 512


def listen(host: str, port: int) -> socket.socket:
    """A socket at ``host`` and ``port`` (0: any free one); raises :class:`UsageError`."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        # asyncio sets TCP_NODELAY only on sockets that name their protocol.
        listener = socket.socket(family, kind, proto)
    except OSError as error:
        raise UsageError(f"nothing can listen at {host}: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # connections inherit it; not every system has it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _GONE_MS)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} of {host} cannot be had ({error.strerror}): choose another with --port"
        ) from error
    listener.listen(_WAITING)
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser of this machine finds what listens there."""
    host, port = listener.getsockname()[:2]
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host)
    return f"http://{here or (f'[{host}]' if ':' in host else host)}:{port}"


def settled() -> None:
    """What is loaded stays until the process ends: to look for garbage among it finds none, and
    would take as long as to make a page, every few pages."""
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """A uvicorn that says when it is ready; ``await server.serve([listener])``."""

    def __init__(self, app: Any, on_ready: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; that viewers of events are cut off then is no error."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
