"""The process: its ready line, its end, and life behind a proxy."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import psutil
import pytest
from websockets.sync.client import connect

COMMAND = [sys.executable, "-m", "synthetic.standin"]
Start = Callable[..., tuple["subprocess.Popen[str]", dict[str, Any]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the stand-in as a process and reads its ready line."""
    with ExitStack() as stack:

        def run(*options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
            process = stack.enter_context(
                subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            assert process.stdout
            return process, json.loads(process.stdout.readline())

        yield run


def refused(*options: str) -> str:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_the_ready_line_is_all_that_another_process_needs(start: Start) -> None:
    _, line = start()
    env = line["env"]
    assert env["SYNTHETIC_BASE_URL"] == line["url"]
    assert env["SYNTHETIC_INBOX__KIND"] == "mailpit"
    assert httpx.get(f"{env['SYNTHETIC_INBOX__URL']}/api/v1/messages").json()["total"] == 0
    for email in json.loads(env["SYNTHETIC_ACCOUNTS__STANDING"]):
        asked = httpx.post(f"{line['url']}/api/auth/login", json={"email": email})
        assert asked.status_code == 202
    fresh = {"email": env["SYNTHETIC_ACCOUNTS__FRESH"]}
    assert httpx.post(f"{line['url']}/api/auth/signup", json=fresh).status_code == 202


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_even_with_sockets_open(start: Start, number: int) -> None:
    process, line = start()
    with connect(line["url"].replace("http", "ws") + "/api/hms/socket"):
        process.send_signal(number)
        assert process.wait(1.5) == 0
    assert process.stdout
    assert process.stdout.read() == ""


def test_it_ends_when_its_parent_is_killed() -> None:
    """The parent is a Python that starts it and waits."""
    script = "import subprocess, sys; subprocess.run([*sys.argv[1:], '--with-parent'])"
    parent = subprocess.Popen(
        [sys.executable, "-c", script, *COMMAND], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout
        url = json.loads(parent.stdout.readline())["url"]
        (child,) = psutil.Process(parent.pid).children()
        assert httpx.get(url).status_code == 200
        os.kill(parent.pid, signal.SIGKILL)
        psutil.wait_procs([child], timeout=3)
        assert not child.is_running()


def test_a_given_port_is_used_and_a_taken_one_refused_in_a_sentence(start: Start) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    _, line = start("--port", port)
    assert line["url"].endswith(f":{port}")
    assert refused("--port", port).startswith(f"Cannot listen on port {port}: ")


def test_an_unknown_fault_is_refused_in_a_sentence() -> None:
    message = refused("--fault", "sign-up-500")
    assert "'signup-500'" in message
    assert message.count("\n") == 1


def test_the_faults_are_listed_as_json() -> None:
    done = subprocess.run([*COMMAND, "--list-faults"], capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) >= 20


def test_it_is_ready_in_little_more_than_a_second(start: Start) -> None:
    """Three tries: a busy machine is not a slow stand-in."""
    took = []
    for _ in range(3):
        began = time.monotonic()
        start()
        took.append(time.monotonic() - began)
    assert min(took) < 1.2


def test_answers_are_not_held_back(standin: Any) -> None:
    """Without TCP_NODELAY each takes 40 ms."""
    client, took = standin.client(), []
    for _ in range(9):
        began = time.monotonic()
        client.get("/api/users/profile")
        took.append(time.monotonic() - began)
    assert sorted(took)[4] < 0.02


@pytest.mark.parametrize("path", ["/dashboard", "/session/none", "/signup", "/"])
def test_nothing_names_its_own_port(standin: Any, path: str) -> None:
    """So that it works behind a proxy at another address."""
    port = standin.url.rpartition(":")[2]
    answer = httpx.get(standin.url + path, headers={"Host": "proxy.test:8443"})
    said = answer.text + "".join(f"{k}: {v}\n" for k, v in answer.headers.items())
    assert port not in said
    assert answer.headers.get("location", "/").startswith("/")


def test_a_seed_makes_chance_the_same_again(start: Start) -> None:
    wrong = ("--fault", "health-database", "--chance", "0.5", "--seed", "7")

    def statuses() -> list[int]:
        url = start(*wrong)[1]["url"]
        return [httpx.get(f"{url}/api/health").status_code for _ in range(12)]

    first = statuses()
    assert set(first) == {200, 503}
    assert statuses() == first


def test_a_chance_is_a_share() -> None:
    assert "a share goes from 0 to 1, not 1.5" in refused("--chance", "1.5")
