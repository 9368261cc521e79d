"""The mailbox through Mailpit's HTTP API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest


@pytest.fixture
def mail(standin: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{standin.url}/mail/api/v1") as client:
        client.delete("/messages")
        yield client


def send(standin: Any, *emails: str) -> None:
    for email in emails:
        answer = standin.client().post("/api/auth/signup", json={"email": email})
        assert answer.status_code == 202


def test_a_listing_has_mailpits_shape(standin: Any, mail: httpx.Client) -> None:
    send(standin, "shape@synthetic.test")
    body = mail.get("/messages").json()
    assert {"total", "unread", "count", "messages_count", "start", "tags"} < body.keys()
    (message,) = body["messages"]
    assert message["To"] == [{"Name": "", "Address": "shape@synthetic.test"}]
    assert message["From"] == {"Name": "Kulti", "Address": "no-reply@kulti.test"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["Created"])


def test_a_whole_message_has_its_text(standin: Any, mail: httpx.Client) -> None:
    send(standin, "text@synthetic.test")
    for wanted in (mail.get("/messages").json()["messages"][0]["ID"], "latest"):
        body = mail.get(f"/message/{wanted}").json()
        assert re.search(r"\b\d{6}\b", body["Text"])
        assert len(re.findall(r"\d", body["Text"])) == 6
    assert mail.get("/message/none").status_code == 404


def test_a_search_finds_mails_by_receiver_newest_first(standin: Any, mail: httpx.Client) -> None:
    send(standin, "a+1@synthetic.test", "b@synthetic.test", "a+2@synthetic.test")

    def found(query: str, **more: int) -> list[str]:
        body = mail.get("/search", params={"query": query, **more}).json()
        return [message["To"][0]["Address"] for message in body["messages"]]

    assert found('to:"a+1@synthetic.test"') == ["a+1@synthetic.test"]
    assert found("to:A+") == ["a+2@synthetic.test", "a+1@synthetic.test"]
    assert found('subject:"Kulti code" from:kulti', limit=1) == ["a+2@synthetic.test"]
    assert found("from:kulti", start=1, limit=1) == ["b@synthetic.test"]
    assert found("to:nobody") == []
    assert mail.get("/search").status_code == 400


def test_mails_are_deleted_one_by_one_by_search_or_all(standin: Any, mail: httpx.Client) -> None:
    send(standin, "x@synthetic.test", "y@synthetic.test", "z@synthetic.test")
    first = mail.get("/messages").json()["messages"][0]["ID"]
    assert mail.request("DELETE", "/messages", json={"IDs": [first]}).text == "ok"
    assert mail.get("/messages").json()["total"] == 2
    mail.delete("/search", params={"query": "to:y@"})
    assert mail.get("/messages").json()["total"] == 1
    mail.delete("/messages")
    assert mail.get("/messages").json()["total"] == 0


@pytest.mark.parametrize(("fault", "mails"), [("otp-not-sent", 0), ("otp-twice", 2)])
def test_codes_are_lost_or_doubled_on_request(
    misbehaving: Callable[..., Any], fault: str, mails: int
) -> None:
    running = misbehaving(fault)
    send(running, "fault@synthetic.test")
    assert len(running.mails("fault@synthetic.test")) == mails


def test_codes_come_late_on_request(misbehaving: Callable[..., Any]) -> None:
    running = misbehaving("otp-late=0.3")
    send(running, "fault@synthetic.test")
    assert running.mails("fault@synthetic.test") == []
    while not running.mails("fault@synthetic.test"):
        pass
