"""An incident is one page, however often it is sent; what PagerDuty objects to is said."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from synthetic._settings_channels import PagerDuty
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels.pagerduty import PagerDutyChannel
from tests.notes import INCIDENT, hostile, parcel
from tests.services.pagerduty_server import ROUTING_KEY, PagerDutyServer, serving
from tests.services.vendor import Fault

LEAD = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def server() -> Iterator[PagerDutyServer]:
    with serving() as pagerduty:
        yield pagerduty


def channel(url: str, **more: Any) -> PagerDutyChannel:
    settings = {"api_url": url, "routing_key": ROUTING_KEY} | more
    return PagerDutyChannel(PagerDuty.model_validate(settings), timeout_s=1)


def test_a_page_opens_is_acknowledged_and_resolves_itself(server: PagerDutyServer) -> None:
    pagerduty = channel(server.url)
    assert pagerduty.send(parcel(), None) == INCIDENT
    for event, status in (("acknowledged", "acknowledged"), ("resolved", "resolved")):
        pagerduty.send(parcel(event), INCIDENT)
        assert server.status(INCIDENT) == status
    assert server.by_key == {INCIDENT: 1}


def test_sending_again_changes_nothing(server: PagerDutyServer) -> None:
    pagerduty = channel(server.url)
    server.fault = Fault(0, lost=True)
    with pytest.raises(DeliveryError, match="PagerDuty did not answer within 1 s"):
        pagerduty.send(parcel(), None)
    assert pagerduty.find(parcel(), None) is None
    pagerduty.send(parcel(), None)
    assert server.by_key == {INCIDENT: 1}


@pytest.mark.parametrize("event", ["run", "report"])
def test_what_changes_no_page_is_not_sent(server: PagerDutyServer, event: str) -> None:
    assert channel(server.url).send(parcel(event), None) is None
    assert server.asked == 0


def test_what_is_hostile_is_taken(server: PagerDutyServer) -> None:
    channel(server.url).send(hostile(), None)
    assert server.by_key == {INCIDENT: 1}


@pytest.mark.parametrize(
    ("place", "key"),
    [("Engineering Lead", LEAD), ("VP Engineering", ROUTING_KEY), (None, ROUTING_KEY)],
)
def test_an_escalation_calls_by_a_key_of_its_own(
    server: PagerDutyServer, place: str | None, key: str
) -> None:
    server.keys.add(LEAD)
    pagerduty = channel(server.url, routing_keys={"engineering_lead": LEAD})
    pagerduty.send(parcel("escalated", place=place), None)
    assert [event["routing_key"] for event in server.events] == [key]


@pytest.mark.parametrize("key", ["short", "f" * 32])
def test_a_wrong_key_is_a_setting_and_not_the_message(server: PagerDutyServer, key: str) -> None:
    with pytest.raises(DeliveryError, match="SYNTHETIC_PAGERDUTY__ROUTING_KEY") as said:
        channel(server.url, routing_key=key).send(parcel(), None)
    assert not isinstance(said.value, MessageRefused)
    assert key not in str(said.value)


@pytest.mark.parametrize("fault", [
    Fault(400, body='{"status":"invalid event","errors":["\'payload.summary\' is missing"]}'),
    Fault(413, body="too large"),
])  # fmt: skip
def test_a_message_at_fault_is_told_apart(server: PagerDutyServer, fault: Fault) -> None:
    server.fault = Fault(fault.status, body=fault.body)
    with pytest.raises(MessageRefused, match=f"will not take this message: {fault.status}"):
        channel(server.url).send(parcel(), None)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "120"}, 120), (429, {}, None), (503, {"Retry-After": "5"}, 5),
     (500, {}, None)],
)  # fmt: skip
def test_what_may_pass_later_says_when(
    server: PagerDutyServer, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    server.fault = Fault(status, headers=headers, body="<h1>\nno</h1>" * 99)
    with pytest.raises(DeliveryError) as said:
        channel(server.url).send(parcel(), None)
    assert said.value.retry_after_s == seconds
    assert not isinstance(said.value, MessageRefused)
    assert "\n" not in str(said.value)
    assert len(str(said.value)) < 400


@pytest.mark.parametrize("status", [200, 301, 404])
def test_an_answer_of_somebody_else_is_not_taken_for_a_yes(
    server: PagerDutyServer, status: int
) -> None:
    server.fault = Fault(status, headers={"Location": "/v2/enqueue"}, body="hello")
    with pytest.raises(DeliveryError, match=f"answered {status}: hello; check SYNTHETIC_PAGER"):
        channel(server.url).send(parcel(), None)


def test_one_that_hangs_is_left(server: PagerDutyServer) -> None:
    server.fault = Fault(0, hangs=True)
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.2 s \(timed out\)"):
        replace(channel(server.url), timeout_s=0.2).send(parcel(), None)


def test_one_that_answers_in_drips_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()
        thread = threading.Thread(target=drip, args=(listening, over))
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(DeliveryError, match="timed out"):
            replace(channel(url), timeout_s=0.3).send(parcel(), None)
        over.set()
        thread.join()


def drip(listening: socket.socket, over: threading.Event) -> None:
    """An answer that never ends, a byte at a time, each well within the limit."""
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 9999\r\n\r\n")
        while not over.wait(0.1):
            try:
                connection.sendall(b"x")
            except OSError:
                return


def test_nobody_there_is_said(free_port: Callable[[], int]) -> None:
    with pytest.raises(DeliveryError, match="refused"):
        channel(f"http://127.0.0.1:{free_port()}").send(parcel(), None)
