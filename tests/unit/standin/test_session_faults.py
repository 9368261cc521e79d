"""Faults of sessions, sockets, chat and recordings, over HTTP and WebSocket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from synthetic.standin.recordings import WEBM


def created(person: httpx.Client, title: str = "Review") -> dict[str, Any]:
    answer = person.post("/api/sessions/create", json={"title": title})
    session: dict[str, Any] = answer.json()["session"]
    return session


def titles(person: httpx.Client) -> list[str]:
    return [session["title"] for session in person.get("/api/sessions/list").json()["sessions"]]


def joins(person: httpx.Client, **how: str) -> int:
    return person.post("/api/sessions/join", json=how).status_code


@contextmanager
def seated(standin: Any, person: httpx.Client, session: str) -> Iterator[ClientConnection]:
    """A socket in the room, before its first message."""
    token = person.post("/api/hms/token", json={"session_id": session}).json()["token"]
    with connect(f"{standin.url.replace('http', 'ws')}/api/hms/socket", proxy=None) as socket:
        socket.send(json.dumps({"token": token}))
        yield socket


def heard(socket: ClientConnection, timeout_s: float = 5) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout_s))
    return message


def said(person: httpx.Client, session: str, text: str) -> None:
    body = {"session_id": session, "text": text}
    assert person.post("/api/messages/send", json=body).status_code == 201


def test_the_list_can_show_everybodys_sessions_or_none(misbehaving: Callable[..., Any]) -> None:
    for fault, seen in (("list-leaks", ["Review"]), ("session-not-listed", [])):
        standin = misbehaving(fault)
        owner, stranger = standin.person(), standin.person()
        created(owner)
        assert titles(owner) == seen
        assert titles(stranger) == seen


def test_a_link_can_lead_nowhere_while_the_code_works(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("link-dead")
    session, guest = created(standin.person()), standin.person()
    assert joins(guest, link=f"{standin.url}/session/{session['id']}") == 404
    assert joins(guest, code=session["code"]) == 200


@pytest.mark.parametrize(("fault", "last"), [("room-full", 1), ("room-full=2", 2)])
def test_a_room_can_be_full_too_early(
    misbehaving: Callable[..., Any], fault: str, last: int
) -> None:
    standin = misbehaving(fault)
    code = created(standin.person())["code"]
    statuses = [joins(standin.person(), code=code) for _ in range(2)]
    assert statuses == [200] * (last - 1) + [409] * (3 - last)


def test_a_room_can_take_too_many(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("room-never-full")
    code = created(standin.person())["code"]
    assert [joins(standin.person(), code=code) for _ in range(5)] == [200] * 5


def test_an_ended_session_can_be_joined(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("end-ignored")
    host = standin.person()
    session = created(host)
    assert host.post(f"/api/sessions/{session['id']}/end").status_code == 200
    assert joins(standin.person(), code=session["code"]) == 200


@pytest.mark.parametrize("after_s", [0, 0.3])
def test_a_socket_can_be_closed(misbehaving: Callable[..., Any], after_s: float) -> None:
    standin = misbehaving(f"socket-closed={after_s}")
    host = standin.person()
    with seated(standin, host, created(host)["id"]) as socket:
        assert heard(socket)["type"] == "welcome"
        with pytest.raises(ConnectionClosed):
            heard(socket)


def test_a_socket_can_fall_silent(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("socket-half-open")
    host = standin.person()
    session = created(host)["id"]
    with seated(standin, host, session) as socket:
        assert heard(socket)["type"] == "welcome"
        said(host, session, "hello")
        with pytest.raises(TimeoutError):
            heard(socket, timeout_s=0.3)


def test_messages_can_be_late(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("chat-late=0.5")
    host = standin.person()
    session = created(host)["id"]
    with seated(standin, host, session) as socket:
        heard(socket)
        said(host, session, "hello")
        with pytest.raises(TimeoutError):
            heard(socket, timeout_s=0.3)
        assert heard(socket)["message"]["text"] == "hello"


@pytest.mark.parametrize(
    ("fault", "order"), [("chat-reordered", ["two", "one"]), ("chat-doubled", ["one", "one"])]
)
def test_messages_can_be_overtaken_or_doubled(
    misbehaving: Callable[..., Any], fault: str, order: list[str]
) -> None:
    standin = misbehaving(fault)
    host = standin.person()
    session = created(host)["id"]
    with seated(standin, host, session) as socket:
        heard(socket)
        for text in ("one", "two"):
            said(host, session, text)
        messages = [heard(socket)["message"] for _ in order]
    assert [message["text"] for message in messages] == order
    assert len({message["id"] for message in messages}) == 2


def test_messages_can_cross_into_another_room(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("chat-crossed")
    host, stranger = standin.person(), standin.person()
    session = created(host)["id"]
    with seated(standin, stranger, created(stranger)["id"]) as socket:
        heard(socket)
        said(host, session, "hello")
        assert heard(socket)["message"]["text"] == "hello"


def test_messages_can_be_forgotten(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("chat-forgotten")
    host = standin.person()
    session = created(host)["id"]
    with seated(standin, host, session) as socket:
        heard(socket)
        said(host, session, "hello")
        assert heard(socket)["message"]["text"] == "hello"
    listed = host.get("/api/messages/list", params={"session_id": session}).json()
    assert listed == {"messages": []}


def recorded(person: httpx.Client) -> tuple[int, str, bytes]:
    """Status of the finish, the state after processing, and the file."""
    started = person.post("/api/recordings/start", json={"session_id": created(person)["id"]})
    path = f"/api/recordings/{started.json()['recording']['id']}"
    person.put(f"{path}/chunks/0", content=WEBM + b"film")
    finished = person.post(f"{path}/finish", json={"chunks": 1}).status_code
    # The answer to a second request comes after what the first one left to be done.
    states = [person.get(path).json()["recording"]["state"] for _ in range(20)]
    return finished, states[-1], person.get(f"{path}/download").content


@pytest.mark.parametrize(
    ("fault", "finished", "state"),
    [
        ("recording-not-uploaded", 507, "recording"),
        ("recording-not-processed", 202, "failed"),
        ("recording-stuck", 202, "processing"),
        ("recording-empty", 202, "ready"),
    ],
)
def test_a_recording_can_fail_at_each_stage(
    misbehaving: Callable[..., Any], fault: str, finished: int, state: str
) -> None:
    found = recorded(misbehaving(fault).person())
    assert found[:2] == (finished, state)
    assert fault != "recording-empty" or found[2] == b""


def test_a_recording_can_be_refused(misbehaving: Callable[..., Any]) -> None:
    person = misbehaving("recording-not-initiated").person()
    answer = person.post("/api/recordings/start", json={"session_id": created(person)["id"]})
    assert answer.status_code == 503
