"""Samples reach a real Pushgateway; one that is ill costs a sentence and never hangs a run."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from synthetic.errors import DeliveryError
from synthetic.results import Run
from synthetic.sinks.pushgateway import push
from synthetic.sinks.samples import samples_of
from tests.runs import camera, journey, recorded, run, step
from tests.services.processes import started

TIMEOUT_S = 0.5


@pytest.fixture(scope="module")
def gateway(
    server: Callable[[str, str], Path],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Debian's Pushgateway."""
    binary = server("prometheus-pushgateway", "prometheus-pushgateway")
    address = f"127.0.0.1:{free_port()}"
    log = tmp_path_factory.mktemp("pushgateway") / "log"
    with started([binary, f"--web.listen-address={address}"], f"http://{address}/-/ready", log):
        yield f"http://{address}"


def deliver(url: str, some: Run) -> None:
    push(url, some, samples_of(some), timeout_s=TIMEOUT_S)


def held(url: str, location: str) -> dict[tuple[str, str], float]:
    """What the gateway shows of a location: by metric and step or kind of media."""
    text = httpx.get(f"{url}/metrics").text
    return {
        (one.name, one.labels.get("kind") or one.labels.get("step", "")): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.labels.get("location") == location and one.name.startswith("synthetic_")
    }


def test_what_was_pushed_is_shown(gateway: str) -> None:
    some = run(journey(step(latency_ms=80.5)), media=[camera()], location="shown")
    deliver(gateway, some)
    shown = held(gateway, "shown")
    assert shown["synthetic_run_success", ""] == 1
    assert shown["synthetic_step_latency_ms", "leave"] == 80.5
    assert shown["synthetic_media_fps", "camera"] == 30


def test_labels_are_shown(gateway: str) -> None:
    deliver(gateway, run(journey(step(latency_ms=1)), location="labels"))
    lines = httpx.get(f"{gateway}/metrics").text.splitlines()
    (line,) = [
        one for one in lines if one.startswith("synthetic_step_latency_ms") and "labels" in one
    ]
    for label in ('job="synthetic"', 'suite="smoke"', 'actor="guest"', 'journey="meet"'):
        assert label in line


def test_a_real_run_is_taken_whole(gateway: str) -> None:
    some = recorded().model_copy(update={"location": "whole"})
    deliver(gateway, some)
    lines = httpx.get(f"{gateway}/metrics").text.splitlines()
    ours = [one for one in lines if one.startswith("synthetic_") and 'location="whole"' in one]
    assert len(ours) == len(samples_of(some))


def test_the_next_run_replaces_what_the_last_one_left(gateway: str) -> None:
    deliver(gateway, run(journey(step("gone", latency_ms=1)), location="next"))
    deliver(gateway, run(journey(step("here", latency_ms=2)), location="next"))
    shown = held(gateway, "next")
    assert ("synthetic_step_latency_ms", "here") in shown
    assert ("synthetic_step_latency_ms", "gone") not in shown


@pytest.mark.parametrize(
    "location",
    [
        "eu/west 1",
        "",
        "a+b%2F&c=d?e#f",
        "Zürich 日本",
        'quote"back\\slash\nline',
        "@base64",
        ".hidden",
    ],
)
def test_odd_locations_stay_apart_and_whole(gateway: str, location: str) -> None:
    deliver(gateway, run(location=location))
    text = httpx.get(f"{gateway}/metrics").text
    found = {
        one.labels.get("location", "")
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == "synthetic_run_success"
    }
    assert location in found


@contextmanager
def answering(status: int, asked: list[str] | None = None) -> Iterator[str]:
    """A server that answers everything with ``status``."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            if asked is not None:
                asked.append(self.headers.get("Authorization", ""))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_refusal_is_said(status: int) -> None:
    with (
        answering(status) as address,
        pytest.raises(
            DeliveryError, match=rf"Pushgateway at http://{address}/? answered {status}; "
        ),
    ):
        deliver(f"http://{address}/", run())


def test_a_gateway_that_hangs_is_left_after_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(DeliveryError, match=r"took nothing within 0\.5 s \(timed out\)"):
            deliver(f"http://127.0.0.1:{silent.getsockname()[1]}", run())
    assert TIMEOUT_S <= time.monotonic() - began < TIMEOUT_S + 1


def test_a_gateway_that_speaks_something_else_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def babble() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"220 smtp.example ready\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(DeliveryError, match="took nothing within"):
            deliver(f"http://127.0.0.1:{other.getsockname()[1]}", run())
        thread.join()


def test_a_closed_port_is_said(free_port: Callable[[], int]) -> None:
    with pytest.raises(
        DeliveryError, match=r"refused\); check SYNTHETIC_PUSHGATEWAY_URL\. The sam"
    ):
        deliver(f"http://127.0.0.1:{free_port()}", run())


def test_name_and_password_are_used_and_never_shown() -> None:
    asked: list[str] = []
    with answering(401, asked) as address, pytest.raises(DeliveryError) as caught:
        deliver(f"http://push:s%40cret@{address}", run())
    assert asked == ["Basic " + base64.b64encode(b"push:s@cret").decode()]
    assert "cret" not in str(caught.value)
