"""From journeys to one verdict, and from a verdict to an exit code: pure."""

from __future__ import annotations

from collections.abc import Sequence

from synthetic.results import Journey, Origin, Verdict

# Our own breakage explains a failure before a dependency's does, and that before ignorance.
_DOUBTS: tuple[Origin, ...] = ("runner", "dependency", "unknown")
_EXIT_CODES: dict[Verdict, int] = {"passed": 0, "degraded": 0, "failed": 1, "inconclusive": 6}


def verdict_of(journeys: Sequence[Journey]) -> tuple[Verdict, Origin | None]:
    """The verdict of a run and whose fault it is.

    Only the last attempt of a journey counts as its outcome; one that passed on a later attempt
    degrades the run. A failure whose origin is not the target proves nothing about the target.
    """
    last = {journey.name: journey for journey in sorted(journeys, key=lambda one: one.attempt)}
    if not last:
        return "inconclusive", "runner"
    origins = [one.origin or "unknown" for one in last.values() if one.status != "passed"]
    if "target" in origins:
        return "failed", "target"
    for origin in _DOUBTS:
        if origin in origins:
            return "inconclusive", origin
    first_failed = next((one for one in journeys if one.status == "failed"), None)
    if first_failed:
        return "degraded", first_failed.origin
    return "passed", None


def exit_code(verdict: Verdict) -> int:
    """What the process says of a verdict (contract 1)."""
    return _EXIT_CODES[verdict]
