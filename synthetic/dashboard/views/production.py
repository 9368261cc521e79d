"""Production: the dashboard that Part D of the plan draws, in its order."""

from __future__ import annotations

from dataclasses import dataclass

from synthetic.dashboard.charts import RANGES, Chart, Range
from synthetic.dashboard.figures import Reading
from synthetic.dashboard.glance import RANGE, Glance, Wrong
from synthetic.dashboard.health import Standing, standing
from synthetic.dashboard.pages import Asked, Page
from synthetic.dashboard.watched import Watched

_MOST_ERRORS = 5


@dataclass(frozen=True)
class Production:
    """What the page shows."""

    standing: Standing
    error_rate: Reading
    response: Reading
    active: tuple[Reading, ...]
    users: tuple[Reading, ...]
    charts: tuple[Chart, ...]
    errors: tuple[Wrong, ...]
    range: Range
    ranges: tuple[Range, ...]

    @property
    def seen(self) -> bool:
        """Whether there is anything to show."""
        readings = (self.error_rate, *self.active, *self.users)
        return any(one.known for one in self.charts) or any(one.value for one in readings)


def view(watched: Watched, asked: Asked) -> Production:
    """The page now."""
    glance = Glance.now(watched, asked)
    span = glance.range.title
    return Production(
        standing(watched, glance.at),
        glance.rate("error_rate"),
        glance.reading("response_p95"),
        tuple(map(glance.reading, ("active_users", "active_sessions"))),
        tuple(map(glance.reading, ("signups_daily", "sessions_created", "video_minutes_daily"))),
        (
            glance.chart("requests", title=f"Requests per hour ({span})"),
            glance.chart("errors", title=f"Errors per hour ({span})", bars=True),
            glance.chart("response_p95", title=f"Response time, P95 ({span})"),
            glance.chart("video_quality", title=f"Video quality, lines ({span})", bars=True),
        ),
        glance.errors(_MOST_ERRORS),
        glance.range,
        tuple(RANGES.values()),
    )


PAGE = Page("/", "Production", "production.html", view, RANGE, charts=True)
