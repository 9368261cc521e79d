"""A failed journey in words for somebody who is tired: verdict, fault, story, advice. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthetic.reports.baseline import Change
from synthetic.results import Control, Journey, Origin, Step, Verdict

_VERDICTS: Mapping[Verdict, str] = {
    "passed": "Passed",
    "degraded": "Degraded",
    "failed": "Failed",
    "inconclusive": "Inconclusive",
}
_FAULTS: Mapping[Origin, str] = {
    "target": "{product} is at fault",
    "dependency": "not {product}: a service that the monitor depends on is at fault",
    "runner": "not {product}: our own machine or browser is at fault",
    "unknown": "we cannot tell whose fault it is",
}
_ADVICE: Mapping[Origin, str] = {
    "target": "Wake whoever owns {feature} of the product.",
    "dependency": "Nobody has to look at the product. See to the service that failed us.",
    "runner": "Nobody has to look at the product. See to the machine that ran this, and run again.",
    "unknown": "Run it again. If it fails in the same way, treat it as the product's.",
}
_STANDIN = "Nobody has to get up: this ran against the stand-in, not the product."
_CUT_OFF = "not {product}: the run was cut off, or could not begin"
_LIMITED = "Nobody has to get up. We asked too often: run less often, or ask for a higher limit."
STANDIN = "stand-in"
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_PURPOSES = {
    "screenshot.png": "what this person's page looked like when it failed",
    "console.txt": "what the page said in its console, errors included",
    "network.json": "every request of the page, with status and time",
    "sockets.json": "every WebSocket of the page, from when to when",
    "answers.json": "what the newest answers of the product held, in a few words",
    "webrtc.json": "connections and their statistics, who was in each picture, who was heard",
    "frames.json": "every frame that was read, and whom it named",
    "mail.json": "heads of the mails with one-time codes, without the codes",
    "trace.zip": "each action with the page before and after; open with `playwright show-trace`",
    "video.webm": "the whole attempt as this person saw it",
    "controls.json": "the checks of our own side, and whose fault they point at",
    "summary.html": "this page",
}


_READ_AT_ONCE = 220
_FAR_SLOWER = 5.0  # less may come of the full trace of a second attempt
_NEXT_SENTENCE = re.compile(r"(?<=[.…!?]) (?=[A-Z])")
_FIRST_CLAUSE = re.compile(r"(.{20,}?)(?:; |\. )", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """How a journey ended: ``state`` is ``failed``, ``degraded``, ``unknown`` or ``ok``."""

    state: str
    sign: str
    word: str
    fault: str
    attempts: str


def outcome(
    verdict: Verdict, origin: Origin | None, attempts: Sequence[Journey], target: str
) -> Outcome:
    """Verdict and origin in words; says so where a later attempt passed."""
    state, sign = {
        "failed": ("failed", "✗"),
        "degraded": ("degraded", "!"),
        "inconclusive": ("unknown", "?"),
        "passed": ("ok", "✓"),
    }[verdict]
    fault = _FAULTS[origin] if origin else "nothing is at fault"
    steps = (step for one in attempts for step in one.steps)
    if origin == "runner" and not any(step.status == "failed" for step in steps):
        fault = _CUT_OFF
    if verdict == "degraded":
        fault = f"at the first attempt: {fault}" if origin else "it worked only when tried again"
    product = "the stand-in" if target == STANDIN else "the product"
    told = fault.format(product=product)
    return Outcome(state, sign, _VERDICTS[verdict], told, _attempts(attempts))


def _attempts(attempts: Sequence[Journey]) -> str:
    lost = sum(one.status == "failed" for one in attempts)
    passed = next((one.attempt for one in attempts if one.status == "passed"), None)
    if lost and passed is not None:
        return f"passed on the {_ordinal(passed)} attempt"
    if len(attempts) == 1:
        return "1 attempt"
    return f"{lost} of {len(attempts)} attempts failed"


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if 0 < number <= len(_ORDINALS) else f"{number}th"


def story(journey: Journey, step: Step | None, controls: Sequence[Control]) -> str:
    """The journey's own two sentences, or the best two that its record allows."""
    if journey.story:
        return _capital(journey.story)
    if step and step.error:
        return f"{_capital(_sentence(step.error.message))} {_of_our_side(controls)}"
    if journey.status == "passed":
        return "Every step passed. Nothing is wrong here."
    reached = [one for one in journey.steps if one.status == "passed"]
    if reached:
        last = reached[-1]
        return (
            f"The run was cut off after “{last.name}” of the {last.actor}; nothing had failed "
            "until then. Of the product this says nothing."
        )
    return (
        "It ended before its first step: a browser never started, or the run was cut off. "
        "Of the product this says nothing."
    )


def gist(story: str) -> tuple[str, str]:
    """What happened and why we think so, and what stands between them where that is much."""
    if len(story) <= _READ_AT_ONCE:
        return story, ""
    *_, start = (0, *(found.end() for found in _NEXT_SENTENCE.finditer(story)))
    first = _FIRST_CLAUSE.match(story[:start])
    if first is None:
        return story, ""
    return f"{first[1]}. {story[start:]}", story[first.end() : start].strip()


def _of_our_side(controls: Sequence[Control]) -> str:
    broken = [one.said for one in controls if one.ok is False]
    working = [one.said for one in controls if one.ok]
    if broken:
        return _sentence(f"On our own side: {'; '.join(broken)}")
    if working:
        return _sentence(f"Our own side works: {'; '.join(working)}")
    return "No check of our own side was made, so this rests on the error alone."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…", "!", "?")) else f"{text}."


def advice(verdict: Verdict, origin: Origin | None, step: Step | None, target: str) -> str:
    """What to do now, in one or two sentences."""
    if verdict == "passed":
        return "Nothing."
    if origin == "target" and target == STANDIN:
        return _STANDIN
    if verdict == "degraded":
        return "Nobody has to get up: it passed when it was tried again. Look at it by day."
    if step and step.error and step.error.type == "RateLimited":
        return _LIMITED
    feature = step.feature.replace("_", " ") if step else "the product"
    return _ADVICE[origin or "unknown"].format(feature=feature)


def telling(
    responses: Sequence[Change],
    deployment: Change,
    errors: Sequence[str],
    steps: Sequence[Change],
    odd: Sequence[str] = (),
) -> str | None:
    """The difference to look at first; None where nothing but the failure itself differs.

    ``odd`` are answers that were none, each with what it held.
    """
    asked = (one for one in responses if one.now != "not asked")
    changed = next((one for one in asked if one.ratio is None or _far_slower(one)), None)
    if changed:
        return f"{changed.what}: {changed.now}; in the last good run {changed.before}"
    if odd:
        return odd[0]
    if errors:
        return f"a new error in the console: {errors[0]}"
    if deployment.notable:
        return f"another deployment answers: {deployment.now}, before it was {deployment.before}"
    slow = next(filter(_far_slower, steps), None)
    return f"{slow.what} took {slow.now}, before {slow.before}" if slow else None


def _far_slower(change: Change) -> bool:
    return change.notable and change.ratio is not None and change.ratio >= _FAR_SLOWER


def purpose(name: str) -> str:
    """What a file of evidence is for."""
    if name.endswith(".txt") and name != "console.txt":
        return "why a piece of evidence is not there"
    return _PURPOSES.get(name, "kept by the run")
