"""Runs every benchmark and writes ``docs/figures.md``."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import overhead, timing, wall
from benchmarks.report import Figure

DOCUMENT = Path("docs/figures.md")
# Why a figure misses its goal, for as long as it does.
REASONS: dict[str, str] = {
    "smoke journey / bare script, median": "the journey waits for what the bare script takes on "
    "trust (the other's decoded picture and voice, senders that have climbed to the plan's least "
    "bitrate) and reads every frame on the two cores that also encode them",
    "`pytest -m smoke` / floor, median": "half of it is the call, and half of the call is media "
    "being watched; so far feeds were made in less than half the time, media watched 0.5 s less "
    "twice, and only the suite's own folder collected",
}


def main() -> None:
    """Measure all and write the document."""
    sections: list[tuple[str, str, Sequence[Figure]]] = [
        ("Timing truth", timing.__doc__ or "", timing.run(delays=210, seed=1)),
        ("Overhead", overhead.__doc__ or "", overhead.run(pairs=7)),
        ("Wall time", wall.__doc__ or "", wall.run(runs=5)),
    ]
    DOCUMENT.write_text(_document(sections), "utf-8")
    print(DOCUMENT)


def _document(sections: Sequence[tuple[str, str, Sequence[Figure]]]) -> str:
    lines = [
        "# Figures",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, Python "
        f"{platform.python_version()}, {os.cpu_count()} cores. Absolute times are that machine's; "
        "ratios and errors carry over. Made anew, this file is overwritten.",
    ]
    for title, text, figures in sections:
        about = " ".join(text.split("\n\n    ")[0].split())
        lines += [
            "",
            f"## {title}",
            "",
            about,
            "",
            "| figure | value | goal | of | |",
            "|---|---:|---:|---:|---|",
        ]
        lines += [_row(figure) for figure in figures]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> str:
    goal = "" if figure.goal is None else f"≤ {figure.goal:g} {figure.unit}"
    verdict = "" if figure.goal is None else "met"
    if figure.missed:
        verdict = f"**missed**: {REASONS.get(figure.name, 'no reason known yet')}"
    value = f"{figure.value:.3g} {figure.unit}"
    return f"| {figure.name} | {value} | {goal} | {figure.count} | {verdict} |"


if __name__ == "__main__":
    main()
