"""Judging media from hand-made snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from synthetic.media.mark import Mark
from synthetic.media.proof import (
    MUTED,
    UNREADABLE,
    Picture,
    Wanted,
    describe,
    held_back,
    limited_by,
    percentiles,
    picture,
    received_videos,
    shown_frames,
    transport,
    voice,
)
from synthetic.results import Latency

NONCE = 0x123
GUEST = Wanted(role=1, screen=False, nonce=NONCE)
START, END = 10_000.0, 12_000.0
Entry = list[Any]


def mark(frame: int, role: int = 1, screen: bool = False, nonce: int = NONCE) -> int:
    return Mark(role, screen, nonce, frame).data


def frames(count: int, every_ms: float = 33.3, seen: bool = True, **who: Any) -> list[Entry]:
    """Entries as ``proof.js`` logs them, from START on."""
    return [
        [START + number * every_ms, mark(number % 240, **who), 640, 360, seen]
        for number in range(count)
    ]


def playing(*videos: Sequence[Entry], at: float = END) -> dict[str, Any]:
    pictures = [
        {"track": f"track-{number}", "entries": list(entries)}
        for number, entries in enumerate(videos)
    ]
    return {"at": at, "pictures": pictures, "voices": [], "connections": []}


def sounding(*entries: Sequence[int]) -> dict[str, Any]:
    voices = [
        {"track": f"track-{n}", "entries": [[START + 50 * i, who] for i, who in enumerate(one)]}
        for n, one in enumerate(entries)
    ]
    return {"at": START + 50 * max(map(len, entries)), "voices": voices}


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


def connection(received: int, lost: int, octets: int, at_ms: float) -> dict[str, Any]:
    inbound = {
        "type": "inbound-rtp",
        "trackIdentifier": "track-0",
        "timestamp": at_ms,
        "packetsReceived": received,
        "packetsLost": lost,
        "bytesReceived": octets,
        "jitter": 0.004,
    }
    pairs = [
        {"type": "transport", "selectedCandidatePairId": "good"},
        {"type": "candidate-pair", "id": "bad", "currentRoundTripTime": 9},
        {"type": "candidate-pair", "id": "good", "currentRoundTripTime": 0.025},
    ]
    return {"connections": [{"state": "connected", "stats": [inbound, *pairs]}]}


def test_transport_figures_are_of_the_window_alone() -> None:
    before, after = connection(100, 90, 1000, 0), connection(190, 100, 251_000, 2000)
    figures = transport(before, after, "track-0")
    assert (figures.bitrate_kbps, figures.packet_loss) == (1000.0, 0.1)
    assert (figures.round_trip_ms, figures.jitter_ms) == (25.0, 4.0)


def test_packets_found_again_are_no_negative_loss() -> None:
    before, after = connection(100, 10, 0, 0), connection(200, 5, 1, 1000)
    assert transport(before, after, "track-0").packet_loss == 0


@pytest.mark.parametrize("track", [None, "track-9"])
def test_an_unknown_track_has_no_transport_figures(track: str | None) -> None:
    snapshot = connection(1, 0, 1, 1)
    assert transport(snapshot, snapshot, track).bitrate_kbps is None


def sending(*reasons: str) -> list[dict[str, Any]]:
    stats: list[dict[str, Any]] = []
    for number, reason in enumerate(reasons):
        source = f"source-{number}"
        stats.append({"type": "media-source", "id": source, "trackIdentifier": f"track-{number}"})
        stats.append(
            {
                "type": "outbound-rtp",
                "kind": "video",
                "mediaSourceId": source,
                "qualityLimitationReason": reason,
            }
        )
    return [{"state": "connected", "stats": stats}]


def test_what_limits_is_asked_of_the_track_that_is_previewed() -> None:
    sender = playing(frames(5, role=0), frames(5))
    sender["connections"] = sending("none", "cpu")
    assert limited_by(sender, GUEST) == "cpu"


def test_without_a_preview_only_a_lone_sender_says_what_limits() -> None:
    assert limited_by({**playing(), "connections": sending("bandwidth")}, GUEST) == "bandwidth"
    assert limited_by({**playing(), "connections": sending("bandwidth", "cpu")}, GUEST) is None


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


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentiles([]) is None
    assert percentiles([float(n) for n in range(100)]) == Latency(p50=50, p95=95)


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


def test_all_received_videos_are_found() -> None:
    video = {"type": "inbound-rtp", "kind": "video", "trackIdentifier": "v"}
    audio = {**video, "kind": "audio", "trackIdentifier": "a"}
    assert received_videos({"connections": [{"stats": [video, audio]}]}) == ["v"]
