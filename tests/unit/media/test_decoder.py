"""The decoder of ``mark.js`` in a real browser: it reads what is drawn, and nothing else."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageOps

from synthetic.browser.view import View
from synthetic.media.mark import CELLS_PER_HEIGHT, Mark
from tests.unit.conftest import Web
from tests.unit.media.cards import card

OpenView = Callable[..., View]
MARKS = [Mark(role, bool(role % 2), 0xABC, 40 * role + 7) for role in range(4)]
PLAY = """async ([width, height, pictures, style]) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d', { alpha: false });
  const images = await Promise.all(pictures.map(async (source) => {
    const image = Object.assign(new Image(), { src: source });
    await image.decode();
    return image;
  }));
  let number = 0;
  const draw = () => pen.drawImage(images[number++ % images.length], 0, 0);
  draw();
  setInterval(draw, 60);
  const video = document.querySelector('video');
  video.style.cssText += style;
  video.srcObject = canvas.captureStream(30);
  await video.play();
}"""
ENTRIES = """async ([kind, least, since]) => {
  const until = performance.now() + 10000;
  for (;;) {
    const entries = (await __synthetic.snapshot(since)).pictures[0].entries.slice(2);
    const enough = kind === 'marks' ? new Set(entries.map(e => e[1])).size : entries.length;
    if (enough >= least || performance.now() > until) return entries;
    await new Promise(requestAnimationFrame);
  }
}"""


def play(web: Web, open_view: OpenView, pictures: list[Image.Image], style: str = "") -> View:
    """A page whose video shows ``pictures`` in turn."""
    view = open_view(web.page("<video muted style='width: 640px; height: 360px'></video>"))
    sources = []
    for picture in pictures:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        sources.append(f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}")
    view.page.evaluate(PLAY, [*pictures[0].size, sources, style])
    return view


def entries(view: View, kind: str, least: int, since: float = 0) -> list[list[Any]]:
    """What was logged since a moment, once there are so many frames or different ``marks``."""
    found: list[list[Any]] = view.page.evaluate(ENTRIES, [kind, least, since])
    assert len(found) >= least, "the video does not play"
    return found


@pytest.mark.parametrize(
    ("width", "height", "mirrored"),
    [
        (1280, 720, False),
        (640, 360, True),
        (160, 90, False),
        (202, 360, False),
    ],
)
def test_every_mark_is_read_at_any_size(
    web: Web, open_view: OpenView, width: int, height: int, mirrored: bool
) -> None:
    cards = [card(mark, width, height) for mark in MARKS]
    shown = [ImageOps.mirror(one) for one in cards] if mirrored else cards
    found = entries(play(web, open_view, shown), "marks", len(MARKS))
    assert {entry[1] for entry in found} == {mark.data for mark in MARKS}
    assert {(entry[2], entry[3], entry[4]) for entry in found} == {(width, height, True)}


def noise() -> Image.Image:
    return Image.frombytes("RGB", (640, 360), random.Random(1).randbytes(640 * 360 * 3))


def half_covered() -> Image.Image:
    picture = card(MARKS[0], 640, 360)
    picture.paste("#39424f", (320, 0, 640, 360))
    return picture


def one_cell_flipped() -> Image.Image:
    picture = card(MARKS[0], 640, 360)
    cell = 360 // CELLS_PER_HEIGHT
    place = (320, 3 * cell, 320 + cell, 4 * cell)
    picture.paste(ImageOps.invert(picture.crop(place)), place)
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (640, 360), "black"),
        Image.new("RGB", (640, 360), "grey"),
        noise(),
        half_covered(),
        one_cell_flipped(),
    ],
    ids=["black", "grey", "noise", "half covered", "one cell flipped"],
)
def test_what_is_no_mark_is_never_read_as_one(
    web: Web, open_view: OpenView, picture: Image.Image
) -> None:
    found = entries(play(web, open_view, [picture, ImageOps.flip(picture)]), "frames", 5)
    assert {entry[1] for entry in found} == {-1}


def test_an_unseen_picture_is_nobodys_first(web: Web, open_view: OpenView) -> None:
    view = play(web, open_view, [card(MARKS[0], 640, 360)] * 2, "; opacity: 0.1")
    entries(view, "frames", 5)
    wanted = {"role": 0, "screen": False, "nonce": 0xABC, "since": 0}
    assert view.page.evaluate("wanted => __synthetic.firstPicture(wanted)", wanted) is None
