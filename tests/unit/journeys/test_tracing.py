"""What actors' pages carry while a journey goes on is what its record is sent as afterwards."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Error as PlaywrightError

from synthetic.errors import StepTimeout
from synthetic.journeys.actor import Actor
from synthetic.journeys.cleanup import Ledger
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import settle
from synthetic.journeys.outline import PlannedStep
from synthetic.journeys.tracing import before_steps, step_begins
from synthetic.redaction import Redactor
from synthetic.results import Step
from synthetic.sinks.otlp import trace
from tests.runs import journey as recorded_journey
from tests.runs import run

URL = "https://kulti.test/"
PLAN = tuple(PlannedStep(name, "chat", "host") for name in ("open", "send", "leave"))


class Page:
    """An actor's context, which keeps the cookies that it was given."""

    def __init__(self, *, dead: bool = False) -> None:
        self.carried: list[str] = []
        self._dead = dead

    def add_cookies(self, cookies: list[dict[str, Any]]) -> None:
        if self._dead:
            raise PlaywrightError("Target closed")
        (cookie,) = cookies
        assert cookie["url"] == URL
        self.carried.append(cookie["value"])


class Record:
    """The steps of a journey, as its witness hears of them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step_done(self, _: str, __: int, step: Step) -> None:
        self.steps.append(step)


def test_what_is_carried_is_what_the_record_is_sent_as(tmp_path: Path) -> None:
    page, record = Page(), Record()
    pages = (page, Page(dead=True))
    stage = SimpleNamespace(base_url=URL)
    actors = [cast("Actor", SimpleNamespace(context=one, stage=stage)) for one in pages]
    going = Journey(
        name="meet",
        run_id=run().run_id,
        planned=PLAN,
        witness=cast("Any", record),
        redactor=Redactor([]),
        limit_s=20,
        warmup_s=0,
        watch_s=1,
        ledger=Ledger(tmp_path / "ledger"),
        on_failure=lambda error, _: settle(error, str(error), ()),
        attempt=2,
    )
    going.on_step = partial(step_begins, going, actors)
    page.carried.append(before_steps(going))
    with going.step("open", feature="chat", actor="host"):
        pass
    with pytest.raises(StepTimeout), going.step("send", feature="chat", actor="host"):
        raise StepTimeout("nothing came")
    sent = run(recorded_journey(*record.steps, attempt=2))
    spans = trace(sent)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    ids = {one["name"]: f"00-{one['traceId']}-{one['spanId']}-01" for one in spans}
    assert page.carried == [ids["meet"], ids["open"], ids["send"]]
    assert "leave" in ids
