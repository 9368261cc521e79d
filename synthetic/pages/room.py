"""The room of a session: people, their pictures and voices, chat and screen share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from synthetic.browser.locator import Locator
from synthetic.browser.stopwatch import Condition
from synthetic.browser.view import View


class Person(Protocol):
    """Whom one sees and hears: an actor."""

    @property
    def role(self) -> str:
        """``host``, ``guest``, …"""

    @property
    def name(self) -> str:
        """As the product shows it."""

    @property
    def index(self) -> int:
        """The role's number in the mark."""

    @property
    def nonce(self) -> int:
        """The run's, as the feeds carry it."""


class Room:
    """Where two people meet."""

    def __init__(self, view: View, table: Mapping[str, Locator]) -> None:
        self._view = view
        self._table = table

    def _at(self, element: str) -> Locator:
        return self._table[f"room.{element}"]

    @property
    def invitation(self) -> str:
        """The link by which others join: the room's own address."""
        return self._view.page.url

    @property
    def session_id(self) -> str:
        """The session's id: the last part of the room's address."""
        return urlsplit(self.invitation).path.rstrip("/").rpartition("/")[2]

    def enter(self) -> None:
        """Pass the lobby, where the product has one."""
        if self._at("enter"):
            self._view.click(self._at("enter"))

    def send(self, text: str) -> None:
        """Send a chat line."""
        self._view.fill(self._at("chat"), text)
        self._view.click(self._at("send"))

    def share_screen(self) -> None:
        """Start sharing."""
        self._view.click(self._at("share"))

    def stop_sharing(self) -> None:
        """Stop sharing."""
        self._view.click(self._at("stop_sharing"))

    def leave(self) -> None:
        """Leave the session."""
        self._view.click(self._at("leave"))

    def title(self, title: str) -> Condition:
        """The room of that session is shown."""
        locator = self._at("title").filled(title=title)
        return Condition(self._view, f"the room of {title!r}", locator)

    def participant(self, person: Person) -> Condition:
        """The list of participants has the person."""
        locator = self._at("participant").filled(name=person.name)
        return Condition(self._view, f"{person.role} in the list of participants", locator)

    def without(self, person: Person) -> Condition:
        """The list of participants no longer has the person."""
        what = f"{person.role} gone from the list of participants"
        return replace(self.participant(person), what=what, state="hidden")

    def message(self, text: str) -> Condition:
        """The chat shows the line."""
        locator = self._at("message").filled(text=text)
        return Condition(self._view, f"the chat line {text!r}", locator)

    def camera_of(self, person: Person) -> Condition:
        """A visible picture names the person."""
        return self._picture(person, screen=False)

    def screen_of(self, person: Person) -> Condition:
        """A visible picture is the person's shared screen."""
        return self._picture(person, screen=True)

    def _picture(self, person: Person, screen: bool) -> Condition:
        return Condition(
            self._view,
            f"the {'screen' if screen else 'picture'} of {person.role}",
            self._at("tile"),
            picture={"role": person.index, "screen": screen, "nonce": person.nonce},
        )

    def voice_of(self, person: Person) -> Condition:
        """The person's voice is heard."""
        what = f"the voice of {person.role}"
        return Condition(self._view, what, self._at("tile"), voice={"role": person.index})
