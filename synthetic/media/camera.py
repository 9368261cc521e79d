"""Camera feeds: a moving picture as dense as a person's, with a slate that carries the mark.

A feed is Motion JPEG, 640 × 360 at 30 fps, 8 s long. The lower part of each frame, the moving
picture, is the same in every run and cached; the upper part, the slate, carries the run's nonce
and is encoded anew. Both are coded with one restart interval per row of blocks and the same
tables, so a frame is made by joining their rows, without coding the large part again.
"""

from __future__ import annotations

import io
import math
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from synthetic.errors import FeedError
from synthetic.media.mark import CELLS_PER_HEIGHT, FRAMES, ROLES, TOP_CELLS, Mark, cells_of

WIDTH, HEIGHT = 640, 360
SLATE_HEIGHT = 160  # ten rows of 16-pixel blocks
QUALITY = 80
VERSION = 1
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_CELL = HEIGHT // CELLS_PER_HEIGHT
_SKIN = ("#d9a066", "#8f563b", "#c68642", "#ffdbac")
_SHIRT = ("#2f6fde", "#d6536d", "#2e9e6b", "#8a63d2")
_WALL = ("#dfe7f2", "#f3e3df", "#e2efe6", "#e9e3f4")


def write_feed(path: Path, role: str, nonce: int, cache: Path) -> None:
    """Write the camera feed of ``role`` for the run that drew ``nonce``.

    Raises :class:`FeedError` when the feed or its cache cannot be read or written.
    """
    index = ROLES.index(role)
    try:
        scenes = split_frames(_cached_scene(index, cache).read_bytes())
        slates = _slates(index, nonce)
        with path.open("wb") as feed:
            for slate, scene in zip(slates, scenes, strict=True):
                feed.write(stack(slate, scene))
    except (OSError, ValueError) as error:
        raise FeedError(
            f"the camera feed of {role} could not be made at {path}: {error}; "
            f"free some space, or remove {cache} so that its pictures are made again"
        ) from error


def split_frames(stream: bytes) -> list[bytes]:
    """The JPEG frames of a Motion JPEG stream; raises ``ValueError`` if it does not hold all."""
    frames = [b"\xff\xd8\xff" + part for part in stream.split(b"\xff\xd8\xff")[1:]]
    if len(frames) != FRAMES or not all(frame.endswith(b"\xff\xd9") for frame in frames):
        raise ValueError(f"it holds {len(frames)} whole frames instead of {FRAMES}")
    return frames


def stack(upper: bytes, lower: bytes) -> bytes:
    """Join two JPEGs of one width, coded alike with a restart marker per row of blocks."""
    header, upper_rows = _rows(upper)
    _, lower_rows = _rows(lower)
    size = header.index(b"\xff\xc0") + 5
    height = int.from_bytes(header[size : size + 2], "big") + _height(lower)
    joined = bytearray(header[:size] + height.to_bytes(2, "big") + header[size + 2 :])
    for number, row in enumerate(upper_rows + lower_rows):
        if number:
            joined += bytes((0xFF, 0xD0 + (number - 1) % 8))
        joined += row
    return bytes(joined) + b"\xff\xd9"


def _height(jpeg: bytes) -> int:
    size = jpeg.index(b"\xff\xc0") + 5
    return int.from_bytes(jpeg[size : size + 2], "big")


def _rows(jpeg: bytes) -> tuple[bytes, list[bytes]]:
    scan = jpeg.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big")
    rows = _RESTART.split(jpeg[start:].removesuffix(b"\xff\xd9"))
    return jpeg[:start], rows


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, subsampling="4:2:0", restart_marker_rows=1)
    return buffer.getvalue()


def draw_mark(picture: Image.Image, mark: Mark, cell: int) -> None:
    """Draw the card of ``mark`` where the decoder looks for it; ``cell`` in pixels."""
    rows = cells_of(mark)
    columns = len(rows[0])
    small = Image.frombytes("L", (columns, len(rows)), bytes(255 * c for row in rows for c in row))
    card = small.resize((columns * cell, len(rows) * cell), Image.Resampling.NEAREST)
    picture.paste(card, ((picture.width - card.width) // 2, TOP_CELLS * cell))


def _slates(index: int, nonce: int) -> Iterator[bytes]:
    slate = Image.new("RGB", (WIDTH, SLATE_HEIGHT), "#39424f")
    draw = ImageDraw.Draw(slate)
    large, small = ImageFont.load_default(40), ImageFont.load_default(18)
    draw.text((24, 52), ROLES[index], font=large, fill="white")
    draw.text((448, 52), "test picture", font=small, fill="#c5cedb")
    draw.text((448, 78), f"run {nonce:03x}", font=small, fill="#c5cedb")
    for frame in range(FRAMES):
        draw_mark(slate, Mark(index, screen=False, nonce=nonce, frame=frame), _CELL)
        yield _jpeg(slate)


def _cached_scene(index: int, cache: Path) -> Path:
    path = cache / f"scene-{ROLES[index]}-{VERSION}.mjpeg"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(b"".join(_jpeg(scene) for scene in _scenes(index)))
        unfinished.replace(path)
    return path


def _scenes(index: int) -> Iterator[Image.Image]:
    """Head and shoulders swaying before a papered wall, seen by a hand-held camera."""
    height = HEIGHT - SLATE_HEIGHT
    wall = _textured((WIDTH + 80, height + 40), _WALL[index], 90, random.Random(index))
    shirt = _textured((320, 120), _SHIRT[index], 120, random.Random(index + 10))
    for frame in range(FRAMES):
        turn = 2 * math.pi * frame / FRAMES
        sway, nod = 26 * math.sin(2 * turn), 6 * math.sin(6 * turn)
        pan = (int(40 + 30 * math.sin(3 * turn)), int(20 + 12 * math.cos(4 * turn)))
        scene = wall.crop((pan[0], pan[1], pan[0] + WIDTH, pan[1] + height))
        _person(scene, WIDTH / 2 + sway, nod, frame, shirt, _SKIN[index])
        yield scene


def _textured(
    size: tuple[int, int], colour: str, contrast: int, randomness: random.Random
) -> Image.Image:
    grain = Image.frombytes("L", size, randomness.randbytes(size[0] * size[1]))
    grain = grain.filter(ImageFilter.GaussianBlur(1.6)).point(
        lambda value: max(0, min(255, int((value - 127) * contrast / 24 + 127)))
    )
    return Image.blend(Image.new("RGB", size, colour), grain.convert("RGB"), 0.28)


def _person(
    scene: Image.Image, x: float, nod: float, frame: int, shirt: Image.Image, skin: str
) -> None:
    draw = ImageDraw.Draw(scene)
    body = Image.new("L", shirt.size, 0)
    ImageDraw.Draw(body).rounded_rectangle((0, 0, 319, 200), radius=70, fill=255)
    scene.paste(shirt, (int(x - 160), int(126 + nod / 2)), body)
    draw.rectangle((x - 22, 100 + nod, x + 22, 140 + nod), fill=skin)
    draw.ellipse((x - 52, 4 + nod, x + 52, 126 + nod), fill=skin)
    draw.pieslice((x - 56, -6 + nod, x + 56, 90 + nod), 180, 360, fill="#3b2a20")
    closed = frame % 90 < 5
    for eye in (x - 20, x + 20):
        draw.ellipse((eye - 7, 58 + nod, eye + 7, (60 if closed else 70) + nod), fill="#20232a")
    talk = 3 + 7 * abs(math.sin(frame * 0.55))
    draw.ellipse((x - 16, 92 + nod - talk / 2, x + 16, 92 + nod + talk), fill="#7a2f36")
