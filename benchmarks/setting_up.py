"""Setting up: from a clone to the first green smoke on a fresh machine, against a bare Playwright.

The machine is a Debian root of its own, made by ``mmdebstrap`` (so this needs root) with Python,
``venv``, git and make in it, and without a cache of pip's. In copies of it, in turn: *ours* is
``git clone`` and ``make setup``, *bare* a virtual environment with Playwright alone, of the pinned
version. Each gets a browser, Playwright's where it can be downloaded and else the distribution's,
as ``make setup`` does. Megabytes are those of all files that were made, without apt's lists and
pip's cache. Goals: ≤ 1.5 × the bare one. Then the first smoke run, against the stand-in.

    python -m benchmarks.setting_up [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, progress
from scripts.setup import CONNECT_LIMIT_MS

ROOT = Path(__file__).parents[1]
GOAL_RATIO = 1.5
ROUNDS = 3
LIMIT_S = 900
MEGABYTE = 1e6
_FRESH = "ca-certificates,git,make,python3,python3-venv"
_AS_HERE = (
    "etc/apt/apt.conf.d", "etc/pip.conf", "etc/resolv.conf", "etc/hosts",
    "etc/ssl/certs/ca-certificates.crt",
)  # fmt: skip
"""How this machine reaches package indexes."""
_KEPT = ("PATH", "LANG", "PIP_", "SSL_CERT_", "REQUESTS_CA_", "NODE_EXTRA_CA_")
HOME = "/home"
_CACHES = (Path("var/lib/apt/lists"), Path("var/cache"), Path(HOME[1:], ".cache/pip"), Path("tmp"))
_APART = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
_ENTER = """
mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mkdir -p "$1/project" &&
mount --bind "$2" "$1/project" && cd / && exec chroot "$1" sh -e -c "$3"
"""
_OURS = """
git -c safe.directory='*' clone --quiet /project ~/clone
make -C ~/clone setup
"""
_BARE = """
python3 -m venv ~/venv
~/venv/bin/pip install -q playwright=={version}
export PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT={connect_ms}
if ~/venv/bin/playwright install --no-shell chromium; then
    ~/venv/bin/playwright install-deps chromium
else
    apt-get update -q
    apt-get install -y -q --no-install-recommends chromium
fi
"""


@dataclass(frozen=True)
class Cost:
    """Of one set-up."""

    seconds: float
    megabytes: float


def run(rounds: int = ROUNDS) -> list[Figure]:
    """Both set-ups in turn, and a smoke run after each of ours."""
    bare = _BARE.format(version=_pinned("playwright"), connect_ms=CONNECT_LIMIT_MS)
    pairs: list[tuple[Cost, Cost]] = []
    smokes: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        fresh, used = Path(folder, "fresh"), Path(folder, "used")
        _debian(fresh)
        for _ in progress("setting up", rounds):
            _copy(fresh, used)
            ours = _costs(used, _OURS)
            smokes.append(_seconds(used, "make -C ~/clone smoke"))
            shutil.rmtree(used)
            _copy(fresh, used)
            pairs.append((ours, _costs(used, bare)))
            shutil.rmtree(used)
    return _figures(pairs, smokes)


def _debian(fresh: Path) -> None:
    """A root as on a fresh machine, which reaches package indexes as this machine does."""
    if os.geteuid() or not shutil.which("mmdebstrap"):
        raise SystemExit("A fresh machine is made by root, with Debian's package mmdebstrap.")
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    making = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={_FRESH}",
        suite,
        str(fresh),
    ]
    subprocess.run(making, check=True, timeout=LIMIT_S, stdout=subprocess.DEVNULL)
    for name in _AS_HERE:
        here, there = Path("/", name), fresh / name
        with suppress(FileNotFoundError):
            if here.is_dir():
                shutil.copytree(here, there, dirs_exist_ok=True)
            else:
                there.write_bytes(here.read_bytes())


def _copy(fresh: Path, used: Path) -> None:
    """Devices as devices."""
    subprocess.run(["cp", "-a", fresh, used], check=True, timeout=LIMIT_S)


def _pinned(name: str) -> str:
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    (version,) = re.findall(rf"^{name}==([\w.]+)", pins, re.MULTILINE)
    return str(version)


def _costs(root: Path, script: str) -> Cost:
    before = _megabytes(root)
    seconds = _seconds(root, script)
    return Cost(seconds, _megabytes(root) - before)


def _seconds(root: Path, script: str) -> float:
    """How long a script takes on that machine, as a user who has set nothing."""
    environ = {name: text for name, text in os.environ.items() if name.startswith(_KEPT)}
    environ |= {"HOME": HOME, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*_APART, "sh", "-e", "-c", _ENTER, "sh", str(root), str(ROOT), script]
    started = time.monotonic()
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    took = time.monotonic() - started
    if done.returncode:
        raise SystemExit(f"Failed:\n{script}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return took


def _megabytes(root: Path) -> float:
    """Of all files but caches; what is linked twice is counted once."""
    seen = dict[int, int]()
    for at, folders, files in os.walk(root):
        here = Path(at)
        folders[:] = [name for name in folders if (here / name).relative_to(root) not in _CACHES]
        for name in files:
            found = (here / name).lstat()
            seen[found.st_ino] = found.st_size
    return sum(seen.values()) / MEGABYTE


def _figures(pairs: Sequence[tuple[Cost, Cost]], smokes: Sequence[float]) -> list[Figure]:
    def figure(name: str, of: Callable[[Cost, Cost], float], unit: str) -> Figure:
        goal = GOAL_RATIO if unit == "×" else None
        return Figure(name, statistics.median(of(*pair) for pair in pairs), unit, goal, len(pairs))

    return [
        figure("set-up / bare Playwright, time", lambda a, b: a.seconds / b.seconds, "×"),
        figure("set-up / bare Playwright, size", lambda a, b: a.megabytes / b.megabytes, "×"),
        figure("`git clone` and `make setup`, median", lambda a, _: a.seconds, "s"),
        figure("bare Playwright, median", lambda _, b: b.seconds, "s"),
        figure("made by `git clone` and `make setup`", lambda a, _: a.megabytes, "MB"),
        figure("made by the bare one", lambda _, b: b.megabytes, "MB"),
        Figure("the first `make smoke`, median", statistics.median(smokes), "s", None, len(smokes)),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    for figure in run(parser.parse_args().rounds):
        print(figure)
