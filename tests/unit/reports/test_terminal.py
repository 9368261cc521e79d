"""What is printed fits 80 columns, is harmless, and ends with what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.reports.terminal import (
    WIDTH,
    closing,
    headline,
    media_table,
    step_line,
    step_table,
)
from synthetic.results import Run
from synthetic.wording import columns
from tests.runs import HOSTILE, camera, failed, journey, recorded, run, step

FOLDER = Path("reports/runs/x")


def everything(some: Run) -> str:
    steps = [step_line(one) for journey in some.journeys for one in journey.steps]
    blocks = [headline(some), *steps, step_table(some), media_table(some)]
    return "\n".join([*blocks, closing(some, FOLDER, "make report")])


def hostile() -> Run:
    bad = failed(HOSTILE * 40, name=HOSTILE, actor=HOSTILE)
    good = step(HOSTILE * 3, actor="日本語" * 30, latency_ms=1e9)
    seen = camera(**{"from": HOSTILE, "to": "e\u0301\u20dd" * 99, "bitrate_kbps": 1e12})
    return run(
        journey(good, bad),
        target=HOSTILE * 5,
        location=HOSTILE,
        media=[seen],
        verdict="failed",
        origin="target",
    )


@pytest.mark.parametrize("some", [recorded(), hostile()], ids=["recorded", "hostile"])
def test_no_line_is_wider_than_the_terminal(some: Run) -> None:
    assert max(map(columns, everything(some).split("\n"))) <= WIDTH


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    printed = everything(hostile()).replace("\n", "")
    assert not {"\x1b", "\r", "\u202e"} & set(printed)
    assert printed.isprintable()


def test_a_stand_in_is_said_and_the_run_id_is_whole() -> None:
    first = headline(run(target="stand-in", suite="smoke+full", location="frankfurt" * 9))
    assert "stand-in, not the product" in first
    assert first.endswith("20261123T211530Z-3f9c")


def test_a_long_target_leaves_room_for_location_and_run_id() -> None:
    first = headline(run(target="https://" + "x" * 200, location="eu-west"))
    assert first.endswith("… · eu-west · 20261123T211530Z-3f9c")


def test_the_failing_step_comes_last_and_in_full() -> None:
    words = " ".join(f"word{number}" for number in range(300))
    bad = run(journey(step("first"), failed(words, name="join")), verdict="failed", origin="target")
    above, _, below = closing(bad, FOLDER, "make report").partition("guest: join")
    assert above == "FAILED · target · 1 of 2 steps · 12.0 s\n\n"
    assert " ".join(below.split()).startswith(f"— StepTimeout: {words} record reports/runs/x")
    assert below.endswith("make report")


def test_a_figure_past_the_alert_line_is_named() -> None:
    slow = run(journey(step(latency_ms=6200)), verdict="degraded", origin="target")
    told = closing(slow, FOLDER, "make report")
    assert "past the plan's alert line: guest: leave took 6.2 s, over 5.0 s" in told


def test_slow_is_said_beyond_the_plans_target() -> None:
    table = step_table(run(journey(step("quick", latency_ms=2000), step("late", latency_ms=2001))))
    quick, late = table.rstrip().split("\n")[-2:]
    assert (quick.split()[-1], late.split()[-1]) == ("ok", "slow")


def test_without_media_or_steps_nothing_is_printed() -> None:
    assert (media_table(run()), step_table(run())) == ("", "")


def test_media_that_has_no_figures_is_readable() -> None:
    row = media_table(run(media=[camera(identity="absent", fps=None, bitrate_kbps=None)]))
    last = row.rstrip().split("\n")[-1]
    assert last.split() == ["host", "→", "guest", "camera", "absent", *"–––––"]


def test_every_step_has_its_line() -> None:
    assert step_line(step("leave", latency_ms=1234.0)).split() == [
        "ok",
        "guest",
        "leave",
        "1.2",
        "s",
    ]
    assert step_line(failed("x")).split() == ["FAILED", "guest", "leave"]
