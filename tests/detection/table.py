"""``python -m tests.detection.table`` writes docs/detection.md from what the tests noted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median

from synthetic.standin.faults import CATALOGUE
from tests.detection.detection import ROOT, Detection, noted

TARGET = ROOT / "docs" / "detection.md"
_OPENING = """# What is detected

Every fault below is injected for real: into the stand-in (`synthetic standin --list-faults`), into
a service that we depend on, or into our own side. *Caught by* is the verdict, whom it blames, and
the feature and step that failed; *after* counts from that step's start, whose limit is 8 s here;
*told* is the incident that follows by the monitoring plan, its severity and who hears of it.
Made by `make detect`; a fault that was not caught by the right step, or not blamed rightly, stands
first and fails it.
"""
_HEAD = "| fault | what breaks | caught by | after | told |\n|---|---|---|---:|---|"


def markdown(found: Sequence[Detection], names: Sequence[str]) -> str:
    """The page: what was missed, what was not run, all else."""
    missed = [one for one in found if not one.ok]
    caught = [one for one in found if one.ok]
    unseen = sorted(set(names) - {one.fault for one in found})
    waits = [one.caught_ms for one in caught if one.caught_ms is not None]
    rightly = "caught by the right step, blamed and told rightly"
    told = [
        f"**{len(caught)} of {len(found)} faults {rightly}**"
        + (f", half of them within {median(waits) / 1000:.1f} s." if waits else "."),
    ]
    if missed:
        told += ["\n## Missed\n", _HEAD, *(_row(one, missed=True) for one in missed)]
    if unseen:
        told += ["\n## Not run\n", ", ".join(f"`{name}`" for name in unseen)]
    told += ["\n## Caught\n", _HEAD, *(_row(one) for one in caught)]
    return "\n".join([_OPENING, *told, ""])


def _row(one: Detection, *, missed: bool = False) -> str:
    after = "–" if one.caught_ms is None else f"{one.caught_ms / 1000:.1f} s"
    got = f"{one.got} (wanted: {one.wanted})" if missed else one.got
    told = f"{one.told} (due: {one.due})" if missed else one.told
    cells = (f"`{one.fault}`", one.breaks, got.replace(" | ", " · "), after, told)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main() -> int:
    """Write the page; 1 when a fault was missed, or never run."""
    known = [fault.name for fault in CATALOGUE]
    order = {name: number for number, name in enumerate(known)}
    found = sorted(noted().values(), key=lambda one: (order.get(one.fault, len(order)), one.fault))
    TARGET.write_text(markdown(found, known), "utf-8")
    missed = [one.fault for one in found if not one.ok]
    sys.stdout.write(f"{TARGET.name}: {len(found)} faults, {len(missed)} missed {missed}\n")
    return 1 if missed or set(known) - {one.fault for one in found} else 0


if __name__ == "__main__":
    sys.exit(main())
