"""Samples as JSON lines in ``reports/samples.jsonl``."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from pathlib import Path

from synthetic.results import Sample
from synthetic.store.run_folder import not_writable


def append(reports: Path, samples: Sequence[Sample]) -> None:
    """Add the samples; several processes may do so at once.

    Raises :class:`~synthetic.errors.ReportsNotWritable`.
    """
    path = reports / "samples.jsonl"
    try:
        with path.open("a", encoding="utf-8") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            lines.write("".join(sample.model_dump_json() + "\n" for sample in samples))
    except OSError as error:
        raise not_writable(path, error) from error
