"""A run as one Slack message: the whole story in the first line, then a few facts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from synthetic.reports.terminal import milliseconds
from synthetic.results import Run, Step, Verdict

# Slack's own limits: header 150 characters, section 3000, fallback text 4000.
HEADER, SECTION, TEXT = 150, 3000, 4000
_FACTS = 5
_WORDS: dict[Verdict, tuple[str, str]] = {
    "passed": (":white_check_mark:", "Passed"),
    "degraded": (":warning:", "Degraded"),
    "failed": (":red_circle:", "Failed"),
    "inconclusive": (":grey_question:", "Inconclusive"),
}


@dataclass(frozen=True)
class SlackMessage:
    """What is posted: a fallback ``text`` and Block Kit ``blocks``."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)


def due(verdict: Verdict, previous: Verdict | None, *, on_success: bool) -> bool:
    """Whether anybody is told: failure, doubt, recovery, and success only when asked."""
    if verdict in ("failed", "inconclusive"):
        return True
    return on_success or previous == "failed"


def message(run: Run, previous: Verdict | None, link: str | None = None) -> SlackMessage:
    """The message about a finished run; ``previous`` is the verdict of the run before."""
    sign, word = _WORDS[run.verdict]
    recovered = previous == "failed" and run.verdict in ("passed", "degraded")
    word = "Recovered" if recovered else word
    where = f"{run.target}{' (local)' if run.target == 'stand-in' else ''} · {run.location}"
    reason = _reason(run)
    story = f"{word}: {reason} · {where}" if reason else f"{word} · {where}"
    blocks: list[dict[str, Any]] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _cut(f"{sign} {_plain(story)}", HEADER)},
        },
        {
            "type": "section",
            "fields": [_mrkdwn(f"*{name}*\n{value}") for name, value in _facts(run)],
        },
    ]
    failed = _failed_step(run)
    if failed and failed.error:
        blocks.append({"type": "section", "text": _mrkdwn(escape(failed.error.message, 1500))})
    if link:
        button = {"type": "plain_text", "text": "Evidence"}
        blocks.append(
            {"type": "actions", "elements": [{"type": "button", "text": button, "url": link}]}
        )
    return SlackMessage(_cut(escape(story, TEXT), TEXT), blocks)


def escape(text: str, most: int) -> str:
    """Text of the target for Slack: no mention, link or markup of its own survives.

    Cut before it is escaped, so that no entity is torn.
    """
    clean = _cut(_plain(text), most // 2 if len(text) > most // 2 else most)
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        clean = clean.replace(raw, safe)
    # A zero-width space takes the meaning from what Slack would format.
    return re.sub(r"([*_~`@#|])", "\\1\u200b", clean)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": _cut(text, SECTION)}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _failed_step(run: Run) -> Step | None:
    steps = (step for journey in run.journeys for step in journey.steps)
    return next((step for step in steps if step.status == "failed"), None)


def _reason(run: Run) -> str:
    step = _failed_step(run)
    if step is None:
        return "" if run.verdict != "inconclusive" else "the run did not end"
    return (
        f"{step.actor} could not {step.name}" if step.feature != "site" else f"{step.name} failed"
    )


def _facts(run: Run) -> list[tuple[str, str]]:
    steps = [step for journey in run.journeys for step in journey.steps]
    passed = sum(step.status == "passed" for step in steps)
    facts = [("Verdict", run.verdict + (f", {run.origin}" if run.origin else ""))]
    failed = _failed_step(run)
    if failed:
        facts.append(("Failing step", escape(f"{failed.actor}: {failed.name}", 200)))
    facts.append(("Steps", f"{passed} of {len(steps)} passed"))
    timed = [step for step in steps if step.latency_ms is not None]
    if timed:
        slowest = max(timed, key=lambda step: step.latency_ms or 0)
        took = milliseconds(slowest.latency_ms or 0)
        facts.append(("Slowest step", f"{escape(slowest.name, 100)}, {took}"))
    facts.append(("Run", run.run_id))
    return facts[:_FACTS]
