"""True latency: from an input event's own timestamp to the first moment a condition held.

Both ends are read by ``stopwatch.js`` inside the pages; Python only arms, acts and collects.
Conditions are armed before the gesture, and again at the start of every new document, so that
nothing is missed across a navigation.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from synthetic.browser.locator import Locator
from synthetic.browser.page_script import arming_script
from synthetic.browser.view import View, ask
from synthetic.errors import Leak, Refused, StepTimeout, TargetError, UsageError, WrongPicture
from synthetic.media.proof import describe, strangers

_HELD = "([ids, armed]) => globalThis.__synthetic && __synthetic.held(ids, armed)"


@dataclass(frozen=True)
class Condition:
    """What an actor waits to see in their own page.

    ``what`` completes the sentence "host did not see …". With ``locator``, an element that is
    ``visible`` or ``hidden``; with ``picture`` or ``voice``, media (see ``pictures.js`` and
    ``voices.js``), which is hidden when it has not been there for a second.
    What stood there already does not count where it has to come ``anew``.
    """

    view: View
    what: str
    locator: Locator | None = None
    state: Literal["visible", "hidden"] = "visible"
    picture: dict[str, Any] | None = field(default=None, hash=False)
    voice: dict[str, Any] | None = field(default=None, hash=False)
    anew: bool = False

    def spec(self, since_ms: float) -> dict[str, Any]:
        """What the page is asked to watch for; media counts from ``since_ms`` (epoch) on."""
        if self.picture is not None:
            return {"picture": {**self.picture, "since": since_ms}}
        if self.voice is not None:
            return {"voice": {**self.voice, "since": since_ms}}
        return dict(self.locator.spec()) if self.locator else {}


@dataclass(frozen=True)
class Held:
    """When a condition held (milliseconds since the epoch), and the text that stood there."""

    condition: Condition
    at_ms: float
    text: str


@dataclass(frozen=True)
class Lap:
    """One measured wait; times in milliseconds since the epoch."""

    started_ms: float
    held: tuple[Held, ...]

    @property
    def ended_ms(self) -> float:
        """When the last of the conditions held."""
        return max(one.at_ms for one in self.held)

    @property
    def latency_ms(self) -> float:
        """What the user waited."""
        return self.ended_ms - self.started_ms

    @property
    def started_at(self) -> datetime:
        """The start as a moment."""
        return datetime.fromtimestamp(self.started_ms / 1000, UTC)


_ARM = "watches => __synthetic.arm(watches, false)"
_REFUSAL = "refusal"
_REPLACED = re.compile(r"detached|Execution context was destroyed")


def measure(
    acting: View,
    gesture: Callable[[], object],
    until: Sequence[Condition],
    *,
    refusal: Condition | None = None,
    navigates: bool = False,
    limit_s: float,
) -> Lap:
    """Make ``gesture`` in ``acting`` and time it until all of ``until`` hold.

    The clock starts at the gesture's last click or key or, when it ``navigates`` without one,
    at the start of the navigation. ``refusal`` is how the acting page says no. Raises
    :class:`StepTimeout`, :class:`Refused`, and :class:`UsageError` for a condition that held
    before the gesture: it could not fail.
    """
    deadline = time.monotonic() + limit_s
    wanted = {str(number): condition for number, condition in enumerate(until)}
    if refusal:
        wanted[_REFUSAL] = refusal
    since_ms = time.time() * 1000
    with ExitStack() as scripts:
        for view in {condition.view for condition in wanted.values()}:
            _arm(wanted, view, since_ms, scripts, fresh=navigates and view is acting)
        acting.inputs.clear()
        try:
            gesture()
            # The acting page first: its refusal explains best why the others wait in vain.
            order = sorted(wanted, key=lambda key: wanted[key].view is not acting)
            held = [
                _wait(wanted, key, since_ms, deadline, limit_s) for key in order if key != _REFUSAL
            ]
        except StepTimeout:
            scripts.pop_all()  # a page that hangs would never confirm that it was disarmed
            raise
    started_ms = _started_ms(acting, navigates)
    lap = Lap(started_ms, tuple(_not_before(started_ms, one) for one in held))
    if lap.latency_ms < 0:
        raise UsageError(f"{held[-1].condition.what} was there before {acting.who} acted")
    return lap


def _not_before(started_ms: float, held: Held) -> Held:
    """A voice that pauses may be gone a little before the gesture that silences it."""
    media = held.condition.picture or held.condition.voice
    if media is None or held.condition.state == "visible":
        return held
    return replace(held, at_ms=max(held.at_ms, started_ms))


def await_since(started_ms: float, until: Sequence[Condition], *, limit_s: float) -> Lap:
    """Time media conditions from an earlier gesture: frames are logged from the start."""
    deadline = time.monotonic() + limit_s
    wanted = {str(number): condition for number, condition in enumerate(until)}
    for condition in until:
        payload = _payload(wanted, condition.view, started_ms)
        _frame(condition).evaluate("watches => __synthetic.arm(watches, true)", payload)
    held = tuple(_wait(wanted, key, started_ms, deadline, limit_s) for key in wanted)
    return Lap(started_ms, held)


def _payload(wanted: dict[str, Condition], view: View, since_ms: float) -> list[dict[str, object]]:
    return [
        {
            "id": key,
            "spec": condition.spec(since_ms),
            "state": condition.state,
            "anew": condition.anew,
        }
        for key, condition in wanted.items()
        if condition.view is view
    ]


def _arm(
    wanted: dict[str, Condition], view: View, since_ms: float, scripts: ExitStack, *, fresh: bool
) -> None:
    payload = _payload(wanted, view, since_ms)
    frames = {view.frame(one.locator) for one in wanted.values() if one.view is view}
    if fresh or None in frames:
        # Documents that do not exist yet, and may be of another origin, arm themselves.
        scripts.enter_context(view.page.add_init_script(arming_script(payload)))
    for frame in frames if not fresh else ():
        for key in frame.evaluate(_ARM, payload) if frame else ():
            raise UsageError(
                f"{view.who} saw {wanted[key].what} already before the gesture, so waiting for "
                "it could not fail; wait for something that the gesture brings about"
            )


def _wait(
    wanted: dict[str, Condition], key: str, since_ms: float, deadline: float, limit_s: float
) -> Held:
    condition = wanted[key]
    refusal = wanted.get(_REFUSAL)
    # A page that says no while it shows what is awaited, or before, is believed.
    keys = [_REFUSAL, key] if refusal and refusal.view is condition.view else [key]
    asked = [keys, _payload(wanted, condition.view, since_ms)]
    while True:
        remaining_ms = max(1.0, (deadline - time.monotonic()) * 1000)
        try:
            frame = _frame(condition)
            with condition.view.not_for_ever(remaining_ms / 1000):
                found = frame.wait_for_function(_HELD, arg=asked, timeout=remaining_ms).json_value()
            break
        except PlaywrightTimeout as error:
            if refusal and (told := _told(refusal)):
                raise told from error
            raise _timeout(condition, limit_s) from error
        except PlaywrightError as error:
            # A document that was replaced takes its wait with it: wait in its successor.
            if not _REPLACED.search(error.message) or time.monotonic() > deadline:
                raise condition.view.explain(error, f"did not see {condition.what}") from error
    if found["id"] == _REFUSAL:
        raise _refused(condition.view, found["text"])
    return Held(condition, found["at"], found["text"])


def _told(refusal: Condition) -> Refused | None:
    try:
        found = ask(_frame(refusal), _HELD, [[_REFUSAL], []])
    except PlaywrightError:
        return None  # a page that does not answer refuses nothing; the timeout says more
    return _refused(refusal.view, found["text"]) if found else None


def _refused(view: View, text: str) -> Refused:
    return Refused(f"{view.who} was told: {text!r}")


def _frame(condition: Condition) -> Frame:
    frame = condition.view.frame(condition.locator, wait=True)
    return frame or condition.view.page.main_frame


def _timeout(condition: Condition, limit_s: float) -> TargetError:
    view = condition.view
    if condition.picture is None and condition.voice is None and condition.locator:
        return StepTimeout(view.missing(condition.locator, f"did not see {condition.what}"))
    trouble = f"{view.who} did not see {condition.what} within {limit_s:g} s"
    try:
        snapshot = ask(_frame(condition), "since => __synthetic.snapshot(since)", 0)
    except PlaywrightTimeout:
        return StepTimeout(f"{trouble}: the page does not answer")
    nonce = (condition.picture or {}).get("nonce")
    leaked = condition.state == "hidden" or bool(nonce is not None and strangers(snapshot, nonce))
    return (Leak if leaked else WrongPicture)(f"{trouble}: {describe(snapshot)}")


def _started_ms(acting: View, navigates: bool) -> float:
    if acting.inputs:
        return acting.inputs[-1][1]
    if not navigates:
        raise UsageError(f"the gesture of {acting.who} made no click and pressed no key")
    origin: float = acting.page.evaluate("performance.timeOrigin")
    return origin
