"""Which faults the tests inject now: all, some by name, or a sample that goes with the commit.

``DETECT`` says: ``all``, ``new`` (those without a good result yet), names separated by commas, or
nothing for a sample. A sample holds what a change touches, and rotates with the commit so that in
time all come up.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping, Sequence

from synthetic.standin.faults import CATALOGUE, Fault
from tests.detection.detection import ROOT, noted

SAMPLED, TOUCHED, OURS = 5, 2, 4
# What a change in such a place may blind us to.
_TOUCHES: Mapping[str, tuple[str, ...]] = {
    "media": ("video", "screen_share"),
    "inbox": ("signup", "login"),
    "otp": ("signup", "login"),
    "access": ("signup", "login"),
    "dashboard": ("dashboard", "session_create"),
    "room": ("session_join", "video", "leave"),
    "chat": ("chat",),
    "contents": ("chat", "dashboard"),
    "recording": ("recording",),
    "probes": ("site", "health"),
    "sessions": ("session_create", "session_join"),
    "stability": ("reconnect",),
}


def chosen(environ: Mapping[str, str] = os.environ) -> list[Fault]:
    """The faults to inject now, in the catalogue's order."""
    asked = environ.get("DETECT", "")
    faults = list(CATALOGUE)
    if asked == "all":
        return faults
    if asked == "new":
        known = noted()
        return [one for one in faults if not (one.name in known and known[one.name].ok)]
    if asked:
        names = asked.split(",")
        return [one for one in faults if one.name in names]
    picked = sample(faults, _git("rev-parse", "HEAD"), _git("diff", "--name-only", "HEAD~1"))
    return [one for one in faults if one.name in picked]


def asked_always(fault: Fault) -> str:
    """How the stand-in is asked for it, so that it happens each time."""
    return f"{fault.name}=1" if fault.unit == "share" else fault.name


def sample(faults: Sequence[Fault], commit: str, changed: str) -> set[str]:
    """Names: some of what the changed files touch, and others, drawn by the commit."""
    places = {name: place for place, name in enumerate(drawn([one.name for one in faults], commit))}
    by_lot = sorted(faults, key=lambda one: places[one.name])
    features = {
        feature for place, touched in _TOUCHES.items() if place in changed for feature in touched
    }
    first = [one.name for one in by_lot if one.feature in features][:TOUCHED]
    rest = [one.name for one in by_lot if one.name not in first]
    return {*first, *rest[: SAMPLED + TOUCHED - len(first)]}


def passed_over(names: Sequence[str], environ: Mapping[str, str] = os.environ) -> set[str]:
    """Of the faults on our own side, those that a sample leaves for another commit."""
    return set() if environ.get("DETECT") else set(drawn(names, _git("rev-parse", "HEAD"))[OURS:])


def drawn(names: Sequence[str], commit: str) -> list[str]:
    """In an order that goes with the commit."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{commit} {name}".encode()).digest())


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
