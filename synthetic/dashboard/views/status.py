"""Status, for everybody: is it me or them? Now, then 90 days, then incidents in words.

Only this page is made to be published. It holds words of the plan that may be (a cause's title,
what users notice, what they can do meanwhile) and times. It leaves out what the target said, since
error texts and addresses of e-mail may stand in it; evidence; figures, endpoints and rules, which
show where to push; locations, so that nobody treats our visits apart; and who looked after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from synthetic.dashboard.health import heard, silence
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.states import OF_SEVERITY
from synthetic.dashboard.watched import Watched
from synthetic.evaluate.availability import Uptime, uptime
from synthetic.evaluate.history import Ask, Question
from synthetic.notify.notes import STANDIN
from synthetic.plan.model import Cause, Plan
from synthetic.reports.document import State
from synthetic.reports.outages import open_now
from synthetic.reports.words import day, instant, percent, span
from synthetic.store.values import Incident

DAYS = 90
PARTS: Mapping[str, tuple[str, ...]] = {
    "Site and dashboard": (
        *("site", "database", "services", "infrastructure", "capacity", "performance"),
        *("dashboard", "errors"),
    ),
    "Signing up and logging in": ("auth",),
    "Sessions": ("sessions",),
    "Video and sound": ("video", "quality"),
    "Chat": ("chat",),
    "Screen sharing": ("screen_share",),
    "Recordings": ("recording",),
    "Everything else": ("minor",),
}
"""What users call the product's parts, by the causes that break them; any other is of the last."""
TRIED: Mapping[str, frozenset[str]] = {
    "Signing up and logging in": frozenset({"signup", "login"}),
    "Sessions": frozenset({"session_create", "session_join", "leave"}),
    "Video and sound": frozenset({"video", "reconnect"}),
    "Chat": frozenset({"chat"}),
    "Screen sharing": frozenset({"screen_share"}),
    "Recordings": frozenset({"recording"}),
}
"""The features by which a part is tried; of any other part, every look at the product tells."""
_OBSERVED = ("site_up", "run_failed")
_LATELY = 2  # days: the full suite, which alone tries some parts, runs once in each
_DAY = timedelta(days=1)
_WORDS: Mapping[State, str] = {
    "ok": "works",
    "degraded": "not at its best",
    "failed": "trouble",
    "unknown": "not known",
}


@dataclass(frozen=True)
class Day:
    """A day of UTC in one word and a sentence."""

    date: str
    state: State
    said: str


@dataclass(frozen=True)
class Part:
    """A part of the product: how it is now, and its days, the oldest first."""

    name: str
    state: State
    word: str
    days: tuple[Day, ...]
    said: str


@dataclass(frozen=True)
class Told:
    """An incident in words that may be published."""

    title: str
    state: State
    word: str
    began: datetime
    ended: datetime | None
    lasted: str
    noticed: str
    meanwhile: str


@dataclass(frozen=True)
class Status:
    """The page."""

    product: str
    state: State
    answer: str
    more: tuple[str, ...]
    at: datetime
    heard_at: datetime | None
    uptime: str
    basis: str
    parts: tuple[Part, ...]
    also: tuple[Told, ...]
    before: tuple[Told, ...]
    first_day: str


def status(watched: Watched, asked: Asked) -> Status:
    """The page at this moment."""
    del asked
    at, plan, ask = watched.clock(), watched.plan, cache(watched.store.ask(watched.target))
    days = _days(at)
    known = [one for one in watched.store.incidents(watched.target) if _is_public(one, plan)]
    public = [one for one in known if one.closed_at is None or one.closed_at > days[0]]
    seen = [_observed(ask, start, at) for start in days]
    open_ = [_told(one, plan, at) for one in open_now(public)]
    heard_at = None if silence(ask, at) else heard(ask, at)
    broke = [(one, _causes(plan, one)) for one in public]
    parts = tuple(
        _part(name, [one for one, of in broke if causes & of],
              [_tried(name, one) for one in seen], days, at, heard_at)
        for name, causes in _parts(broke)
    )  # fmt: skip
    state, answer, more = _answer(open_, heard_at)
    up, basis = _uptime(plan, ask, days, at)
    return Status(
        product=_product(watched.target),
        state=state,
        answer=answer,
        more=more,
        at=at,
        heard_at=heard_at,
        uptime=up,
        basis=basis,
        parts=parts,
        also=tuple(open_[1:]),
        before=tuple(_told(one, plan, at) for one in reversed(public) if one.closed_at),
        first_day=day(days[0]),
    )


def _days(at: datetime) -> list[datetime]:
    """The beginnings of the last days of UTC, today's last."""
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - number * _DAY for number in range(DAYS - 1, -1, -1)]


def _is_public(one: Incident, plan: Plan) -> bool:
    """Whether users notice anything of it; what became part of another is told with that one."""
    cause = plan.causes.get(one.cause)
    return one.part_of is None and cause is not None and cause.noticed is not None


def _observed(ask: Ask, start: datetime, at: datetime) -> frozenset[str]:
    """The features that were tried on a day, and an empty name where anybody looked at all."""
    end = min(start + _DAY, at)
    tried = {dict(labels).get("feature", "") for labels in ask(Question("outcome", start, end))}
    looked = bool(tried) or any(ask(Question(name, start, end)) for name in _OBSERVED)
    return frozenset(tried | ({""} if looked else set()))


def _tried(part: str, seen: frozenset[str]) -> bool:
    return bool(TRIED.get(part, {""}) & seen)


def _told(one: Incident, plan: Plan, at: datetime) -> Told:
    cause: Cause = plan.causes[one.cause]
    over = one.closed_at is not None
    return Told(
        title=cause.title,
        state="ok" if over else _state(one),
        word="over" if over else "goes on",
        began=one.opened_at,
        ended=one.closed_at,
        lasted=span((one.closed_at or at) - one.opened_at),
        noticed=cause.noticed or "",
        meanwhile="" if over else cause.workaround or "",
    )


def _state(one: Incident) -> State:
    return OF_SEVERITY[one.severity]


def _causes(plan: Plan, incident: Incident) -> frozenset[str]:
    """Its own, and those of all else that broke by it: who cannot be seen wants to read of that."""
    rules = {rule for rule, _ in incident.members}
    others = {row.cause for row in plan.rows if row.id in rules and row.cause}
    noticed = {one for one in others & plan.causes.keys() if plan.causes[one].noticed}
    return frozenset({incident.cause, *noticed})


def _parts(
    broke: Iterable[tuple[Incident, frozenset[str]]],
) -> Iterator[tuple[str, frozenset[str]]]:
    named = {cause for causes in PARTS.values() for cause in causes}
    others = frozenset().union(*(causes for _, causes in broke)) - named
    *_, last = PARTS
    for name, causes in PARTS.items():
        yield name, frozenset(causes) | (others if name == last else frozenset())


def _part(
    name: str,
    own: Sequence[Incident],
    seen: Sequence[bool],
    days: Sequence[datetime],
    at: datetime,
    heard_at: datetime | None,
) -> Part:
    told = tuple(_day(start, own, looked, at) for start, looked in zip(days, seen, strict=True))
    open_ = [_state(one) for one in own if one.closed_at is None]
    known: State = "ok" if heard_at and any(seen[-_LATELY:]) else "unknown"
    state: State = "failed" if "failed" in open_ else "degraded" if open_ else known
    bad = sum(one.state in ("failed", "degraded") for one in told)
    blind = sum(one.state == "unknown" for one in told)
    said = f"{len(told) - bad - blind} good days, {bad} with trouble, {blind} not known"
    return Part(name, state, _WORDS[state], told, said)


def _day(start: datetime, incidents: Iterable[Incident], looked: bool, at: datetime) -> Day:
    end = min(start + _DAY, at)
    of_day = [one for one in incidents if one.opened_at < end and (one.closed_at or at) > start]
    if of_day:
        lasted = _together(
            (max(one.opened_at, start), min(one.closed_at or at, end)) for one in of_day
        )
        state: State = "failed" if any(_state(one) == "failed" for one in of_day) else "degraded"
        return Day(day(start), state, f"{_WORDS[state]} for {span(lasted)}")
    if not looked:
        return Day(day(start), "unknown", "not known, nobody looked")
    return Day(day(start), "ok", "no trouble")


def _together(times: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long any of some spans of time lasted; what overlaps counts once."""
    whole, until = timedelta(), datetime.min.replace(tzinfo=UTC)
    for start, end in sorted(times):
        whole += max(timedelta(), end - max(start, until))
        until = max(until, end)
    return whole


def _answer(open_: Sequence[Told], heard_at: datetime | None) -> tuple[State, str, tuple[str, ...]]:
    if open_:
        worst, rest = open_[0], len(open_) - 1
        since = f"Since {instant(worst.began)}, for {worst.lasted} so far. We are working on it."
        also = (f"And {rest} more, below.",) if rest else ()
        told = tuple(text for text in (worst.noticed, worst.meanwhile) if text)
        return worst.state, f"It is not you: {_lowered(worst.title)}", (*told, since, *also)
    if heard_at is None:
        return "unknown", "We cannot tell just now", ("Not all of it was looked at of late.",)
    return (
        "ok",
        "Everything works, as far as we see",
        ("If something fails for you, try again, then tell us.",),
    )


def _lowered(title: str) -> str:
    return title[:1].lower() + title[1:]


def _uptime(plan: Plan, ask: Ask, days: Sequence[datetime], at: datetime) -> tuple[str, str]:
    """The share of the watched time in which the site answered, and what it rests on."""
    metric = plan.metrics.get("site_up")
    if metric is None:
        return "", ""
    found = [uptime(metric, ask, start, min(start + _DAY, at), _DAY) for start in days]
    whole = Uptime(
        sum((one.up for one in found), timedelta()),
        sum((one.down for one in found), timedelta()),
        sum((one.unknown for one in found), timedelta()),
    )
    if whole.share is None:
        return "", ""
    return percent(whole.share), f"of the {span(whole.up + whole.down)} in which we looked"


def _product(target: str) -> str:
    if target == STANDIN:
        return "the stand-in, not the product"
    return target.partition("://")[2].rstrip("/") or target


PAGE = Page("/status", "Status", "status.html", status)
