"""Judging media from hand-made snapshots."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.media.proof import (
    MUTED,
    UNREADABLE,
    Picture,
    contradictions,
    describe,
    held_back,
    picture,
    previews_of,
    shown_frames,
    strangers,
    voice,
)
from synthetic.results import Latency
from tests.unit.media.snapshots import (
    END,
    GUEST,
    NONCE,
    START,
    frames,
    inbound,
    mark,
    numbered,
    playing,
    sounding,
)


def test_the_person_sought_is_a_match_with_figures() -> None:
    found = picture(playing(frames(60)), GUEST, {}, START)
    assert (found.identity, found.track, found.fps) == ("match", "track-0", 30.0)
    assert (found.width, found.height, found.frames_seen) == (640, 360, 60)
    assert (found.frames_unreadable, found.frames_misread) == (0, 0)


@pytest.mark.parametrize("other", [{"role": 0}, {"screen": True}, {"nonce": NONCE + 1}])
def test_anything_else_that_can_be_read_is_a_mismatch(other: dict[str, Any]) -> None:
    assert picture(playing(frames(60, **other)), GUEST, {}, START).identity == "mismatch"


@pytest.mark.parametrize(
    "nothing", [playing(), playing([]), playing([[START, -1, 640, 360, True]])]
)
def test_no_picture_black_and_noise_are_absent(nothing: dict[str, Any]) -> None:
    assert picture(nothing, GUEST, {}, START).identity == "absent"


@pytest.mark.parametrize(
    ("snapshot", "kinds"),
    [
        (playing(frames(60)), set()),
        (playing(frames(60, role=0)), set()),
        (playing(), set()),
        (playing(frames(60, nonce=NONCE + 1)), {"camera"}),
        (playing(frames(60, role=5, screen=True)), {"screen"}),
        (sounding([1, 1, MUTED]), set()),
        (sounding([1, 5, 5]), {"microphone"}),
    ],
)
def test_who_is_of_another_run_or_of_no_role_is_a_stranger(
    snapshot: dict[str, Any], kinds: set[str]
) -> None:
    assert strangers({"pictures": [], "voices": [], **snapshot}, NONCE) == kinds


def test_a_picture_nobody_can_see_is_a_mismatch() -> None:
    assert picture(playing(frames(60, seen=False)), GUEST, {}, START).identity == "mismatch"


def test_a_picture_that_freezes_shows_in_the_longest_gap() -> None:
    found = picture(playing(frames(30)), GUEST, {}, START)
    assert found.longest_gap_ms == pytest.approx(END - START - 29 * 33.3, abs=0.1)


def test_a_picture_that_comes_late_shows_in_the_longest_gap_too() -> None:
    late = [[at + 1000, *rest] for at, *rest in frames(30)]
    assert picture(playing(late), GUEST, {}, START).longest_gap_ms == 1000


def test_one_frame_of_somebody_else_is_misread() -> None:
    entries = frames(60)
    entries[30][1] = mark(30, role=0)
    found = picture(playing(entries), GUEST, {}, START)
    assert (found.identity, found.frames_misread) == ("mismatch", 1)


def test_unreadable_frames_are_counted_and_forgiven() -> None:
    entries = frames(60)
    entries[30][1] = UNREADABLE
    found = picture(playing(entries), GUEST, {}, START)
    assert (found.identity, found.frames_unreadable) == ("match", 1)


def test_the_video_that_names_the_person_is_judged_among_several() -> None:
    assert picture(playing(frames(60, role=0), frames(60)), GUEST, {}, START).track == "track-1"


def test_latency_pairs_equal_frame_numbers() -> None:
    shown = shown_frames(playing(frames(60)), GUEST)
    late = [[at + 80, *rest] for at, *rest in frames(60)]
    found = picture(playing(late), GUEST, shown, START)
    assert found.glass_to_glass_ms == Latency(p50=80, p95=80)


def test_a_frame_may_have_been_shown_before_we_looked() -> None:
    sent = [[at - 3000, *rest] for at, *rest in frames(60)]
    found = picture(playing(frames(60)), GUEST, shown_frames(playing(sent), GUEST), START)
    assert found.glass_to_glass_ms == Latency(p50=3000, p95=3000)


def test_latency_pairs_with_the_latest_round_of_the_loop() -> None:
    shown = {5: [START - 8000, START]}
    received = playing([[START + 70, mark(5), 640, 360, True]])
    assert picture(received, GUEST, shown, START).glass_to_glass_ms == Latency(p50=70, p95=70)


def test_a_frame_of_the_round_before_is_no_latency() -> None:
    received = playing([[START + 70, mark(5), 640, 360, True]])
    assert picture(received, GUEST, {5: [START - 7900]}, START).glass_to_glass_ms is None


def test_a_sender_is_not_paired_with_pictures_of_others() -> None:
    assert shown_frames(playing(frames(5, role=0)), GUEST) == {}


@pytest.mark.parametrize(
    ("heard", "identity"),
    [
        ([1, 1, 1, UNREADABLE] * 5, "match"),
        ([0, 0, 0, UNREADABLE] * 5, "mismatch"),
        ([UNREADABLE] * 20, "absent"),
        ([MUTED] * 20, "absent"),
        ([1] + [UNREADABLE] * 19, "absent"),
        ([], "absent"),
    ],
)
def test_a_voice_is_whose_tones_it_has(heard: list[int], identity: str) -> None:
    assert voice(sounding(heard), role=1)[0] == identity


def test_the_longest_silence_of_a_voice_reaches_to_the_end() -> None:
    assert voice(sounding([1] * 10 + [UNREADABLE] * 10), role=1) == ("match", "track-0", 550.0)


@pytest.mark.parametrize(
    ("snapshot", "sentence"),
    [
        (playing(), "the page plays no video at all"),
        (playing([]), "video 1 shows no frame"),
        (playing([[START, -1, 640, 360, True]]), "video 1 shows 1 frames that name nobody"),
        (playing(frames(3, role=0)), "video 1 shows host (3 frames)"),
        (playing(frames(3, role=6)), "video 1 shows a stranger (3 frames)"),
        (playing(frames(3, seen=False)), "video 1 shows guest (3 frames, where nobody can see it)"),
        (playing([], frames(1)), "video 1 shows no frame; video 2 shows guest (1 frames)"),
    ],
)
def test_what_there_was_instead_is_said(snapshot: dict[str, Any], sentence: str) -> None:
    assert describe(snapshot) == sentence


@pytest.mark.parametrize(
    ("preview", "received", "ours"),
    [(30, 12, False), (18, 17, True), (18, 5, False), (30, 30, False), (None, 12, False)],
    ids=["lost on the way", "slow at both ends", "slower on the way", "well", "no preview"],
)
def test_a_slow_preview_says_that_it_is_us(
    preview: float | None, received: float, ours: bool
) -> None:
    previews = [Picture("match", fps=preview), Picture("match", fps=30)]
    assert held_back(previews, Picture("match", fps=received)) is ours


@pytest.mark.parametrize(
    ("numbers", "lost", "repeated", "out_of_order"),
    [
        ((1, 2, 3, 4), 0, 0, 0),
        ((1, 2, 5, 6), 2, 0, 0),
        ((1, 2, 2, 2, 3), 0, 2, 0),
        ((1, 2, 5, 3, 4, 6), 3, 0, 1),
        ((238, 239, 0, 1), 0, 0, 0),
        ((239, 2), 2, 0, 0),
        ((7,), 0, 0, 0),
    ],
    ids=["in order", "lost", "repeated", "out of order", "next round", "lost there", "one"],
)
def test_the_sequence_of_frames_is_told(
    numbers: tuple[int, ...], lost: int, repeated: int, out_of_order: int
) -> None:
    found = picture(playing(numbered(*numbers)), GUEST, {}, START)
    assert (found.frames_lost, found.frames_repeated) == (lost, repeated)
    assert found.frames_out_of_order == out_of_order


def test_frames_logged_late_are_still_told_in_the_order_in_which_they_were_shown() -> None:
    one, two, three = numbered(1, 2, 3)
    found = picture(playing([one, three, two]), GUEST, {}, START)
    assert (found.frames_lost, found.frames_repeated, found.frames_out_of_order) == (0, 0, 0)


def test_a_picture_sent_again_and_again_is_no_new_one() -> None:
    found = picture(playing(numbered(*[5] * 60)), GUEST, {}, START)
    assert (found.fps, found.frames_repeated) == (0.5, 59)
    assert found.longest_gap_ms == END - START


@pytest.mark.parametrize(("owner", "identity"), [(1, "match"), (None, "match"), (0, "mismatch")])
def test_a_picture_in_the_tile_of_somebody_else_is_a_mismatch(
    owner: int | None, identity: str
) -> None:
    assert picture(playing(frames(60), owners=[owner]), GUEST, {}, START).identity == identity


def test_of_two_elements_with_one_person_the_one_that_can_be_seen_counts() -> None:
    hidden = [entry for entry in frames(60, seen=False) for _ in range(2)]
    found = picture(playing(hidden, frames(60)), GUEST, {}, START)
    assert (found.identity, found.track) == ("match", "track-1")


def test_previews_are_the_local_tracks_that_show_a_person() -> None:
    assert previews_of(playing(frames(5, role=0), frames(5)), GUEST) == {"track-1"}


def test_a_preview_without_a_track_is_none() -> None:
    snapshot = playing(frames(5))
    snapshot["pictures"][0]["track"] = None
    assert previews_of(snapshot, GUEST) == frozenset()


HOST = 0


def stories(video: list[list[Any]], decoded: int | None) -> list[str]:
    """What contradicts, where the host's page shows ``video`` and its statistics claim frames."""
    stats = [] if decoded is None else [inbound(framesDecoded=100 + decoded)]
    before = playing(stats=[] if decoded is None else [inbound(framesDecoded=100)])
    return contradictions(before, playing(video, stats=stats), HOST, START)


def test_statistics_and_pixels_that_agree_are_no_story() -> None:
    assert stories(frames(60), decoded=60) == []
    assert stories(numbered(5), decoded=0) == []


@pytest.mark.parametrize("dead", [[], numbered(*[5] * 60), [[START, UNREADABLE, 640, 360, True]]])
def test_statistics_that_flow_over_dead_pixels_are_told(dead: list[list[Any]]) -> None:
    assert stories(dead, decoded=60) == [
        "the statistics claim 30 frames/s for video 1, but no new picture was to be seen"
    ]


@pytest.mark.parametrize("decoded", [0, None])
def test_pixels_that_live_over_dead_statistics_are_told(decoded: int | None) -> None:
    assert stories(frames(60), decoded) == [
        "video 1 shows 30 new pictures/s of somebody, but no connection's statistics carry them"
    ]


def test_ones_own_picture_needs_no_statistics() -> None:
    assert stories(frames(60, role=HOST), decoded=None) == []


def test_a_voice_is_sought_among_several() -> None:
    silence, guest = [UNREADABLE] * 20, [1] * 20
    assert voice(sounding(silence, guest), role=1)[:2] == ("match", "track-1")
