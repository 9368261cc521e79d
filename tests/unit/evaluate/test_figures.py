"""A run that worked is degraded by a figure past the plan's alert line, and by nothing less."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.evaluate.figures import past_alert
from synthetic.results import Sample
from tests.runs import START, camera, journey, recorded, run, step


@pytest.mark.parametrize(
    ("latency_ms", "words"),
    [
        (None, []),
        (4999.0, []),
        (5000.0, []),
        (5001.0, ["guest: leave took 5.0 s, over 5.0 s"]),
        (12_345.0, ["guest: leave took 12 s, over 5.0 s"]),
    ],
)
def test_step(latency_ms: float | None, words: list[str]) -> None:
    assert past_alert(run(journey(step(latency_ms=latency_ms)))) == words


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"fps": 20.0}, None),
        ({"fps": 19.9}, "camera host → guest: 19.9 fps, under 20"),
        ({"fps": None}, None),
        ({"bitrate_kbps": 300.0}, None),
        ({"bitrate_kbps": 299.0}, "camera host → guest: 299 kbps, under 300"),
        ({"bitrate_kbps": 3001.0}, "camera host → guest: 3001 kbps, over 3000"),
        ({"height": 120}, None),
        ({"height": 90}, "camera host → guest: 90 px high, under 120"),
        ({"glass_to_glass_ms": {"p50": 1500, "p95": 1800}}, None),
        (
            {"glass_to_glass_ms": {"p50": 3001, "p95": 3100}},
            "camera host → guest: 3001 ms late, over 1500",
        ),
        ({"kind": "screen", "height": 719}, "screen host → guest: 719 px high, under 720"),
        ({"kind": "screen", "height": 720, "fps": 4.0, "bitrate_kbps": 20.0}, None),
        ({"kind": "microphone", "bitrate_kbps": 20.0}, None),
        ({"fps": 3.0, "limited_by": "cpu"}, None),
        ({"fps": 3.0, "impaired": "300 kbps"}, None),
        ({"fps": 3.0, "limited_by": "bandwidth"}, "camera host → guest: 3 fps, under 20"),
        ({"fps": 3.0, "identity": "mismatch"}, None),
        ({"fps": 3.0, "identity": "absent"}, None),
    ],
    ids=str,
)
def test_media(figures: dict[str, Any], words: str | None) -> None:
    assert past_alert(run(media=[camera(**figures)])) == ([words] if words else [])


@pytest.mark.parametrize(
    ("lost", "words"),
    [(0, []), (1, []), (2, ["2 of 20 pictures lost their connection, over 5 %"])],
)
def test_reconnects(lost: int, words: list[str]) -> None:
    seen = [camera(interruptions=int(number < lost)) for number in range(20)]
    cut = [camera(interruptions=3, impaired="cut before")] * 9
    assert past_alert(run(media=[*seen, *cut])) == words


def test_every_figure_is_named() -> None:
    bad = run(journey(step(latency_ms=9000)), media=[camera(fps=1.0, bitrate_kbps=1.0)])
    assert len(past_alert(bad)) == 3


@pytest.mark.parametrize(
    ("days", "words"), [(14.0, []), (13.94, ["the certificate expires in 13.9 days, under 14"])]
)
def test_certificate(days: float, words: list[str]) -> None:
    left = Sample(metric="certificate_days", value=days, at=START)
    other = Sample(metric="something_else", value=1.0, at=START)
    assert past_alert(run(journey(step()), samples=[left, other])) == words


def test_a_good_run_has_none() -> None:
    assert past_alert(recorded()) == []
