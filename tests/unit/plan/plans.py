"""Plans for tests: a small good one, and copies of it that are wrong in one place."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[3] / "fixtures" / "plans"
GOOD = FIXTURES / "good"


def spoilt(case: dict[str, Any], folder: Path) -> Path:
    """A copy of the good plan with what ``case`` does to one of its ``file``\\ s.

    ``put`` takes the place of what it has to ``find``; ``whole`` or ``hex`` is all that it holds;
    ``gone`` takes it away.
    """
    shutil.copytree(GOOD, folder, dirs_exist_ok=True)
    path = folder / case.get("file", "")
    if "find" in case:
        text = path.read_text(encoding="utf-8")
        assert case["find"] in text, f"{path.name} has no {case['find']!r}"
        path.write_text(text.replace(case["find"], case["put"], 1), encoding="utf-8")
    elif "whole" in case:
        path.write_text(case["whole"], encoding="utf-8")
    elif "hex" in case:
        path.write_bytes(bytes.fromhex(case["hex"]))
    elif case.get("gone"):
        path.unlink()
    return folder
