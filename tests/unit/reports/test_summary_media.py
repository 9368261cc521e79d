"""What a page logged of pictures and sound becomes sentences and charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synthetic.reports.summary_evidence import ActorEvidence, Snapshot
from synthetic.reports.summary_media import HEIGHT, WIDTH, Chart, Seen, seen_by
from tests.runs import START
from tests.unit.reports.summaries import snapshots


def seen(made: list[dict[str, Any]], actor: str = "guest") -> dict[str, Seen]:
    read = tuple(map(Snapshot.model_validate, made))
    side = ActorEvidence(actor, Path("evidence"), snapshots=read)
    return {one.title: one for one in seen_by(side, START)}


def points(chart: Chart) -> list[tuple[float, float]]:
    pairs = [pair.split(",") for line in chart.lines for pair in line.split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_a_black_picture_is_called_so() -> None:
    picture = seen(snapshots(None, 0, [30, 30, 30]))["Picture 1, in the tile of host"]
    assert picture.good is False
    assert picture.said.startswith("90 of 90 frames name nobody: black, covered or not ours")


@pytest.mark.parametrize(("role", "good"), [(0, True), (1, False)])
def test_who_is_in_a_tile_must_be_its_owner(role: int, good: bool) -> None:
    assert seen(snapshots(role, 0, [30, 30]))["Picture 1, in the tile of host"].good is good


def test_a_picture_that_nobody_could_see_is_not_good() -> None:
    made = snapshots(0, 0, [30, 30])
    for snapshot in made:
        for entry in snapshot["pictures"][0]["entries"]:
            entry[4] = False
    picture = seen(made)["Picture 1, in the tile of host"]
    assert (picture.good, "nobody could see it" in picture.said) == (False, True)


def test_ones_own_preview_is_no_picture_of_the_other() -> None:
    made = snapshots(1, 1, [30, 30])
    for snapshot in made:
        source = {"type": "media-source", "kind": "video", "trackIdentifier": "camera"}
        snapshot["connections"][0]["stats"] = [source]
    assert [(title, one.good) for title, one in seen(made).items() if "icture" in title] == []
    assert seen(made)["Own preview 1"].good is None


def test_a_received_video_that_no_picture_shows_is_not_good() -> None:
    made = snapshots(0, 0, [30, 30])
    for snapshot in made:
        snapshot["pictures"] = []
    stream = seen(made)["Received video 1"]
    assert (stream.good, stream.said.endswith("; no picture shows it")) == (False, True)


def test_a_voice_is_heard_from_a_quarter_of_looks_on() -> None:
    made = snapshots(0, 0, [30])
    assert seen(made)["Sound 1"].said == "host is heard (13 of 20 looks)"
    made[0]["voices"][0]["entries"] = [[n, 0 if n < 5 else -1] for n in range(21)]
    assert seen(made)["Sound 1"].said == "nobody is heard (21 looks)"
    made[0]["voices"][0]["entries"] = [[n, -2] for n in range(9)]
    assert seen(made)["Sound 1"].good is None


def test_frames_and_bitrate_are_drawn_over_time_from_the_statistics() -> None:
    frames, bits = seen(snapshots(0, 0, [30, 30, 0, 30]))["Received video 1"].charts
    assert (frames.least, frames.most, frames.last, frames.alert) == (0, 30, 30, 20)
    assert (bits.least, bits.most, bits.unit) == (1200, 1200, "kbit/s")
    assert (frames.from_s, frames.to_s) == (8, 10)
    assert points(frames)[1][1] == HEIGHT - 16  # nothing lies on the axis
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in [*points(frames), *points(bits)])


def test_a_picture_that_stops_falls_to_nothing() -> None:
    (chart,) = seen(snapshots(0, 0, [30, 30, 0, 0, 0]))["Picture 1, in the tile of host"].charts
    assert (chart.last, chart.most) == (0, 30)


def test_a_gap_in_what_is_known_is_drawn_as_one() -> None:
    made = snapshots(0, 0, [30] * 9)
    frames = seen([*made[:3], *made[7:]])["Received video 1"].charts[0]
    assert len(frames.lines) == 2


def test_one_look_makes_no_line_but_an_average() -> None:
    stream = seen(snapshots(0, 0, [30])[-1:])["Received video 1"]
    assert stream.charts == ()
    assert stream.said == "connection connected; 30 frames decoded; 1091 kbit/s on average"


@pytest.mark.parametrize("value", [10**400, float("inf"), "9", None, [1]])
def test_figures_that_are_none_are_left_out(value: Any) -> None:
    made = snapshots(0, 0, [30, 30])
    for snapshot in made:
        snapshot["connections"][0]["stats"][0] |= {"bytesReceived": value, "framesDecoded": value}
    stream = seen(made)["Received video 1"]
    assert (stream.said, stream.charts) == ("connection connected", ())
