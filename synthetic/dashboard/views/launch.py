"""Launch: the dashboard that Part A of the plan draws for the first 24 hours, in its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from synthetic.dashboard.charts import RANGES, Chart, Range
from synthetic.dashboard.figures import Reading
from synthetic.dashboard.glance import RANGE, Glance, Happened, Wrong
from synthetic.dashboard.health import Standing, standing
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.watched import Watched

_MOST_ERRORS, _MOST_HAPPENED = 5, 12  # "top 5 by frequency": plan, Part A


@dataclass(frozen=True)
class Launch:
    """What the page shows; ``launch_at`` is none before anybody set it."""

    standing: Standing
    launch_at: datetime | None
    gauges: tuple[Reading, ...]
    figures: tuple[Reading, ...]
    charts: tuple[Chart, ...]
    errors: tuple[Wrong, ...]
    activity: tuple[Happened, ...]
    range: Range
    ranges: tuple[Range, ...]


def view(watched: Watched, asked: Asked) -> Launch:
    """The page now."""
    glance = Glance.now(watched, asked)
    span = glance.range.title
    return Launch(
        standing(watched, glance.at),
        watched.settings.launch_at,
        (glance.rate("error_rate"), glance.reading("response_p95")),
        tuple(map(glance.reading, ("active_users", "errors", "active_sessions", "participants"))),
        (
            glance.chart("errors", title=f"Errors per hour ({span})", bars=True),
            glance.chart("response_p95", title=f"Response time, P95 ({span})"),
        ),
        glance.errors(_MOST_ERRORS),
        glance.activity(_MOST_HAPPENED),
        glance.range,
        tuple(RANGES.values()),
    )


PAGE = Page("/launch", "Launch", "launch.html", view, RANGE, charts=True)
