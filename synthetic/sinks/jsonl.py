"""Samples as JSON lines in ``reports/samples.jsonl``."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from pathlib import Path

from synthetic.errors import ReportsNotWritable
from synthetic.results import Sample


def append(reports: Path, samples: Sequence[Sample]) -> None:
    """Add the samples; several processes may do so at once.

    Raises :class:`ReportsNotWritable`.
    """
    path = reports / "samples.jsonl"
    try:
        with path.open("a", encoding="utf-8") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            lines.write("".join(sample.model_dump_json() + "\n" for sample in samples))
    except OSError as error:
        raise ReportsNotWritable(
            f"{path} cannot be written: {error.strerror or error}; free some space or make it "
            "writable"
        ) from error
