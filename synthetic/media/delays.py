"""How late pictures and voices arrive: pure functions over what both ends logged."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synthetic.results import Latency

LONGEST_PICTURE_MS = 4000
"""Half of the feed's length: what takes longer could be of the next round."""
_LONGEST_VOICE_MS = 1000
_BLOCK_MS = 5
_ALIKE = 0.6  # correlation of two rhythms that are the same; of others it stays below 0.4
_LEAST_BLOCKS = 100
_COARSE = 4  # blocks


def picture_delays(
    entries: Iterable[tuple[float, int]], shown: Mapping[int, Sequence[float]]
) -> list[float]:
    """Milliseconds from a frame's showing at its owner's side to its showing here.

    ``entries`` are moments and frame numbers, ``shown`` ascending moments by frame number.
    """
    delays = []
    for at, frame in entries:
        moments = shown.get(frame, ())
        position = bisect_right(moments, at)
        if position and at - moments[position - 1] < LONGEST_PICTURE_MS:
            delays.append(at - moments[position - 1])
    return delays


def percentiles(delays: Sequence[float]) -> Latency | None:
    """P50 and P95 by nearest rank; None without delays."""
    if not delays:
        return None
    ranked = sorted(delays)
    p50, p95 = (ranked[min(len(ranked) - 1, int(share * len(ranked)))] for share in (0.5, 0.95))
    return Latency(p50=round(p50, 1), p95=round(p95, 1))


def voice_delay(
    spoken: Sequence[Sequence[float]], heard: Sequence[Sequence[float]]
) -> float | None:
    """Milliseconds by which the loudness ``heard`` follows the one ``spoken``.

    Both are ``[at, loudness]`` every 5 ms. The shift under which the rhythms agree best, read
    between the blocks; None where they do not agree.
    """
    if len(heard) < _LEAST_BLOCKS or len(spoken) < _LEAST_BLOCKS:
        return None
    moments = [at for at, _ in spoken]
    most = _LONGEST_VOICE_MS // _BLOCK_MS

    def score(lag: int) -> float:
        return _agreement(spoken, moments, heard, lag * _BLOCK_MS)

    # Pulses are long, so agreement rises and falls slowly: a coarse look finds the right hill.
    near = max(range(0, most, _COARSE), key=score)
    around = range(max(0, near - _COARSE), min(most, near + _COARSE + 1))
    scores = [score(lag) for lag in around]
    best = max(range(len(scores)), key=scores.__getitem__)
    if scores[best] < _ALIKE:
        return None
    return round((around[best] + _peak(scores, best)) * _BLOCK_MS, 1)


def _agreement(
    spoken: Sequence[Sequence[float]],
    moments: Sequence[float],
    heard: Sequence[Sequence[float]],
    lag_ms: float,
) -> float:
    pairs = []
    for at, loudness in heard:
        position = bisect_left(moments, at - lag_ms - _BLOCK_MS / 2)
        if position < len(moments) and moments[position] - (at - lag_ms) < _BLOCK_MS / 2:
            pairs.append((spoken[position][1], loudness))
    if len(pairs) < _LEAST_BLOCKS:
        return 0.0
    return _correlation(pairs)


def _correlation(pairs: Sequence[tuple[float, float]]) -> float:
    count = len(pairs)
    mean_a, mean_b = sum(a for a, _ in pairs) / count, sum(b for _, b in pairs) / count
    cross = sum((a - mean_a) * (b - mean_b) for a, b in pairs)
    spread = sum((a - mean_a) ** 2 for a, _ in pairs) * sum((b - mean_b) ** 2 for _, b in pairs)
    return cross / math.sqrt(spread) if spread > 0 else 0.0


def _peak(scores: Sequence[float], best: int) -> float:
    """Where the parabola through the best score and its neighbours is highest, in blocks."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    left, middle, right = scores[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return 0.5 * (left - right) / bend if bend < 0 else 0.0


def levels_of(voices: Iterable[Mapping[str, Any]], *, own: bool, track: str | None = None) -> Any:
    """The loudness of one's own microphone, or of the track that is heard."""
    for voice in voices:
        if voice["own"] == own and (own or voice["track"] == track) and voice["levels"]:
            return voice["levels"]
    return []
