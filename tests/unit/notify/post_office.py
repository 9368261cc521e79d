"""An outbox, channels that fail as a test wants, and a clock that only waiting moves."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from synthetic.errors import DeliveryError
from synthetic.notify.delivery import EVER, Delivered, drain
from synthetic.notify.routing import parcels_for
from synthetic.store.history import Store
from synthetic.store.values import Event, Note, Parcel
from tests.unit.notify.transcript import NOON, TARGET

Trouble = Exception | None


class Died(BaseException):
    """The process was killed here."""


@dataclass
class Fake:
    """A channel that keeps what it is sent, and fails as ``troubles`` say, one for each try.

    With ``dies`` a try arrives, and nobody lives to hear of it.
    """

    name: str
    at_least_once: bool = False
    troubles: list[Trouble] = field(default_factory=list)
    got: list[tuple[str, str | None]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dies: bool = False
    tells: bool = True
    order: list[str] = field(default_factory=list)

    def send(self, parcel: Parcel, thread: str | None) -> str | None:
        self.order.append(parcel.id)
        if trouble := self.troubles.pop(0) if self.troubles else None:
            raise trouble
        self.got.append((parcel.id, thread))
        if self.dies:
            self.dies = False
            raise Died
        return f"{self.name}-{len(self.got)}"

    def find(self, parcel: Parcel, _: str | None) -> str | None:
        self.asked.append(parcel.id)
        known = self.ids if self.tells else []
        return f"{self.name}-{known.index(parcel.id) + 1}" if parcel.id in known else None

    @property
    def ids(self) -> list[str]:
        return [each for each, _ in self.got]


@dataclass
class Post:
    """An outbox and its channels, and a clock that only waiting moves."""

    store: Store
    now: datetime = NOON
    channels: dict[str, Fake] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    def drain(self, **more: object) -> Delivered:
        """What ``drain`` does; this process made all that waits, unless ``made`` says what."""
        made = more.pop("made", [one.id for one in self.store.due(EVER)])
        return drain(
            self.store,
            self.channels,
            target=more.pop("target", TARGET),  # type: ignore[arg-type]
            made=made,  # type: ignore[arg-type]
            clock=lambda: self.now,
            wait=self._wait,
            chance=random.Random(1),
            **more,  # type: ignore[arg-type]  # what drain takes, by name
        )

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)

    def put(self, event: Event, *to: str, key: str | None = None, incident: str = "i") -> None:
        """Post a note to places such as ``pagerduty`` and ``slack:#alerts``."""
        note = Note(key or event, incident, event, f"title of {event}", "Story.", TARGET, self.now)
        places = [(name.partition(":")[0], name.partition(":")[2] or None) for name in to]
        self.store.post(parcels_for(note, places, self.now))
        self.later(seconds=1)

    def __getattr__(self, name: str) -> Fake:
        return self.channels[name]

    def waiting(self) -> dict[str, Parcel]:
        return {one.id: one for one in self.store.due(NOON + timedelta(days=999))}


def down(times: int, asked_s: float | None = None) -> list[Trouble]:
    return [DeliveryError("it is down", asked_s) for _ in range(times)]
