"""A finished run goes to the systems that settings name, last, and changes by none of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from synthetic.results import Run
from synthetic.run import begin, finish
from synthetic.store.run_folder import JourneyDone, JourneyStarted, StepDone
from tests.runs import START, at, step
from tests.services.vendor import Answer, Fault, Request, Vendor, serving


@dataclass
class Systems(Vendor):
    """VictoriaMetrics and a collector."""

    got: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        self.got.append((request.method, request.path))
        self.headers.update(request.headers)
        return Answer(200, "")


@pytest.fixture
def systems(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Systems]:
    monkeypatch.chdir(tmp_path_factory.mktemp("run"))
    with serving(Systems()) as systems:
        monkeypatch.setenv("SYNTHETIC_BASE_URL", "http://127.0.0.1:1/")
        monkeypatch.setenv("SYNTHETIC_SINK_TIMEOUT_S", "0.3")
        monkeypatch.setenv("SYNTHETIC_EXPORTS__VICTORIAMETRICS_URL", systems.url)
        monkeypatch.setenv("SYNTHETIC_EXPORTS__OTLP_URL", f"{systems.url}/v1/traces")
        monkeypatch.setenv("SYNTHETIC_EXPORTS__OTLP_HEADERS", '{"x-key": "s3cret"}')
        yield systems


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Run, list[str]]]:
    """A run from its beginning to its end, and its troubles."""

    def ended(trigger: str = "manual", *, interrupted: bool = False) -> tuple[Run, list[str]]:
        monkeypatch.setenv("SYNTHETIC_TRIGGER", trigger)
        invocation = begin("smoke", START, random.Random(1))
        add = invocation.folder.append
        add("main", JourneyStarted(journey="meet", attempt=1, at=START))
        add("main", StepDone(journey="meet", attempt=1, step=step(latency_ms=80)))
        add("main", JourneyDone(journey="meet", attempt=1, status="passed"))
        run = finish(invocation, interrupted=interrupted, all_passed=True, now=at(9))
        assert invocation.folder.read() == run
        return run, invocation.troubles

    return ended


def test_samples_and_trace_are_sent(systems: Systems, ended: Callable[..., object]) -> None:
    ended()
    assert systems.got == [
        ("GET", "/api/v1/export"),
        ("POST", "/api/v1/import"),
        ("POST", "/v1/traces"),
    ]
    assert systems.headers["x-key"] == "s3cret"


@pytest.mark.parametrize(
    "fault", [Fault(500, times=9), Fault(200, times=9, hangs=True)], ids=["refuse", "hang"]
)
def test_systems_that_are_ill_are_said_and_change_no_verdict(
    systems: Systems, ended: Callable[..., tuple[Run, list[str]]], fault: Fault
) -> None:
    systems.fault = fault
    run, troubles = ended()
    assert run.verdict == "passed"
    said = [one for one in troubles if "EXPORTS" in one]
    assert [one.split()[0] for one in said] == ["VictoriaMetrics", "the"]


@pytest.mark.parametrize(("trigger", "interrupted"), [("repro", False), ("manual", True)])
def test_what_is_no_example_is_not_sent(
    systems: Systems, ended: Callable[..., object], trigger: str, interrupted: bool
) -> None:
    ended(trigger, interrupted=interrupted)
    assert systems.got == []
