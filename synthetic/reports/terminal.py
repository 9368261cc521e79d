"""A run for the terminal: 80 columns, no colour needed, the failing step last and in full."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from synthetic.plan.targets import step_target
from synthetic.results import Media, Run, Status, Step

WIDTH = 80
_SIGNS: dict[Status, str] = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}


def headline(run: Run) -> str:
    """The first line: what is looked at, and that a stand-in is one."""
    local = " (local, not the product)" if run.target == "stand-in" else ""
    return fit(
        f"synthetic {run.suite} · {run.target}{local} · {run.location} · {run.run_id}", WIDTH
    )


def step_line(step: Step) -> str:
    """One step as it ends, while the run goes on."""
    latency = "" if step.latency_ms is None else f"{milliseconds(step.latency_ms):>9}"
    sign, who = _SIGNS[step.status], fit(step.actor, 7)
    return f"  {sign:<8}{who:<8}{fit(step.name, 40):<41}{latency}".rstrip()


def step_table(run: Run) -> str:
    """All steps: feature, step, who, latency against the plan's target, status."""
    heads = ("feature", "step", "who", "took", "plan", "status")
    rows = []
    for journey in run.journeys:
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
    return _table(heads, rows, widths=(14, 24, 6, 8, 8, 7), right=(3, 4))


def media_table(run: Run) -> str:
    """Who saw and heard whom, and how well."""
    heads = ("from → to", "kind", "who is it", "fps", "size", "kbps", "delay P50/P95", "gap")
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
    return _table(heads, rows, widths=(13, 10, 9, 4, 9, 5, 13, 5), right=(3, 4, 5, 6, 7))


def closing(run: Run, folder: Path, next_command: str) -> str:
    """The verdict, the failing step in full, where the record is, and what to type next."""
    lines = [f"{run.verdict.upper()}" + (f" · {run.origin}" if run.origin else "") + _count(run)]
    for journey in run.journeys:
        for step in journey.steps:
            if step.status == "failed" and step.error:
                what = f"{step.actor}: {step.name} — {step.error.type}: {step.error.message}"
                lines += ["", *_wrapped(what)]
    lines += ["", f"record    {folder / 'run.json'}", f"evidence  {next_command}"]
    return "\n".join(lines)


def milliseconds(value: float) -> str:
    """Two significant digits, in the unit that a person would use."""
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"


def fit(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns of a terminal, harmless whatever it holds."""
    clean = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    if columns(clean) <= width:
        return clean
    while clean and columns(clean) > width - 1:
        clean = clean[:-1]
    return clean + "…"


def columns(text: str) -> int:
    """How many columns a terminal gives to ``text``."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _count(run: Run) -> str:
    steps = [step for journey in run.journeys for step in journey.steps]
    passed = sum(step.status == "passed" for step in steps)
    took = "" if run.duration_s is None else f" · {run.duration_s:.1f} s"
    return f" · {passed} of {len(steps)} steps{took}"


def _wrapped(text: str) -> list[str]:
    clean = fit(text, 4000)
    return textwrap.wrap(clean, WIDTH, break_long_words=True, break_on_hyphens=False)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _delay(media: Media) -> str:
    delay = media.glass_to_glass_ms
    return "–" if delay is None else f"{delay.p50:.0f}/{delay.p95:.0f} ms"


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    right: Sequence[int],
) -> str:
    def line(cells: Sequence[str]) -> str:
        padded = []
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            text = fit(cell, width)
            space = " " * (width - columns(text))
            padded.append(space + text if index in right else text + space)
        return " ".join(padded).rstrip()

    rule = " ".join("─" * width for width in widths)
    return "\n".join([line(heads), rule, *(line(row) for row in rows), ""])
