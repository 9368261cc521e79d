"""Journeys in a process of their own, which stores and tells by itself what it found."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from synthetic.again import command
from synthetic.errors import RunnerError
from synthetic.store.observations import BURST
from synthetic.store.run_folder import not_writable
from synthetic.watch.work import Errand

WATCH = "watch"
"""The trigger of whole suites that a watcher runs."""
LIMIT_S: Mapping[str, float] = {"smoke": 20 * 60, "full": 90 * 60, "burst": 20 * 60}
"""A run that takes longer hangs, and is ended."""
DRAIN_S = 30.0
"""How long a run that was told to end may take to write its record."""
_VERDICTS = (0, 1, 6)  # contract 1: whoever ends so has told its verdict
_NONE_FOUND = 5  # pytest's own
HOME = Path("tests", "smoke")
"""Where a checkout has its journeys; those of the other suites lie beside it."""


def are_in(folder: Path) -> bool:
    """Whether there are journeys to run in a folder."""
    return (folder / HOME).is_dir()


def command_of(errand: Errand) -> list[str]:
    """What is run for an errand."""
    if errand.suite == "full":
        return [sys.executable, "-m", "pytest", "-m", "full"]
    return command(errand.journeys)


async def run(
    errand: Errand, reports: Path, argv: Sequence[str], *, drain_s: float = DRAIN_S
) -> None:
    """Run journeys until they have ended; what they print is in ``watch-<suite>.log``.

    Cancelled, or too long under way, they are told to end, and write their record; after
    ``drain_s`` they are killed, with all that they started. Raises :class:`RunnerError` where the
    run did not come to a verdict.
    """
    log = reports / f"watch-{errand.suite}.log"
    trigger = BURST if errand.suite == "burst" else WATCH
    try:
        output = log.open("wb")
    except OSError as error:
        raise not_writable(log, error) from error
    with output:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env={**os.environ, "SYNTHETIC_TRIGGER": trigger},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    limit_s = LIMIT_S[errand.suite]
    try:
        code = await asyncio.wait_for(process.wait(), limit_s)
    except TimeoutError:
        raise RunnerError(
            f"the {errand.suite} run was ended after {limit_s / 60:.0f} min: {log} shows how far "
            "it came"
        ) from None
    finally:
        await asyncio.shield(_ended(process, drain_s))
    if code not in _VERDICTS:
        raise RunnerError(f"the {errand.suite} run {_what_went_wrong(code)}: see {log}")


def _what_went_wrong(code: int) -> str:
    if code != _NONE_FOUND:
        return f"ended with {code} and no verdict"
    return (
        f"found no journeys in {Path.cwd()} (start the watch in a checkout, which has them in "
        f"{HOME.parent})"
    )


async def _ended(process: asyncio.subprocess.Process, drain_s: float) -> None:
    """The process is told to end, if it has not, and nothing of its group stays behind."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), drain_s)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
