"""What is done on the spot when a step failed: keep the evidence, ask the controls, rule."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import allure
from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.evidence import collect
from synthetic.errors import NoCode, SyntheticError
from synthetic.inbox import open_mailbox
from synthetic.journeys import controls
from synthetic.journeys.actor import Actor, on_loopback
from synthetic.journeys.headroom import Headroom, headroom, reading
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import Ruling, origin_of, settle
from synthetic.journeys.own_call import own_call
from synthetic.journeys.work import Work
from synthetic.results import Control, Feature, Step

_log = logging.getLogger(__name__)
_MEDIA: frozenset[Feature] = frozenset({"video", "screen_share", "recording", "reconnect"})
_ASIDE_MS = 2000


def inquire(
    work: Work, journey: Journey, actors: Sequence[Actor], error: Exception, step: Step
) -> Ruling:
    """Whose fault ``error`` is. Controls are made only where the error does not say it itself."""
    left = headroom(journey.before, reading(), work.folder.path)
    folder = work.folder.path / "evidence" / f"{journey.name}-{journey.attempt}"
    _keep_evidence(work, actors, folder)
    found: list[Control] = []
    if origin_of(error) in ("target", "dependency"):
        found = controls.made(_asked(work, actors, error, step, left))
    ruling = settle(error, work.redactor.text(str(error)), found)
    _keep_controls(work, folder, ruling)
    return ruling


def _asked(
    work: Work,
    actors: Sequence[Actor],
    error: Exception,
    step: Step,
    left: Headroom,
) -> controls.Asked:
    settings, remote = work.settings, not on_loopback(work.base_url)
    set_by_hand = settings.controls.model_fields_set
    call: Callable[[], Control] | None = partial(_call, actors, work.nonce) if actors else None
    mail = None
    if isinstance(error, NoCode):
        to = next(actor.email for actor in actors if actor.role == step.actor)
        smtp_url = settings.inbox.smtp_url
        mail = partial(
            controls.mail_to_ourselves,
            smtp_url.get_secret_value() if smtp_url else None,
            lambda: open_mailbox(settings.inbox),
            to,
        )
    stun = settings.controls.stun if step.feature in _MEDIA else None
    return controls.Asked(
        headroom=left,
        target=partial(controls.second_look, work.client, work.base_url),
        # A target on this machine is reached without any network.
        way_out=partial(controls.way_out, settings.controls.tcp)
        if remote or "tcp" in set_by_hand
        else None,
        udp=partial(controls.udp, stun) if stun and (remote or "stun" in set_by_hand) else None,
        call=call,
        mail=mail,
    )


def _call(actors: Sequence[Actor], nonce: int) -> Control:
    for actor in actors:
        # Two calls at once would be judged by a machine that holds one; evidence is taken already.
        with suppress(PlaywrightError):  # a page that stays makes the control stricter
            actor.page.goto("about:blank", timeout=_ASIDE_MS)
    browsers = actors[0].stage.browsers
    try:
        return own_call({actor.role: browsers.of(actor.role) for actor in actors}, nonce)
    except SyntheticError as error:
        return Control(name="call", ok=False, said=str(error))


def _keep_evidence(work: Work, actors: Sequence[Actor], folder: Path) -> None:
    try:
        for actor in actors:
            pieces = collect(
                actor.role,
                actor.context,
                actor.page,
                actor.log,
                folder / actor.role,
                work.redactor,
                traced=actor.traced,
            )
            for piece in pieces:
                allure.attach.file(str(piece.path), name=piece.title)
    except OSError as error:
        _log.warning("evidence could not be kept: %s", error)


def _keep_controls(work: Work, folder: Path, ruling: Ruling) -> None:
    rows = [control.model_dump() for control in ruling.controls]
    text = json.dumps({"origin": ruling.origin, "story": ruling.story, "controls": rows}, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "controls.json").write_text(work.redactor.raw(text), "utf-8")
    except OSError as error:
        _log.warning("what the controls said could not be kept: %s", error)
    allure.attach(ruling.story, name="whose fault", attachment_type=allure.attachment_type.TEXT)
