"""What an actor shares: a document of 1920 × 1080 that carries the mark of a screen."""

from __future__ import annotations

from importlib import resources
from typing import Any

from synthetic.media.mark import CELLS_PER_HEIGHT, FRAMES, TOP_CELLS, Mark, cells_of

WIDTH, HEIGHT = 1920, 1080
FPS = 15


def document() -> tuple[str, str]:
    """The document's HTML, and the function that draws in it."""
    folder = resources.files("synthetic.media")
    html, script = (folder.joinpath(f"screen.{kind}").read_text("utf-8") for kind in ("html", "js"))
    return html, script


def drawing(index: int, nonce: int, title: str) -> dict[str, Any]:
    """The argument of the function that draws: all cards, as rows of 0 and 1."""
    marks = (Mark(index, screen=True, nonce=nonce, frame=frame) for frame in range(FRAMES))
    return {
        "cards": [["".join(map(str, row)) for row in cells_of(mark)] for mark in marks],
        "title": title,
        "topCells": TOP_CELLS,
        "cellsPerHeight": CELLS_PER_HEIGHT,
        "fps": FPS,
    }
