"""A recording, downloaded and its frames decoded: who is in it, and for how long."""

from __future__ import annotations

import base64
from collections import defaultdict
from importlib import resources

from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.page_script import page_script
from synthetic.errors import WrongContent
from synthetic.journeys.actor import Actor

_MOST_BYTES = 64 * 1024 * 1024
_SHARE = 0.7  # of the recorded time in which a person must be seen: people come in one by one


def download(actor: Actor, url: str) -> bytes:
    """The recording that ``actor`` is offered; raises :class:`WrongContent` if there is none."""
    answer = actor.context.request.get(url)
    media = answer.body() if answer.ok else b""
    if not media or len(media) > _MOST_BYTES:
        raise WrongContent(
            f"the recording that {actor.role} was offered cannot be had: "
            f"status {answer.status}, {len(media)} bytes"
        )
    return media


def seen_in(actor: Actor, media: bytes, seconds: float) -> dict[int, list[float]]:
    """When each role's camera of this run is seen: seconds into the recording, by role's index.

    Played in a blank page of the actor's browser, for at most twice the ``seconds`` expected.
    Raises :class:`WrongContent` for what is no video.
    """
    script = resources.files("synthetic.media").joinpath("recording.js").read_text("utf-8")
    context = actor.browser.new_context()
    try:
        context.add_init_script(page_script())
        page = context.new_page()
        page.goto("about:blank")
        argument = [base64.b64encode(media).decode(), 2 * seconds + 5]
        frames: list[tuple[float, list[int]]] = page.evaluate(script, argument)
    except PlaywrightError as error:
        raise WrongContent(
            f"the recording of {actor.role} cannot be played: {error.message.splitlines()[0]}"
        ) from error
    finally:
        context.close()
    seen: dict[int, list[float]] = defaultdict(list)
    for at, marks in frames:
        for mark in marks:
            if mark >> 8 & 0xFFF == actor.nonce and not mark >> 20 & 1:
                seen[mark >> 21].append(at)
    return seen


def check_recording(seen: dict[int, list[float]], people: list[Actor], seconds: float) -> None:
    """Everybody is in it, for about as long as was recorded; raises :class:`WrongContent`."""
    for person in people:
        moments = seen.get(person.index, [])
        span = max(moments) - min(moments) if moments else 0.0
        if span < _SHARE * seconds:
            raise WrongContent(
                f"{person.role} is seen for {span:.1f} s of a recording of about {seconds:.1f} s"
            )
        if span > seconds + 2:
            raise WrongContent(
                f"{person.role} is seen for {span:.1f} s, though {seconds:.1f} s were recorded"
            )
