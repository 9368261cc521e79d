"""Samples reach a real VictoriaMetrics, once; one that is ill costs a sentence."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from synthetic.errors import DeliveryError
from synthetic.results import Run
from synthetic.sinks.samples import samples_of
from synthetic.sinks.victoriametrics import push
from tests.runs import HOSTILE, at, camera, failed, journey, recorded, run, step
from tests.services.processes import started
from tests.services.vendor import Answer, Request, Vendor, serving

TIMEOUT_S = 5


@pytest.fixture(scope="module")
def victoriametrics(
    server: Callable[[str, str], Path],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Debian's VictoriaMetrics, without deduplication."""
    folder = tmp_path_factory.mktemp("victoriametrics")
    address = f"127.0.0.1:{free_port()}"
    command = [
        server("victoria-metrics", "victoria-metrics"),
        f"-httpListenAddr={address}",
        f"-storageDataPath={folder / 'data'}",
        "-retentionPeriod=100y",
    ]
    with started(command, f"http://{address}/health", folder / "log"):
        yield f"http://{address}"


def deliver(url: str, some: Run, timeout_s: float = TIMEOUT_S) -> None:
    push(url, samples_of(some), timeout_s=timeout_s)


def kept(url: str, location: str) -> list[dict[str, Any]]:
    """Every series of a location, with each of its samples."""
    httpx.get(f"{url}/internal/force_flush").raise_for_status()
    asked = {"match[]": f"{{location={json.dumps(location)}}}"}
    lines = httpx.get(f"{url}/api/v1/export", params=asked).text.splitlines()
    return [json.loads(one) for one in sorted(lines)]


def test_a_real_run_is_taken_whole_at_its_moment(victoriametrics: str) -> None:
    some = recorded().model_copy(update={"location": "whole"})
    deliver(victoriametrics, some)
    samples = samples_of(some)
    found = Counter(
        (frozenset(one["metric"].items()), moment, value)
        for one in kept(victoriametrics, "whole")
        for moment, value in zip(one["timestamps"], one["values"], strict=True)
    )
    assert found == Counter(
        (
            frozenset({"__name__": one.metric, "job": "synthetic", **one.labels}.items()),
            round(one.at.timestamp() * 1000),
            one.value,
        )
        for one in samples
    )


def test_it_answers_queries_over_what_was_sent(victoriametrics: str) -> None:
    deliver(victoriametrics, run(journey(step(latency_ms=80.5)), location="asked"))
    kept(victoriametrics, "asked")
    asked = {
        "query": 'synthetic_step_latency_ms{feature="leave",location="asked"}',
        "time": str(at(13).timestamp()),
        "nocache": "1",
    }
    answer = httpx.get(f"{victoriametrics}/api/v1/query", params=asked).json()
    assert [one["value"][1] for one in answer["data"]["result"]] == ["80.5"]


def test_a_run_sent_twice_is_kept_once(victoriametrics: str) -> None:
    some = run(journey(step(latency_ms=1)), media=[camera()], location="twice")
    deliver(victoriametrics, some)
    once = kept(victoriametrics, "twice")
    deliver(victoriametrics, some)
    assert kept(victoriametrics, "twice") == once


def test_another_run_of_the_same_place_is_another(victoriametrics: str) -> None:
    deliver(victoriametrics, run(location="other"))
    kept(victoriametrics, "other")
    deliver(victoriametrics, run(location="other", finished_at=at(30)))
    moments = {
        one["metric"]["__name__"]: len(one["timestamps"]) for one in kept(victoriametrics, "other")
    }
    assert moments["synthetic_run_duration_seconds"] == 2


@pytest.mark.parametrize(
    "location", ["eu/west 1", "Zürich 日本", 'quote"back\\slash\nline', HOSTILE]
)
def test_odd_texts_stay_whole(victoriametrics: str, location: str) -> None:
    some = run(journey(failed(HOSTILE, name=HOSTILE)), location=location)
    deliver(victoriametrics, some)
    kept(victoriametrics, location)
    deliver(victoriametrics, some)
    found = kept(victoriametrics, location)
    assert {one["metric"].get("step") for one in found} == {None, HOSTILE}
    assert all(len(one["values"]) == 1 for one in found)


class Importer(Vendor):
    """Takes imports and answers no question."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.lines: list[bytes] = []

    def answer(self, request: Request) -> Answer:
        if request.method == "GET":
            return Answer(400, "unsupported path")
        self.lines += request.body.splitlines()
        return Answer(self.status, "<b>no</b>\n")


def test_one_that_only_imports_is_sent_to() -> None:
    with serving(Importer(204)) as importer:
        deliver(importer.url, run())
    names = [json.loads(line)["metric"]["__name__"] for line in importer.lines]
    assert names[-1] == "synthetic_run_duration_seconds"


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 503])
def test_a_refusal_is_said(status: int) -> None:
    wanted = rf"answered {status}: <b>no</b>; check SYNTHETIC_EXPORTS__VICTORIAMETRICS_URL\. The sa"
    with serving(Importer(status)) as importer, pytest.raises(DeliveryError, match=wanted):
        deliver(importer.url, run())


def test_one_that_hangs_is_left_after_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(DeliveryError, match=r"did not answer within 0\.3 s"):
            deliver(f"http://127.0.0.1:{silent.getsockname()[1]}", run(), 0.3)
    assert time.monotonic() - began < 2


def test_a_closed_port_is_said_without_the_password(free_port: Callable[[], int]) -> None:
    with pytest.raises(DeliveryError, match="VictoriaMetrics did not answer") as caught:
        deliver(f"http://push:s3cret@127.0.0.1:{free_port()}", run())
    assert "s3cret" not in str(caught.value)
