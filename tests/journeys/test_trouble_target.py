"""A base URL that is not the product: failed, by the target, told within seconds."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.journeys.conftest import Smoke, needs, says
from tests.journeys.running import Finished

HELLO = says(200, b"<!doctype html><title>Hello</title><h1>Hello</h1>", Content_Type="text/html")
LOOP = says(302, Location="/")


def failed_by_the_target(run: Finished, *words: str) -> None:
    assert run.code == 1, run.output
    assert (run.record.verdict, run.record.origin) == ("failed", "target")
    assert {step.origin for step in run.failed} == {"target"}
    run.tells("SYNTHETIC_BASE_URL", *words)


def settings_for(url: str) -> dict[str, str]:
    return {
        "SYNTHETIC_BASE_URL": url,
        "SYNTHETIC_INBOX__URL": "http://127.0.0.1:1",
        "SYNTHETIC_STEP_TIMEOUT_S": "4",
    }


def test_nothing_listens_there(smoke: Smoke, closed_port: int) -> None:
    run = smoke(env=settings_for(f"http://127.0.0.1:{closed_port}"))
    failed_by_the_target(
        run, "TargetUnreachable: nothing usable answers", "ERR_CONNECTION_REFUSED", "product is up"
    )


def test_something_else_answers(smoke: Smoke, web: Callable[..., str]) -> None:
    run = smoke(env=settings_for(web(HELLO)))
    failed_by_the_target(
        run,
        "WrongProduct",
        "something other than a health report",
        'there was heading "Hello"',
        "under [pages.access] in synthetic.toml",
    )


def test_redirects_lead_round_in_a_circle(smoke: Smoke, web: Callable[..., str]) -> None:
    run = smoke(env=settings_for(web(LOOP)))
    failed_by_the_target(run, "redirects in a loop", "ERR_TOO_MANY_REDIRECTS")


def test_nobody_vouches_for_the_certificate(smoke: Smoke, untrusted: str) -> None:
    run = smoke(env=settings_for(untrusted))
    failed_by_the_target(run, "CERTIFICATE_VERIFY_FAILED", "ERR_CERT_AUTHORITY_INVALID")


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """An https server whose certificate it signed itself."""
    openssl = shutil.which("openssl")
    needs(openssl is not None, "openssl is not installed: apt-get install openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
