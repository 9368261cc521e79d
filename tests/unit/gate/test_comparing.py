"""What is called worse than a baseline that is run in turn, or than its history."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from synthetic.gate import paired, unpaired
from synthetic.gate.figures import promised, values_of
from synthetic.gate.model import Comparison, Figure, Values
from synthetic.results import Run
from tests.runs import camera, journey, recorded, run
from tests.unit.gate.worlds import measured, noisy

SHARE = Figure("step", "test_two_people_meet", "host: share screen", "ms")
CHAT = Figure("step", "test_two_people_meet", "host: chat, host to guest", "ms")


def quads(blocks: int, ours: Callable[[], Run], theirs: Callable[[], Run]) -> list[paired.Quad]:
    return [
        (values_of(ours()), values_of(ours()), values_of(theirs()), values_of(theirs()))
        for _ in range(blocks)
    ]


def looked(blocks: list[paired.Quad]) -> Comparison:
    """At the only look that is planned."""
    return paired.compare(blocks, paired.levels(len(blocks))[len(blocks)])


def names(comparison: Comparison) -> set[str]:
    return {one.figure.name for one in comparison.worse}


def test_every_step_endpoint_and_quality_of_media_is_a_figure() -> None:
    kinds = [figure.kind for figure in values_of(recorded())]
    assert {kind: kinds.count(kind) for kind in kinds} == {"step": 17, "endpoint": 3, "media": 8}


def test_what_our_own_machine_spoiled_is_no_figure() -> None:
    spoiled: list[dict[str, Any]] = [
        {"limited_by": "cpu"},
        {"runner_busy": 0.99},
        {"impaired": "loss"},
        {"attempt": 2},
    ]
    for how in spoiled:
        assert not values_of(run(journey(), media=(camera(**how),)))
    assert values_of(run(journey(), media=(camera(),)))


@pytest.mark.parametrize(("baseline", "least"), [(50.0, 100.0), (2000.0, 300.0)])
def test_what_is_promised_is_15_per_cent_and_100_ms(baseline: float, least: float) -> None:
    assert promised(SHARE, baseline) == least


def test_a_step_slower_by_what_is_promised_is_found_at_the_first_look() -> None:
    found = looked(quads(2, noisy(1, chat__host_to_guest=0, share_screen=230), noisy(2)))
    assert names(found) == {"host: share screen"}
    (worse,) = found.worse
    assert worse.p == pytest.approx(1 / 36)
    assert worse.counts == (4, 4)
    assert worse.worse_by == pytest.approx(230, abs=20)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_is_not_blocked_and_soon_settled(seed: int) -> None:
    found = looked(quads(3, noisy(seed), noisy(seed + 100)))
    assert not found.worse
    assert found.settled


def test_what_is_faster_is_fine() -> None:
    found = looked(quads(2, noisy(1, share_screen=-400), noisy(2)))
    assert not found.worse


def test_a_difference_below_the_line_is_not_blocked_however_sure_it_is() -> None:
    found = looked(quads(2, lambda: measured({"leave": 40}), measured))
    assert not found.worse


def test_a_poorer_picture_is_found() -> None:
    def seen(fps: float) -> Callable[[], Run]:
        return lambda: run(journey(), media=(camera(fps=fps, bitrate_kbps=900.0),))

    assert len(looked(quads(2, seen(20.0), seen(30.0))).worse) == 1
    assert not looked(quads(2, seen(30.0), seen(20.0))).worse


def test_a_figure_that_a_run_lacks_counts_in_the_other_blocks_only() -> None:
    blocks = quads(3, noisy(1), noisy(2))
    lacking = {figure: value for figure, value in blocks[0][0].items() if figure != CHAT}
    found = looked([(lacking, *blocks[0][1:]), *blocks[1:]])
    (chat,) = (one for one in found.differences if one.figure == CHAT)
    assert chat.p >= 1 / 36


@pytest.mark.parametrize(
    ("planned", "looks"), [(1, []), (2, [2]), (3, [3]), (4, [3, 4]), (5, [3, 4, 5]), (9, [3, 4, 5])]
)
def test_all_looks_together_spend_alpha(planned: int, looks: list[int]) -> None:
    levels = paired.levels(planned)
    assert list(levels) == looks
    assert sum(levels.values()) == pytest.approx(paired.ALPHA if looks else 0)
    assert all(level >= 1 / 6**blocks for blocks, level in levels.items())


def history(count: int = 30, seed: int = 5) -> list[Values]:
    made = noisy(seed)
    return [values_of(made()) for _ in range(count)]


def candidates(**slower: float) -> list[Values]:
    made = noisy(77, **slower)
    return [values_of(made()) for _ in range(unpaired.CANDIDATES)]


def test_beside_its_history_a_slower_step_is_found() -> None:
    found = unpaired.compare(candidates(share_screen=300), history())
    assert names(found) == {"host: share screen"}
    assert found.worse[0].p == pytest.approx(1 / 31)


def test_beside_its_history_the_same_is_not_blocked() -> None:
    found = unpaired.compare(candidates(), history())
    assert (found.worse, found.settled) == ((), True)


def test_what_few_runs_of_the_history_measured_is_not_compared() -> None:
    short = [{CHAT: 1.0}] * (unpaired.FEWEST_RUNS - 1)
    assert not unpaired.compare([{CHAT: 999.0}] * 3, short).differences


def test_beside_a_noisy_history_chance_alarms_as_seldom_as_it_says() -> None:
    """A candidate's run is as good as any of production's: at most one gate in twenty alarms."""
    chance, alarms, worlds = random.Random(11), 0, 400
    figures = [Figure("step", "j", f"step {number}", "ms") for number in range(10)]

    def values() -> Values:
        return {figure: chance.lognormvariate(6, 0.5) for figure in figures}

    for _ in range(worlds):
        found = unpaired.compare([values()], [values() for _ in range(30)])
        alarms += bool(found.worse)
    assert alarms <= worlds * 0.05 + 3 * (worlds * 0.05) ** 0.5
