"""Processes that write to one history, at once or until they are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROUNDS = 4
WRITERS = 10
# They are forked off one that has imported everything, so that all of them begin at once.
_SCRIPT = """
import os, random, signal, sys, time
from pathlib import Path
from synthetic.results import Sample
from synthetic.store.history import Store
from tests.runs import at, journey, run, step

def write(where, number, rounds):
    url, folder = (where, Path("unused")) if "://" in where else (None, Path(where))
    with Store.open(url, folder) as store:
        for turn in range(rounds):
            name = f"{number}-{turn}"
            store.save_run(run(journey(step(latency_ms=5.0)), run_id=name), at(9000))
            os.write(1, f"{name}\\n".encode())
            one = Sample(metric="shared", value=1, at=at(turn), labels={"writer": str(number)})
            store.add_samples("https://kulti.test/", [one], at(9000))
            store.roll_up(at(9000))

def forked(*arguments):
    child = os.fork()
    if not child:
        try:
            write(*arguments)
            os._exit(0)
        finally:
            os._exit(1)
    return child

def all_at_once(where, writers, rounds):
    children = [forked(where, number, rounds) for number in range(writers)]
    return any([os.waitpid(child, 0)[1] for child in children])

def one_by_one(where, times, most_ms):
    chance = random.Random(7)
    for number in range(times):
        child = forked(where, number, 1_000_000)
        time.sleep(chance.uniform(0, most_ms / 1000))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

how, where, count, limit = sys.argv[1:]
sys.exit(globals()[how](where, int(count), int(limit)))
"""


def write_at_once(where: str) -> None:
    """Ten processes save runs and samples to a URL, or to a folder's ``history.db``."""
    _run("all_at_once", where, WRITERS, ROUNDS)


def killed_at_random(where: str, times: int, most_ms: int = 300) -> set[str]:
    """Writers one by one, each killed; the ids of runs that they said they had stored."""
    return set(_run("one_by_one", where, times, most_ms).split())


def _run(how: str, where: str, count: int, limit: int) -> str:
    command = [sys.executable, "-c", _SCRIPT, how, where, str(count), str(limit)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, check=True, cwd=root, stdout=subprocess.PIPE, text=True)
    return done.stdout
