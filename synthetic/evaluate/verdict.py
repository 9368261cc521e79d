"""From journeys to one verdict, and from a verdict to an exit code: pure."""

from __future__ import annotations

from collections.abc import Sequence

from synthetic.results import Journey, Origin, Verdict

# Our own breakage explains a failure before a dependency's does, and that before ignorance.
_DOUBTS: tuple[Origin, ...] = ("runner", "dependency", "unknown")
_EXIT_CODES: dict[Verdict, int] = {"passed": 0, "degraded": 0, "failed": 1, "inconclusive": 6}
_Outcome = tuple[Verdict, Origin | None]
_WORST_FIRST: tuple[Verdict, ...] = ("failed", "inconclusive", "degraded", "passed")


def verdict_of(journeys: Sequence[Journey]) -> _Outcome:
    """The verdict of a run and whose fault it is: that of its worst journey."""
    attempts: dict[str, list[Journey]] = {}
    for journey in sorted(journeys, key=lambda one: one.attempt):
        attempts.setdefault(journey.name, []).append(journey)
    if not attempts:
        return "inconclusive", "runner"
    outcomes = _believed([_outcome(each) for each in attempts.values()], list(attempts.values()))
    return min(outcomes, key=lambda one: (_WORST_FIRST.index(one[0]), _doubt(one[1])))


def _believed(
    outcomes: list[_Outcome], attempts: Sequence[Sequence[Journey]]
) -> Sequence[_Outcome]:
    """Where failures were tried again, one that was not is believed only beside a confirmed one."""
    again = [len(each) > 1 for each in attempts]
    confirmed = any(one[0] == "failed" and more for one, more in zip(outcomes, again, strict=True))
    if confirmed or not any(again):
        return outcomes
    return [("inconclusive", "unknown") if one[0] == "failed" else one for one in outcomes]


def _outcome(attempts: Sequence[Journey]) -> _Outcome:
    """One outcome of all attempts at a journey.

    The target is at fault when every attempt says so: an attempt that our own trouble spoiled
    confirms nothing. A later attempt that passed degrades.
    """
    origins = [one.origin or "unknown" for one in attempts if one.status != "passed"]
    if attempts[-1].status == "passed":
        return ("degraded", origins[0]) if origins else ("passed", None)
    if set(origins) == {"target"} and len(origins) == len(attempts):
        return "failed", "target"
    doubts = [origin for origin in origins if origin in _DOUBTS] or ["unknown"]
    return "inconclusive", min(doubts, key=_doubt)


def _doubt(origin: Origin | None) -> int:
    return _DOUBTS.index(origin) if origin in _DOUBTS else len(_DOUBTS)


def exit_code(verdict: Verdict) -> int:
    """What the process says of a verdict (contract 1)."""
    return _EXIT_CODES[verdict]
