"""What happened stands in order of time, each thing once, and what went well takes little room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.reports.summary_events import Event
from synthetic.reports.summary_evidence import (
    ActorEvidence,
    Answer,
    Exchange,
    Mail,
    Picture,
    Snapshot,
    Socket,
)
from synthetic.reports.summary_timeline import Timeline, owner_of_mark, timeline
from synthetic.results import Finding
from tests.runs import at, camera, failed, step
from tests.unit.reports.summaries import JOURNEY, a_run, attempt, request, snapshots

FOLDER = Path("evidence")


def side(actor: str = "host", **more: Any) -> ActorEvidence:
    return ActorEvidence(actor=actor, folder=FOLDER / actor, **more)


def exchange(url: str, seconds: float, status: int | None = 200) -> Exchange:
    return Exchange(method="GET", url=url, status=status, duration_ms=4, at=at(seconds))


def lived(*sides: ActorEvidence, **found: Any) -> Timeline:
    steps = [
        step("a", actor="host", started_at=at(0), latency_ms=20),
        step("b", actor="guest", started_at=at(5), latency_ms=20),
    ]
    journey = attempt(*steps)
    return timeline(a_run(journey, **found), journey, sides)


def told(line: Timeline) -> list[tuple[str, str]]:
    return [(one.actor, one.text) for one in line.events]


def of_kind(line: Timeline, kind: str) -> list[Event]:
    return [one for one in line.events if one.kind == kind]


def test_both_actors_stand_in_order_of_time() -> None:
    asked = [request("/api/x", 6, actor="guest"), request("/api/y", 3)]
    assert told(lived(requests=asked)) == [
        ("host", "a"),
        ("host", "POST /api/y"),
        ("guest", "b"),
        ("guest", "POST /api/x"),
    ]
    assert lived().actors == ("host", "guest")


def test_requests_of_another_attempt_do_not_belong() -> None:
    assert of_kind(lived(requests=[request("/api/x", 1, attempt=2)]), "request") == []


def test_a_request_that_both_record_and_network_have_is_told_once() -> None:
    known = request("/api/x", 1, method="GET")
    network = side(exchanges=(exchange("http://t/api/x", 1), exchange("http://t/app.js", 2)))
    texts = [one.text for one in of_kind(lived(network, requests=[known]), "request")]
    assert texts == ["GET /api/x", "GET /app.js"]


def test_good_requests_in_a_row_are_folded_until_one_fails() -> None:
    rows = [exchange(f"http://t/{n}", 1 + n / 10) for n in range(5)]
    bad = exchange("http://t/bad", 1.55, 404)
    after = exchange("http://t/after", 1.6)
    other = side("guest", exchanges=(exchange("http://t/guest", 1.25),))
    events = of_kind(lived(side(exchanges=(*rows, bad, after)), other), "request")
    assert [(one.text, one.state, len(one.folded)) for one in events] == [
        ("5 requests, all answered well", "ok", 5),
        ("GET /guest", "ok", 0),
        ("GET /bad", "failed", 0),
        ("GET /after", "ok", 0),
    ]


def test_what_others_answer_badly_is_odd_and_no_failure() -> None:
    rows = (exchange("http://t/x", 1), exchange("http://t/y", 2), exchange("http://ads/z", 3, 500))
    assert of_kind(lived(side(exchanges=rows)), "request")[-1].state == "odd"


def test_the_product_s_host_is_its_own_however_much_another_is_asked() -> None:
    rows = (exchange("https://kulti.test/x", 1, 500), exchange("https://cdn.test/y", 2, 500))
    often = side(exchanges=(*rows, exchange("https://cdn.test/z", 3, 500)))
    journey = attempt(step("a", started_at=at(0)))
    line = timeline(a_run(journey, target="https://kulti.test"), journey, [often])
    assert [(one.text, one.state) for one in of_kind(line, "request")] == [
        ("GET /x", "failed"),
        ("GET cdn.test/y", "odd"),
        ("GET cdn.test/z", "odd"),
    ]


def test_an_address_is_told_without_its_query_and_with_a_foreign_host() -> None:
    rows = (exchange("http://t/x?token=1", 1), exchange("http://t/y", 2), exchange("http://u/z", 3))
    inner = of_kind(lived(side(exchanges=rows)), "request")[0].folded
    assert [one.text for one in inner] == ["GET /x", "GET /y", "GET u/z"]


def answer(path: str, seconds: float, said: str, *, odd: bool = False) -> Answer:
    return Answer(method="POST", url=f"http://t{path}", at=at(seconds), said=said, odd=odd)


def test_what_an_answer_held_stands_with_its_request() -> None:
    asking = [request("/api/x", 1), request("/api/y", 2, status=500)]
    network = (exchange("http://t/z", 3, 404).model_copy(update={"method": "POST"}),)
    held = (
        answer("/api/x", 1, "text/html: <h1>", odd=True),
        answer("/api/y", 2, "application/json: {}"),
        answer("/z", 3, "text/plain: gone"),
    )
    events = of_kind(lived(side(exchanges=network, answers=held), requests=asking), "request")
    assert [(one.state, one.said) for one in events] == [
        ("odd", "text/html: <h1>"),
        ("failed", "application/json: {}"),
        ("failed", "text/plain: gone"),
    ]


def test_good_answers_of_the_step_that_failed_stand_alone() -> None:
    asking = [request("/api/x", n, actor="host") for n in (0.1, 0.2, 0.3, 3.1, 3.2, 3.3)]
    held = tuple(answer("/api/x", n, "JSON {}") for n in (0.1, 3.1))
    journey = attempt(step("a", started_at=at(0)), failed("no", started_at=at(3)))
    line = timeline(a_run(journey, requests=asking), journey, [side(answers=held)])
    assert [(one.text, one.said) for one in of_kind(line, "request")] == [
        ("3 requests, all answered well", ""),
        ("POST /api/x", "JSON {}"),
        ("POST /api/x", ""),
        ("POST /api/x", ""),
    ]


_UNREADABLE = "Could not decode a text frame as UTF-8."
_TIMED_OUT = "Error in connection establishment: net::ERR_CONNECTION_TIMED_OUT"


def test_a_socket_opens_closes_and_fails() -> None:
    lines = (
        Socket(url="ws://t/socket?key=1", opened_at=at(1), closed_at=at(3)),
        Socket(url="wss://sfu.test/", opened_at=at(2)),
        Socket(url="ws://t/socket", opened_at=at(4), closed_at=at(4.5), error="refused"),
        Socket(url="ws://t/long", opened_at=at(5), closed_at=at(8), error=_UNREADABLE),
        Socket(url="ws://t/late", opened_at=at(9), closed_at=at(29), error=_TIMED_OUT),
    )
    rows = (exchange("http://t/x", 0.5),)
    events = of_kind(lived(side(exchanges=rows, sockets=lines)), "socket")
    assert [(one.at, one.state, one.text, one.detail, one.said) for one in events] == [
        (at(1), "ok", "WebSocket /socket opened", "", ""),
        (at(2), "ok", "WebSocket sfu.test/ opened", "and stayed open", ""),
        (at(3), "unknown", "WebSocket /socket closed", "after 2.0 s", ""),
        (at(4.5), "odd", "WebSocket /socket failed", "", "refused"),
        (at(5), "ok", "WebSocket /long opened", "", ""),
        (at(8), "odd", "WebSocket /long failed", "after 3.0 s", _UNREADABLE),
        (at(29), "odd", "WebSocket /late failed", "after 20 s", _TIMED_OUT),
    ]


def test_a_socket_that_is_opened_again_and_again_leaves_room_for_the_rest() -> None:
    lines = tuple(Socket(url="ws://t/", opened_at=at(n), closed_at=at(n)) for n in range(300))
    assert len(of_kind(lived(side(sockets=lines)), "socket")) == 40


def test_an_error_in_the_console_is_told_once() -> None:
    noticed = Finding(kind="console", actor="host", text="error: boom", journey=JOURNEY)
    repeated = "error: Failed to load resource: 500"
    console = side(console=("error: boom", "log: hello", "error: boom", repeated))
    line = lived(console, findings=[noticed])
    assert [one.text for one in of_kind(line, "console")] == ["error: boom"]
    assert [one.text for one in of_kind(lived(findings=[noticed]), "console")] == ["error: boom"]


def test_what_statistics_contradict_is_told() -> None:
    odd = Finding(kind="statistics", actor="guest", text="claims 30 frames/s", journey=JOURNEY)
    assert [one.text for one in of_kind(lived(findings=[odd]), "finding")] == ["claims 30 frames/s"]


def test_a_late_mail_says_how_long_it_was_on_its_way() -> None:
    sent = at(1)
    row = {"subject": "Your code", "received_at": sent + timedelta(seconds=3), "sent_at": sent}
    mails = (Mail.model_validate(row),)
    (event,) = of_kind(lived(side(mails=mails)), "mail")
    assert (event.at, event.detail) == (at(4), "on its way for 3.0 s")


def test_a_proof_stands_with_whom_it_is_about_at_the_end_of_its_step() -> None:
    (event,) = of_kind(lived(media=[camera(journey=JOURNEY, step="a")]), "media")
    assert (event.actor, event.at, event.state) == ("guest", at(5), "ok")
    assert event.text == "camera of host: match"


def test_connections_and_first_pictures_come_from_the_page() -> None:
    seen = side("guest", snapshots=tuple(map(Snapshot.model_validate, snapshots(0, 0, [9, 9]))))
    line = lived(seen)
    assert [one.text for one in of_kind(line, "connection")] == ["connection connected"]
    assert [one.text for one in of_kind(line, "picture")] == ["first saw host"]


def test_frames_of_a_file_of_their_own_count() -> None:
    black = Picture(entries=((at(6).timestamp() * 1000, -1, 640, 360, True),))
    (event,) = of_kind(lived(side(pictures=(black,))), "picture")
    assert (event.text, event.at) == ("first saw a picture that names nobody", at(6))


def test_more_events_than_a_page_holds_are_counted() -> None:
    line = lived(requests=[request("/api/x", n / 100, status=500) for n in range(400)])
    assert (len(line.events), line.left_out) == (300, 102)


@pytest.mark.parametrize(
    ("data", "who"),
    [
        (-1, ""),
        (0, "host"),
        (1 << 21, "guest"),
        (1 << 20, "host's screen"),
        (7 << 21, "a stranger"),
    ],
)
def test_a_mark_names_its_owner(data: int, who: str) -> None:
    assert owner_of_mark(data) == who
