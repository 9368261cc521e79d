"""Recorded histories are told as the plan prescribes: to whom, what, and to the minute."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.evaluate.replay import instants
from synthetic.notify.escalation import acknowledge
from synthetic.notify.impact import impact
from synthetic.notify.incidents import decide
from synthetic.notify.scene import Around
from synthetic.notify.stories import lived
from synthetic.plan.load import load
from synthetic.plan.model import seconds
from synthetic.results import Run, Sample
from synthetic.store.values import Incident, Parcel
from tests.histories import asking
from tests.runs import failed, journey, run
from tests.unit.notify.transcript import places_of

FOLDER = Path(__file__).parents[3] / "fixtures" / "histories"
INDEX: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "histories.toml").read_text())
PLAN = load()
# Long ones, in which reminders follow each other, tell nothing that these do not.
TOLD = ("outage", "outage_of_two_phases", "database", "gap", "slow", "users", "low")
# When somebody takes what is open by then; of other histories nobody takes anything.
TAKEN = {"outage": "10:36"}


def told(name: str) -> str:
    """A line for each note: when, which event, where to, and its title and story."""
    entry = INDEX[name]
    text = (FOLDER / f"{entry.get('of', name)}.jsonl").read_text()
    ask = asking(Sample.model_validate_json(line) for line in text.splitlines())
    every = timedelta(seconds=float(str(seconds(entry["every"]))))
    known: dict[str, Incident] = {}
    lines = [f"# {entry['story']}"]
    for now, found in instants(
        PLAN, entry.get("launch_at"), ask, entry["from"], entry["to"], every
    ):
        if f"{now:%H:%M}" == TAKEN.get(name):
            for one in [each for each in known.values() if each.called_at]:
                known[one.id], said = acknowledge(one, "Ada", now, PLAN)
                lines += _lines(said)
        gauges = tuple(gauge for all_ in found.gauges.values() for gauge in all_)
        decision = decide(
            PLAN,
            "https://kulti.club/",
            [one for one in known.values() if one.closed_at is None],
            found.alerts,
            now,
            transitions=found.transitions,
            around=Around(gauges, impact(ask, now), lived(runs(entry.get("lived", ()), now))),
        )
        known |= {one.id: one for one in decision.incidents}
        lines += _lines(decision.parcels)
    return "\n".join(lines) + "\n"


def runs(entries: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Run]:
    """Those that failed until then, newest first."""
    for one in reversed([each for each in entries if each["at"] <= now]):
        bad = failed(one["error"], feature=one["feature"])
        yield run(journey(bad, name=one["journey"], story=one["story"]), verdict="failed")


def _lines(parcels: tuple[Parcel, ...]) -> list[str]:
    lines = []
    for note, places in places_of(parcels):
        when = f"{note.at:%a %H:%M}"
        lines += [f"{when} {note.event}: {places}", f"    {note.title}", f"    {note.story}"]
    return lines


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told_as_the_plan_prescribes(name: str) -> None:
    path = FOLDER / f"{name}.told.txt"
    if "REWRITE" in os.environ:  # then read what changed before it is kept
        path.write_text(told(name))
    assert told(name).splitlines() == path.read_text().splitlines()
