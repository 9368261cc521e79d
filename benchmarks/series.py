"""What long series found so far: a line a run, kept under ``reports/series``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path("reports/series")


def lines(name: str) -> list[dict[str, Any]]:
    """What the series holds so far, oldest first."""
    path = FOLDER / f"{name}.jsonl"
    text = path.read_text("utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def add(name: str, line: Mapping[str, Any]) -> None:
    """Keep what one run came to."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
