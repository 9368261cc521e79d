"""A watcher in a process of its own, of which only the target and the journeys are made up.

    python -m tests.watching FOLDER

``figures.json`` in the folder has what its probes find, by metric; each journey that it runs
appends a line to ``journeys.txt`` when it begins, and another when it is told to end.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from synthetic.errors import SyntheticError
from synthetic.results import Sample
from synthetic.settings import Settings, load
from synthetic.watch.outside import Samples
from synthetic.watch.process import watch
from synthetic.watch.work import Errand

JOURNEY = """
import pathlib, signal, sys
said = pathlib.Path(sys.argv[1])
def tell(word):
    with said.open("a") as lines:
        lines.write(word + "\\n")
def end(*_):
    tell("ended in order")
    sys.exit(6)
signal.signal(signal.SIGTERM, end)
tell(sys.argv[2])
signal.alarm(60)  # nobody ends one whose watch was killed
signal.pause()
"""


@asynccontextmanager
async def made_up(
    settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[tuple[Samples, Samples]]:
    """Probes that find what a file says."""
    figures = Path(settings.reports_dir).parent / "figures.json"

    async def probe() -> Sequence[Sample]:
        found = json.loads(figures.read_text())
        return [Sample(metric=name, value=value, at=clock()) for name, value in found.items()]

    async def gather() -> Sequence[Sample]:
        return ()

    yield probe, gather


def main() -> int:
    """Watch until a signal; 2 where that is refused."""
    folder = Path(sys.argv[1])

    def command(errand: Errand) -> list[str]:
        return [sys.executable, "-c", JOURNEY, str(folder / "journeys.txt"), errand.suite]

    try:
        watch(
            load(folder),
            host="127.0.0.1",
            port=0,
            say=lambda line: print(line, flush=True),
            outside=made_up,
            command=command,
        )
    except SyntheticError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
