"""The runs of this job, as people read them on its page: verdict, what is wrong, steps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from synthetic.errors import ReportsNotWritable
from synthetic.evaluate.figures import past_alert
from synthetic.github.gather import CARRIED
from synthetic.github.job import Job
from synthetic.github.keep import earlier_runs
from synthetic.plan.targets import step_target
from synthetic.reports.as_markdown import escape
from synthetic.results import Journey, Run
from synthetic.store.run_folder import RunFolder
from synthetic.wording import fit, milliseconds

SIGNS = {"passed": "✅", "degraded": "🟡", "failed": "❌", "inconclusive": "⚪", "skipped": "–"}
_WIDEST, _LONGEST = 80, 400


def main(job: Job) -> int:
    """Add the runs to the page; the exit code."""
    reports = Path(job["SYNTHETIC_REPORTS_DIR"] or "reports")
    earlier = earlier_runs(reports / CARRIED)
    for path in sorted(reports.glob("runs/*/run.json")):
        if path.parent.name in earlier:
            continue
        try:
            job.summarize(told(RunFolder(path.parent).read()))
        except ReportsNotWritable as error:
            job.say("warning", str(error))
    return 0


def told(run: Run) -> str:
    """A run as Markdown, whatever its texts hold."""
    return "\n".join(_lines(run))


def cell(text: str, width: int = _WIDEST) -> str:
    """Foreign text for one cell of a table."""
    return escape(fit(text, width))


def _lines(run: Run) -> Iterator[str]:
    origin = f" · {run.origin}" if run.origin and run.verdict != "passed" else ""
    target = "a stand-in, not the product" if run.target == "stand-in" else cell(run.target)
    yield f"### {SIGNS[run.verdict]} {run.verdict.upper()}{origin} · {run.suite} · {target}"
    took = "" if run.duration_s is None else f" · {run.duration_s:.0f} s"
    yield f"{cell(run.location)} · {run.started_at:%Y-%m-%d %H:%M} UTC{took} · `{run.run_id}`"
    yield ""
    for journey in run.journeys:
        if journey.status == "failed":
            yield f"- {cell(journey.name)}, attempt {journey.attempt}: {_why(journey)}"
    if run.verdict == "degraded":
        yield from (f"- past the plan's alert line: {cell(one)}" for one in past_alert(run))
    yield ""
    yield "| | journey | step | who | took | plan |"
    yield "|---|---|---|---|--:|--:|"
    last = {one.name: one.attempt for one in run.journeys}
    for journey in run.journeys:
        if journey.attempt == last[journey.name]:
            yield from _rows(journey)


def _why(journey: Journey) -> str:
    errors = [one.error.message for one in journey.steps if one.error]
    return cell(journey.story or "".join(errors[:1]) or "it was cut off", _LONGEST)


def _rows(journey: Journey) -> Iterator[str]:
    for step in journey.steps:
        took = "–" if step.latency_ms is None else milliseconds(step.latency_ms)
        plan = f"< {milliseconds(step_target(step.feature).target_ms)}"
        cells = [cell(journey.name, 40), cell(step.name), cell(step.actor, 20), took, plan]
        yield f"| {SIGNS[step.status]} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main(Job.here()))
