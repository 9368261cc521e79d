"""The signalling hub: who is in which room, and what they are told, all in memory.

A message is a dict with a ``type``. To a page: ``welcome joined left state signal chat ended``,
and ``replaced`` when the same person entered again elsewhere.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Clock = Callable[[], float]
Message = dict[str, Any]

PASS_LIFETIME_S = 60.0
BACKLOG = 512
"""Messages waiting for one slow page before it is disconnected."""


@dataclass(frozen=True)
class Pass:
    """What a token stands for: this person may enter this room once, until ``expires_at``."""

    session_id: str
    user_id: int
    name: str
    expires_at: float


@dataclass(eq=False)
class Seat:
    """One connected page.

    ``closing`` is set when the hub wants its socket closed; ``key`` is what only it knows; a
    ``held`` one stays when its page goes.
    """

    id: str
    holder: Pass
    microphone: bool = True
    camera: bool = True
    held: bool = False
    outbox: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def tell(self, message: Message) -> None:
        """Queue ``message``; a page that takes nothing in is disconnected."""
        try:
            self.outbox.put_nowait(message)
        except asyncio.QueueFull:
            self.closing.set()

    def shown(self) -> Message:
        """How others see this seat."""
        return {
            "id": self.id,
            "name": self.holder.name,
            "microphone": self.microphone,
            "camera": self.camera,
        }


class Hub:
    """All rooms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._passes: dict[str, Pass] = {}
        self.rooms: dict[str, dict[str, Seat]] = {}

    def issue(self, session_id: str, user_id: int, name: str) -> str:
        """A token that lets its holder enter once."""
        now = self._clock()
        self._passes = {t: p for t, p in self._passes.items() if p.expires_at > now}
        token = secrets.token_urlsafe(24)
        self._passes[token] = Pass(session_id, user_id, name, now + PASS_LIFETIME_S)
        return token

    def redeem(self, token: object) -> Pass | None:
        """What ``token`` stands for, the first time it is shown and in time."""
        holder = self._passes.pop(token, None) if isinstance(token, str) else None
        return holder if holder and holder.expires_at > self._clock() else None

    def enter(self, holder: Pass) -> Seat:
        """Seat a person; an earlier seat of the same person in that room is given up."""
        for earlier in self._seats_of(holder.session_id, holder.user_id):
            earlier.tell({"type": "replaced"})
            self._remove(earlier)
        room = self.rooms.setdefault(holder.session_id, {})
        seat = Seat(secrets.token_hex(8), holder)
        people = [other.shown() for other in room.values()]
        self.tell_all(holder.session_id, {"type": "joined", "person": seat.shown()})
        room[seat.id] = seat
        welcome = {"type": "welcome", "you": seat.shown(), "people": people, "key": seat.key}
        seat.tell(welcome)
        return seat

    def seat_of(self, key: object) -> Seat | None:
        """The seat whose page knows ``key``."""
        seats = (seat for room in self.rooms.values() for seat in room.values())
        return next((seat for seat in seats if seat.key == key), None)

    def go(self, seat: Seat) -> None:
        """Give up a seat because its page went."""
        if not seat.held:
            self._remove(seat)

    def hold(self, session_id: str, user_id: int) -> None:
        """Keep a person's seat, whatever becomes of their page: a fault."""
        for seat in self._seats_of(session_id, user_id):
            seat.held = True

    def remove(self, session_id: str, user_id: int) -> None:
        """Give up a person's seat because they left."""
        for seat in self._seats_of(session_id, user_id):
            self.go(seat)

    def end(self, session_id: str) -> None:
        """Tell everybody that the session is over, and close the room."""
        self.tell_all(session_id, {"type": "ended"})
        for seat in self.rooms.pop(session_id, {}).values():
            seat.closing.set()

    def present(self, session_id: str, user_id: int) -> bool:
        """Whether that person has a page open in that room."""
        return bool(self._seats_of(session_id, user_id))

    def count(self, session_id: str) -> int:
        """How many are in the room."""
        return len(self.rooms.get(session_id, {}))

    def tell_all(self, session_id: str, message: Message, *, but: Seat | None = None) -> None:
        """Send ``message`` to everybody in the room."""
        for seat in list(self.rooms.get(session_id, {}).values()):
            if seat is not but:
                seat.tell(message)

    def handle(self, seat: Seat, message: Message) -> None:
        """Act on what a page said; raises :class:`ValueError` when that makes no sense."""
        kind = message.get("type")
        if kind == "signal":
            target = self.rooms.get(seat.holder.session_id, {}).get(str(message.get("to")))
            if target:
                target.tell({"type": "signal", "from": seat.id, "data": message.get("data")})
        elif kind == "state":
            seat.microphone = message.get("microphone") is True
            seat.camera = message.get("camera") is True
            said = {"type": "state", "person": seat.shown()}
            self.tell_all(seat.holder.session_id, said, but=seat)
        else:
            raise ValueError("unknown type")

    def _seats_of(self, session_id: str, user_id: int) -> list[Seat]:
        room = self.rooms.get(session_id, {})
        return [seat for seat in room.values() if seat.holder.user_id == user_id]

    def _remove(self, seat: Seat) -> None:
        room = self.rooms.get(seat.holder.session_id, {})
        if room.pop(seat.id, None) is None:
            return
        seat.closing.set()
        self.tell_all(seat.holder.session_id, {"type": "left", "id": seat.id})
        if not room:
            self.rooms.pop(seat.holder.session_id, None)
