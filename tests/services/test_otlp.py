"""A run arrives as a trace at a collector that reads OTLP's JSON as strictly as its schema."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from synthetic.errors import DeliveryError
from synthetic.results import Run
from synthetic.sinks import trace_ids
from synthetic.sinks.otlp import push
from tests.runs import HOSTILE, at, failed, journey, recorded, run, step
from tests.services.vendor import Answer, Fault, Request, Vendor, serving

_IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


class Collector(Vendor):
    """Takes what its protobuf schema takes, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.says = "{}"

    def answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", "/v1/traces"):
            return Answer(404)
        if request.headers["content-type"] != "application/json":
            return Answer(415)
        self.headers.append(dict(request.headers))
        try:
            self.taken.append(parsed(request.body))
        except (json_format.ParseError, ValueError, AssertionError) as error:
            return Answer(400, str(error))
        return Answer(200, self.says, {"Content-Type": "application/json"})

    def spans(self) -> dict[str, Span]:
        """What came last, by name."""
        (resource,) = self.taken[-1].resource_spans
        (scope,) = resource.scope_spans
        return {one.name: one for one in scope.spans}


def parsed(body: bytes) -> ExportTraceServiceRequest:
    """Protobuf's own reading of JSON, but that OTLP writes ids in hexadecimal."""

    def as_base64(table: dict[str, Any]) -> dict[str, Any]:
        for name, length in _IDS.items():
            if name in table:
                content = bytes.fromhex(table[name])
                assert len(content) == length
                assert any(content)
                table[name] = base64.b64encode(content).decode()
        return table

    return json_format.ParseDict(
        json.loads(body, object_hook=as_base64), ExportTraceServiceRequest()
    )


def deliver(collector: Collector, some: Run, **headers: str) -> None:
    push(f"{collector.url}/v1/traces", some, headers=headers, timeout_s=2)


def said(span: Span) -> dict[str, Any]:
    """A span's attributes without our prefix."""
    return {
        one.key.removeprefix("synthetic."): getattr(one.value, one.value.WhichOneof("value") or "")
        for one in span.attributes
    }


def lasted(span: Span) -> tuple[datetime, float]:
    """When it began, and for how many milliseconds."""
    began = at(0).fromtimestamp(span.start_time_unix_nano / 1e9, at(0).tzinfo)
    return began, (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6


def test_a_run_an_attempt_and_a_step_are_spans_within_each_other() -> None:
    some = run(journey(step(latency_ms=80.5, started_at=at(2))))
    with serving(Collector()) as collector:
        deliver(collector, some)
    spans = collector.spans()
    root, attempt, leave = spans["smoke"], spans["meet"], spans["leave"]
    assert (root.parent_span_id, attempt.parent_span_id) == (b"", root.span_id)
    assert leave.parent_span_id == attempt.span_id
    assert {one.trace_id.hex() for one in spans.values()} == {trace_ids.trace_id(some.run_id)}
    assert lasted(root) == (at(0), 12_000)
    assert lasted(attempt) == lasted(leave) == (at(2), 80.5)
    expected = {"feature": "leave", "actor": "guest", "verdict": "passed", "location": "eu-west"}
    assert said(leave).items() >= expected.items()
    assert said(root)["run_id"] == some.run_id
    assert leave.status.code == Status.STATUS_CODE_OK


def test_what_failed_is_an_error_with_its_words_and_whose_fault_it_was() -> None:
    bad = failed("no picture", started_at=at(1), ended_at=at(21))
    some = run(journey(bad, step("later", status="skipped")), verdict="failed", origin="target")
    with serving(Collector()) as collector:
        deliver(collector, some)
    spans = collector.spans()
    assert {name: one.status.code for name, one in spans.items()} == {
        "smoke": Status.STATUS_CODE_ERROR,
        "meet": Status.STATUS_CODE_ERROR,
        "leave": Status.STATUS_CODE_ERROR,
        "later": Status.STATUS_CODE_UNSET,
    }
    assert spans["leave"].status.message == "no picture"
    assert said(spans["leave"])["error.type"] == "StepTimeout"
    assert said(spans["smoke"])["origin"] == said(spans["leave"])["origin"] == "target"
    assert lasted(spans["leave"]) == (at(1), 20_000)


def test_a_real_run_is_taken_whole_and_twice_is_the_same() -> None:
    some = recorded()
    with serving(Collector()) as collector:
        deliver(collector, some)
        deliver(collector, some)
    first, second = collector.taken
    assert first == second
    ids = [one.span_id for one in first.resource_spans[0].scope_spans[0].spans]
    steps = sum(1 + len(one.steps) for one in some.journeys)
    assert len(ids) == len(set(ids)) == 1 + steps


def test_a_server_called_during_a_step_is_its_child() -> None:
    some = run(journey(step("first"), step("second"), attempt=2))
    span = trace_ids.step_span(some.run_id, "meet", 2, 1)
    carried = trace_ids.traceparent(some.run_id, span)
    with serving(Collector()) as collector:
        deliver(collector, some)
    second = collector.spans()["second"]
    assert carried == f"00-{second.trace_id.hex()}-{second.span_id.hex()}-01"


def test_hostile_texts_and_a_record_without_steps_are_taken() -> None:
    bad = journey(failed(HOSTILE, name=HOSTILE), name=HOSTILE)
    some = run(bad, journey(name="empty"), location=HOSTILE, finished_at=None)
    with serving(Collector()) as collector:
        deliver(collector, some)
    assert "empty" in collector.spans()


def test_headers_are_sent_and_never_said() -> None:
    with serving(Collector()) as collector:
        deliver(collector, run(), Authorization="Bearer s3cret")
        assert collector.headers[0]["authorization"] == "Bearer s3cret"
        collector.fault = Fault(401, body="no")
        with pytest.raises(DeliveryError) as caught:
            deliver(collector, run(), Authorization="Bearer s3cret")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
def test_a_refusal_is_said(status: int) -> None:
    with serving(Collector()) as collector:
        collector.fault = Fault(status, body="<b>no</b>\n")
        with pytest.raises(
            DeliveryError, match=rf"answered {status}: <b>no</b>; check SYNTHETIC_E"
        ):
            deliver(collector, run())


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        ({"rejectedSpans": "2", "errorMessage": "too\nold"}, r"refused 2 spans .*\(too old\)"),
        ({"rejectedSpans": 1}, r"refused 1 spans .*\(without a word\)"),
    ],
)
def test_spans_that_were_left_out_are_said(says: dict[str, Any], wanted: str) -> None:
    with serving(Collector()) as collector:
        collector.says = json.dumps({"partialSuccess": says})
        with pytest.raises(DeliveryError, match=wanted):
            deliver(collector, run())


@pytest.mark.parametrize(
    "says", ["", "[]", "no", '{"partialSuccess": {}}', '{"partialSuccess": 1}']
)
def test_what_else_it_says_is_no_trouble(says: str) -> None:
    with serving(Collector()) as collector:
        collector.says = says
        deliver(collector, run())


def test_one_that_hangs_is_left_after_the_limit() -> None:
    with serving(Collector()) as collector:
        collector.fault = Fault(200, hangs=True)
        with pytest.raises(DeliveryError, match=r"collector did not answer within 0\.3 s"):
            push(f"{collector.url}/v1/traces", run(), headers={}, timeout_s=0.3)
