"""Where a run is known from: its record on this machine, else the history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthetic.dashboard.evidence import RUN_ID
from synthetic.dashboard.pages import NotThere
from synthetic.dashboard.watched import Watched
from synthetic.errors import ReportsNotWritable
from synthetic.results import Run
from synthetic.store.alive import is_alive
from synthetic.store.run_folder import RunFolder

_UNKNOWN = "No run is called so: the list of runs has all there are."
_LOST = "The record of this run is damaged, and the history does not know it."
_OTHER = "This run looked at another target than this dashboard shows."
_DAMAGED = "Its record is damaged: this is what the history knows of it."
_ELSEWHERE = (
    "Its record and evidence are not on this machine: this is what the history knows of it."
)
_CUT_OFF = "It was cut off before it ended: of the product it says nothing."


@dataclass(frozen=True)
class Known:
    """A run, what is missing of it in a sentence, and whether it goes on just now."""

    run: Run
    damage: str
    goes_on: bool
    folder: Path


def known(watched: Watched, run_id: str) -> Known:
    """The run as it is known best; raises :class:`NotThere`."""
    if not RUN_ID.fullmatch(run_id):
        raise NotThere(_UNKNOWN)
    reports = watched.settings.reports_dir
    folder = RunFolder.open(reports, run_id)
    here = (folder.path / "run.json").is_file() and _is_inside(folder.path, reports)
    run = _recorded(folder) if here else None
    damage = "" if run else _DAMAGED if here else _ELSEWHERE
    run = run or watched.store.run(run_id)
    if run is None:
        raise NotThere(_LOST if here else _UNKNOWN)
    if (run.target, run.run_id) != (watched.target, run_id):
        raise NotThere(_OTHER)
    goes_on = run.finished_at is None and is_alive(folder.path)
    if run.finished_at is None and not goes_on:
        damage = damage or _CUT_OFF
    return Known(run, damage, goes_on, folder.path)


def _recorded(folder: RunFolder) -> Run | None:
    """The record; while a run goes on, with what its parts hold so far."""
    try:
        run = folder.read()
        return run if run.finished_at else folder.fold()
    except ReportsNotWritable:
        return None


def _is_inside(path: Path, reports: Path) -> bool:
    return path.resolve() == (reports / "runs").resolve() / path.name
