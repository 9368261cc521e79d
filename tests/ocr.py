"""What can be read in a picture or a film, by Tesseract."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

_ENLARGED = 3
_WITHIN_S = 60


def words_in(picture: bytes) -> str:
    """Every word of ``picture`` (PNG, JPEG); skips without Tesseract, save in CI."""
    tesseract = _installed("tesseract", "tesseract-ocr")
    image = Image.open(io.BytesIO(picture)).convert("L")
    enlarged = io.BytesIO()
    image.resize((image.width * _ENLARGED, image.height * _ENLARGED)).save(enlarged, "PNG")
    sparse = [tesseract, "-", "-", "--psm", "11"]
    done = subprocess.run(
        sparse,
        input=enlarged.getvalue(),
        capture_output=True,
        check=True,
        timeout=_WITHIN_S,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode("utf-8", "replace")


def frames_of(film: Path, folder: Path, most: int) -> list[bytes]:
    """The frames of ``film`` that differ from the one before, of which the last ``most``."""
    ffmpeg = _installed("ffmpeg", "ffmpeg")
    changes = [ffmpeg, "-v", "error", "-i", str(film), "-vf", "mpdecimate", "-fps_mode", "vfr"]
    pattern = str(folder / "frame-%04d.png")
    subprocess.run([*changes, pattern], check=True, timeout=_WITHIN_S)
    return [path.read_bytes() for path in sorted(folder.glob("frame-*.png"))[-most:]]


def _installed(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        advice = f"{name} is not installed: apt-get install {package}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(advice)
    return str(path)
