"""What people do from the alerts page: take an incident, silence it, check it again.

Forms without any script; the guard has seen to token, origin and CSRF before. What was done is kept
before anybody is told of it, so that whoever pressed need not wait for channels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from synthetic.answers import hold_back, speak, take
from synthetic.dashboard import checks
from synthetic.dashboard.guard import form_of
from synthetic.dashboard.views.alerts import LENGTHS, PAGE
from synthetic.dashboard.watched import Watched
from synthetic.errors import StoreError, UsageError
from synthetic.plan.model import seconds
from synthetic.reports.document import clean
from synthetic.rounds import deliver

_NAME, _REASON = 40, 200  # characters
_log = logging.getLogger(__name__)
Form = Mapping[str, str]
Act = Callable[[Watched, Form], Collection[str]]
"""Does it, and returns the ids of the parcels that are to be delivered; raises UsageError."""


def routes(watched: Watched, run: checks.Runner | None = None) -> list[Route]:
    """Where the forms go; ``run`` runs journeys instead of pytest."""

    def check(here: Watched, form: Form) -> Collection[str]:
        checks.begin(here, _incident(form), _who(form), run)
        return ()

    acts: dict[str, Act] = {"take": _take, "silence": _silence, "speak": _speak, "check": check}
    return [
        Route(f"{PAGE.path}/{name}", _Acting(watched, act).answer, methods=["POST"])
        for name, act in acts.items()
    ]


@dataclass(frozen=True)
class _Acting:
    watched: Watched
    act: Act

    async def answer(self, request: Request) -> Response:
        """Do it, and show the page again."""
        made = await run_in_threadpool(self.act, self.watched, form_of(request))
        told = BackgroundTask(_deliver, self.watched, made) if made else None
        return RedirectResponse(PAGE.path, 303, background=told)


def _take(watched: Watched, form: Form) -> Collection[str]:
    _, parcels = take(
        watched.store,
        watched.plan,
        watched.settings,
        watched.target,
        _incident(form),
        _who(form),
        clock=watched.clock,
    )
    return [one.id for one in parcels]


def _silence(watched: Watched, form: Form) -> Collection[str]:
    now, length = watched.clock(), form.get("length", "")
    if length not in LENGTHS:
        raise UsageError(f"say for how long there should be quiet: {', '.join(LENGTHS)}")
    hold_back(
        watched.store,
        watched.plan,
        watched.target,
        form.get("match", ""),
        now,
        now + timedelta(seconds=float(str(seconds(length)))),
        clean(form.get("reason", ""), _REASON),
        _who(form),
        now=now,
    )
    return ()


def _speak(watched: Watched, form: Form) -> Collection[str]:
    speak(watched.store, watched.target, form.get("match", ""), watched.clock())
    return ()


def _incident(form: Form) -> str:
    name = form.get("incident", "")
    if not name:
        raise UsageError("no incident was named: go back to the alerts")
    return name


def _who(form: Form) -> str:
    """The name that was typed, harmless, and that it was typed here."""
    name = clean(form.get("who", ""), _NAME)
    return f"{name or 'somebody'} (dashboard)"


def _deliver(watched: Watched, made: Collection[str]) -> None:
    try:
        done = deliver(
            watched.store,
            watched.settings,
            watched.target,
            made,
            clock=watched.clock,
            show=_log.info,
        )
    except StoreError as error:
        _log.warning("what was done is kept, and told by the next round: %s", error)
        return
    for problem in done.problems:
        _log.warning("%s", problem)
