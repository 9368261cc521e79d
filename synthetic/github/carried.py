"""What one run of the workflow leaves to the next: names, choice and contents of artifacts. Pure.

``records-…`` are immutable and hold one job's run records; ``history-…`` is all of a location's
records so far with its database, which is a convenience: without it, or with a damaged one, the
records are read one by one. ``undelivered-…`` are records and figures that a server's database did
not take.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

KEEP = timedelta(days=90)
"""As long as GitHub keeps an artifact at most."""
MOST_RECORDS = 400  # of which each is a request; a month of two-hourly runs is fewer
_MOST_BYTES, _MOST_FILES = 2 << 30, 40_000
_NAME = re.compile(r"(records|history|undelivered)-([a-z0-9][a-z0-9-]*)-(\d+)-(\d+)")
_FILE = re.compile(
    r"history\.db|carried\.json|figures/[a-z0-9-]+\.jsonl"
    r"|runs/(\d{8}T\d{6}Z-[0-9a-f]{4})/(?:run\.json|unstored)"
)

Kind = Literal["records", "history", "undelivered"]


class Unusable(Exception):
    """An archive is not what it should be; the message says how."""


@dataclass(frozen=True)
class Artifact:
    """What a job of ours left."""

    id: int
    name: str
    kind: str
    location: str
    made: str


def name_of(kind: Kind, location: str, run: str, attempt: str) -> str:
    """The name of what a job leaves; no two jobs have the same."""
    return f"{kind}-{location}-{run}-{attempt}"


def trusted(rows: Iterable[Mapping[str, Any]], branch: str) -> list[Artifact]:
    """Of all artifacts of a repository those that runs of ours left, the newest first.

    Anybody can name an artifact so, in a pull request: what a fork or another branch made is none
    of ours.
    """
    found = []
    for row in rows:
        made_by = row.get("workflow_run") or {}
        named = _NAME.fullmatch(str(row.get("name")))
        ours = made_by.get("head_repository_id") == made_by.get("repository_id") is not None
        if named and ours and made_by.get("head_branch") == branch and row.get("expired") is False:
            found.append(
                Artifact(int(row["id"]), named[0], named[1], named[2], str(row["created_at"]))
            )
    return sorted(found, key=lambda one: (one.made, one.id), reverse=True)


def of(artifacts: Iterable[Artifact], kind: Kind, location: str) -> list[Artifact]:
    """Those of one kind and location."""
    return [one for one in artifacts if (one.kind, one.location) == (kind, location)]


def missing(artifacts: Iterable[Artifact], location: str, known: Collection[str]) -> list[Artifact]:
    """Records that the carried history does not hold, the newest first, not too many."""
    wanted = [one for one in of(artifacts, "records", location) if one.name not in known]
    return wanted[:MOST_RECORDS]


def unpacked(archive: bytes, now: datetime) -> dict[str, bytes]:
    """Files by their place below the reports' folder, and of those only what belongs there.

    Records that are kept no longer are left out. Raises :class:`Unusable` for what is no archive
    or too large.
    """
    oldest = f"{(now - KEEP).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = opened.infolist()
            if len(entries) > _MOST_FILES or sum(one.file_size for one in entries) > _MOST_BYTES:
                raise Unusable("is larger than any of ours")
            named = [(one, _FILE.fullmatch(one.filename)) for one in entries]
            return {
                entry.filename: opened.read(entry)
                for entry, found in named
                if found and (found[1] is None or found[1] >= oldest)
            }
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise Unusable(f"is damaged ({type(error).__name__})") from None


def manifest(files: Mapping[str, bytes]) -> set[str]:
    """The names of the records that a carried history holds; raises :class:`Unusable`."""
    try:
        names = json.loads(files["carried.json"])["artifacts"]
        return {str(name) for name in names}
    except (KeyError, ValueError, TypeError):
        raise Unusable("does not say what it holds") from None
