"""Are we all right, and since when? One sentence and a state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from synthetic.dashboard.watched import Watched
from synthetic.evaluate.history import Ask, Question
from synthetic.reports.document import State, clean
from synthetic.reports.outages import health, open_now
from synthetic.reports.reading import WATCHED
from synthetic.store.values import Incident

SILENCE = timedelta(hours=3)
"""A smoke comes every two hours, and takes its time: after this nobody can tell any more."""
PROBED = timedelta(minutes=5)
"""Where probes come, they come each minute: after this they are silent."""
_PROBES = ("site_up", "health_up")
_JOURNEYS = ("outcome", "run_failed")
_DAY = timedelta(days=1)
_REMEMBERED = timedelta(days=30)
_LONGEST_TITLE = 160
_MOST_OTHERS = 3


@dataclass(frozen=True)
class Standing:
    """The state, the answer in words, since when it is so (None: nobody can tell) and what else
    there is to say; ``heard_at`` is when the product was last observed at all."""

    state: State
    said: str
    since: datetime | None
    more: tuple[str, ...]
    heard_at: datetime | None


def standing(watched: Watched, at: datetime) -> Standing:
    """How the product stands at a moment, by its incidents and by whether anybody looked."""
    incidents = watched.store.incidents(watched.target)
    ask = cache(watched.store.ask(watched.target))
    heard_at, silent = heard(ask, at), silence(ask, at)
    left = open_now(one for one in incidents if one.part_of is None)
    now = health(left, None if silent else heard_at, at)
    if now.state in ("failed", "degraded"):
        return _troubled(now.state, left, heard_at)
    if silent:
        last = heard_at or heard(ask, at, _REMEMBERED)
        return Standing("unknown", "nobody can tell", silent.since, (silent.why,), last)
    ends = (one.closed_at for one in incidents if one.closed_at and one.severity != "low")
    since = max(ends, default=None)
    mild = tuple(map(_short, left[:_MOST_OTHERS]))
    none = "No incident is open." if since else "No incident is known."
    return Standing("ok", "all is well", since, mild or (none,), heard_at)


@dataclass(frozen=True)
class Silence:
    """Why nobody can tell how things stand, in a sentence, and since when."""

    why: str
    since: datetime | None


def silence(ask: Ask, at: datetime) -> Silence | None:
    """Who should have told of the product and did not, unless all do.

    That its front page answers says nothing of what people live through, so journeys must tell;
    and where probes came within a day, they must go on.
    """
    if heard(ask, at) is None:
        last = heard(ask, at, _REMEMBERED)
        return Silence(
            f"Nothing was observed in {'the last 3 hours' if last else '30 days'}.", last
        )
    if heard(ask, at, SILENCE, _JOURNEYS) is None:
        last = heard(ask, at, _REMEMBERED, _JOURNEYS)
        of_late = "the last 3 hours" if last else "30 days"
        return Silence(f"Journeys are silent: none told anything in {of_late}.", last)
    probed = heard(ask, at, _DAY, _PROBES)
    if probed and at - probed > PROBED:
        return Silence("Probes are silent: none told anything in the last 5 minutes.", probed)
    return None


def heard(
    ask: Ask, at: datetime, within: timedelta = SILENCE, names: Sequence[str] = WATCHED
) -> datetime | None:
    """When any of some figures was last observed; usually, what shows the product at work."""
    answers = (ask(Question(name, at - within, at)) for name in names)
    return max((one.latest_at for each in answers for one in each.values()), default=None)


def _troubled(state: State, left: Sequence[Incident], heard_at: datetime | None) -> Standing:
    first, others = left[0], left[1:]
    titles = tuple(_short(one) for one in others[:_MOST_OTHERS])
    more = (f"and {len(others) - _MOST_OTHERS} more",) if len(others) > _MOST_OTHERS else ()
    said = clean(first.title, _LONGEST_TITLE)
    return Standing(state, said, first.opened_at, (*titles, *more), heard_at)


def _short(incident: Incident) -> str:
    return f"{clean(incident.title, _LONGEST_TITLE)} ({incident.severity})"


def worst(states: Iterable[State | None]) -> State | None:
    """The worst of several states; what is unknown counts only where nothing is known."""
    order: tuple[State, ...] = ("failed", "degraded", "ok", "unknown")
    found = {one for one in states if one is not None}
    return next((one for one in order if one in found), None)
