"""Pictures of each step while all is well, for a later failure to be held against: once a day."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError

from synthetic.browser.evidence import screenshot
from synthetic.journeys.actor import Actor
from synthetic.journeys.journey import Journey
from synthetic.journeys.work import Work
from synthetic.reports.baseline import good_picture

FRESH_S = 24 * 3600.0
_log = logging.getLogger(__name__)


@dataclass
class GoodPictures:
    """Takes pictures after each step of one attempt; kept once it has passed as a whole."""

    actors: Sequence[Actor]
    staged: Path
    kept: Path
    due: bool

    @classmethod
    def of(
        cls, work: Work, journey: Journey, actors: Sequence[Actor], now_s: float
    ) -> GoodPictures:
        """For this attempt; none are due while those of the journey are fresh."""
        run = work.folder.read()
        kept = good_picture(work.settings.reports_dir, run, journey.name, 1, "host").parent
        fresh = kept.exists() and now_s - kept.stat().st_mtime < FRESH_S
        staged = work.folder.path / "good" / journey.name
        return cls(actors, staged, kept, due=journey.attempt == 1 and not fresh)

    def take(self, step: int) -> None:
        """After the ``step``-th step has passed, and its clock has stopped."""
        if not self.due:
            return
        try:
            self.staged.mkdir(parents=True, exist_ok=True)
            for actor in self.actors:
                path = self.staged / f"{actor.role}-{step}.jpg"
                screenshot(actor.page, path, private=[actor.email])
        except (PlaywrightError, OSError) as error:
            self.due = False  # half a set would be held against the wrong steps
            _log.warning("no pictures of this good run are kept: %s", error)

    def keep(self) -> None:
        """The attempt passed: its pictures take the place of the earlier ones."""
        if not self.due or not self.staged.exists():
            return
        try:
            shutil.rmtree(self.kept, ignore_errors=True)
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            self.staged.replace(self.kept)
        except OSError as error:
            _log.warning("pictures of a good run were not kept: %s", error)
