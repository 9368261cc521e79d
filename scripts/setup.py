"""Makes .venv with what is pinned in requirements.txt, and finds or installs a browser.

With ``--dev`` it is requirements-dev.txt, which has in it what the project's own checks need too.
Standard library only, and old syntax: it runs before anything is installed, under whatever Python
is there. It does nothing when nothing is missing. Exit code 1 and one sentence when it can't.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.stamp"
RUNNING = "requirements.txt"
DEVELOPING = "requirements-dev.txt"  # all of the other, and more
OLDEST = (3, 11)
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_LIMIT_S = 600
CONNECT_LIMIT_MS = "10000"


class CannotSetUp(Exception):
    """Something only a person can mend; the message is the sentence that says what."""


def main(arguments: list[str]) -> int:
    """Set up what is missing; the exit code."""
    wanted = DEVELOPING if "--dev" in arguments else RUNNING
    use_python_new_enough()
    started = time.monotonic()
    try:
        if is_ready(wanted):
            return 0
        with Path(__file__).open() as lock:  # locks this file itself: nothing is left behind
            wait_for_others(lock)
            if not is_ready(wanted):
                install_packages(wanted)
                install_browser()
                link_ffmpeg()
    except CannotSetUp as error:
        say(str(error))
        return 1
    say(f"Ready after {time.monotonic() - started:.0f} s.")
    return 0


def use_python_new_enough() -> None:
    """Go on under a Python that is new enough, or end with a sentence."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *sys.argv])
    say(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}: install one.")
    sys.exit(1)


def say(text: str) -> None:
    """One line for a person, on standard error."""
    sys.stderr.write(f"{text}\n")


def wait_for_others(lock: TextIO) -> None:
    """Hold the lock; another set-up in this checkout ends first."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another set-up runs in this checkout; waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def is_ready(wanted: str) -> bool:
    """Whether .venv holds what is pinned, under a Python that works, and a browser is there."""
    try:
        return has_packages(wanted) and has_browser()
    except (OSError, subprocess.CalledProcessError):
        return False


def has_packages(wanted: str) -> bool:
    """Whether .venv holds what is pinned there, or more; raises where its Python is gone."""
    files = [name for name in (wanted, DEVELOPING) if (ROOT / name).exists()]
    return STAMP.exists() and any(STAMP.read_text() == expected_stamp(name) for name in files)


def expected_stamp(wanted: str) -> str:
    """A digest of all that decides what .venv must hold, and where it stands."""
    version = subprocess.check_output([PYTHON, "-I", "-S", "-c", "import sys; print(sys.version)"])
    digest = hashlib.sha256(version + os.fsencode(ROOT))
    for name in (wanted, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install_packages(wanted: str) -> None:
    """Make .venv hold the packages pinned there, and the project itself, editable."""
    try:
        if has_packages(wanted):
            return
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(VENV, ignore_errors=True)  # its Python is gone
    if not PYTHON.exists():
        say(f"Making .venv with Python {sys.version.split()[0]}")
        run(
            [sys.executable, "-m", "venv", VENV],
            "see above; on Debian: apt-get install python3-venv",
        )
    STAMP.unlink(missing_ok=True)
    # Most of what is there is never imported: Python compiles what is, when it is.
    quietly = ["-q", "--disable-pip-version-check", "--no-compile"]
    pip = [PYTHON, "-m", "pip", "install", *quietly]
    say(f"Installing the packages of {wanted}")
    offline = "see above; is the package index reachable?"
    run([*pip, "--require-hashes", "-r", ROOT / wanted], offline)
    run([*pip, "--no-deps", "--no-build-isolation", "-e", ROOT], "see above")
    STAMP.write_text(expected_stamp(wanted))


def run(command: list[object], advice: str) -> None:
    """Run a command; its failure is a sentence with this advice."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        say(done.stdout)
        raise CannotSetUp(f"`{shlex.join(words)}` failed: {advice}.")


def has_browser() -> bool:
    """Whether there is a browser to start: the one set, Playwright's build, or the system's."""
    asked = os.environ.get("SYNTHETIC_BROWSER_PATH")
    if asked:
        return Path(asked).is_file()
    return has_playwright_build() or any(map(shutil.which, SYSTEM_BROWSERS))


def has_playwright_build() -> bool:
    """Whether the Chromium that the installed Playwright wants is in its folder."""
    return (playwright_folder("chromium") / "INSTALLATION_COMPLETE").is_file()


def playwright_folder(name: str) -> Path:
    """Where the installed Playwright looks for what it calls ``chromium`` or ``ffmpeg``."""
    [listing] = VENV.glob("lib/python3*/site-packages/playwright/driver/package/browsers.json")
    browsers = json.loads(listing.read_text())["browsers"]
    revision = next(entry["revision"] for entry in browsers if entry["name"] == name)
    caches = "Library/Caches" if sys.platform == "darwin" else ".cache"
    folder = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / caches / "ms-playwright"
    return Path(folder) / f"{name}-{revision}"


def link_ffmpeg() -> None:
    """Let Playwright film with the system's ffmpeg where it has none of its own."""
    system, folder = shutil.which("ffmpeg"), playwright_folder("ffmpeg")
    if system and not folder.exists():
        folder.mkdir(parents=True)
        (folder / ("ffmpeg-mac" if sys.platform == "darwin" else "ffmpeg-linux")).symlink_to(system)


def install_browser() -> None:
    """Get a browser from Playwright, else from the system's packages, else say what to type."""
    if has_browser():
        return
    asked = os.environ.get("SYNTHETIC_BROWSER_PATH")
    if asked:
        raise CannotSetUp(f"SYNTHETIC_BROWSER_PATH names {asked}, which is no file: correct it.")
    if download_browser() or install_system_browser():
        return
    command = "sudo apt-get install -y " + " ".join(journey_packages())
    raise CannotSetUp(f"No browser could be installed; type `{command}` and try again.")


def download_browser() -> bool:
    """Playwright's own Chromium, where it can be downloaded and the system can start it."""
    say("Downloading Playwright's Chromium")
    command = [str(PYTHON), "-m", "playwright", "install", "--no-shell", "chromium"]
    environ = {**os.environ, "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": CONNECT_LIMIT_MS}
    try:
        done = subprocess.run(
            command, env=environ, timeout=DOWNLOAD_LIMIT_S, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and has_playwright_build() and playwright_build_starts()


def playwright_build_starts() -> bool:
    """Whether that build finds its libraries on this system."""
    script = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: p.chromium.launch(channel='chromium').close()"
    )
    return subprocess.run([PYTHON, "-c", script], capture_output=True, check=False).returncode == 0


def install_system_browser() -> bool:
    """The distribution's Chromium, where we may install packages without being asked."""
    may = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (may and not may_sudo()):
        return False
    say("Installing the system's Chromium")
    environ = ["env", "DEBIAN_FRONTEND=noninteractive"]
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *journey_packages()]
    subprocess.run([*may, "apt-get", "update", "-q"], check=False)  # a stale list may do
    done = subprocess.run([*may, *environ, *install], check=False)
    return done.returncode == 0 and has_browser()


def may_sudo() -> bool:
    """Whether sudo works without a password."""
    return (
        bool(shutil.which("sudo"))
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def journey_packages() -> list[str]:
    """The Debian packages without which no journey runs."""
    lines = (ROOT / "scripts" / "apt-packages.txt").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("* ")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
