"""A run as one Slack message: the whole story in the first line, then a few facts. Pure.

Whatever comes from the target stands in ``plain_text``, in which Slack sees no mention, link or
markup; only our own words are ``mrkdwn``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from synthetic import errors
from synthetic.evaluate.figures import past_alert
from synthetic.results import Journey, Problem, Run, Step, Verdict
from synthetic.wording import harmless, milliseconds

# Slack's own limits: header 150 characters, section 3000, field 2000, fallback text 4000.
HEADER, SECTION, FIELD, TEXT = 150, 3000, 2000, 4000
_MOST_FACTS = 5
_REASON, _PLACE = 70, 36  # what leaves the header room for all three parts of the story
_WORDS: dict[Verdict, tuple[str, str]] = {
    "passed": ("✅", "Passed"),
    "degraded": ("⚠️", "Degraded"),
    "failed": ("🔴", "Failed"),
    "inconclusive": ("❔", "Inconclusive"),
}
_MEDIA = re.compile(
    r"(\w+) (did not see|lost) the (picture|screen|voice|camera|microphone) of (\w+)"
)
_MISSED = re.compile(r"(\w+) looked for .+? (did not see .+? within [\d.]+ s)")


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
    if previous == "failed" and run.verdict in ("passed", "degraded"):
        word = f"Recovered, {run.verdict}"
    story = f"{sign} {_story(run, word)}"
    facts = [part for name, value in _facts(run) for part in (_label(name), _plain(value, FIELD))]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(story, HEADER)},
        {"type": "section", "fields": facts},
    ]
    failed = _failed(run)
    if failed and failed[1].error:
        told = failed[0].story or failed[1].error.message
        blocks.append({"type": "section", "text": _plain(told, SECTION)})
    if link:
        button = {"type": "button", "text": _plain("Evidence", 75), "url": link}
        blocks.append({"type": "actions", "elements": [button]})
    return SlackMessage(escape(story, TEXT), blocks)


def summary_of(run: Run) -> str | None:
    """The page that tells what failed, seen from the reports folder."""
    failed = _failed(run)
    return page_of(run, failed[0].name) if failed else None


def page_of(run: Run, journey: str) -> str:
    """The page that tells all attempts at a journey, seen from the reports folder."""
    last = max(one.attempt for one in run.journeys if one.name == journey)
    return f"runs/{run.run_id}/evidence/{journey}-{last}/summary.html"


def escape(text: str, most: int) -> str:
    """Text for Slack's markup, at most ``most`` characters, without mention or link of its own."""
    escaped = ""
    pieces = [_ENTITIES.get(character, character) for character in harmless(text)]
    whole = sum(map(len, pieces)) <= most
    for piece in pieces:
        if not whole and len(escaped) + len(piece) >= most:  # an entity is never torn
            return f"{escaped}…"
        escaped += piece
    return escaped


def unescaped(text: str) -> str:
    """What a person reads of escaped ``text``."""
    for character, entity in reversed(_ENTITIES.items()):
        text = text.replace(entity, character)
    return text


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _story(run: Run, word: str) -> str:
    target = "the stand-in, not the product" if run.target == "stand-in" else run.target
    parts = [_cut(harmless(target), _PLACE)]
    failed = _failed(run)
    if failed:
        attempts = [one for one in run.journeys if one.name == failed[0].name]
        lost = sum(one.status == "failed" for one in attempts)
        parts.append(f"{lost} of {len(attempts)} attempt{'s' if len(attempts) > 1 else ''}")
    reason = _cut(_reason(run), _REASON)
    return " · ".join([f"{word}: {reason}" if reason else word, *parts])


def _reason(run: Run) -> str:
    failed = _failed(run)
    if failed:
        return reason_of(*failed)
    if run.verdict == "inconclusive":
        return "something of ours broke before a step could fail"
    figures = past_alert(run) if run.verdict == "degraded" else []
    if not figures:
        return ""
    more = f", and {len(figures) - 1} more" if len(figures) > 1 else ""
    return _cut(harmless(figures[0]), _REASON - len(more)) + more


def reason_of(journey: Journey, step: Step) -> str:
    """Why a step failed, in a clause such as ``the guest never saw the host's picture``."""
    people = {one.actor for one in journey.steps}
    return _in_plain_words(step.error, people) or harmless(f"{step.actor}: {step.name} failed")


def _in_plain_words(problem: Problem | None, people: set[str]) -> str:
    """The first clause of one of our own errors; nothing for an error that nobody foresaw."""
    if problem is None or not hasattr(errors, problem.type):
        return ""
    message = harmless(problem.message)
    if media := _MEDIA.match(message):
        who, verb, what, whose = media.groups()
        saw = "lost" if verb == "lost" else f"never {'heard' if what == 'voice' else 'saw'}"
        return f"the {who} {saw} the {whose}'s {what}"
    if missed := _MISSED.match(message):
        return f"the {missed[1]} {missed[2]}"
    if message.partition(" ")[2].startswith("looked for "):
        return ""
    clause = re.split(r"; |(?<! told): |\. ", message, maxsplit=1)[0].rstrip(".")
    clause = re.sub(r" \([^)]*$", "", clause)  # a bracket that the clause leaves open
    return f"the {clause}" if clause.partition(" ")[0] in people else clause


def _failed(run: Run) -> tuple[Journey, Step] | None:
    """The failed step that the verdict rests on, else the first."""
    found = [
        (journey, step)
        for journey in run.journeys
        for step in journey.steps
        if step.status == "failed"
    ]
    blamed = [one for one in found if one[1].origin == run.origin]
    return next(iter(blamed or found), None)


def _facts(run: Run) -> list[tuple[str, str]]:
    steps = [step for journey in run.journeys for step in journey.steps]
    passed = sum(step.status == "passed" for step in steps)
    facts = [("Verdict", run.verdict + (f", {run.origin}" if run.origin else ""))]
    if failed := _failed(run):
        facts.append(("Failing step", f"{failed[1].actor}: {failed[1].name}"))
    elif figures := past_alert(run) if run.verdict == "degraded" else []:
        facts.append(("Past the alert line", "; ".join(figures)))
    facts.append(("Steps", f"{passed} of {len(steps)} passed"))
    timed = [step for step in steps if step.latency_ms is not None]
    if timed:
        slowest = max(timed, key=lambda step: step.latency_ms or 0)
        took = milliseconds(slowest.latency_ms or 0)
        facts.append(("Slowest step", f"{slowest.actor}: {slowest.name}, {took}"))
    facts.append(("Run", f"{run.run_id} at {run.location}"))
    return facts[:_MOST_FACTS]


def _label(name: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": f"*{name}*"}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(harmless(text), most) or "–", "emoji": False}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
