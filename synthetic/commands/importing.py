"""Samples as JSON lines (contract 6): read twice, first to see whether all of them are good."""

from __future__ import annotations

import shutil
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from synthetic.commands.arguments import meant
from synthetic.errors import BadSamples, UsageError
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.store.sampling import reason_against
from synthetic.wording import fit

_AT_ONCE = 10_000
_MOST_TOLD = 20
_WIDTH = 200


@contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The lines of a file, or of standard input for ``-``; raises :class:`UsageError`."""
    if file == "-":
        with tempfile.TemporaryFile() as kept:  # a pipe cannot be read twice
            shutil.copyfileobj(sys.stdin.buffer, kept)
            yield kept
        return
    try:
        with Path(file).open("rb") as lines:
            yield lines
    except OSError as error:
        raise UsageError(f"{fit(file, _WIDTH)} cannot be read: {error.strerror}") from None


def checked(lines: IO[bytes], now: datetime) -> tuple[list[str], set[str]]:
    """A sentence for each line that is no sample, by its number from 1; the samples' metrics."""
    problems: list[str] = []
    names: set[str] = set()
    for number, line in _numbered(lines):
        found = _read(line, now)
        if isinstance(found, Sample):
            names.add(found.metric)
        else:
            problems.append(f"line {number}: {found}")
    return problems, names


def unread(names: Set[str], known: Set[str]) -> list[str]:
    """A sentence for each metric that was kept although the plan does not speak of it."""
    strange = sorted(names - known)
    more = len(strange) - _MOST_TOLD
    return [
        *(
            f"{fit(name, _WIDTH)} is kept, but the plan has no such metric: "
            f"{meant(name, known, 'no rule or report reads it')}"
            for name in strange[:_MOST_TOLD]
        ),
        *([f"so are {more} more"] if more > 0 else []),
    ]


def refused(problems: Sequence[str], file: str) -> BadSamples:
    """The error for a file with bad lines."""
    more = len(problems) - _MOST_TOLD
    told = [*problems[:_MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]
    head = f"{fit(file, _WIDTH)} has {len(problems)} bad lines, so nothing was stored"
    return BadSamples(
        "\n".join([f"{head}; correct them, or leave them out with --lenient:", *told])
    )


def stored(store: Store, target: str, lines: IO[bytes], now: datetime) -> str:
    """Store what is good of the lines; what became of it, in a sentence."""
    new = there = late = 0
    read = (_read(line, now) for _, line in _numbered(lines))
    samples = (found for found in read if isinstance(found, Sample))
    for batch in _batches(samples):
        added = store.add_samples(target, batch, now)
        new, there, late = new + added.stored, there + added.duplicates, late + len(added.refused)
    said = f"{target}: {new} samples stored, {there} were there already"
    return f"{said}, {late} came too late for hours that have expired" if late else said


def _read(line: bytes, now: datetime) -> Sample | str:
    """The sample on a line, or why there is none."""
    try:
        sample = Sample.model_validate_json(line.strip().removeprefix(BOM_UTF8))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].replace(" at line 1 column", " at column")  # the only line it was given
        return fit(f"{where}: {said}" if where else said, _WIDTH)
    return reason_against(sample, now) or sample


def _numbered(lines: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    lines.seek(0)
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _batches(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    left = iter(samples)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch
