"""What a page shows beyond what was awaited; each raises ``WrongContent``, or a ``Leak``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from synthetic.errors import Leak, StepTimeout, WrongContent
from synthetic.journeys.actor import Actor


def chat_lacks(actor: Actor, line: str) -> None:
    """The line did not come to this person."""
    if line in actor.room.chat_text:
        raise Leak(f"{actor.role} was shown a line of another session: {line!r}")


def is_not_listed(actor: Actor, title: str) -> None:
    """Somebody else's session is not in this person's list."""
    if actor.dashboard.lists(title):
        raise Leak(f"{actor.role} was shown a session of somebody else: {title!r}")


def shown_as_text(actor: Actor, css: str, seen: Callable[[], object]) -> None:
    """``seen`` waits for a line; nothing that somebody wrote became an element of the page.

    What became one is no text any more, so that the line is missed as well: the leak is told.
    """
    try:
        seen()
    except StepTimeout:
        _holds_no(actor, css)
        raise
    _holds_no(actor, css)


def _holds_no(actor: Actor, css: str) -> None:
    if actor.room.chat_holds(css):
        raise Leak(f"markup in a chat line became elements ({css}) in {actor.role}'s page")


def chat_is_in_order(actor: Actor, lines: Sequence[str]) -> None:
    """The lines are all there, each once, in the order in which they were sent."""
    text = actor.room.chat_text
    places = [text.find(line) for line in lines]
    if missing := [line for line, place in zip(lines, places, strict=True) if place < 0]:
        raise WrongContent(f"{actor.role} lacks {len(missing)} lines, first {missing[0]!r}")
    if places != sorted(places):
        raise WrongContent(f"{actor.role} was shown {len(lines)} lines in another order")
    if doubled := [line for line in lines if text.count(line) > 1]:
        raise WrongContent(f"{actor.role} was shown {len(doubled)} lines twice: {doubled[0]!r}")
