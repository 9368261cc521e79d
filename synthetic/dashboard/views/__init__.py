"""What each page shows: functions from what is watched to frozen values."""

from __future__ import annotations

from synthetic.dashboard.pages import Page
from synthetic.dashboard.views import (
    alerts,
    endpoints,
    features,
    launch,
    media,
    plan,
    production,
    run,
    runbook,
    runs,
    status,
)

PAGES: tuple[Page, ...] = (
    production.PAGE,
    launch.PAGE,
    features.PAGE,
    endpoints.PAGE,
    media.PAGE,
    alerts.PAGE,
    runs.PAGE,
    run.PAGE,
    runbook.PAGE,
    plan.PAGE,
    status.PAGE,
)
"""All pages, in the order of the navigation."""
