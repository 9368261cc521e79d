"""How often what is done: as settings say, or else as the phase of the plan does. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from synthetic.errors import SettingsError
from synthetic.evaluate.arrivals import ALWAYS, intervals
from synthetic.evaluate.gauges import LOOKBACK
from synthetic.evaluate.phases import cadence
from synthetic.plan.model import Plan
from synthetic.plan.observations import SOURCE_READ
from synthetic.settings import PREFIX, Settings
from synthetic.watch.schedule import MOST_SPREAD, SPREAD

Cadence = Callable[[datetime], Mapping[str, timedelta]]
"""Of a moment, by name: ``probe source evaluate smoke full``; what is not there is not done."""
JOURNEYS = frozenset({"smoke", "full"})
"""Where neither is, no journeys are run at all, whatever failed."""


def checked(plan: Plan, settings: Settings) -> None:
    """Whether the settings let everything come as often as the plan expects it.

    Raises :class:`SettingsError`, a sentence for each that does not: an alarm for want of data
    would come and go with every round.
    """
    every, own = intervals(plan), settings.watch
    probed = [every[name] for name in ALWAYS if name in every]
    read = [every[SOURCE_READ]] if settings.feeds.on and SOURCE_READ in every else []
    said = []
    for name, given, expected in (
        ("PROBE_EVERY", own.probe_every, probed),
        ("SOURCE_EVERY", own.source_every, read),
    ):
        if given is None or not expected:
            continue
        missed = LOOKBACK * min(expected)
        most = max(missed / (1 + SPREAD), missed - MOST_SPREAD).total_seconds()
        if given.total_seconds() > most:
            said.append(
                f"{PREFIX}WATCH__{name} should be at most {int(most)}s: what did not come for "
                f"{missed.total_seconds():.0f} s is missed."
            )
    if said:
        raise SettingsError("\n".join(said))


def cadence_of(plan: Plan, settings: Settings, at: datetime) -> dict[str, timedelta]:
    """The time between what is done, by its name."""
    own = settings.watch
    given = {
        "probe": own.probe_every,
        "source": own.source_every,
        "smoke": own.smoke_every,
        "full": own.full_every,
        "evaluate": own.evaluate_every,
    }
    phase = cadence(plan, settings.launch_at, at)
    return {
        name: every or timedelta(seconds=phase[name])
        for name, every in given.items()
        if every or name in phase
    }


def without_journeys(cadence: Cadence) -> Cadence:
    """The cadence of a place where there are none to run."""
    return lambda at: {name: one for name, one in cadence(at).items() if name not in JOURNEYS}
