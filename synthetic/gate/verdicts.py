"""From what was run and compared to one decision, with its reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from synthetic.gate.model import Comparison, Decision, Ran, Side
from synthetic.results import Verdict


def failing(ran: Ran) -> frozenset[str]:
    """The journeys that failed for certain in a run, by the target's fault."""
    if ran.run is None or ran.verdict != "failed":
        return frozenset()
    last = {one.name: one for one in sorted(ran.run.journeys, key=lambda one: one.attempt)}
    names = {name for name, one in last.items() if (one.status, one.origin) == ("failed", "target")}
    return frozenset(names) or frozenset(last)


def decided(
    runs: Sequence[Ran],
    comparison: Comparison | None,
    notes: Sequence[str],
    *,
    against_url: bool,
    cut_short: bool = False,
) -> Decision:
    """What all runs came to; the first rule that applies decides.

    ``cut_short`` says that a comparison was asked for, and that time alone prevented any.
    """
    verdict, why = (
        _redeployed(runs)
        or _failed(runs, against_url=against_url)
        or _worse(comparison)
        or _unknown(runs)
        or _cut_short(cut_short)
        or _worked(runs, comparison)
    )
    return Decision(verdict, tuple(why), tuple(notes), tuple(runs), comparison)


_NOT_ITS_FAULT = ("runner", "dependency")
_Outcome = tuple[Verdict, list[str]]


def _redeployed(runs: Sequence[Ran]) -> _Outcome | None:
    seen = dict.fromkeys(name for one in _of(runs, "candidate") for name in one.deployments)
    if len(seen) < 2:
        return None
    first, *_, last = seen
    return "inconclusive", [
        f"The candidate was redeployed meanwhile, from {first} to {last}: what was seen is of "
        "two builds. Run the gate again."
    ]


def _failed(runs: Sequence[Ran], *, against_url: bool) -> _Outcome | None:
    broken = [one for one in _of(runs, "candidate") if failing(one)]
    if not broken:
        return None
    ours = frozenset[str]().union(*map(failing, broken))
    after = runs[runs.index(broken[-1]) :]
    theirs = frozenset[str]().union(*(failing(one) for one in _of(after, "baseline")))
    if not ours - theirs:
        return "inconclusive", [
            f"Candidate and baseline fail alike ({', '.join(sorted(ours))}): what both depend on, "
            "or our network, may be broken."
        ]
    both = [f"At the baseline {', '.join(sorted(ours & theirs))} fails too."] if theirs else []
    works = against_url and not theirs and any(one.good for one in _of(after, "baseline"))
    said = " At the baseline they work." if works else ""
    return "failed", [*(_story(name, broken) + said for name in sorted(ours - theirs)), *both]


def _story(name: str, broken: Sequence[Ran]) -> str:
    stories = [
        journey.story
        for one in broken
        if one.run
        for journey in one.run.journeys
        if journey.name == name and journey.story
    ]
    return f"{name} failed: {stories[-1]}" if stories else f"{name} failed."


def _worse(comparison: Comparison | None) -> _Outcome | None:
    worse = comparison.worse if comparison else ()
    if not worse:
        return None
    figures = "One figure is" if len(worse) == 1 else f"{len(worse)} figures are"
    return "failed", [f"{figures} worse than at the baseline, beyond noise."]


def _unknown(runs: Sequence[Ran]) -> _Outcome | None:
    if any(one.good for one in _of(runs, "candidate")):
        return None
    told = next((one for one in reversed(_of(runs, "candidate"))), None)
    if told is None:
        return "inconclusive", ["The candidate was never run."]
    why = told.trouble or f"origin {told.origin}"
    return "inconclusive", [f"No run of the candidate came to a verdict: {why}."]


def _cut_short(cut_short: bool) -> _Outcome | None:
    """Who is slow has fewer runs: it must not pass for want of them."""
    if not cut_short:
        return None
    return "inconclusive", [
        "Every journey worked; whether it is slower than before could not be told in the time."
    ]


def _worked(runs: Sequence[Ran], comparison: Comparison | None) -> _Outcome:
    ours = _of(runs, "candidate")
    good = [one for one in ours if one.good]
    weak = sum(one.verdict == "degraded" for one in good)
    why = [f"Every journey worked in {_counted(len(good), 'run')} of the candidate."]
    if weak:
        why.append(
            f"In {weak} of them a journey worked only at the second attempt, or a figure was past "
            "the plan's alert line."
        )
    silent = [one for one in ours if not one.good]
    doubtful = sum(one.origin not in _NOT_ITS_FAULT and not one.cut_off for one in silent)
    if excused := len(silent) - doubtful:
        why.append(f"{_counted(excused, 'further run')} of it told nothing, by no fault of its.")
    if doubtful:
        why.append(
            f"{_counted(doubtful, 'further run')} of it came to nothing, and whether by its fault "
            "is not known."
        )
    return ("degraded" if weak or doubtful else "passed"), [*why, *_compared(comparison)]


def _compared(comparison: Comparison | None) -> list[str]:
    if comparison is None:
        return ["Whether it is slower than before was not settled: nothing was compared."]
    count, fine = len(comparison.differences), len(comparison.differences) - len(comparison.open)
    if comparison.settled and count:
        return [f"None of {count} figures is worse than at the baseline."]
    return [
        f"Of {count} figures {fine} are not worse, {count - fine} not settled: what could be told "
        "is in the table."
    ]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _of(runs: Sequence[Ran], side: Side) -> list[Ran]:
    return [one for one in runs if one.side == side]
