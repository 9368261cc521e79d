"""Faults in pairs, from different origins: the target is never blamed for what we broke ourselves.

Each pair is injected for real into a run of the smoke journey of two people: a fault of the target
or of a service that we depend on, and one of our own machine which is in force at the very step at
which the other is; or one of the target and one of a service. Taken processors are not among them:
they slow what they do not break, and our own call, made on the same slow machine, says so; what
they do to clean runs is measured in *Runs in a row*. Drawn by their names, always the same. Goals:
of the pairs with a broken runner none `failed`, as of those without the target none may; at least
40 pairs.

Every pair adds a line to `reports/series/pairs.jsonl`; begun again, it goes on where it stopped.

    python -m benchmarks.pairs [--target-and-runner 18] [--target-and-dependency 14]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.report import Figure
from benchmarks.series import add, lines
from synthetic.standin.faults import CATALOGUE, Fault
from tests.detection import troubles
from tests.detection.sample import asked_always
from tests.journeys.conftest import Answer, serving, standin_serving, starting
from tests.journeys.running import Running

SERIES = "pairs"
TARGET, RUNNER, DEPENDENCY = "target", "runner", "dependency"
SHARES = {f"{TARGET}+{RUNNER}": 18, f"{TARGET}+{DEPENDENCY}": 14, f"{DEPENDENCY}+{RUNNER}": 10}
IMPATIENT = {
    "SYNTHETIC_STEP_TIMEOUT_S": "8",
    "SYNTHETIC_MEDIA_WARMUP_S": "0.5",
    "SYNTHETIC_MEDIA_WATCH_S": "1.5",
}
_AFTER_SIGNUP = ("session_create", "session_join", "video", "chat", "leave")
_ALL = ("signup", "login", "dashboard", *_AFTER_SIGNUP)
_MOST_S = 240.0
Env = Mapping[str, str]


@dataclass(frozen=True)
class Trouble:
    """One fault of ours or of a service of ours.

    ``breaks`` are the features in whose steps it is in force; ``env`` brings it about from the
    start, ``then`` once the step ``after`` has passed.
    """

    name: str
    origin: str
    breaks: tuple[str, ...]
    env: Callable[[Path, ExitStack], Env] = lambda _folder, _ends: {}
    then: Callable[[Running], None] | None = None
    after: str = "sign up"


def _mailbox(answer: Answer) -> Callable[[Path, ExitStack], Env]:
    return lambda _, ends: {"SYNTHETIC_INBOX__URL": ends.enter_context(serving(answer))}


def _browser(path: str) -> Callable[[Path, ExitStack], Env]:
    return lambda folder, _: {"SYNTHETIC_BROWSER_PATH": path or str(folder / "nothing")}


def _without_udp(folder: Path, _: ExitStack) -> Env:
    return {"SYNTHETIC_BROWSER_PATH": troubles.browser_with(folder, troubles.NO_CALLS_BY_UDP)}


def _damaged_camera(folder: Path, _: ExitStack) -> Env:
    media = folder / "media"
    media.mkdir()
    (media / "scene-host-1.mjpeg").write_bytes(b"\xff\xd8\xff and no more")
    return {"SYNTHETIC_MEDIA_DIR": str(media)}


TROUBLES = (
    Trouble("browser-missing", RUNNER, _ALL, _browser("")),
    Trouble("browser-fails", RUNNER, _ALL, _browser("/bin/true")),
    Trouble("camera-damaged", RUNNER, _ALL, _damaged_camera),
    Trouble("udp-blocked", RUNNER, ("video",), _without_udp),
    Trouble("no-file-handles", RUNNER, _AFTER_SIGNUP, then=troubles.no_more_files),
    Trouble("browser-killed", RUNNER, _AFTER_SIGNUP, then=troubles.browser_dies),
    Trouble(
        "page-out-of-memory",
        RUNNER,
        ("chat", "leave"),  # before the call a page may still change its process
        then=troubles.page_out_of_memory,
        after="hear each other",
    ),
    Trouble(
        "mailbox-down",
        DEPENDENCY,
        ("signup",),
        lambda _folder, _ends: {"SYNTHETIC_INBOX__URL": "http://127.0.0.1:1"},
    ),
    Trouble("mailbox-refuses", DEPENDENCY, ("signup",), _mailbox(troubles.REFUSES)),
    Trouble("mailbox-slow", DEPENDENCY, ("signup",), _mailbox(troubles.late)),
)
Pair = tuple[Fault | None, tuple[Trouble, ...]]


def pairs(shares: Mapping[str, int]) -> Iterator[tuple[str, str, Pair]]:
    """So many of each kind, always the same: the kind, a name, and what is broken."""
    ours = [one for one in TROUBLES if one.origin == RUNNER]
    services = [one for one in TROUBLES if one.origin == DEPENDENCY]
    faults = [
        one
        for one in CATALOGUE
        if (one.origin, one.verdict, one.journey) == (TARGET, "failed", "smoke")
    ]
    found: dict[str, list[tuple[str, Pair]]] = {
        f"{TARGET}+{RUNNER}": _together(faults, ours),
        f"{TARGET}+{DEPENDENCY}": _together(faults, services),
        f"{DEPENDENCY}+{RUNNER}": [
            (f"{one.name}+{other.name}", (None, (one, other)))
            for one, other in product(services, ours)
            if other.breaks == _ALL or other.then is None
        ],
    }
    for kind, share in shares.items():
        drawn = sorted(found[kind], key=lambda one: hashlib.sha256(one[0].encode()).digest())
        yield from ((kind, name, pair) for name, pair in drawn[:share])


def _together(faults: Sequence[Fault], others: Sequence[Trouble]) -> list[tuple[str, Pair]]:
    return [
        (f"{fault.name}+{trouble.name}", (fault, (trouble,)))
        for fault, trouble in product(faults, others)
        if fault.feature in trouble.breaks
    ]


def once(fault: Fault | None, broken: Sequence[Trouble]) -> dict[str, Any]:
    """The verdict of a run with all of it, and which step failed."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ends:
        place = Path(folder)
        asked = [] if fault is None else [asked_always(fault)]
        env = dict(ends.enter_context(standin_serving(*asked)).env) | IMPATIENT
        for trouble in broken:
            env |= trouble.env(place, ends)
        running = ends.enter_context(starting(place))("-k", "meet", env=env)
        for trouble in broken:
            if trouble.then:
                running.passes(trouble.after)
                trouble.then(running)
        run = running.finish(_MOST_S)
        step = run.failed[0] if run.failed else None
        return {
            "verdict": run.record.verdict,
            "origin": run.record.origin,
            "step": step and step.name,
            "said": step and step.error and f"{step.error.type}: {step.error.message}",
        }


def run(shares: Mapping[str, int] = SHARES) -> Sequence[Figure]:
    """All pairs that were not tried yet are tried; then all of them are counted."""
    known = {one["pair"] for one in lines(SERIES)}
    for kind, name, (fault, broken) in pairs(shares):
        if name in known:
            continue
        found = {"kind": kind, "pair": name, **once(fault, broken)}
        add(SERIES, found)
        print(json.dumps(found), flush=True)
    return tally(lines(SERIES))


def tally(found: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """How many of each kind were blamed on the target; the newest line of a pair counts."""
    newest = {one["pair"]: one for one in found}.values()
    figures = []
    for kind in SHARES:
        of_kind = [one for one in newest if one["kind"] == kind]
        failed = sum(one["verdict"] == "failed" for one in of_kind)
        goal = None if RUNNER not in kind else 0
        name = f"{kind.replace('+', ' and ')}: `failed`"
        figures.append(Figure(name, failed, "pairs", goal, len(of_kind)))
    passed = sum(one["verdict"] in ("passed", "degraded") for one in newest)
    return [*figures, Figure("any two: not noticed", passed, "pairs", 0, len(newest))]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for kind, usual in SHARES.items():
        name = kind.replace("+", "-and-")
        parser.add_argument(f"--{name}", dest=kind, type=int, default=usual)
    for figure in run(vars(parser.parse_args())):
        print(figure)


if __name__ == "__main__":
    _main()
