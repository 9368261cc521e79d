"""A run for the terminal: 80 columns, no colour needed, the failing step last and in full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthetic.evaluate.figures import past_alert
from synthetic.plan.targets import step_target
from synthetic.results import Journey, Media, Run, Status, Step
from synthetic.wording import columns, fit, milliseconds, wrapped

WIDTH = 80
_LONGEST_ERROR = 4000
_SIGNS: dict[Status, str] = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}


def headline(run: Run) -> str:
    """The first line: what is looked at, and that a stand-in is one. The run's id stays whole."""
    start, end = f"synthetic {run.suite} · ", f" · {run.run_id}"
    room = WIDTH - columns(start + end) - columns(" · ")
    if run.target == "stand-in":
        target = "stand-in, not the product"
    else:
        target = fit(run.target, room - min(columns(run.location), room // 3))
    return f"{start}{target} · {fit(run.location, room - columns(target))}{end}"


def step_line(step: Step) -> str:
    """One step as it ends, while the run goes on."""
    latency = "" if step.latency_ms is None else f"{milliseconds(step.latency_ms):>9}"
    cells = [(_SIGNS[step.status], 8), (step.actor, 8), (step.name, 41)]
    return f"  {''.join(_cell(text, width) for text, width in cells)}{latency}".rstrip()


def step_table(run: Run) -> str:
    """The steps of each journey's last attempt: who, latency against the plan's target, status."""
    heads = ("feature", "step", "who", "took", "plan", "status")
    rows = []
    for journey in _last_attempts(run):
        for step in journey.steps:
            target = step_target(step.feature)
            took = "–" if step.latency_ms is None else milliseconds(step.latency_ms)
            late = step.latency_ms is not None and step.latency_ms > target.target_ms
            rows.append(
                (
                    step.feature,
                    step.name,
                    step.actor,
                    took,
                    f"< {milliseconds(target.target_ms)}",
                    "slow" if late else _SIGNS[step.status],
                )
            )
    return table(heads, rows, widths=(14, 28, 8, 7, 7, 7), right=(3, 4))


def media_table(run: Run) -> str:
    """Who saw and heard whom, and how well; nothing when no media was judged."""
    heads = ("from → to", "kind", "who is it", "fps", "size", "kbps", "delay P50/P95", "gap ms")
    rows = [
        (
            f"{one.from_} → {one.to}",
            one.kind,
            one.identity,
            _figure(one.fps),
            f"{one.width}×{one.height}" if one.width else "–",
            _figure(one.bitrate_kbps),
            _delay(one),
            _figure(one.longest_gap_ms),
        )
        for one in run.media
    ]
    return table(heads, rows, widths=(13, 10, 9, 4, 9, 5, 13, 6), right=(3, 4, 5, 6, 7))


def closing(run: Run, folder: Path, next_command: str) -> str:
    """The verdict, what is wrong in full, where the record is, and what to type next.

    The record's path is never cut or broken, so that it can be copied.
    """
    lines = [f"{run.verdict.upper()}" + (f" · {run.origin}" if run.origin else "") + _count(run)]
    if run.verdict == "degraded":
        for figure in past_alert(run):
            lines += wrapped(f"past the plan's alert line: {figure}", WIDTH)
    several = {journey.name for journey in run.journeys if journey.attempt > 1}
    for journey in run.journeys:
        which = f" (attempt {journey.attempt})" if journey.name in several else ""
        for step in journey.steps:
            if step.status == "failed" and step.error:
                error = f"{step.error.type}: {step.error.message}"[:_LONGEST_ERROR]
                lines += ["", *wrapped(f"{step.actor}: {step.name}{which} — {error}", WIDTH)]
        lines += [line for one in _telling(journey) for line in wrapped(one, WIDTH)]
    lines += ["", f"record    {folder / 'run.json'}", f"evidence  {next_command}"]
    return "\n".join(lines)


def _last_attempts(run: Run) -> Sequence[Journey]:
    last = {journey.name: journey.attempt for journey in run.journeys}
    return [journey for journey in run.journeys if journey.attempt == last[journey.name]]


def _telling(journey: Journey) -> Sequence[str]:
    """What the controls said."""
    signs = {True: "works", False: "FAILS", None: "unclear"}
    return [f"  {one.name} {signs[one.ok]}: {one.said}" for one in journey.controls]


def _count(run: Run) -> str:
    steps = [step for journey in _last_attempts(run) for step in journey.steps]
    passed = sum(step.status == "passed" for step in steps)
    took = "" if run.duration_s is None else f" · {run.duration_s:.1f} s"
    return f" · {passed} of {len(steps)} steps{took}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _delay(media: Media) -> str:
    delay = media.glass_to_glass_ms
    return "–" if delay is None else f"{delay.p50:.0f}/{delay.p95:.0f} ms"


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    right: Sequence[int],
) -> str:
    """Cells in columns of these widths, those of ``right`` to the right; nothing without rows."""

    def line(cells: Sequence[str]) -> str:
        padded = [
            _cell(cell, width + 1, right=index in right)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "".join(padded).rstrip()

    if not rows:
        return ""
    rule = " ".join("─" * width for width in widths)
    return "\n".join([line(heads), rule, *(line(row) for row in rows), ""])


def _cell(text: str, width: int, *, right: bool = False) -> str:
    fitted = fit(text, width - 1)
    space = " " * (width - 1 - columns(fitted))
    return f"{space}{fitted} " if right else f"{fitted}{space} "
