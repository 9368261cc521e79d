"""Janus as a process of the stand-in, and who may talk to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from synthetic.standin import interface
from synthetic.standin.janus import PLUGIN, Janus
from tests.unit.standin.conftest import Standin, serving

COMMAND = [sys.executable, "-m", "synthetic.standin", "--topology", "sfu"]

USE = """
from synthetic.standin.interface import loopback_interface
with loopback_interface() as name:
    print(name, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def standin(janus: Janus) -> Iterator[Standin]:
    """A faultless stand-in whose video travels through Janus."""
    with serving(janus=janus) as running:
        yield running


@pytest.fixture
def sockets() -> Iterator[Callable[[Standin, str], ClientConnection]]:
    """Opens a socket of the call: "socket" to the hub, "sfu" to Janus."""
    with ExitStack() as stack:
        yield lambda standin, name: stack.enter_context(
            connect(f"{standin.url.replace('http', 'ws')}/api/hms/{name}")
        )


@pytest.fixture
def network() -> Iterator[int]:
    """The process that holds a network of its own, where no other stand-in has an interface."""
    hold = "ip link set lo up && echo up && exec sleep 60"
    with subprocess.Popen(
        ["unshare", "--net", "sh", "-c", hold], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        yield process.pid
        process.kill()


def interfaces(network: int) -> set[str]:
    lines = Path(f"/proc/{network}/net/dev").read_text("ascii").splitlines()[2:]
    return {line.partition(":")[0].strip() for line in lines}


def ask(socket: ClientConnection, **question: object) -> dict[str, Any]:
    """Janus's answer."""
    socket.send(json.dumps({"transaction": "t", **question}))
    answer: dict[str, Any] = json.loads(socket.recv(timeout=5))
    return answer


def close_code(socket: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=5)
    return socket.close_code


@pytest.fixture
def place(standin: Standin, sockets: Any) -> tuple[Any, str, str]:
    """Somebody with a place in a call: who, the session's id, and the key of the place."""
    person = standin.person()
    session = person.post("/api/sessions/create", json={"title": "Room"}).json()["session"]["id"]
    token = person.post("/api/hms/token", json={"session_id": session}).json()["token"]
    hub = sockets(standin, "socket")
    return person, session, ask(hub, token=token)["key"]


@pytest.mark.usefixtures("janus")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_stand_in_and_so_does_its_interface(number: int, network: int) -> None:
    there = ["nsenter", f"--net=/proc/{network}/ns/net", *COMMAND]
    with subprocess.Popen(there, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert "url" in json.loads(process.stdout.readline())
        (child,) = psutil.Process(process.pid).children()
        assert child.name() == "janus"
        settings = Path(child.cmdline()[-1], "janus.jcfg")
        (own,) = re.findall(r'ice_enforce_list = "(.+)"', settings.read_text("utf-8"))
        assert own in interfaces(network)
        process.send_signal(number)
        process.wait(5)
    psutil.wait_procs([child], timeout=3)
    assert not child.is_running()
    assert own not in interfaces(network)
    shutil.rmtree(settings.parent, ignore_errors=True)  # after SIGKILL nobody else can


def test_it_listens_at_no_port(janus: Janus) -> None:
    process = psutil.Process(janus.process.pid)
    assert [one for one in process.net_connections("inet") if one.status == "LISTEN"] == []


def test_a_missing_janus_is_told_in_a_sentence() -> None:
    done = subprocess.run(
        COMMAND, env={**os.environ, "PATH": ""}, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no SFU without Janus; install the package janus.\n"


def test_without_the_right_to_make_an_interface_it_says_how_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(interface.NoSfu, match="sudo"), interface.loopback_interface():
        pass


def test_an_interface_that_stands_already_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.if_nameindex", lambda: [(1, "lo"), (7, interface.STANDING)])
    with interface.loopback_interface() as name:
        assert name == interface.STANDING


@pytest.mark.usefixtures("janus")
def test_an_interface_is_shared_and_ends_with_the_last_who_uses_it(network: int) -> None:
    with ExitStack() as uses:
        inside = ["nsenter", f"--net=/proc/{network}/ns/net", sys.executable, "-c", USE]
        first, second = (
            uses.enter_context(
                subprocess.Popen(inside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(2)
        )
        for process in (first, second):
            assert process.stdout
            assert process.stdout.readline() == f"{interface.STANDING}\n"
        for process, left in ((first, True), (second, False)):
            process.communicate("\n", timeout=10)
            assert (interface.STANDING in interfaces(network)) is left


def test_who_holds_a_place_reaches_janus(standin: Standin, sockets: Any, place: Any) -> None:
    _, session, key = place
    janus = sockets(standin, "sfu")
    assert ask(janus, key=key)["room"] == session
    assert ask(janus, janus="create")["janus"] == "success"


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("key", ["", "guess", None, 7, []])
def test_who_holds_none_is_refused(standin: Standin, sockets: Any, key: object) -> None:
    janus = sockets(standin, "sfu")
    janus.send(json.dumps({"key": key}))
    assert close_code(janus) == 4401


@pytest.mark.parametrize("said", ["", "x", "[]", b"\0"])
def test_an_introduction_that_makes_no_sense_is_refused(
    standin: Standin, sockets: Any, said: Any
) -> None:
    janus = sockets(standin, "sfu")
    janus.send(said)
    assert close_code(janus) == 4400


def test_who_leaves_reaches_janus_no_more(standin: Standin, sockets: Any, place: Any) -> None:
    person, session, key = place
    janus = sockets(standin, "sfu")
    ask(janus, key=key)
    person.post(f"/api/sessions/{session}/leave")
    assert close_code(janus) == 1000
    again = sockets(standin, "sfu")
    again.send(json.dumps({"key": key}))
    assert close_code(again) == 4401


def test_a_page_makes_and_ends_no_rooms(standin: Standin, sockets: Any, place: Any) -> None:
    _, session, key = place
    janus = sockets(standin, "sfu")
    ask(janus, key=key)
    mine = ask(janus, janus="create")["data"]["id"]
    handle = ask(janus, janus="attach", session_id=mine, plugin=PLUGIN)["data"]["id"]
    for body in (
        {"request": "create", "room": "another"},
        {"request": "destroy", "room": session},
    ):
        answer = ask(janus, janus="message", session_id=mine, handle_id=handle, body=body)
        assert "error" in answer["plugindata"]["data"], body


def test_without_an_sfu_there_is_no_way_to_one(sockets: Any) -> None:
    with serving() as mesh, pytest.raises(InvalidStatus) as refusal:
        sockets(mesh, "sfu")
    assert refusal.value.response.status_code == 403
