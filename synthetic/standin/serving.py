"""Serving the stand-in: a loopback socket, one ready line, a quick and quiet end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import uvicorn

from synthetic.standin import HEADER, __version__
from synthetic.standin.app import FRESH, MAIL_PREFIX, STANDING, create_app
from synthetic.standin.auth import COOLDOWN_S
from synthetic.standin.faults import Faults
from synthetic.standin.sessions import CAPACITY

if TYPE_CHECKING:
    from synthetic.standin.certificates import Certified
    from synthetic.standin.janus import Janus

PARENT_CHECK_S = 0.25
WEBSOCKET_LIMIT = 128 * 1024


class Server(uvicorn.Server):
    """A uvicorn that says when it is ready, and ends quietly on SIGTERM and SIGINT."""

    def __init__(
        self, app: Any, on_ready: Callable[[], object], certified: Certified | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                headers=[(HEADER, __version__)],
                ws_max_size=WEBSOCKET_LIMIT,
                ws_ping_interval=10,
                ws_ping_timeout=10,
                timeout_graceful_shutdown=1,
                lifespan="on",
                ssl_certfile=certified.certificate if certified else None,
                ssl_keyfile=certified.key if certified else None,
            )
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal without raising it again: a stopped stand-in exits with 0."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self.handle_exit)
        yield


def listen(port: int) -> socket.socket:
    """A loopback socket at ``port`` (0: any free one); raises :class:`OSError`."""
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each answer,
    # sent in two pieces, waits 40 ms for the client's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


def ready_line(
    url: str, code_lifetime_s: float, smtp_port: int, certified: Certified | None = None
) -> str:
    """The JSON line by which another process can use the stand-in at ``url``.

    Mail that comes to ``smtp_port`` lands in its mailbox. Where it is ``certified``, OpenSSL's own
    variable makes programs trust it; browsers do not.
    """
    env = {
        "SYNTHETIC_BASE_URL": url,
        "SYNTHETIC_INBOX__KIND": "mailpit",
        "SYNTHETIC_INBOX__URL": url + MAIL_PREFIX,
        "SYNTHETIC_INBOX__SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "SYNTHETIC_ACCOUNTS__FRESH": FRESH,
        "SYNTHETIC_ACCOUNTS__STANDING": json.dumps(STANDING),
        "SYNTHETIC_INBOX__CODE_LIFETIME_S": f"{code_lifetime_s:g}",
        "SYNTHETIC_INBOX__RESEND_AFTER_S": f"{COOLDOWN_S:g}",
        "SYNTHETIC_SESSION_LIMIT": str(CAPACITY),
    }
    trusting = {"SSL_CERT_FILE": str(certified.authority)} if certified else {}
    return json.dumps({"url": url, "env": {**env, **trusting}})


def serve(
    *,
    port: int = 0,
    faults: Faults | None = None,
    front: str = "plain",
    topology: str = "mesh",
    code_lifetime_s: float = 300.0,
    breakable: bool = False,
    parent: int | None = None,
    announce: Callable[[str], object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, or until the process ``parent`` is no longer our parent.

    ``announce`` gets the ready line (default: standard output). Raises :class:`OSError` when the
    port is taken, :class:`NoSfu` when ``topology`` is "sfu" and there can be none.
    """
    faults = faults or Faults()
    listener = listen(port)
    say = announce or _print_line
    with ExitStack() as stack:
        app = create_app(
            faults=faults,
            front=front,
            code_lifetime_s=code_lifetime_s,
            janus=_janus(topology, stack),
            breakable=breakable,
        )
        certified = _certified(faults, stack)
        scheme = "https" if certified else "http"
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"

        def ready() -> None:
            say(ready_line(url, code_lifetime_s, app.state.smtp_port, certified))

        server = Server(app, ready, certified)
        asyncio.run(_run(server, [listener], parent))


def _janus(topology: str, stack: ExitStack) -> Janus | None:
    if topology != "sfu":
        return None
    # Imported late: most stand-ins need none of it.
    from synthetic.standin.janus import janus_running

    return stack.enter_context(janus_running())


def _certified(faults: Faults, stack: ExitStack) -> Certified | None:
    days = faults.get("certificate", "days")
    if days is None:
        return None
    # Imported late: most stand-ins need none of it.
    from synthetic.standin.certificates import certify

    return certify(Path(stack.enter_context(TemporaryDirectory())), float(days))


async def _run(server: Server, sockets: Sequence[socket.socket], parent: int | None) -> None:
    watch = asyncio.create_task(_watch_parent(server, parent)) if parent else None
    await server.serve(list(sockets))
    if watch:
        watch.cancel()


async def _watch_parent(server: Server, parent: int) -> None:
    """Polling works on every system and through every way of dying."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_CHECK_S)
    server.should_exit = True


def _print_line(line: str) -> None:
    print(line, flush=True)
