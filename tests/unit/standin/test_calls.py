"""The signalling socket: who is told what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

Message = dict[str, Any]


class Page:
    """One person's socket in a room."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def hears(self, kind: str) -> Message:
        """The next message, which must be a ``kind``."""
        message: Message = json.loads(self.socket.recv(timeout=5))
        assert message["type"] == kind
        return message

    def says(self, **message: object) -> None:
        self.socket.send(json.dumps(message))

    def close_code(self) -> int:
        with pytest.raises(ConnectionClosed):
            self.socket.recv(timeout=5)
        assert self.socket.close_code is not None
        return self.socket.close_code


@pytest.fixture
def sockets() -> Iterator[Callable[[Any], ClientConnection]]:
    with ExitStack() as stack:
        yield lambda standin: stack.enter_context(
            connect(standin.url.replace("http", "ws") + "/api/hms/socket")
        )


@pytest.fixture
def room(
    standin: Any, sockets: Callable[[Any], ClientConnection]
) -> tuple[httpx.Client, Message, Callable[[httpx.Client], Page]]:
    """A host, their session, and a way for people to enter it."""
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Room"}).json()["session"]

    def enter(person: httpx.Client) -> Page:
        answer = person.post("/api/hms/token", json={"session_id": session["id"]})
        page = Page(sockets(standin))
        page.says(token=answer.json()["token"])
        return page

    return host, session, enter


def test_people_hear_of_each_other_as_they_come_and_go(standin: Any, room: Any) -> None:
    host, _, enter = room
    first = enter(host)
    assert first.hears("welcome")["people"] == []
    second = enter(standin.person())
    (seen,) = second.hears("welcome")["people"]
    arrived = first.hears("joined")["person"]
    second.socket.close()
    assert first.hears("left")["id"] == arrived["id"] != seen["id"]


def test_people_of_one_name_are_told_apart(standin: Any, room: Any) -> None:
    _, _, enter = room
    names = []
    for n in (1, 2, 3):
        page = enter(standin.person(f"twin+{standin.clock()}{n}@synthetic.test"))
        names.append(page.hears("welcome")["you"]["name"])
    assert names == ["twin", "twin 2", "twin 3"]


def test_a_signal_reaches_its_receiver_only(standin: Any, room: Any) -> None:
    host, _, enter = room
    first = enter(host)
    first.hears("welcome")
    second, third = enter(standin.person()), enter(standin.person())
    target = first.hears("joined")["person"]["id"]
    sender = first.hears("joined")["person"]["id"]
    third.says(type="signal", to=target, data={"candidate": "c"})
    second.hears("welcome")
    second.hears("joined")
    assert second.hears("signal") == {"type": "signal", "from": sender, "data": {"candidate": "c"}}


def test_a_chat_line_reaches_everybody_by_socket(room: Any) -> None:
    host, session, enter = room
    page = enter(host)
    page.hears("welcome")
    host.post("/api/messages/send", json={"session_id": session["id"], "text": "hello"})
    assert page.hears("chat")["message"]["text"] == "hello"


def test_leaving_is_told_at_once_and_closes_the_socket(standin: Any, room: Any) -> None:
    host, session, enter = room
    guest = standin.person()
    first, second = enter(host), enter(guest)
    second.hears("welcome")
    guest.post(f"/api/sessions/{session['id']}/leave")
    assert second.close_code() == 1000
    first.hears("welcome")
    first.hears("joined")
    first.hears("left")


def test_ending_tells_everybody_and_closes_their_sockets(room: Any) -> None:
    host, session, enter = room
    page = enter(host)
    page.hears("welcome")
    host.post(f"/api/sessions/{session['id']}/end")
    page.hears("ended")
    assert page.close_code() == 1000


def test_entering_again_elsewhere_gives_up_the_first_place(room: Any) -> None:
    host, _, enter = room
    first = enter(host)
    first.hears("welcome")
    second = enter(host)
    first.hears("replaced")
    assert second.hears("welcome")["people"] == []


def test_muting_is_told_to_the_others(standin: Any, room: Any) -> None:
    host, _, enter = room
    first, second = enter(host), enter(standin.person())
    second.hears("welcome")
    first.says(type="state", microphone=False, camera=True)
    assert second.hears("state")["person"]["microphone"] is False


def test_a_token_opens_one_socket_within_a_minute(standin: Any, sockets: Any) -> None:
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Room"}).json()["session"]["id"]
    tokens = [
        host.post("/api/hms/token", json={"session_id": session}).json()["token"] for _ in "ab"
    ]
    first, again, late = (Page(sockets(standin)) for _ in range(3))
    first.says(token=tokens[0])
    first.hears("welcome")
    again.says(token=tokens[0])
    assert again.close_code() == 4401
    standin.clock.ahead += 61
    late.says(token=tokens[1])
    assert late.close_code() == 4401


@pytest.mark.parametrize("said", ["", "x", "[]", "[" * 5000, '{"token": NaN}', b"\0\xff"])
def test_a_socket_that_makes_no_sense_is_closed(standin: Any, sockets: Any, said: Any) -> None:
    page = Page(sockets(standin))
    page.socket.send(said)
    assert page.close_code() == 4400


@pytest.mark.parametrize("said", ["x", '{"type": "dance"}', "[" * 5000, b"\0", '{"type": {}}'])
def test_nonsense_in_a_room_costs_its_sender_the_place(room: Any, standin: Any, said: Any) -> None:
    host, _, enter = room
    first, second = enter(host), enter(standin.person())
    first.hears("welcome")
    first.hears("joined")
    second.hears("welcome")
    second.socket.send(said)
    first.hears("left")
    assert second.close_code() == 4400


@pytest.mark.parametrize("to", [None, 7, [], {}, "nobody", "\ud800"])
def test_a_signal_to_nobody_is_dropped(room: Any, to: object) -> None:
    host, session, enter = room
    page = enter(host)
    page.hears("welcome")
    page.says(type="signal", to=to, data="\ud800")
    host.post("/api/messages/send", json={"session_id": session["id"], "text": "still here"})
    page.hears("chat")


def test_told_to_ignore_leaving_it_keeps_people_listed(
    misbehaving: Callable[..., Any], sockets: Any
) -> None:
    standin = misbehaving("leave-ignored")
    host = standin.person()
    session = host.post("/api/sessions/create", json={"title": "Room"}).json()["session"]["id"]
    token = host.post("/api/hms/token", json={"session_id": session}).json()["token"]
    page = Page(sockets(standin))
    page.says(token=token)
    page.hears("welcome")
    assert host.post(f"/api/sessions/{session}/leave").status_code == 200
    page.socket.close()
    (listed,) = host.get("/api/sessions/list").json()["sessions"]
    assert listed["participants"] == 1
