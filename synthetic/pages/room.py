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

    def mute(self) -> None:
        """Switch the microphone off."""
        self._view.click(self._at("mute"))

    def unmute(self) -> None:
        """Switch the microphone on."""
        self._view.click(self._at("unmute"))

    def camera_off(self) -> None:
        """Switch the camera off."""
        self._view.click(self._at("camera_off"))

    def camera_on(self) -> None:
        """Switch the camera on."""
        self._view.click(self._at("camera_on"))

    def record(self) -> None:
        """Start recording."""
        self._view.click(self._at("record"))

    def stop_recording(self) -> None:
        """Stop recording."""
        self._view.click(self._at("stop_recording"))

    def end(self) -> None:
        """End the session for everybody."""
        self._view.click(self._at("end"))

    def reload(self) -> None:
        """Load the page again, as a person does who hopes that it helps, and pass the lobby."""
        self._view.reload()
        self.enter()

    @property
    def code(self) -> str:
        """The code by which others join, as the page shows it."""
        return self._view.text_of(self._at("code"))

    @property
    def recording_link(self) -> str:
        """The address of the recording that is offered."""
        return self._view.link_of(self._at("recording_link"))

    @property
    def chat_text(self) -> str:
        """All that the chat shows, as text."""
        return self._view.text_of(self._at("message").filled(text=""))

    def chat_holds(self, css: str) -> bool:
        """Whether the chat holds such an element."""
        return self._view.element(self._at("message").filled(text="")).locator(css).count() > 0

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

    @property
    def refusal(self) -> Condition:
        """The page says no."""
        return self._shows("a refusal", "refusal")

    @property
    def muted(self) -> Condition:
        """One's own microphone is shown as off."""
        return self._shows('the button "Unmute microphone"', "unmute")

    @property
    def unmuted(self) -> Condition:
        """One's own microphone is shown as on."""
        return self._shows('the button "Mute microphone"', "mute")

    @property
    def dark(self) -> Condition:
        """One's own camera is shown as off."""
        return self._shows('the button "Turn camera on"', "camera_on")

    @property
    def lit(self) -> Condition:
        """One's own camera is shown as on."""
        return self._shows('the button "Turn camera off"', "camera_off")

    @property
    def can_share(self) -> Condition:
        """The screen is not shared, and could be."""
        return self._shows('the button "Share screen"', "share")

    @property
    def recording(self) -> Condition:
        """The page says that it records."""
        return self._shows("that it records", "recording")

    def recording_is(self, stage: str) -> Condition:
        """The page says how far the recording is: ``completed``, ``uploaded``, ``processed``."""
        return self._shows(f"that the recording is {stage}", f"recording_{stage}")

    def _shows(self, what: str, element: str) -> Condition:
        return Condition(self._view, what, self._at(element))

    def without_camera_of(self, person: Person) -> Condition:
        """No picture of the person's any more."""
        what = f"the picture of {person.role} gone"
        return replace(self.camera_of(person), what=what, state="hidden")

    def without_screen_of(self, person: Person) -> Condition:
        """The person's shared screen is gone."""
        what = f"the screen of {person.role} gone"
        return replace(self.screen_of(person), what=what, state="hidden")

    def without_voice_of(self, person: Person) -> Condition:
        """The person is silent."""
        what = f"the voice of {person.role} gone"
        return replace(self.voice_of(person), what=what, state="hidden")

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
