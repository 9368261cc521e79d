"""What is kept of an attempt: pictures, and files with what each is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from synthetic.dashboard.evidence import is_kind, within
from synthetic.media.mark import ROLES
from synthetic.reports.document import clean
from synthetic.reports.summary_words import purpose
from synthetic.results import Journey

_MOST_FILES = 60
_BYTES_A_KB = 1000
_PICTURE, _SUMMARY = "screenshot.png", "summary.html"


@dataclass(frozen=True)
class File:
    """A file: where it can be had, its name under the attempt's folder, size, and purpose."""

    link: str
    name: str
    size: str
    purpose: str


@dataclass(frozen=True)
class Picture:
    """What an actor's page looked like when the attempt failed."""

    actor: str
    link: str


@dataclass(frozen=True)
class Evidence:
    """Of one attempt; ``summary`` is the page that tells it all, if there is one."""

    summary: str | None = None
    pictures: tuple[Picture, ...] = ()
    files: tuple[File, ...] = field(default=())


def evidence_of(folder: Path, journey: Journey, run_id: str) -> Evidence:
    """What the folder of a run holds of an attempt."""
    root = folder / "evidence"
    place = within(root, f"{journey.name}-{journey.attempt}")
    if place is None or not place.is_dir():
        return Evidence()
    found = list(_files(root, place, run_id))
    pictures = [
        Picture(clean(one.name.partition("/")[0], 24), one.link)
        for one in found
        if one.name.endswith(f"/{_PICTURE}")
    ]
    summary = next((one.link for one in found if one.name == _SUMMARY), None)
    return Evidence(
        summary,
        tuple(sorted(pictures, key=lambda one: _role(one.actor))),
        tuple(found[:_MOST_FILES]),
    )


def _role(actor: str) -> int:
    return ROLES.index(actor) if actor in ROLES else len(ROLES)


def _files(root: Path, place: Path, run_id: str) -> Iterator[File]:
    for path in sorted(place.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not is_kind(name) or within(root, name) is None or not path.is_file():
            continue
        yield File(
            link=f"/runs/{run_id}/evidence/{quote(name)}",
            name=path.relative_to(place).as_posix(),
            size=_size(path.stat().st_size),
            purpose=purpose(path.name),
        )


def _size(octets: int) -> str:
    if octets < _BYTES_A_KB:
        return f"{octets} B"
    kilobytes = octets / _BYTES_A_KB
    return f"{kilobytes:.0f} kB" if kilobytes < _BYTES_A_KB else f"{kilobytes / 1000:.1f} MB"
