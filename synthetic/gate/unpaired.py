"""The candidate against what production's runs in its history measured. Pure.

The candidate's few runs follow each other within minutes, so they share whatever was special about
that hour: together they are one observation, their median. It is held against each of
production's runs: if the candidate is no worse, its place among them is as likely as any other
(a conformal test: no distribution is assumed). What counts is, for each run, its most unusual
figure, so that the chance of any wrong alarm is ``p`` itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from synthetic.gate.figures import promised
from synthetic.gate.model import LINE, Comparison, Conclusion, Difference, Figure, Values

ALPHA = 0.05
FEWEST_RUNS = 20
"""Of fewer runs, being the worst of all is no rarer than ``ALPHA``."""
MOST_RUNS = 100
CANDIDATES = 3
"""The median of three is not moved by one wild run."""
TEST = "place among production's runs, most unusual of all figures"
_MAD_TO_SIGMA = 1.4826
_STEADY = 0.25


def compare(candidate: Sequence[Values], history: Sequence[Values]) -> Comparison:
    """What the candidate's runs say beside ``history``."""
    columns = _columns(candidate, history)
    units = {figure: promised(figure, median(column)) for figure, column in columns.items()}
    scored = {
        figure: _scores(column, units[figure], figure.more_is_worse)
        for figure, column in columns.items()
    }
    places = range(len(history) + 1)
    largest = [max((column[place] for column in scored.values()), default=0.0) for place in places]
    differences = tuple(
        _difference(figure, candidate, history, _share(scored[figure][0], largest))
        for figure in sorted(columns)
    )
    return Comparison(TEST, ALPHA, (len(candidate), len(history)), differences)


def _columns(
    candidate: Sequence[Values], history: Sequence[Values]
) -> Mapping[Figure, Sequence[float]]:
    """By figure: the candidate's median, then every run of history; what one lacks is usual."""
    found = {}
    for figure in {figure for run in candidate for figure in run}:
        theirs = [run[figure] for run in history if figure in run]
        if len(theirs) >= FEWEST_RUNS:
            usual = median(theirs)
            ours = median(run[figure] for run in candidate if figure in run)
            found[figure] = [ours, *(run.get(figure, usual) for run in history)]
    return found


def _scores(column: Sequence[float], unit: float, more_is_worse: bool) -> list[float]:
    """How unusual each is, upwards; near nothing is never unusual however steady the rest."""
    usual = median(column)
    spread = _MAD_TO_SIGMA * median(abs(one - usual) for one in column)
    sign = 1 if more_is_worse else -1
    return [sign * (one - usual) / (spread + _STEADY * unit) for one in column]


def _share(score: float, largest: Sequence[float]) -> float:
    return sum(one >= score - 1e-12 for one in largest) / len(largest)


def _difference(
    figure: Figure, candidate: Sequence[Values], history: Sequence[Values], p: float
) -> Difference:
    ours = [run[figure] for run in candidate if figure in run]
    theirs = [run[figure] for run in history if figure in run]
    baseline, sign = median(theirs), 1 if figure.more_is_worse else -1
    least, worse_by = promised(figure, baseline), sign * (median(ours) - baseline)
    return Difference(
        figure=figure,
        candidate=median(ours),
        baseline=baseline,
        counts=(len(ours), len(theirs)),
        worse_by=worse_by,
        promised=least,
        p=p,
        at_most=None,
        conclusion=_conclusion(worse_by, least, p),
    )


def _conclusion(worse_by: float, least: float, p: float) -> Conclusion:
    if worse_by < LINE * least:
        return "fine"
    return "worse" if p <= ALPHA else "open"
