"""Measures, and writes ``docs/figures.md``: all benchmarks, or those named.

    python -m benchmarks [decoder detection …]

Sections of benchmarks that were not measured now are kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from benchmarks import (
    dashboard,
    day,
    decoder,
    detection,
    evaluating,
    fleet,
    full,
    gate,
    intermittent,
    killing,
    machinery,
    overhead,
    pairs,
    probing,
    proof_cost,
    repeat,
    reporting,
    setting_up,
    storing,
    timing,
    wall,
)
from benchmarks.report import Figure, rewrite, section

DOCUMENT = Path("docs/figures.md")
SERIES = "Runs in a row"
# Title, where its text stands, and how it is measured, by name and in the order of the document.
BENCHMARKS: dict[str, tuple[str, ModuleType, Callable[[], Sequence[Figure]]]] = {
    "timing": ("Timing truth", timing, lambda: timing.run(delays=210, seed=1)),
    "decoder": ("Decoder truth", decoder, lambda: decoder.run(decoder.ENOUGH, seed=1)),
    "detection": ("Detection", detection, lambda: detection.run(onsets=20, seed=1)),
    "proof_cost": ("Cost of proof", proof_cost, lambda: proof_cost.run(rounds=3)),
    "overhead": ("Overhead", overhead, lambda: overhead.run(pairs=7)),
    "wall": ("Wall time", wall, lambda: wall.run(runs=5)),
    "full": ("Wall time of the full suite", full, full.run),
    "evaluating": ("Evaluating a year", evaluating, evaluating.run),
    "reporting": ("Reporting over a year", reporting, reporting.run),
    "storing": ("Storing runs", storing, storing.run),
    "killing": ("Killed rounds", killing, lambda: killing.run(kills=200)),
    "pairs": ("Pairs of faults", pairs, pairs.run),
    "intermittent": ("Intermittent faults", intermittent, intermittent.run),
    "machinery": ("Cost of a clean run's machinery", machinery, machinery.run),
    "probing": ("Probe timing", probing, probing.run),
    "day": ("A scripted day", day, day.run),
    "dashboard": ("Dashboard", dashboard, dashboard.run),
    "gate": ("The gate", gate, gate.run),
    "fleet": ("A fleet", fleet, fleet.run),
    "setting_up": ("Setting up", setting_up, setting_up.run),
}
# Why a figure misses its goal, for as long as it does.
REASONS: dict[str, str] = {
    "smoke journey / bare script, median": "the journey waits for what the bare script takes on "
    "trust (the other's decoded picture and voice, senders that have climbed to the plan's least "
    "bitrate) and reads every frame on the two cores that also encode them",
    "50 locations that are down, quorum 2: evaluating / one location, time": "it reads an hour or "
    "two of samples, which are not rolled up yet, of fifty times the series, and judges fifty "
    "times the alerts; one location's takes few milliseconds, most of them for asking",
    "`pytest -m smoke` / floor, median": "half of it is the call, and half of the call is media "
    "being watched; so far feeds were made in less than half the time, media watched 0.5 s less "
    "twice, and only the suite's own folder collected",
}


def main() -> None:
    """Measure those named, or all, and write each section as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in names:
        title, module, measure = BENCHMARKS[name]
        write(title, module, measure())
    print(DOCUMENT)


def write(title: str, module: ModuleType, figures: Sequence[Figure]) -> None:
    """Put a section, and the tally of the series, into the document."""
    fresh = {title: section(module.__doc__ or "", figures, REASONS)}
    if runs := repeat.tally():
        fresh[SERIES] = section(repeat.__doc__ or "", runs, REASONS)
    rewrite(DOCUMENT, [*(one for one, *_ in BENCHMARKS.values()), SERIES], fresh)


if __name__ == "__main__":
    main()
