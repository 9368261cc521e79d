"""Sinks and channels that fail change no verdict; what was due waits and is sent by the next run.

The journey without browsers is enough for these.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest

from tests.journeys.conftest import Answer, Smoke, Standin, says
from tests.journeys.running import Finished

WELL = says(200, b"ok")


@dataclass
class Receiver:
    """A Slack webhook and a Pushgateway in one, which answer as told; ``bodies`` by path."""

    answer: Answer = WELL
    url: str = ""
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.bodies.append((request.path, body))
        self.answer(request)

    def never(self, _: BaseHTTPRequestHandler) -> None:
        """Take the request and say nothing."""
        self.over.wait()

    def messages(self) -> list[str]:
        """What Slack was told, in order."""
        told = [body for path, body in self.bodies if path == "/slack"]
        return [json.loads(body)["text"] for body in told]


@pytest.fixture
def receiver(web: Callable[[Answer], str]) -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.url = web(receiver)
    yield receiver
    receiver.over.set()


def settings_for(url: str, standin: Standin) -> Mapping[str, str]:
    return {
        **standin.env,
        "SYNTHETIC_PUSHGATEWAY_URL": url,
        "SYNTHETIC_SLACK__WEBHOOK_URL": f"{url}/slack",
        "SYNTHETIC_SLACK__ON_SUCCESS": "true",
        "SYNTHETIC_NOTIFY_STANDIN": "true",
    }


def passed_with_warnings(run: Finished, *sentences: str) -> None:
    assert (run.code, run.record.verdict) == (0, "passed"), run.output
    assert [row.status for row in run.record.notifications] == ["undelivered"]
    run.tells(*sentences)
    assert run.text.count("warning: the Pushgateway") == 1
    assert run.text.count("warning: Slack") == 1
    assert (run.reports / "outbox" / f"{run.record.run_id}.json").is_file()


@pytest.mark.parametrize(
    ("trouble", "pushgateway", "slack"),
    [
        (None, "took nothing within 1 s", "Slack did not answer within 1 s"),
        (
            says(429, Retry_After="60"),
            "answered 429",
            "Slack limits our rate and asks to wait 60 s. The message is kept",
        ),
        (says(500, b"down"), "answered 500", "Slack refused the message"),
    ],
    ids=["slow", "429", "500"],
)
def test_what_was_not_taken_is_sent_by_the_next_run(
    smoke: Smoke,
    standin: Standin,
    receiver: Receiver,
    trouble: Answer | None,
    pushgateway: str,
    slack: str,
) -> None:
    env = settings_for(receiver.url, standin)
    receiver.answer = trouble or receiver.never
    first = smoke("-k", "site", env=env)
    passed_with_warnings(first, pushgateway, slack)
    due = [first.record.run_id]

    receiver.answer, receiver.bodies = WELL, []
    second = smoke("-k", "site", env=env)
    due.append(second.record.run_id)
    sent = [row.key for row in second.record.notifications if row.status == "sent"]
    assert sorted(sent) == sorted(due), second.output
    assert len(receiver.messages()) == 2
    assert not list((second.reports / "outbox").glob("*.json"))


@pytest.mark.fault("sinks-down", "no sink and no channel answers", "passed, and told")
def test_nobody_listens(smoke: Smoke, standin: Standin, closed_port: int) -> None:
    run = smoke("-k", "site", env=settings_for(f"http://127.0.0.1:{closed_port}", standin))
    passed_with_warnings(run, "Connection refused", "check SYNTHETIC_PUSHGATEWAY_URL")


@pytest.mark.fault("store-down", "the history's database does not answer", "passed, and told")
def test_the_history_cannot_be_reached(
    smoke: Smoke, standin: Standin, receiver: Receiver, closed_port: int
) -> None:
    url = f"postgresql+psycopg://monitor:hidden-word@127.0.0.1:{closed_port}/history"
    env = {**settings_for(receiver.url, standin), "SYNTHETIC_STORE_URL": url}
    run = smoke("-k", "site", env=env)
    assert (run.code, run.record.verdict, len(receiver.messages())) == (0, "passed", 1), run.output
    run.tells("warning:", f"127.0.0.1:{closed_port}", "SYNTHETIC_STORE_URL")
    assert "hidden-word" not in run.output
