"""Samples of a run imported into VictoriaMetrics (single-node), at the moment of the run's end.

A run that is seen there already is not sent again: without deduplication VictoriaMetrics would
keep every sample twice. The run's duration goes last, and tells whether the rest came; it can be
searched only some seconds later, so deduplication is recommended all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from synthetic.asking import Vendor
from synthetic.errors import DeliveryError
from synthetic.results import Sample

_LAST = "synthetic_run_duration_seconds"
_KEPT = "The samples are kept in reports/samples.jsonl"


def push(url: str, samples: Sequence[Sample], *, timeout_s: float) -> None:
    """Import the samples of a run; a name and password in ``url`` are basic authentication.

    Raises :class:`DeliveryError` when they are not taken within a few times ``timeout_s``; they
    are not sent again.
    """
    vendor = Vendor("VictoriaMetrics", "SYNTHETIC_EXPORTS__VICTORIAMETRICS_URL", timeout_s)
    address = url.rstrip("/")
    try:
        if _is_there(vendor, address, samples):
            return
        answer = vendor.ask("POST", f"{address}/api/v1/import", content=_lines(samples))
    except DeliveryError as error:
        raise DeliveryError(f"{error}. {_KEPT}") from None
    if not 200 <= answer.status < 300:
        said = answer.quote or "nothing"
        raise DeliveryError(
            f"{vendor.name} answered {answer.status}: {said}; check {vendor.check}. {_KEPT}"
        )


def _is_there(vendor: Vendor, address: str, samples: Sequence[Sample]) -> bool:
    """Whether the run's last sample is known; one that only imports cannot say, and is sent to."""
    last = next((one for one in samples if one.metric == _LAST), None)
    if last is None:
        return False
    labels = ",".join(f"{name}={_quoted(text)}" for name, text in last.labels.items())
    moment = f"{_milliseconds(last.at) / 1000:.3f}"
    asked = {"match[]": f"{_LAST}{{{labels}}}", "start": moment, "end": moment}
    answer = vendor.ask("GET", f"{address}/api/v1/export", params=asked)
    return answer.status == 200 and f'"{_LAST}"'.encode() in answer.body


def _lines(samples: Sequence[Sample]) -> bytes:
    in_order = sorted(samples, key=lambda one: one.metric == _LAST)
    return b"".join(_in_lines(in_order))


def _in_lines(samples: Sequence[Sample]) -> Iterator[bytes]:
    for one in samples:
        line = {
            "metric": {"__name__": one.metric, "job": "synthetic", **one.labels},
            "values": [one.value],
            "timestamps": [_milliseconds(one.at)],
        }
        yield json.dumps(line).encode() + b"\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
