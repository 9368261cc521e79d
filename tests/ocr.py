"""What can be read in a picture, by Tesseract."""

from __future__ import annotations

import io
import os
import shutil
import subprocess

import pytest
from PIL import Image

_ENLARGED = 3
_WITHIN_S = 60


def words_in(picture: bytes) -> str:
    """Every word of ``picture`` (PNG, JPEG); skips without Tesseract, save in CI."""
    tesseract = shutil.which("tesseract")
    if tesseract is None:
        advice = "tesseract is not installed: apt-get install tesseract-ocr"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(advice)
    image = Image.open(io.BytesIO(picture)).convert("L")
    enlarged = io.BytesIO()
    image.resize((image.width * _ENLARGED, image.height * _ENLARGED)).save(enlarged, "PNG")
    sparse = [str(tesseract), "-", "-", "--psm", "11"]
    done = subprocess.run(
        sparse,
        input=enlarged.getvalue(),
        capture_output=True,
        check=True,
        timeout=_WITHIN_S,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode("utf-8", "replace")
