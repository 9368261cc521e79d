"""What is done on the spot when a step failed: keep the evidence, ask the controls, rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from playwright.sync_api import Error as PlaywrightError

from synthetic.errors import NoCode, SyntheticError
from synthetic.inbox import open_mailbox
from synthetic.journeys import controls
from synthetic.journeys.actor import Actor
from synthetic.journeys.evidence import (
    evidence_folder,
    keep_mail_headers,
    keep_pages,
    keep_ruling,
)
from synthetic.journeys.headroom import Headroom, headroom, reading
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import LONGEST_SENTENCE, Ruling, origin_of, settle
from synthetic.journeys.otp import issuer_of
from synthetic.journeys.own_call import own_call
from synthetic.journeys.target import on_loopback
from synthetic.journeys.trouble import explained
from synthetic.journeys.work import Work
from synthetic.results import Control, Feature, Step

_MEDIA: frozenset[Feature] = frozenset({"video", "screen_share", "recording", "reconnect"})
_MAILED: frozenset[Feature] = frozenset({"signup", "login"})
_ASIDE_MS = 2000


def inquire(
    work: Work, journey: Journey, actors: Sequence[Actor], error: Exception, step: Step
) -> Ruling:
    """Whose fault ``error`` is. Controls are made only where the error does not say it itself."""
    left = headroom(journey.before, reading(), work.folder.path)
    said = str(error)
    if origin_of(error) == "target":
        said = explained(journey, actors, error, since=step.started_at)
    folder = evidence_folder(work, journey)
    keep_pages(work, actors, folder)
    if step.feature in _MAILED or isinstance(error, NoCode):
        keep_mail_headers(work, actors, folder)
    found: list[Control] = []
    if origin_of(error) in ("target", "dependency"):
        made = controls.made(_asked(work, actors, error, step, left))
        found = [
            one.model_copy(update={"said": work.redactor.text(one.said, LONGEST_SENTENCE)})
            for one in made
        ]
    ruling = settle(error, work.redactor.text(said), found)
    keep_ruling(work, ruling, folder)
    return ruling


def _asked(
    work: Work,
    actors: Sequence[Actor],
    error: Exception,
    step: Step,
    left: Headroom,
) -> controls.Asked:
    settings, remote = work.settings, not on_loopback(work.base_url)
    issuer = issuer_of(settings.inbox)
    set_by_hand = settings.controls.model_fields_set
    # Of three people, one is who waited in vain.
    people = sorted(actors, key=lambda actor: actor.role != step.actor)
    call: Callable[[], Control] | None = partial(_call, people, work.nonce) if people else None
    mail = None
    if isinstance(error, NoCode):
        smtp_url = settings.inbox.smtp_url
        mail = partial(
            controls.mail_to_ourselves,
            smtp_url.get_secret_value() if smtp_url else None,
            lambda: open_mailbox(settings.inbox),
            error.to,
        )
    stun = settings.controls.stun if step.feature in _MEDIA else None
    return controls.Asked(
        headroom=left,
        cut_off=[at for one in actors for at in one.log.cut_off(issuer) if at >= step.started_at],
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
