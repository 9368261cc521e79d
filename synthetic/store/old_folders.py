"""What runs leave in their folders goes in time, lest it fills the disk; the record goes last."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from synthetic.store.expiry import KEEP

UNSTORED = "unstored"
"""A file in a run's folder: the history does not know the run yet."""
_RECORD = "run.json"
_RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")
_log = logging.getLogger(__name__)


def outlived(names: Iterable[str], began_before: datetime) -> Iterator[str]:
    """Which of the runs began before that, by their ids; never the newest of all."""
    runs = sorted(name for name in names if _RUN_ID.fullmatch(name))
    past = f"{began_before.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return (name for name in runs[:-1] if name < past)


def tidy(runs: Path, now: datetime, evidence: timedelta, of_failed: timedelta) -> None:
    """Remove what lies beside the records of runs that began longer than ``evidence`` ago.

    Of those that failed it goes ``of_failed`` after they began, if that is later. The records go
    when the history forgets how those runs ended: until then it could be made again from them. Of a
    run that it does not know yet, all stays. What cannot be removed is logged.
    """
    names = [path.name for path in runs.iterdir()] if runs.is_dir() else []
    forgotten = set(outlived(names, now - KEEP.hours))
    outworn = set(outlived(names, now - of_failed))
    for name in outlived(names, now - evidence):
        folder = runs / name
        try:
            left = {path.name for path in folder.iterdir()}
            beside = left - {_RECORD}
            if UNSTORED in left or (beside and name not in outworn and _failed(folder)):
                continue
            for one in beside:
                _remove(folder / one)
            if name in forgotten:
                shutil.rmtree(folder)
        except OSError as error:
            _log.warning("%s is old and stays: %s", folder, error.strerror or error)


def _failed(folder: Path) -> bool:
    """Whether the record says so; it need not be one that this version reads."""
    try:
        return bool(json.loads((folder / _RECORD).read_bytes())["verdict"] == "failed")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
