"""The mark after all that may happen to a picture on its way: read right, or not at all."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Iterator

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page

from synthetic.browser.page_script import page_script
from synthetic.media.mark import CELLS_PER_HEIGHT, COLUMNS, NONCES, ROWS, TOP_CELLS, Mark
from tests.unit.media.cards import card

UNREADABLE = -1
CELL = 360 // CELLS_PER_HEIGHT
LEFT, TOP = 320 - CELL * (COLUMNS + 2) // 2, TOP_CELLS * CELL
WIDTH, HEIGHT = CELL * (COLUMNS + 2), CELL * (ROWS + 2)
READ = """sources => Promise.all(sources.map(async (source) => {
  const image = Object.assign(new Image(), { src: source });
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  return __synthetic.readMark(canvas);
}))"""


def some_marks(count: int) -> list[Mark]:
    """Marks of every kind, the same each time."""
    draw = random.Random(11)
    return [
        Mark(draw.randrange(4), draw.random() < 0.5, draw.randrange(1, NONCES), draw.randrange(240))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def reader(chromium: Browser) -> Iterator[Page]:
    """A page that reads pictures."""
    context = chromium.new_context()
    context.add_init_script(page_script())
    opened = context.new_page()
    opened.goto("about:blank")
    yield opened
    context.close()


def read(reader: Page, pictures: list[Image.Image], quality: int = 95) -> list[int]:
    """What the decoder makes of each picture, once it went through a JPEG of that quality."""
    sources = []
    for picture in pictures:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        sources.append(f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}")
    found: list[int] = reader.evaluate(READ, sources)
    return found


SIZES = {
    "720p": (1280, 720),
    "360p": (640, 360),
    "180p": (320, 180),
    "4:3": (480, 360),
    "1:1": (360, 360),
    "9:16": (202, 360),
    "small 4:3": (240, 180),
    "small 9:16": (102, 180),
    "odd": (427, 241),
}


@pytest.mark.parametrize("mirrored", [False, True], ids=["", "mirrored"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_every_mark_is_read_after_cropping_scaling_and_heavy_compression(
    reader: Page, size: tuple[int, int], mirrored: bool
) -> None:
    marks = some_marks(10)
    cards = [card(mark, *size) for mark in marks]
    shown = [ImageOps.mirror(one) for one in cards] if mirrored else cards
    assert read(reader, shown, quality=20) == [mark.data for mark in marks]


@pytest.mark.parametrize(("quality", "least"), [(60, 200), (20, 190)])
def test_at_its_smallest_nearly_every_mark_is_read_and_none_misread(
    reader: Page, quality: int, least: int
) -> None:
    marks = some_marks(200)
    found = read(reader, [card(mark, 160, 90) for mark in marks], quality)
    wrong = [
        (mark.data, seen)
        for mark, seen in zip(marks, found, strict=True)
        if seen not in (mark.data, UNREADABLE)
    ]
    assert wrong == []
    assert len(found) - found.count(UNREADABLE) >= least


def test_a_scaled_up_thumbnail_is_still_read(reader: Page) -> None:
    marks = some_marks(20)
    small = [card(mark, 160, 90).resize((640, 360), Image.Resampling.BICUBIC) for mark in marks]
    assert read(reader, small, 50) == [mark.data for mark in marks]


def test_a_dim_or_pale_picture_is_still_read(reader: Page) -> None:
    marks = some_marks(10)
    dim = [card(mark, 320, 180).point(lambda value: value * 0.4) for mark in marks]
    pale = [card(mark, 320, 180).point(lambda value: 150 + value * 0.4) for mark in marks]
    assert read(reader, dim + pale) == [mark.data for mark in marks] * 2


def test_noise_is_never_a_mark(reader: Page) -> None:
    draw = random.Random(5)
    pictures = [
        Image.frombytes("L", size, draw.randbytes(size[0] * size[1])).convert("RGB")
        for size in [(160, 90)] * 100 + [(640, 360)] * 4
    ]
    # Cells at random, as large as those of a mark.
    blocks = [
        Image.frombytes("L", (32, 18), bytes(draw.choices((0, 255), k=32 * 18)))
        .resize((320, 180), Image.Resampling.NEAREST)
        .convert("RGB")
        for _ in range(100)
    ]
    assert set(read(reader, pictures + blocks)) == {UNREADABLE}


HALVES = {
    "left": (LEFT, TOP, LEFT + WIDTH // 2, TOP + HEIGHT),
    "right": (LEFT + WIDTH // 2, TOP, LEFT + WIDTH, TOP + HEIGHT),
    "upper": (LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT // 2),
    "lower": (LEFT, TOP + HEIGHT // 2, LEFT + WIDTH, TOP + HEIGHT),
}


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
def test_half_a_mark_is_no_mark(reader: Page, half: tuple[int, int, int, int]) -> None:
    pictures = []
    for colour in ("#39424f", "black", "white", "grey"):
        for mark in some_marks(10):
            picture = card(mark, 640, 360)
            picture.paste(colour, half)
            pictures.append(picture)
    assert set(read(reader, pictures)) == {UNREADABLE}


def test_damaged_cells_are_noticed(reader: Page) -> None:
    draw = random.Random(6)
    pictures = []
    for mark in some_marks(100):
        picture = card(mark, 640, 360)
        for place in draw.sample(range(COLUMNS * ROWS), draw.randint(1, 20)):
            row, column = divmod(place, COLUMNS)
            left, top = LEFT + (column + 1) * CELL, TOP + (row + 1) * CELL
            cell = (left, top, left + CELL, top + CELL)
            picture.paste(ImageOps.invert(picture.crop(cell)), cell)
        pictures.append(picture)
    assert set(read(reader, pictures)) == {UNREADABLE}


@pytest.mark.parametrize("share", [0.2, 0.4, 0.5, 0.6, 0.8])
def test_two_frames_in_one_are_one_of_them_or_none(reader: Page, share: float) -> None:
    marks = some_marks(24)
    pairs = [(mark, Mark(mark.role, mark.screen, mark.nonce, mark.frame ^ 1)) for mark in marks]
    blended = [
        Image.blend(card(one, 320, 180), card(other, 320, 180), share) for one, other in pairs
    ]
    torn = []
    for one, other in pairs:
        picture = card(one, 320, 180)
        cut = round(180 * share / 2)
        picture.paste(card(other, 320, 180).crop((0, cut, 320, 180)), (0, cut))
        torn.append(picture)
    allowed = [{UNREADABLE, one.data, other.data} for one, other in pairs] * 2
    found = read(reader, blended + torn)
    assert all(seen in those for seen, those in zip(found, allowed, strict=True))
