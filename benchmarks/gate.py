"""The gate on deploys of which the truth is known: 20 the same, 20 slower at one step or endpoint
by at least 15 % and 100 ms, 20 broken.

Two forms, whose figures say which they are. *Simulated*: runs are drawn from recorded ones
(`fixtures/gate/smoke.jsonl`), no browser runs, and the same code decides; that is cheap enough for
error rates over hundreds of deploys and for the power over the size of a slowdown, in multiples of
what is promised (15 % and 100 ms). *Real*: each deploy is a stand-in with a fault of its own beside
one without, and every run is a run of the suite. Goals: no broken one passes, at most 1 of 20 same
ones is blocked, at most 2 of 20 slower ones are not, and the median gate takes at most 5 minutes.

Every real deploy adds a line to `reports/series/gate-real.jsonl`; begun again, it goes on where it
stopped.

    python -m benchmarks.gate [--simulated] [--real] [--collect RUNS]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.gate_noise import Slower, drawn, failing, latencies, least
from benchmarks.report import Figure, progress
from benchmarks.series import lines
from synthetic.gate.judging import Against, judge
from synthetic.gate.model import Decision, Ran, Side
from synthetic.results import Run

BUDGET_S = 300.0
EACH = 20
MANY = 200
SIZES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
RUNS_S = (11.0, 25.0)
"""What a run takes: here against a stand-in, and (without goals) at a product far away."""
KINDS = ("same", "slower", "broken")
REAL = "gate-real"


@dataclass
class _Deploy:
    """A candidate beside its baseline, on a clock of its own."""

    candidate: Callable[[], Run]
    baseline: Callable[[], Run]
    run_s: float
    now: float = field(default=0.0)

    def run(self, side: Side, limit_s: float) -> Ran:
        self.now += min(self.run_s, limit_s)
        found = self.candidate() if side == "candidate" else self.baseline()
        return Ran(side, found, self.run_s)

    def decision(self) -> Decision:
        return judge(self.run, lambda: self.now, BUDGET_S, Against(url=True))


def deploy(kind: str, number: int, run_s: float, times: float | None = None) -> dict[str, Any]:
    """One simulated deploy; a slower one is so by ``times`` what is promised, or 1 to 3 times."""
    chance = random.Random(f"{kind} {number} {run_s} {times}")
    slower = None
    if kind == "slower":
        figure = chance.choice(latencies())
        slower = Slower(figure, least(figure) * (times or chance.uniform(1.0, 3.0)))

    def candidate() -> Run:
        return failing(chance) if kind == "broken" else drawn(chance, slower)

    found = _Deploy(candidate, lambda: drawn(chance), run_s).decision()
    return line(kind, slower.figure.name if slower else "", found)


def line(kind: str, what: str, found: Decision) -> dict[str, Any]:
    """What is kept of a deploy."""
    worse = [one.figure.name for one in found.comparison.worse] if found.comparison else []
    return {
        "kind": kind,
        "what": what,
        "verdict": found.verdict,
        "worse": worse,
        "runs": len(found.runs),
        "took_s": round(found.took_s, 1),
    }


def judged(found: Sequence[Mapping[str, Any]], how: str, goals: bool = True) -> list[Figure]:
    """What these deploys came to, beside the goals where those are set."""
    of = {kind: [one["verdict"] for one in found if one["kind"] == kind] for kind in KINDS}
    same, slower, broken = (of[kind] for kind in KINDS)
    passed = sum(one in ("passed", "degraded") for one in broken)
    blocked, missed = same.count("failed"), len(slower) - slower.count("failed")
    took = [one["took_s"] for one in found]
    wrongly = EACH * blocked / max(1, len(same))
    unseen = EACH * missed / max(1, len(slower))
    rows = (
        ("broken deploys that pass", passed, "", 0.0, len(broken)),
        (f"same deploys that are blocked, of {EACH}", wrongly, "", 1.0, len(same)),
        (f"slower deploys that are not blocked, of {EACH}", unseen, "", 2.0, len(slower)),
        ("time of a gate, median", median(took), "s", BUDGET_S, len(took)),
    )
    return [
        Figure(f"{how}: {name}", value, unit, goal if goals else None, count)
        for name, value, unit, goal, count in rows
    ]


def run_simulated(many: int = MANY) -> list[Figure]:
    """The goals over ``many`` deploys of each kind, and the power over the size of a slowdown."""
    figures: list[Figure] = []
    for run_s in RUNS_S:
        how = f"simulated, runs of {run_s:.0f} s"
        work = [(kind, number) for kind in KINDS for number in range(many)]
        found = [deploy(*work[at], run_s) for at in progress(how, len(work))]
        figures += judged(found, how, goals=run_s == RUNS_S[0])
        for times in SIZES:
            caught = [
                deploy("slower", number, run_s, times)["verdict"] == "failed"
                for number in progress(f"{how}, {times:g} ×", many)
            ]
            power = 100 * sum(caught) / many
            figures.append(Figure(f"{how}: {times:g} × promised, blocked", power, "%", None, many))
    return figures


def run() -> list[Figure]:
    """All figures that can be had without a browser, and those of real deploys so far."""
    found = run_simulated()
    return [*found, *judged(real, "real")] if (real := lines(REAL)) else found


def main() -> None:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("--simulated", action="store_true", help="drawn runs; some minutes")
    parser.add_argument("--real", action="store_true", help="60 stand-ins; some hours")
    parser.add_argument("--collect", type=int, metavar="RUNS", help="record more smoke runs")
    parser.add_argument("--many", type=int, default=MANY, help="simulated deploys of each kind")
    asked = parser.parse_args()
    if asked.collect:
        from benchmarks.gate_real import collect

        collect(asked.collect)
    if asked.real:
        from benchmarks.gate_real import run_real

        print(*judged(run_real(), "real"), sep="\n")
    if asked.simulated:
        print(*run_simulated(asked.many), sep="\n")


if __name__ == "__main__":
    main()
