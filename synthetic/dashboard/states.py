"""Verdicts and severities as the four states that screens know."""

from __future__ import annotations

from collections.abc import Mapping

from synthetic.reports.document import State
from synthetic.results import Verdict
from synthetic.store.values import Severity

OF_VERDICT: Mapping[Verdict, State] = {
    "passed": "ok",
    "degraded": "degraded",
    "failed": "failed",
    "inconclusive": "unknown",
}
OF_SEVERITY: Mapping[Severity, State] = {
    "critical": "failed",
    "high": "failed",
    "medium": "degraded",
    "low": "degraded",
}
