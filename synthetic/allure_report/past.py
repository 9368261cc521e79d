"""How earlier runs ended, as the history that Allure 3 reads: a line of JSON for each.

It is made anew from the runs that the store knows, so that nothing has to be carried beside them,
nothing counts twice, and a damaged file loses nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from synthetic.allure_report.telling import history_id, in_words, message_of, status_of
from synthetic.results import APART, Journey, Run
from synthetic.store.history import Store
from synthetic.store.listing import Only
from synthetic.store.observations import BURST

MOST_RUNS = 30
_log = logging.getLogger(__name__)


def run_ids(results: Path) -> set[str]:
    """The runs that left these results of Allure's; one that cannot be read is passed over."""
    found = set()
    for path in results.glob("*-result.json"):
        try:
            parameters = json.loads(path.read_bytes()).get("parameters", ())
            found |= {str(one["value"]) for one in parameters if one["name"] == "run"}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("%s cannot be read and was passed over: %s", path, error)
    return found


def earlier(store: Store, shown: Iterable[Run]) -> list[Run]:
    """Runs of the same kind as those shown, and before them, the oldest first."""
    ids = {run.run_id for run in shown}
    kinds = {(run.target, run.suite, run.location) for run in shown if run.trigger != BURST}
    found = [
        one.run_id
        for target, suite, location in sorted(kinds)
        for one in store.listed(target, Only(None, suite, location), MOST_RUNS + len(ids)).runs
        if one.run_id < max(ids) and one.run_id not in ids and one.trigger not in {*APART, BURST}
    ]
    runs = [store.steps_of(run_id) for run_id in sorted(found)[-MOST_RUNS:]]
    return [run for run in runs if run and run.journeys]


def lines(runs: Iterable[Run], reports: str | None) -> str:
    """Their history; ``reports`` is the address of the reports' folder, where it has one."""
    return "".join(f"{json.dumps(_point(run, reports))}\n" for run in runs)


def _point(run: Run, reports: str | None) -> dict[str, Any]:
    last = {one.name: one for one in run.journeys}
    url = f"{reports.rstrip('/')}/runs/{run.run_id}/run.json" if reports else ""
    return {
        "uuid": run.run_id,
        "name": run.run_id,
        "timestamp": _ms(run.started_at),
        "knownTestCaseIds": [],
        "testResults": {
            history_id(name, run.target, run.location): _result(run, one, url)
            for name, one in last.items()
        },
        "metrics": {},
        "url": url,
    }


def _result(run: Run, one: Journey, url: str) -> dict[str, Any]:
    moments = list(_moments(run, one))
    start, stop = _ms(min(moments)), _ms(max(moments))
    told = {"message": message_of(one.story, one.origin)} if one.status == "failed" else {}
    return {
        "id": f"{run.run_id}-{one.name}",
        "name": in_words(one.name),
        "fullName": one.name,
        "status": status_of(one.status, one.origin),
        "start": start,
        "stop": stop,
        "duration": stop - start,
        "labels": [],
        "url": url,
        "historyId": history_id(one.name, run.target, run.location),
        **told,
    }


def _moments(run: Run, one: Journey) -> Iterator[datetime]:
    steps = [step for step in one.steps if step.status != "skipped"]
    yield from (step.started_at for step in steps)
    yield from (step.ended_at for step in steps if step.ended_at)
    if not steps:
        yield run.started_at


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
