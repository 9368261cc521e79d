"""What statistics say, from hand-made snapshots."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.media.transport import (
    Transport,
    frames_decoded,
    ice_ms,
    interruptions,
    limited_by,
    received_videos,
    transport,
)
from tests.unit.media.snapshots import Stats, connected, inbound


def snapshot(*stats: Stats, states: Any = ()) -> dict[str, Any]:
    """A page with one connection."""
    return {"connections": connected(*stats, states=states)}


def arrived(received: int, lost: int, octets: int, at_ms: float) -> dict[str, Any]:
    """A page that has received that much so far."""
    figures: Stats = {"packetsReceived": received, "packetsLost": lost, "bytesReceived": octets}
    return snapshot(
        inbound(**figures, timestamp=at_ms, jitter=0.004),
        {"type": "transport", "selectedCandidatePairId": "good"},
        {"type": "candidate-pair", "id": "bad", "currentRoundTripTime": 9},
        {"type": "candidate-pair", "id": "good", "currentRoundTripTime": 0.025},
    )


def test_transport_figures_are_of_the_window_alone() -> None:
    figures = transport(arrived(100, 90, 1000, 0), arrived(190, 100, 251_000, 2000), "track-0")
    assert (figures.bitrate_kbps, figures.packet_loss) == (1000.0, 0.1)
    assert (figures.round_trip_ms, figures.jitter_ms) == (25.0, 4.0)


def test_packets_found_again_are_no_negative_loss() -> None:
    before, after = arrived(100, 10, 0, 0), arrived(200, 5, 1, 1000)
    assert transport(before, after, "track-0").packet_loss == 0


@pytest.mark.parametrize("track", [None, "track-9"])
def test_an_unknown_track_has_no_transport_figures(track: str | None) -> None:
    here = arrived(1, 0, 1, 1)
    assert transport(here, here, track) == Transport()


def test_a_track_that_has_just_come_has_no_rate_yet() -> None:
    assert transport(snapshot(), arrived(10, 0, 1000, 5), "track-0").bitrate_kbps is None


@pytest.mark.parametrize(
    ("concealed", "silent", "sounding", "share"),
    [(300, 0, 1000, 0.3), (300, 300, 1000, 0.0), (300, 100, 1000, 0.2), (0, 0, 0, None)],
    ids=["audible", "in silence", "partly in silence", "no samples"],
)
def test_concealed_is_the_share_of_samples_made_up_audibly(
    concealed: int, silent: int, sounding: int, share: float | None
) -> None:
    def heard(*rise: int) -> dict[str, Any]:
        names = ("concealedSamples", "silentConcealedSamples", "totalSamplesReceived")
        figures: Stats = {name: 5000 + n for name, n in zip(names, rise, strict=True)}
        return snapshot(inbound(**figures))

    figures = transport(heard(0, 0, 0), heard(concealed, silent, sounding), "track-0")
    assert figures.concealed == share


def test_the_codec_is_that_of_the_track() -> None:
    codecs = [
        {"type": "codec", "id": "one", "mimeType": "video/VP8"},
        {"type": "codec", "id": "two", "mimeType": "video/AV1"},
    ]
    here = snapshot(inbound(codecId="two"), *codecs)
    assert transport(here, here, "track-0").codec == "AV1"


@pytest.mark.parametrize(
    ("local", "remote", "path"),
    [
        ("host", "host", "host"),
        ("host", "srflx", "reflexive"),
        ("prflx", "host", "reflexive"),
        ("host", "prflx", "host"),
        ("relay", "host", "relay"),
        ("srflx", "relay", "relay"),
    ],
)
def test_the_path_is_that_of_the_selected_pair(local: str, remote: str, path: str) -> None:
    here = snapshot(
        inbound(),
        {"type": "transport", "selectedCandidatePairId": "pair"},
        {"type": "candidate-pair", "id": "pair", "localCandidateId": "l", "remoteCandidateId": "r"},
        {"type": "local-candidate", "id": "l", "candidateType": local},
        {"type": "remote-candidate", "id": "r", "candidateType": remote},
        {"type": "local-candidate", "id": "unused", "candidateType": "relay"},
    )
    assert transport(here, here, "track-0").path == path


def test_without_a_selected_pair_there_is_no_path() -> None:
    here = snapshot(inbound(), {"type": "local-candidate", "id": "l", "candidateType": "host"})
    assert transport(here, here, "track-0").path is None


@pytest.mark.parametrize(
    ("states", "took"),
    [
        ([(100, "checking"), (350, "connected"), (400, "completed")], 250),
        ([(100, "checking"), (350, "completed")], 250),
        ([(100, "checking"), (200, "connected"), (900, "checking"), (999, "connected")], 100),
        ([(100, "checking"), (900, "failed")], None),
        ([], None),
    ],
)
def test_ice_takes_from_the_first_check_to_the_first_connection(
    states: list[tuple[float, str]], took: float | None
) -> None:
    assert ice_ms(states) == took


@pytest.mark.parametrize(
    ("states", "count"),
    [
        ([(100, "connected"), (500, "disconnected"), (600, "connected"), (700, "failed")], 2),
        ([(100, "connected"), (500, "disconnected"), (600, "failed")], 1),
        ([(100, "checking"), (500, "failed")], 0),
        ([(100, "connected"), (200, "disconnected"), (500, "connected")], 0),
        ([(100, "connected"), (500, "closed")], 0),
    ],
    ids=["twice", "lost and given up", "never stood", "before", "left"],
)
def test_an_interruption_is_a_connection_that_stood_and_was_lost(
    states: list[tuple[float, str]], count: int
) -> None:
    assert interruptions(snapshot(states=states), since_ms=300) == count


def sending(*reasons: str) -> dict[str, Any]:
    """A page that sends one video for each reason, as ``track-0`` and so on."""
    stats: list[Stats] = []
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
    return snapshot(*stats)


def test_what_limits_is_asked_of_the_track_that_is_previewed() -> None:
    assert limited_by(sending("none", "cpu"), frozenset({"track-1"})) == "cpu"


def test_without_a_preview_only_a_lone_sender_says_what_limits() -> None:
    assert limited_by(sending("bandwidth"), frozenset()) == "bandwidth"
    assert limited_by(sending("bandwidth", "cpu"), frozenset()) is None
    assert limited_by(snapshot(), frozenset()) is None


def test_of_several_layers_the_best_says_what_limits() -> None:
    sender = sending("bandwidth")
    layer = {**sender["connections"][0]["stats"][1], "frameWidth": 640}
    low = {**layer, "frameWidth": 160, "qualityLimitationReason": "none"}
    sender["connections"][0]["stats"] += [layer, low]
    assert limited_by(sender, frozenset({"track-0"})) == "bandwidth"


def test_all_received_videos_are_found() -> None:
    audio = {**inbound("a"), "kind": "audio"}
    assert received_videos(snapshot(inbound("v"), audio)) == ["v"]


def test_frames_decoded_are_counted_from_the_first_snapshot_or_from_none() -> None:
    first, last = snapshot(inbound(framesDecoded=40)), snapshot(inbound(framesDecoded=100))
    assert frames_decoded(first, last, "track-0") == 60
    assert frames_decoded(snapshot(), last, "track-0") == 100
    assert frames_decoded(first, snapshot(), "track-0") is None
