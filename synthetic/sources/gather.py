"""All sources read at once: each in its own time, and none that fails costs another."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from synthetic.errors import SourceError
from synthetic.results import Sample
from synthetic.settings import Settings
from synthetic.sources.binding import Bound, bound
from synthetic.sources.figures import Memory, Reading, read
from synthetic.sources.readers import Reader, reading
from synthetic.sources.recipe import Figure
from synthetic.sources.templates import Moments

_log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
_NAMED = 5
"""So many metrics are named in a sentence about them."""


@dataclass(frozen=True)
class Gathered:
    """What became of every metric that was due; ``titles`` are the recipes' by name.

    ``answered`` are the recipes that gave all that they ever gave; that there is nothing to
    measure is an answer.
    """

    readings: tuple[Reading, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    answered: tuple[str, ...] = ()

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Every figure that was read."""
        return tuple(sample for one in self.readings for sample in one.samples)

    @property
    def troubles(self) -> tuple[str, ...]:
        """A sentence for each thing that went wrong: whose, which metrics, what."""
        metrics: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in self.readings:
            if one.trouble:
                metrics[one.recipe, one.trouble].append(one.metric)
        return tuple(
            f"{self.titles.get(recipe, recipe)} ({_listed(names)}): {said}"
            for (recipe, said), names in metrics.items()
        )


async def gather(
    feeds: Sequence[Bound], *, clock: Clock, client: httpx.AsyncClient, memory: Memory | None = None
) -> Gathered:
    """Read all recipes side by side; of two that feed one metric the first one's figure counts.

    ``memory`` is what the look before left: figures of an hour or a day that it has are not asked
    for again, and vendors that want to be left alone are. It raises nothing on account of a source.
    """
    memory = Memory() if memory is None else memory
    looks = await asyncio.gather(*(_look(feed, client, clock, memory) for feed in feeds))
    titles = {feed.recipe.name: feed.recipe.title for feed in feeds}
    pairs = zip(feeds, looks, strict=True)
    answered = tuple(feed.recipe.name for feed, look in pairs if _answered(feed, look, memory))
    return Gathered(tuple(_first(one for look in looks for one in look)), titles, answered)


@dataclass
class Sources:
    """The recipes that settings switch on, with a client and the memory of the looks before."""

    feeds: tuple[Bound, ...]
    clock: Clock
    client: httpx.AsyncClient
    memory: Memory = field(default_factory=Memory)

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock) -> Sources:
        """To be closed; raises :class:`~synthetic.errors.RecipeError` and ``SettingsError``."""
        return cls(bound(settings), clock, httpx.AsyncClient())

    async def gather(self) -> Gathered:
        """See :func:`gather`."""
        return await gather(self.feeds, clock=self.clock, client=self.client, memory=self.memory)

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self.client.aclose()

    async def __aenter__(self) -> Sources:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _look(
    feed: Bound, client: httpx.AsyncClient, clock: Clock, memory: Memory
) -> list[Reading]:
    moments = Moments(clock())
    recipe = feed.recipe
    due = {
        name: figure
        for name, figure in recipe.metric.items()
        if _is_due(feed, name, moments, memory)
    }
    quiet = memory.quiet.get(recipe.name)
    if quiet and moments.now < quiet:
        said = f"asked to be left alone until {quiet:%H:%M:%S} UTC"
        return [_trouble(feed, name, said) for name in due]
    async with reading(feed, client, moments) as reader:
        return await _in_time(feed, due, reader, moments, memory)


async def _in_time(
    feed: Bound, due: Mapping[str, Figure], reader: Reader, moments: Moments, memory: Memory
) -> list[Reading]:
    tasks = {
        name: asyncio.ensure_future(_figure(feed, name, figure, reader, moments, memory))
        for name, figure in due.items()
    }
    if not tasks:
        return []
    _, late = await asyncio.wait(tasks.values(), timeout=feed.limit_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return [_ended(feed, name, task) for name, task in tasks.items()]


def _ended(feed: Bound, name: str, task: asyncio.Future[Reading]) -> Reading:
    if task.cancelled():
        return _trouble(feed, name, f"was not read within {feed.limit_s:g} s")
    fault = task.exception()
    if fault is None:
        return task.result()
    _log.error("%s of %s could not be read", name, feed.recipe.name, exc_info=fault)
    return _trouble(feed, name, f"could not be read by a fault of ours ({type(fault).__name__})")


async def _figure(
    feed: Bound, name: str, figure: Figure, reader: Reader, moments: Moments, memory: Memory
) -> Reading:
    recipe = feed.recipe.name
    at = moments.at(figure.at)
    try:
        found = read(recipe, name, figure, await reader(figure), at, memory)
    except SourceError as error:
        if error.retry_after_s is not None:
            memory.quiet[recipe] = moments.now + timedelta(seconds=error.retry_after_s)
        return _trouble(feed, name, str(error))
    if figure.at != "now":
        memory.given[recipe, name] = at
    return found


def _answered(feed: Bound, readings: Iterable[Reading], memory: Memory) -> bool:
    """Whether a look found something, and nothing was lost that an earlier one found."""
    recipe = feed.recipe
    lost = {one.metric for one in readings if one.trouble}
    gave, before = recipe.metric.keys() - lost, memory.gave.get(recipe.name, frozenset())
    memory.gave[recipe.name] = before | gave
    return bool(gave) and not before & lost


def _is_due(feed: Bound, name: str, moments: Moments, memory: Memory) -> bool:
    figure = feed.recipe.metric[name]
    given = memory.given.get((feed.recipe.name, name))
    return figure.at == "now" or given != moments.at(figure.at)


def _trouble(feed: Bound, name: str, said: str) -> Reading:
    recipe = feed.recipe
    return Reading(recipe.name, name, recipe.metric[name].unit, trouble=said)


def _first(readings: Iterable[Reading]) -> Iterable[Reading]:
    """Of a metric's figures only those of the recipe that stands first."""
    given: dict[str, str] = {}
    for one in readings:
        if one.samples and given.setdefault(one.metric, one.recipe) != one.recipe:
            yield replace(one, samples=(), note=f"taken from {given[one.metric]}")
        else:
            yield one


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
