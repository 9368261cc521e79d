"""Pictures with a mark, as a camera of ours draws them."""

from __future__ import annotations

from PIL import Image

from synthetic.media.camera import draw_mark
from synthetic.media.mark import CELLS_PER_HEIGHT, Mark


def card(mark: Mark, width: int, height: int) -> Image.Image:
    """A large frame, cropped at both sides to the shape asked for, then brought to that size."""
    large = Image.new("RGB", (1280, 720), "#39424f")
    draw_mark(large, mark, 720 // CELLS_PER_HEIGHT)
    half = 720 * width // height // 2
    cropped = large.crop((640 - half, 0, 640 + half, 720))
    return cropped.resize((width, height), Image.Resampling.BILINEAR)
