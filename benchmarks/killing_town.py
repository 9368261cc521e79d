"""The servers that killed rounds notify, their weather, and death at a request."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.killing_round import PLACES
from tests.services import jira_server, pagerduty_server, slack_server, vendor
from tests.services.jira_server import JiraServer
from tests.services.pagerduty_server import PagerDutyServer
from tests.services.slack_server import SlackServer
from tests.services.vendor import Answer, Fault, Request, Vendor
from tests.services.webhook_server import WebhookServer

START = datetime(2026, 12, 1, tzinfo=UTC)
SEARCH_LAG_S = 45.0


class Receiver(WebhookServer):
    """Takes what bears an old signature, too: these rounds have a clock of their own."""

    def answer(self, request: Request) -> Answer:
        self.taken.append(json.loads(request.body))
        return Answer(204)


@dataclass
class Town:
    """The servers, their weather, and who is to be killed at which request."""

    slack: SlackServer
    pagerduty: PagerDutyServer
    jira: JiraServer
    receiver: Receiver
    chance: random.Random
    stormy: bool = True
    victim: int | None = None
    spared: int = 0
    now: datetime = START
    lock: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, reports: Path) -> dict[str, Any]:
        """By which all of them are reached, as JSON."""
        return {
            "reports_dir": str(reports),
            "sink_timeout_s": 5,
            "slack": {
                "api_url": self.slack.api_url,
                "bot_token": slack_server.TOKEN,
                "channel": slack_server.CHANNEL,
                "channels": {one: self.slack.channels[one.removeprefix("#")] for one in PLACES},
            },
            "pagerduty": {
                "api_url": self.pagerduty.url,
                "routing_key": pagerduty_server.ROUTING_KEY,
            },
            "jira": {
                "api_url": self.jira.url,
                "user": jira_server.USER,
                "token": jira_server.TOKEN,
                "project": jira_server.PROJECT,
                "search_lag_s": SEARCH_LAG_S,
            },
            "webhook": {"url": self.receiver.hook_url},
        }

    def weather(self, _: Request, *, loses: bool) -> Fault | None:
        """What goes wrong with a request; the round may die as it is under way."""
        with self.lock:
            if self.victim is not None:
                self.spared -= 1
                if self.spared < 0:
                    kill(self.victim)
                    self.victim = None
                    return self.chance.choice([None, Fault(500)])
            if not self.stormy:
                return None
            draw = self.chance.random()
        if draw < 0.06:
            return Fault(self.chance.choice((500, 502, 503)))
        if draw < 0.10:
            return Fault(429, headers={"Retry-After": str(self.chance.randint(1, 40))})
        return Fault(0, lost=True) if draw < 0.14 and loses else None


@contextmanager
def town(seed: int) -> Iterator[Town]:
    """All servers, on free ports of loopback."""
    with ExitStack() as serving:
        made = Town(
            serving.enter_context(slack_server.serving()),
            serving.enter_context(pagerduty_server.serving()),
            serving.enter_context(jira_server.serving()),
            serving.enter_context(vendor.serving(Receiver())),
            random.Random(seed),
        )
        known: Sequence[Vendor] = (made.slack, made.pagerduty, made.jira)
        for one in known:
            one.weather = lambda request: made.weather(request, loses=True)
        # A webhook that loses answers doubles messages by itself, which is not what is counted.
        made.receiver.weather = lambda request: made.weather(request, loses=False)
        made.jira.clock = lambda: (made.now - START).total_seconds()
        made.jira.lag_s = SEARCH_LAG_S
        yield made


def kill(pid: int) -> None:
    """Kill a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
