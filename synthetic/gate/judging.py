"""The gate itself: which run comes next, when enough is known, and what it comes to.

Everything from outside is passed in: how a side is run, the clock, production's history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from synthetic.evaluate.burst import refused
from synthetic.gate import paired, unpaired
from synthetic.gate.figures import values_of
from synthetic.gate.model import Comparison, Decision, Ran, Side, Values
from synthetic.gate.verdicts import decided, failing

Run = Callable[[Side, float], Ran]
"""Runs the suite against a side, within so many seconds."""
Clock = Callable[[], float]
"""Seconds that only ever grow."""
MOST_TROUBLES = 2
"""A side that so often in a row told nothing is left alone."""
_SLACK = 1.05
_NO_LIMIT = paired.MOST_BLOCKS
_BLOCK: tuple[Side, ...] = ("candidate", "baseline", "baseline", "candidate")


@dataclass(frozen=True)
class Against:
    """What the candidate is held against: a ``url`` that is run in turn, or ``history``."""

    url: bool = False
    history: tuple[Values, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Gate:
    run: Run
    clock: Clock
    ends_at: float
    against: Against
    ran: list[Ran] = field(default_factory=list)
    counted: list[Ran] = field(default_factory=list)
    """What is compared: each side's first run, which warms it up, is not."""
    comparison: Comparison | None = None
    cut_short: bool = False
    """Whether it was time alone that nothing was compared."""
    notes: list[str] = field(default_factory=list)

    @property
    def left_s(self) -> float:
        return self.ends_at - self.clock()

    def takes_s(self, *sides: Side) -> float:
        """How long runs of these sides may take together: each as long as the longest so far.

        A side's first run, which warms it up, counts only where nothing else is known.
        """
        return sum(self._longest_s(side) for side in sides)

    def _longest_s(self, side: Side) -> float:
        first, *later = [one.took_s for one in self.of(side) or self.ran] or [0.0]
        return max(later, default=first)

    def fits(self, *sides: Side) -> bool:
        """Whether there is time for a run of each of these."""
        return self.left_s > self.takes_s(*sides)

    @property
    def blocks_to_come(self) -> int:
        """How many blocks there is time for."""
        block_s = self.takes_s(*_BLOCK)
        # A little is left over, so that a run that takes longer does not cost the last block.
        return int(self.left_s / (_SLACK * block_s)) if block_s else _NO_LIMIT

    def try_(self, side: Side) -> Ran | None:
        """A run that told something, tried again if need be; none when the side is given up."""
        for _ in range(MOST_TROUBLES):
            if not self.fits(side):
                return None
            ran = self.run(side, self.left_s)
            self.ran.append(ran)
            if ran.verdict != "inconclusive":
                return ran
            if ran.run and refused(ran.run):
                self.notes.append(f"The {side} says that it is asked too often.")
                return None
        return None

    @property
    def time_was_up(self) -> bool:
        """Whether a run that was not to be had failed by time: none was begun, or it was ended."""
        return self.ran[-1].good or self.left_s <= 0

    def of(self, side: Side) -> list[Ran]:
        return [one for one in self.ran if one.side == side]

    def redeployed(self, side: Side) -> bool:
        return len({name for one in self.of(side) for name in one.deployments}) > 1


def judge(run: Run, clock: Clock, budget_s: float, against: Against) -> Decision:
    """Run both sides for as long as it takes to tell, and at most ``budget_s``."""
    began = clock()
    gate = _Gate(run, clock, began + budget_s, against, notes=list(against.notes))
    first = gate.try_("candidate")
    if first and first.good and not gate.redeployed("candidate"):
        _compare(gate)
    if against.url and any(map(failing, gate.of("candidate"))):
        _look_at_the_baseline(gate)
    decision = decided(
        gate.ran,
        gate.comparison,
        gate.notes,
        against_url=against.url,
        cut_short=gate.cut_short,
    )
    return replace(decision, took_s=clock() - began)


def _compare(gate: _Gate) -> None:
    if gate.against.url:
        _in_turn(gate)
    elif gate.against.history:
        _with_history(gate)


def _look_at_the_baseline(gate: _Gate) -> None:
    """Once more, now: what fails there as well says nothing about the candidate."""
    if gate.ran[-1].side == "candidate" and gate.try_("baseline") is None:
        gate.notes.append("Whether the baseline fails as well could not be seen.")


def _in_turn(gate: _Gate) -> None:
    warm = gate.try_("baseline")
    if not gate.of("baseline"):
        _time_is_up(gate)
        return
    if warm is None or not warm.good:
        down = "is down" if warm else "could not be judged"
        gate.notes.append(f"The baseline {down}: journeys alone decide.")
        return
    looks: Mapping[int, float] = {}
    made = 0
    while made < max(looks, default=1) and gate.fits(*_BLOCK):
        ended = _block(gate)
        if ended == "time":
            break
        if ended:
            return
        made += 1
        # Settled once, by how long the first block took and before anything is compared.
        looks = looks or paired.levels(1 + gate.blocks_to_come)
        if made in looks and _settled(gate, looks[made]):
            return
    if gate.comparison is None and made >= paired.FEWEST_BLOCKS:
        # Runs took longer than the first block's: the only look that there will be.
        _settled(gate, paired.ALPHA)
    if gate.comparison is None or not gate.comparison.settled:
        _time_is_up(gate)


def _block(gate: _Gate) -> Literal["time", "noted"] | None:
    """Four runs that can be compared, or why one was not to be had."""
    for side in _BLOCK:
        ran = gate.try_(side)
        if ran is None and gate.time_was_up:
            return "time"
        if ran is None or not ran.good:
            gate.notes.append(f"The comparison ended early: a run of the {side} was not good.")
            return "noted"
        if gate.redeployed(side):
            if side == "baseline":
                gate.notes.append("The comparison ended early: the baseline was redeployed.")
            return "noted"
        gate.counted.append(ran)
    return None


def _settled(gate: _Gate, level: float) -> bool:
    """A look at what is there."""
    gate.comparison = paired.compare(list(_quads(gate.counted)), level)
    return gate.comparison.settled


def _quads(counted: Sequence[Ran]) -> Iterator[paired.Quad]:
    measured = [values_of(one.run) for one in counted if one.run]
    for start in range(0, len(measured) - 3, 4):
        first, second, third, fourth = measured[start : start + 4]
        yield first, fourth, second, third


def _with_history(gate: _Gate) -> None:
    for _ in range(unpaired.CANDIDATES):
        ran = gate.try_("candidate")
        if ran is None or not ran.good or gate.redeployed("candidate"):
            break
        gate.counted.append(ran)
    else:
        candidate = [values_of(one.run) for one in gate.counted if one.run]
        gate.comparison = unpaired.compare(candidate, gate.against.history)
        return
    if ran is None and gate.time_was_up:
        _time_is_up(gate)


def _time_is_up(gate: _Gate) -> None:
    if gate.comparison:
        gate.notes.append(f"No more than {len(gate.ran)} runs were made.")
        return
    gate.cut_short = True
    paired_runs = 2 + len(_BLOCK) * paired.FEWEST_BLOCKS
    needed = paired_runs if gate.against.url else 1 + unpaired.CANDIDATES
    good = sum(one.good for one in gate.ran)
    gate.notes.append(
        f"No comparison: {needed} good runs are needed, and the time was enough for {good}; give "
        "a longer --budget."
    )
