"""The console: what is sent there, is read there, and can do nothing to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synthetic.notify.channels import wording
from synthetic.store.values import Parcel
from synthetic.wording import wrapped

_WIDTH = 100
_LONGEST = 2000


def lines(parcel: Parcel) -> list[str]:
    """The headline, and the story below it."""
    told = wrapped(wording.headline(parcel.note), _WIDTH)
    story = wording.story(parcel.note, _LONGEST).splitlines()
    for heading, text in wording.sections(parcel.note, _LONGEST):
        story += [heading.upper(), *text.splitlines()]
    return told + [f"  {part}" for one in story for part in wrapped(one, _WIDTH - 2)]


@dataclass(frozen=True)
class ConsoleChannel:
    """Shows a note to whoever looks; always there, so the last resort of what must be told."""

    show: Callable[[str], None]
    name = "console"
    at_least_once = True

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """Show it."""
        self.show("\n".join(lines(parcel)))
        return None

    def find(self, _: Parcel, __: str | None) -> str | None:
        """What was shown leaves no trace."""
        return None
