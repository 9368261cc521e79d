"""Decoder truth: marks read after a codec, against frames whose true number is known.

The camera's picture with marks of many runs and people is encoded in the page at the low rates of
a poor connection, decoded, and read by the page script. Goals: 0 misread; unreadable ≤ 1 % at
320×180 and above, ≤ 5 % at 160×90. Codecs are those that the browser can encode.

    python -m benchmarks.decoder [--frames 104000] [--seed 1]
"""

from __future__ import annotations

import argparse
import base64
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import Figure, blank_page, progress
from synthetic.browser.page_script import page_script
from synthetic.media import camera
from synthetic.media.mark import CELLS_PER_HEIGHT, FRAMES, ROLES, TOP_CELLS, Mark, cells_of
from synthetic.media.mark import new_nonce as nonce_of
from synthetic.settings import Settings

CODECS = {
    "VP8": "vp8",
    "VP9": "vp09.00.31.08",
    "H.264": "avc1.42001f",
    "AV1": "av01.0.05M.08",
}
ENOUGH = 104_000
PER_CALL = 10 * FRAMES
SCENES = 60  # pictures of the feed, in order; the card of each frame is drawn anew
GOAL_UNREADABLE, GOAL_UNREADABLE_SMALL = 1.0, 5.0
SUPPORTED = """async ([codec, width, height]) => {
  try {
    return (await VideoEncoder.isConfigSupported({ codec, width, height })).supported;
  } catch {
    return false;
  }
}"""


@dataclass(frozen=True)
class Size:
    """A picture's size in pixels, its rate in bits per second, and its share of all frames."""

    width: int
    height: int
    bitrate: int
    share: float

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


SIZES = (
    Size(1280, 720, 1_200_000, 0.02),
    Size(640, 360, 500_000, 0.1),
    Size(480, 270, 350_000, 0.13),
    Size(320, 180, 250_000, 0.35),
    Size(160, 90, 80_000, 0.4),
)


@dataclass(frozen=True)
class Part:
    """What is measured in one go: one size, one codec, so many frames."""

    codec: str
    size: Size
    frames: int


def parts(frames: int, codecs: list[str]) -> Iterator[Part]:
    """At least ``frames`` over all sizes and codecs, in goes that take seconds each."""
    for size in SIZES:
        for codec in codecs:
            left = max(1, round(frames * size.share / len(codecs)))
            while left > 0:
                yield Part(codec, size, min(PER_CALL, left))
                left -= PER_CALL


def measure(page: Page, part: Part, scenes: list[str], randomness: random.Random) -> Counter[str]:
    """Frames of one part that were read, unreadable and misread."""
    asked = {
        "codec": CODECS[part.codec],
        "width": part.size.width,
        "height": part.size.height,
        "bitrate": part.size.bitrate,
        "scenes": scenes,
        "cards": list(_cards(part.frames, randomness)),
        "cellsPerHeight": CELLS_PER_HEIGHT,
        "topCells": TOP_CELLS,
    }
    return Counter(page.evaluate(Path(__file__).with_suffix(".js").read_text("utf-8"), asked))


def _cards(count: int, randomness: random.Random) -> Iterator[tuple[int, str]]:
    """Feeds one after the other: the 24 bits of each frame, and its 70 cells."""
    for number in range(count):
        if number % FRAMES == 0:
            role, nonce = randomness.randrange(len(ROLES)), nonce_of(randomness)
            screen = randomness.random() < 0.5
        mark = Mark(role, screen, nonce, number % FRAMES)
        yield mark.data, "".join(str(cell) for row in cells_of(mark) for cell in row)


def _scenes() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder, "feed.mjpeg")
        camera.write_feed(feed, ROLES[0], 1, Settings().media_dir)
        frames = camera.split_frames(feed.read_bytes())[:SCENES]
    return [f"data:image/jpeg;base64,{base64.b64encode(one).decode()}" for one in frames]


def run(frames: int, seed: int) -> list[Figure]:
    """Misread and unreadable frames, in all and by size and codec."""
    randomness = random.Random(seed)
    found: dict[tuple[str, Size], Counter[str]] = {}
    scenes = _scenes()
    with sync_playwright() as playwright, blank_page(playwright, page_script()) as page:
        can = [name for name in CODECS if page.evaluate(SUPPORTED, [CODECS[name], 640, 360])]
        planned = list(parts(frames, can))
        for number in progress("decoder", len(planned)):
            part = planned[number]
            one = measure(page, part, scenes, randomness)
            found.setdefault((part.codec, part.size), Counter()).update(one)
    return _figures(found, [name for name in CODECS if name not in can])


def _figures(found: dict[tuple[str, Size], Counter[str]], left_out: list[str]) -> list[Figure]:
    total = sum(found.values(), Counter())
    figures = [
        Figure("misread, all sizes and codecs", total["misread"], "frames", 0, _frames(total)),
        Figure(f"codecs left out{_named(left_out)}", len(left_out), "", None, len(CODECS)),
    ]
    for size in SIZES:
        goal = GOAL_UNREADABLE if size.height >= 180 else GOAL_UNREADABLE_SMALL
        for (codec, its), counts in found.items():
            if its is size:
                name = f"unreadable at {size}, {codec}, {size.bitrate // 1000} kbps"
                share = 100 * counts["unreadable"] / _frames(counts)
                figures.append(Figure(name, share, "%", goal, _frames(counts)))
    return figures


def _frames(counts: Counter[str]) -> int:
    return counts["read"] + counts["unreadable"] + counts["misread"]


def _named(left_out: list[str]) -> str:
    return f" ({', '.join(left_out)})" if left_out else ""


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=ENOUGH)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for figure in run(arguments.frames, arguments.seed):
        print(figure)


if __name__ == "__main__":
    _main()
