"""The dashboard: the list of sessions, creating one and joining one."""

from __future__ import annotations

from collections.abc import Mapping

from synthetic.browser.locator import Locator
from synthetic.browser.stopwatch import Condition
from synthetic.browser.view import View


class Dashboard:
    """Where a signed-in person starts."""

    def __init__(self, view: View, table: Mapping[str, Locator], base_url: str) -> None:
        self._view = view
        self._table = table
        self._url = f"{base_url.rstrip('/')}/dashboard"

    def _at(self, element: str) -> Locator:
        return self._table[f"dashboard.{element}"]

    def open(self) -> None:
        """Go there by its address."""
        self._view.open(self._url)

    def create(self, title: str) -> None:
        """Create a session."""
        self._view.fill(self._at("title"), title)
        self._view.click(self._at("create"))

    def join(self, invitation: str) -> None:
        """Join by code or link."""
        self._view.fill(self._at("code"), invitation)
        self._view.click(self._at("join"))

    def log_out(self) -> None:
        """Log out."""
        self._view.click(self._at("log_out"))

    @property
    def signed_in(self) -> Condition:
        """The page of somebody who is signed in, whatever it lists."""
        return Condition(self._view, "the dashboard, signed in", self._at("signed_in"))

    @property
    def sessions(self) -> Condition:
        """The list of sessions is shown."""
        return Condition(self._view, "the list of sessions", self._at("sessions"))

    @property
    def create_button(self) -> Condition:
        """A session can be created."""
        return Condition(self._view, 'the button "Create session"', self._at("create"))

    def lists(self, title: str) -> bool:
        """Whether the list, as it is now, has the session."""
        return self._view.element(self._at("session").filled(title=title)).count() > 0

    def session(self, title: str) -> Condition:
        """The list shows the session."""
        locator = self._at("session").filled(title=title)
        return Condition(self._view, f"the session {title!r} in the list", locator)
