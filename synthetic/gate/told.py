"""A decision for people (80 columns), for machines (JSON), and as annotations of GitHub. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from synthetic.gate.model import LINE, Comparison, Decision, Difference, Ran, Unit
from synthetic.wording import columns, fit, harmless, milliseconds, wrapped

SCHEMA = "synthetic/gate/1"
_WIDTH = 80
_NAME = 30
_MOST_ROWS = 12
_LONGEST = 400
_HEADS: Mapping[str, str] = {
    "passed": "DEPLOY",
    "degraded": "DEPLOY, with doubts",
    "failed": "BLOCK",
    "inconclusive": "INCONCLUSIVE",
}
_STRICT = "BLOCK, since strict"


@dataclass(frozen=True)
class Asked:
    """What the gate was asked; ``baseline`` is none where there is none."""

    target: str
    baseline: str | None
    suite: str
    location: str
    budget_s: float
    strict: bool


def head(decision: Decision, asked: Asked) -> str:
    """The verdict in a few words."""
    blocked = decision.exit_code(strict=asked.strict) == 1
    if blocked and decision.verdict != "failed":
        return _STRICT
    return _HEADS[decision.verdict]


def as_text(decision: Decision, asked: Asked) -> str:
    """The verdict first, why, then what is worse or was not settled, with its figures."""
    lines = [fit(f"{head(decision, asked)}: {asked.target}", _WIDTH), ""]
    for sentence in (*decision.why, *decision.notes):
        lines += wrapped(sentence, _WIDTH)
    if decision.comparison and decision.comparison.differences:
        lines += ["", *_table(decision.comparison)]
    return "\n".join([*lines, "", *_about(decision, asked)])


def _table(comparison: Comparison) -> Iterator[str]:
    shown = sorted(
        (one for one in comparison.differences if one.conclusion != "fine"),
        key=lambda one: (one.conclusion != "worse", -one.worse_by / one.promised),
    )
    if shown:
        yield _row("", "before", "now", "worse by", "p", "at most")
        yield from (_told(one) for one in shown[:_MOST_ROWS])
        if len(shown) > _MOST_ROWS:
            yield f"  and {len(shown) - _MOST_ROWS} more: see --json"
        yield ""
    ours, theirs = comparison.runs
    yield from wrapped(
        f"{ours} runs of the candidate, {theirs} of the baseline; {comparison.test}; worse is "
        f"p ≤ {comparison.level:.2g} and at least {LINE:.0%} of the difference that is promised "
        "to be found (15 % and 100 ms, 3 frames/s or 150 kbit/s).",
        _WIDTH,
    )


def _told(one: Difference) -> str:
    sign = "✗" if one.conclusion == "worse" else "?"
    bound = "" if one.at_most is None else amount(one.at_most, one.figure.unit)
    chance = f"{one.p:.3f}" if one.p >= 0.001 else "<.001"
    return _row(
        f"{sign} {one.figure.name}",
        amount(one.baseline, one.figure.unit),
        amount(one.candidate, one.figure.unit),
        amount(one.worse_by, one.figure.unit),
        chance,
        bound,
    )


def amount(value: float, unit: Unit) -> str:
    """A figure for people."""
    if not isfinite(value):
        return "any"
    if unit == "ms":
        return ("-" if value < 0 else "") + milliseconds(abs(value))
    return f"{value:.1f}/s" if unit == "fps" else f"{value:.0f} kb/s"


def _row(name: str, *cells: str) -> str:
    title = fit(name, _NAME)
    return (title + " " * (_NAME - columns(title)) + "".join(f"{cell:>10}" for cell in cells))[
        :_WIDTH
    ].rstrip()


def _about(decision: Decision, asked: Asked) -> Iterator[str]:
    against = asked.baseline or "nothing: there is no baseline"
    yield fit(f"Suite {asked.suite} from {asked.location}; against {against}", _WIDTH)
    spent = f"{decision.took_s:.0f} s of {asked.budget_s:.0f} s"
    folders = [one.folder for one in decision.runs if one.folder]
    where = f"; records in {folders[0].parents[2]}" if folders else ""
    yield from wrapped(f"{len(decision.runs)} runs in {spent}{where}", _WIDTH)


def as_json(decision: Decision, asked: Asked) -> dict[str, Any]:
    """The decision for machines; see docs/gate.md, which lists every field."""
    return {
        "schema": SCHEMA,
        "verdict": decision.verdict,
        "exit_code": decision.exit_code(strict=asked.strict),
        "head": head(decision, asked),
        "why": [harmless(one) for one in decision.why],
        "notes": [harmless(one) for one in decision.notes],
        "target": asked.target,
        "baseline": asked.baseline,
        "suite": asked.suite,
        "location": asked.location,
        "strict": asked.strict,
        "budget_s": asked.budget_s,
        "took_s": round(decision.took_s, 1),
        "runs": [_run(one) for one in decision.runs],
        "comparison": _comparison(decision.comparison) if decision.comparison else None,
    }


def _run(one: Ran) -> dict[str, Any]:
    return {
        "side": one.side,
        "run_id": one.run.run_id if one.run else None,
        "verdict": one.verdict,
        "origin": one.origin,
        "took_s": round(one.took_s, 1),
        "deployments": [harmless(name) for name in one.deployments],
        "folder": str(one.folder) if one.folder else None,
        "trouble": one.trouble,
        "steps": _steps(one),
    }


def _steps(one: Ran) -> list[dict[str, Any]]:
    return [
        {
            "journey": journey.name,
            "attempt": journey.attempt,
            "name": step.name,
            "actor": step.actor,
            "feature": step.feature,
            "status": step.status,
            "latency_ms": step.latency_ms,
            "error": harmless(step.error.message) if step.error else None,
        }
        for journey in (one.run.journeys if one.run else ())
        for step in journey.steps
    ]


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "test": comparison.test,
        "level": comparison.level,
        "runs": {"candidate": comparison.runs[0], "baseline": comparison.runs[1]},
        "settled": comparison.settled,
        "differences": [_difference(one) for one in comparison.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    bound = one.at_most if one.at_most is not None and isfinite(one.at_most) else None
    return {
        "kind": one.figure.kind,
        "journey": one.figure.journey or None,
        "name": harmless(one.figure.name),
        "unit": one.figure.unit,
        "candidate": round(one.candidate, 3),
        "baseline": round(one.baseline, 3),
        "counts": {"candidate": one.counts[0], "baseline": one.counts[1]},
        "worse_by": round(one.worse_by, 3),
        "promised": round(one.promised, 3),
        "p": round(one.p, 6),
        "at_most": None if bound is None else round(bound, 3),
        "conclusion": one.conclusion,
    }


def for_github(told: Mapping[str, Any]) -> list[str]:
    """Workflow commands that GitHub shows beside the checks: one a reason, one a worse figure.

    They are made of what :func:`as_json` gives, so that whoever reads the JSON makes the same.
    """
    kind = {0: "warning" if told["verdict"] == "degraded" else "notice", 1: "error"}
    level = kind.get(told["exit_code"], "warning")
    why = told["why"][:_MOST_ROWS]
    found = [_annotation(level, f"Gate: {told['head']}", one) for one in why]
    differences = told["comparison"]["differences"] if told["comparison"] else ()
    worse = [one for one in differences if one["conclusion"] == "worse"]
    return found + [_annotated(one) for one in worse[:_MOST_ROWS]]


def _annotated(one: Mapping[str, Any]) -> str:
    before, now = (amount(one[side], one["unit"]) for side in ("baseline", "candidate"))
    counts = one["counts"]
    said = (
        f"{before} before, {now} now (p = {one['p']:.3g}, {counts['candidate']} and "
        f"{counts['baseline']} runs)"
    )
    return _annotation("error", f"Worse: {one['name']}", said)


def _annotation(level: str, title: str, text: str) -> str:
    return f"::{level} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    """As GitHub reads it back; line ends are gone, so that no text begins a command of its own."""
    return fit(text, _LONGEST).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
