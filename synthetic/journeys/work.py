"""What a process that runs journeys knows of the run, and whom it tells of what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from synthetic import __version__
from synthetic._settings_product import TargetPass
from synthetic.browser.launch import RUN_COOKIE
from synthetic.errors import ReportsNotWritable
from synthetic.journeys.cleanup import Ledger
from synthetic.journeys.first_visit import by_client
from synthetic.redaction import Redactor
from synthetic.reports import terminal
from synthetic.results import Finding, Media, Page, Request, Sample, Step
from synthetic.settings import Settings
from synthetic.store.run_folder import (
    Entry,
    Found,
    Measured,
    MediaSeen,
    PageSeen,
    RequestDone,
    RunFolder,
    StepDone,
)


class LedElsewhere(httpx.RequestError):
    """A redirect leads off the target, whose cookies and codes nobody else is given."""


def own_client(
    run_id: str,
    base_url: str,
    target_pass: TargetPass,
    timeout_s: float,
    cookies: Mapping[str, str] | None = None,
) -> httpx.Client:
    """Plain HTTP to the target, recognisable as ours, which has shown the target's pass.

    It follows redirects within the target; one that leads off it raises :class:`LedElsewhere`.
    """
    home = httpx.URL(base_url)

    def stay(request: httpx.Request) -> None:
        url = request.url
        same = (url.host, url.port) == (home.host, home.port)
        if not same or url.scheme not in (home.scheme, "https"):
            raise LedElsewhere(f"the target redirects to {url.host}", request=request)

    client = httpx.Client(
        headers={"User-Agent": f"synthetic/{__version__}"},
        cookies={RUN_COOKIE: run_id, **(cookies or {})},
        follow_redirects=True,
        timeout=timeout_s,
        event_hooks={"request": [stay]},
    )
    by_client(target_pass, base_url, client)
    return client


@dataclass(frozen=True)
class Work:
    """What a process that runs journeys knows of the run."""

    run_id: str
    nonce: int
    part: str
    target: str
    base_url: str
    settings: Settings
    folder: RunFolder
    ledger: Ledger
    redactor: Redactor
    progress: Callable[[str], None]

    def client(
        self, cookies: dict[str, str] | None = None, timeout_s: float | None = None
    ) -> httpx.Client:
        """What :func:`own_client` gives this run; ``cookies`` are an actor's at the target."""
        limit_s = timeout_s or self.settings.step_timeout_s
        target_pass = self.settings.target_pass
        return own_client(self.run_id, self.base_url, target_pass, limit_s, cookies)


class Witnesses:
    """Passes what happens on to the record and, in the process with a terminal, to people."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.unwritten: ReportsNotWritable | None = None
        """Why the record lacks something."""

    def step_done(self, journey: str, attempt: int, step: Step) -> None:
        self.note(StepDone(journey=journey, attempt=attempt, step=step))
        self._work.progress(terminal.step_line(step))
        if self.unwritten and step.status == "passed":
            raise self.unwritten

    def request_done(self, request: Request) -> None:
        self.note(RequestDone(request=request))

    def media_seen(self, media: Media) -> None:
        self.note(MediaSeen(media=media))

    def page_seen(self, page: Page) -> None:
        self.note(PageSeen(page=page))

    def found(self, finding: Finding) -> None:
        self.note(Found(finding=finding))
        if finding.kind == "code":  # what the next line, a step that passed, does not show
            self._work.progress(f"  note    {finding.actor:<8}{finding.text}")

    def measured(self, sample: Sample) -> None:
        self.note(Measured(sample=sample))

    def note(self, entry: Entry) -> None:
        """Add to the record; what cannot be written fails the next step, not what is under way."""
        try:
            self._work.folder.append(self._work.part, entry)
        except ReportsNotWritable as error:
            self.unwritten = self.unwritten or error
