"""What is kept of a failed attempt, in a folder of its own; Allure is handed all of it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import allure

from synthetic.browser.evidence import collect
from synthetic.errors import SyntheticError
from synthetic.inbox import open_mailbox
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import Ruling
from synthetic.journeys.work import Work
from synthetic.reports.baseline import deployment_file, deployment_of
from synthetic.reports.summary import write_summary

_log = logging.getLogger(__name__)
_NEWEST_MAILS = 20
LONGEST_S = 30.0
_CODE = re.compile(r"\d{4,8}")  # of a mail that nobody read, so that its code is no known secret


def evidence_folder(work: Work, journey: Journey) -> Path:
    """Where the evidence of the attempt goes."""
    return work.folder.path / "evidence" / f"{journey.name}-{journey.attempt}"


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (OSError, SyntheticError) as error:  # the verdict does not hang on it
        _log.warning("evidence could not be kept: %s", error)


def keep_pages(work: Work, actors: Sequence[Actor], folder: Path) -> None:
    """What each actor's page shows, said and asked."""
    for actor in actors:
        with _telling(), actor.view.not_for_ever(LONGEST_S):
            pieces = collect(
                actor.role,
                actor.context,
                actor.page,
                actor.log,
                folder / actor.role,
                work.redactor,
                traced=actor.traced,
                private=[actor.email],
            )
            for piece in pieces:
                kind = piece.path.suffix.lstrip(".")
                allure.attach.file(str(piece.path), name=piece.title, extension=kind)


def keep_mail_headers(work: Work, actors: Sequence[Actor], folder: Path) -> None:
    """When mails came to each actor, and what they call themselves; not what they say."""
    if not work.settings.inbox.delivers:
        return  # asking would issue a code
    with _telling(), closing(open_mailbox(work.settings.inbox)) as mailbox:
        for actor in actors:
            rows = [
                {
                    "subject": _CODE.sub("[code]", work.redactor.text(mail.subject, 200)),
                    "received_at": mail.received_at.isoformat(),
                    "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
                }
                for mail in mailbox.mails_to(actor.email)[-_NEWEST_MAILS:]
            ]
            _write(folder / actor.role / "mail.json", json.dumps(rows, indent=1))


def keep_ruling(work: Work, ruling: Ruling, folder: Path) -> None:
    """Whose fault, why, and what the controls said."""
    rows = [control.model_dump() for control in ruling.controls]
    told = {"origin": ruling.origin, "story": ruling.story, "controls": rows}
    with _telling():
        _write(folder / "controls.json", work.redactor.raw(json.dumps(told, indent=1)))
    allure.attach(ruling.story, name="whose fault", attachment_type=allure.attachment_type.TEXT)


def keep_deployment(work: Work, actors: Sequence[Actor]) -> None:
    """Which deployment of the target answered, where it says so."""
    said = (deployment_of(actor.log.document_headers) for actor in actors)
    if deployment := next(filter(None, said), None):
        with _telling():
            text = work.redactor.text(deployment, 200)
            _write(deployment_file(work.folder.path), f"{text}\n")


def keep_summary(work: Work, journey: Journey) -> Path | None:
    """The story of all attempts so far on one page; none where it could not be written."""
    with _telling():
        return write_summary(work.folder.path, journey.name, work.redactor)
    return None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
