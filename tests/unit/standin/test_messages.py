"""Chat over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest


def in_session(standin: Any) -> tuple[httpx.Client, str]:
    person = standin.person()
    answer = person.post("/api/sessions/create", json={"title": "Chat"})
    return person, answer.json()["session"]["id"]


def texts(person: httpx.Client, session: str) -> list[str]:
    answer = person.get("/api/messages/list", params={"session_id": session})
    return [message["text"] for message in answer.json()["messages"]]


def test_messages_are_listed_in_the_order_they_were_sent(standin: Any) -> None:
    person, session = in_session(standin)
    for text in ("one", "<b>two</b>", "三\nthree"):
        sent = person.post("/api/messages/send", json={"session_id": session, "text": text})
        assert sent.status_code == 201
    assert texts(person, session) == ["one", "<b>two</b>", "三\nthree"]


@pytest.mark.parametrize(
    ("text", "status"), [("x" * 2000, 201), ("x" * 2001, 413), ("", 422), (" \n", 422), ({}, 422)]
)
def test_a_message_has_one_to_two_thousand_characters(
    standin: Any, text: object, status: int
) -> None:
    person, session = in_session(standin)
    answer = person.post("/api/messages/send", json={"session_id": session, "text": text})
    assert answer.status_code == status


def test_who_is_not_in_the_session_neither_writes_nor_reads(standin: Any) -> None:
    _, session = in_session(standin)
    stranger = standin.person()
    body = {"session_id": session, "text": "hello"}
    assert stranger.post("/api/messages/send", json=body).status_code == 403
    listed = stranger.get("/api/messages/list", params={"session_id": session})
    assert listed.status_code == 403


def test_messages_of_no_session_are_refused(standin: Any) -> None:
    person, _ = in_session(standin)
    assert person.get("/api/messages/list").status_code == 422
    unknown = person.get("/api/messages/list", params={"session_id": "none"})
    assert unknown.status_code == 404


def test_a_lost_message_is_accepted_but_kept_nowhere(misbehaving: Callable[..., Any]) -> None:
    person, session = in_session(misbehaving("chat-lost"))
    body = {"session_id": session, "text": "hello"}
    assert person.post("/api/messages/send", json=body).status_code == 201
    assert texts(person, session) == []
