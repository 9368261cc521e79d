"""A run sent as a trace, by OTLP/HTTP in JSON: the run, its attempts and their steps are spans.

The ids follow from the run's id, so sending a run twice gives the same spans again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from synthetic import __version__
from synthetic.asking import Answer, Vendor
from synthetic.errors import DeliveryError
from synthetic.results import Journey, Run, Step
from synthetic.sinks import trace_ids

_UNSET, _OK, _ERROR = 0, 1, 2
_INTERNAL, _CLIENT = 1, 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CODES: Mapping[str, int] = {"passed": _OK, "degraded": _OK, "failed": _ERROR}


def push(url: str, run: Run, *, headers: Mapping[str, str], timeout_s: float) -> None:
    """Post the run to ``url``; a user name and password in it are basic authentication.

    Raises :class:`DeliveryError` when not every span is taken within a few times ``timeout_s``.
    """
    vendor = Vendor("the OTLP collector", "SYNTHETIC_EXPORTS__OTLP_URL", timeout_s)
    answer = vendor.ask(
        "POST",
        url,
        content=json.dumps(trace(run)).encode(),
        headers={"Content-Type": "application/json", **headers},
    )
    if not 200 <= answer.status < 300:
        said = answer.quote or "nothing"
        raise DeliveryError(f"{vendor.name} answered {answer.status}: {said}; check {vendor.check}")
    refused = _refused(answer)
    if refused:
        raise DeliveryError(f"{vendor.name} refused {refused}; look into its log")


def _refused(answer: Answer) -> str:
    """How many spans were refused, and why; empty when none was."""
    said = answer.data
    partial = said.get("partialSuccess") if isinstance(said, dict) else None
    if not isinstance(partial, dict) or str(partial.get("rejectedSpans", 0)) == "0":
        return ""
    quote = Answer(answer.status, {}, str(partial.get("errorMessage", "")).encode()).quote
    count = Answer(answer.status, {}, str(partial["rejectedSpans"]).encode()).quote
    return f"{count} spans of the run ({quote or 'without a word'})"


def trace(run: Run) -> dict[str, Any]:
    """The run as an ``ExportTraceServiceRequest`` in the JSON of OTLP 1."""
    resource = {
        "service.name": "synthetic",
        "service.version": __version__,
        "synthetic.location": run.location,
        "synthetic.target": run.target,
    }
    spans = [_run(run), *(span for one in run.journeys for span in _journey(run, one))]
    scoped = {"scope": {"name": "synthetic", "version": __version__}, "spans": spans}
    described = {"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scoped]}
    return {"resourceSpans": [described]}


def _run(run: Run) -> dict[str, Any]:
    said = {
        "synthetic.run_id": run.run_id,
        "synthetic.suite": run.suite,
        "synthetic.trigger": run.trigger,
        "synthetic.revision": run.revision,
        "synthetic.verdict": run.verdict,
        "synthetic.origin": run.origin,
    }
    return {
        "traceId": trace_ids.trace_id(run.run_id),
        "spanId": trace_ids.run_span(run.run_id),
        "name": run.suite,
        "kind": _INTERNAL,
        **_times(run.started_at, run.finished_at or run.started_at),
        "attributes": _attributes(said),
        "status": {"code": _CODES.get(run.verdict, _UNSET)},
    }


def _journey(run: Run, journey: Journey) -> Iterator[dict[str, Any]]:
    """An attempt, which lasts from its first step's beginning to its last one's end; its steps."""
    span = trace_ids.journey_span(run.run_id, journey.name, journey.attempt)
    lasting = [one for one in journey.steps if one.status != "skipped"]
    begins = min((one.started_at for one in lasting), default=run.started_at)
    ends = max((_end(one) for one in lasting), default=begins)
    said: dict[str, str | float | None] = {
        "synthetic.journey": journey.name,
        "synthetic.attempt": journey.attempt,
        "synthetic.verdict": journey.status,
        "synthetic.origin": journey.origin,
    }
    status = {"code": _CODES.get(journey.status, _UNSET), "message": journey.story}
    yield {
        "traceId": trace_ids.trace_id(run.run_id),
        "spanId": span,
        "parentSpanId": trace_ids.run_span(run.run_id),
        "name": journey.name,
        "kind": _INTERNAL,
        **_times(begins, ends),
        "attributes": _attributes(said),
        "status": _known(status),
    }
    for number, step in enumerate(journey.steps):
        yield _step(run, journey, number, step) | {"parentSpanId": span}


def _step(run: Run, journey: Journey, number: int, step: Step) -> dict[str, Any]:
    error = step.error
    said: dict[str, str | float | None] = {
        "synthetic.journey": journey.name,
        "synthetic.attempt": journey.attempt,
        "synthetic.feature": step.feature,
        "synthetic.actor": step.actor,
        "synthetic.verdict": step.status,
        "synthetic.origin": step.origin,
        "synthetic.location": run.location,
        "synthetic.latency_ms": step.latency_ms,
        "error.type": error.type if error else None,
    }
    status = {"code": _CODES.get(step.status, _UNSET), "message": error.message if error else None}
    return {
        "traceId": trace_ids.trace_id(run.run_id),
        "spanId": trace_ids.step_span(run.run_id, journey.name, journey.attempt, number),
        "name": step.name,
        "kind": _CLIENT,
        **_times(step.started_at, _end(step)),
        "attributes": _attributes(said),
        "status": _known(status),
    }


def _end(step: Step) -> datetime:
    """When what was waited for was there; for what failed, when we knew."""
    if step.latency_ms is not None:
        return step.started_at + timedelta(milliseconds=step.latency_ms)
    return max(step.started_at, step.ended_at or step.started_at)


def _times(begins: datetime, ends: datetime) -> dict[str, str]:
    return {
        "startTimeUnixNano": str(_nanoseconds(begins)),
        "endTimeUnixNano": str(_nanoseconds(ends)),
    }


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _attributes(said: Mapping[str, str | float | None]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in _known(said).items()]


def _value(value: str | float) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


def _known(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
