"""Probes of the site and its health, against servers that misbehave."""

from __future__ import annotations

import json
import re
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from synthetic.errors import RateLimited, Refused, StepTimeout, TargetUnreachable, WrongProduct
from synthetic.probes import site
from synthetic.probes.site import health_ok, site_accessible
from tests.unit.conftest import Web


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Follows redirects, as journeys do."""
    with httpx.Client(follow_redirects=True, timeout=1) as client:
        yield client


@contextmanager
def raw(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server below HTTP: ``answer`` gets the socket."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            try:
                answer(self.request)
            except (BrokenPipeError, ConnectionResetError):
                return  # the probe has seen enough

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_page_that_answers_is_timed(web: Web, client: httpx.Client) -> None:
    assert 0 < site_accessible(client, web.page("Hello")) < 2000


@pytest.mark.parametrize("status", [204, 401, 404, 500, 503])
def test_any_status_but_200_is_a_refusal(web: Web, client: httpx.Client, status: int) -> None:
    with pytest.raises(Refused, match=f"answered {status}; the plan expects 200"):
        site_accessible(client, web.put("/", "", status))


def test_429_is_nobodys_outage(web: Web, client: httpx.Client) -> None:
    with pytest.raises(RateLimited, match="run less often"):
        site_accessible(client, web.put("/", "", 429))


def test_slower_than_the_plan_allows_is_a_timeout(
    web: Web, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ACCESSIBLE_WITHIN_MS", 0.0)
    with pytest.raises(StepTimeout, match="the plan expects less than 2 s"):
        site_accessible(client, web.page("Hello"))


def test_a_redirect_is_followed(web: Web, client: httpx.Client) -> None:
    web.put("/new", "Hello")
    site_accessible(client, web.put("/", "", 302, Location="/new"))


def test_a_redirect_loop_is_named(web: Web, client: httpx.Client) -> None:
    with pytest.raises(TargetUnreachable, match="redirects in a loop"):
        site_accessible(client, web.put("/", "", 302, Location="/"))


def test_a_closed_port_is_unreachable(client: httpx.Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(TargetUnreachable, match="ConnectError"):
            site_accessible(client, url)


def test_a_server_that_never_answers_is_unreachable(client: httpx.Client) -> None:
    client.timeout = httpx.Timeout(0.2)
    ended = threading.Event()
    with raw(lambda _: ended.wait(5)) as host:
        with pytest.raises(TargetUnreachable, match="ReadTimeout"):
            site_accessible(client, f"http://{host}/")
        ended.set()


def test_a_body_that_trickles_for_ever_is_a_timeout(client: httpx.Client) -> None:
    client.timeout = httpx.Timeout(0.4)
    ended = threading.Event()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not ended.wait(0.05):
            connection.sendall(b".")

    with raw(trickle) as host:
        with pytest.raises(StepTimeout, match=r"was not whole after 0\.4 s"):
            site_accessible(client, f"http://{host}/")
        ended.set()


@pytest.mark.parametrize("noise", [b"", b"\x00\x01\x02", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_what_is_not_http_is_unreachable(client: httpx.Client, noise: bytes) -> None:
    with (
        raw(lambda connection: connection.sendall(noise)) as host,
        pytest.raises(TargetUnreachable, match="nothing usable answers"),
    ):
        site_accessible(client, f"http://{host}/")


def test_broken_tls_is_unreachable(client: httpx.Client) -> None:
    with (
        raw(lambda connection: connection.sendall(b"no TLS at all")) as host,
        pytest.raises(TargetUnreachable, match="SSL"),
    ):
        site_accessible(client, f"https://{host}/")


def test_a_self_signed_certificate_is_unreachable(client: httpx.Client, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
    subprocess.run(
        [*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with pytest.raises(ssl.SSLError):
                context.wrap_socket(self.request, server_side=True)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(TargetUnreachable, match=r"(?i)certificate"):
            site_accessible(client, f"https://127.0.0.1:{server.server_address[1]}/")
        thread.join()


def test_a_huge_body_is_cut_off(web: Web, client: httpx.Client) -> None:
    with pytest.raises(Refused, match="more than 5 MB"):
        site_accessible(client, web.put("/", b"x" * 6_000_000))


def health(web: Web, body: object, status: int = 200) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    web.put("/api/health", text, status)
    return f"{web.url}/"


def test_health_that_is_ok_is_timed(web: Web, client: httpx.Client) -> None:
    url = health(web, {"status": "ok", "checks": {"database": True, "mail": {"smtp": "ok"}}})
    assert 0 < health_ok(client, url) < 2000


@pytest.mark.parametrize(
    "body",
    [
        "<html>Not the product</html>",
        "",
        "[]",
        "null",
        '"ok"',
        "{}",
        '{"status": "ok", "checks": 1}',
        "[" * 100_000,
    ],
    ids=["HTML", "empty", "list", "null", "text", "no status", "checks no table", "deep"],
)
def test_anything_but_a_health_report_is_another_product(
    web: Web, client: httpx.Client, body: str
) -> None:
    with pytest.raises(WrongProduct, match="something other than a health report"):
        health_ok(client, health(web, body))


@pytest.mark.parametrize("state", [False, "error", "failed", "down", "unreachable"])
def test_ok_over_a_failing_check_is_a_refusal(
    web: Web, client: httpx.Client, state: object
) -> None:
    checks = {"web": True, "database": {"primary": state}}
    with pytest.raises(Refused, match=re.escape("'ok' while these checks fail: database.primary")):
        health_ok(client, health(web, {"status": "ok", "checks": checks}))


@pytest.mark.parametrize(("status", "code"), [("degraded", 200), ("ok", 503), (None, 200)])
def test_anything_but_ok_is_a_refusal(
    web: Web, client: httpx.Client, status: str | None, code: int
) -> None:
    with pytest.raises(Refused, match=f"answered {code} with status '{status}'"):
        health_ok(client, health(web, {"status": status}, code))


def test_a_rate_limited_health_check_is_nobodys_outage(web: Web, client: httpx.Client) -> None:
    with pytest.raises(RateLimited):
        health_ok(client, health(web, "{}", 429))


def test_hostile_names_of_checks_are_capped(web: Web, client: httpx.Client) -> None:
    checks = {f"{n}" * 10_000: False for n in range(1, 100)}
    with pytest.raises(Refused) as caught:
        health_ok(client, health(web, {"status": "x" * 10_000, "checks": checks}))
    assert len(str(caught.value)) < 500
