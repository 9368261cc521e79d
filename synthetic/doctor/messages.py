"""A message to each channel that is set up, marked as a test; what it opens is closed again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from synthetic.doctor.checkup import Check, Open
from synthetic.errors import PlanError
from synthetic.journeys.target import STANDIN
from synthetic.notify.channels.model import Channel
from synthetic.notify.channels.registry import channels, settled
from synthetic.plan.load import load as load_plan
from synthetic.settings import Settings
from synthetic.store.values import Event, Note, Parcel

TITLE = "TEST, nothing is wrong: a message by `synthetic doctor --send`"
_STORY = "Somebody asked whether messages of the monitor arrive here. This one did."
_OPENS = ("pagerduty", "jira")  # something that would stay open: a page, an issue
_REQUESTS = 12  # the most that a channel makes for an opening and a closing
Clock = Callable[[], datetime]


def checks(
    settings: Settings, *, send: bool, clock: Clock = lambda: datetime.now(UTC)
) -> Iterator[Check]:
    """One for each place of each channel; without ``send`` it is only said which there are."""
    found = {name: one for name, one in channels(settings).items() if name != "console"}
    if not found:
        yield Check("channels", lambda: Open("nobody is told: none is set up"), "docs/channels.md")
    for name, channel in found.items():
        setting = f"SYNTHETIC_{name.partition('_')[0].upper()}__… and docs/channels.md"
        limit_s = _REQUESTS * settings.sink_timeout_s
        for place in _places(settings, name):
            told = f"channel {name} {place}" if place else f"channel {name}"
            look = _sending(channel, place, settings, clock) if send else _untried
            yield Check(told, look, setting, limit_s)


def _untried() -> Open:
    return Open("set up; `synthetic doctor --send` sends a test")


def _places(settings: Settings, name: str) -> list[str | None]:
    """Slack's channels as the plan's routes name them; others are tried once."""
    if name != "slack" or not settings.slack.bot_token:
        return [None]
    try:
        plan = settled(load_plan(settings.plan_dir, settings.plan_values), settings)
    except PlanError:  # which is looked at by itself
        return [None]
    routed = (to.place for route in plan.routes for to in route.to if to.channel == name)
    return list(dict.fromkeys(routed)) or [None]


def _sending(
    channel: Channel, place: str | None, settings: Settings, clock: Clock
) -> Callable[[], str]:
    def send() -> str:
        name = f"doctor-{secrets.token_hex(6)}"
        reference = channel.send(_parcel(channel, place, settings, name, "opened", clock()), None)
        if channel.name not in _OPENS:
            return "a test was sent: see that it arrived"
        channel.send(_parcel(channel, place, settings, name, "resolved", clock()), reference)
        return "a test was opened and closed again: see that it arrived"

    return send


def _parcel(
    channel: Channel, place: str | None, settings: Settings, name: str, event: Event, at: datetime
) -> Parcel:
    note = Note(
        key=f"{name}/{event}",
        incident=name,
        event=event,
        title=TITLE,
        story=_STORY,
        target=str(settings.base_url) if settings.base_url else STANDIN,
        at=at,
        severity="low",
    )
    parcel = f"{name}/{event}/{channel.name}"
    return Parcel(parcel, channel.name, place, note, created_at=at, due_at=at)
