"""What the gate runs, when it stops, and what it decides when things go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.gate.figures import values_of
from synthetic.gate.judging import Against
from synthetic.gate.model import Side
from synthetic.gate.sides import BUDGET_S
from synthetic.results import Run
from tests.runs import failed, journey, run
from tests.unit.gate.worlds import MEET, World, broken, measured, noisy, unsure, weak

GOOD = [measured()]
A: Side = "candidate"
B: Side = "baseline"


def decided(**world: Any) -> tuple[str, str]:
    """The verdict, and all that is said."""
    found = World(**world).judged()
    return found.verdict, " ".join((*found.why, *found.notes))


def test_without_a_baseline_one_good_run_is_enough_and_what_it_lacks_is_said() -> None:
    world = World(GOOD)
    found = world.judged()
    assert (found.verdict, found.exit_code(strict=True), world.asked) == ("passed", 0, [A])
    assert found.why[-1].endswith("not settled: nothing was compared.")


def test_what_worked_at_the_second_attempt_deploys_unless_strict() -> None:
    found = World([weak()]).judged()
    assert found.verdict == "degraded"
    assert (found.exit_code(strict=False), found.exit_code(strict=True)) == (0, 1)


def test_a_journey_that_fails_by_the_target_s_fault_blocks() -> None:
    found = World([broken()]).judged()
    assert (found.verdict, found.exit_code(strict=False)) == ("failed", 1)
    assert found.why == (f"{MEET} failed: No call came about.",)


def test_where_the_baseline_works_it_is_said() -> None:
    world = World([broken()], GOOD)
    assert world.judged().why == (f"{MEET} failed: No call came about. At the baseline they work.",)
    assert world.asked == [A, B]


def test_both_are_run_in_turn_each_first_run_warms_up() -> None:
    world = World([noisy(1)], [noisy(2)])
    found = world.judged()
    assert world.asked[:10] == [A, B, A, B, B, A, A, B, B, A]
    assert found.verdict == "passed"
    assert found.comparison
    assert found.comparison.runs[0] == found.comparison.runs[1]


def test_a_cold_first_run_is_not_held_against_the_candidate() -> None:
    cold = measured({"share screen": 9000})
    assert World([cold, noisy(1)], [noisy(2)]).judged().verdict == "passed"


def test_a_slower_candidate_is_blocked_after_the_fewest_runs() -> None:
    world = World([noisy(1, share_screen=400)], [noisy(2)])
    found = world.judged()
    assert (found.verdict, len(world.asked)) == ("failed", 14)
    assert found.why == ("One figure is worse than at the baseline, beyond noise.",)


def test_a_failure_that_both_share_is_inconclusive() -> None:
    verdict, said = decided(candidate=[broken()], baseline=[broken()])
    assert verdict == "inconclusive"
    assert "Candidate and baseline fail alike" in said


def test_what_fails_at_the_candidate_only_blocks_though_another_fails_at_both() -> None:
    ours = run(
        *(journey(failed("no"), attempt=n, name=name) for name in ("a", "b") for n in (1, 2)),
        verdict="failed",
    )
    verdict, said = decided(candidate=[ours], baseline=[broken("a")])
    assert verdict == "failed"
    assert said == "b failed. At the baseline a fails too."


def test_an_outage_that_begins_in_between_is_seen_at_the_baseline_as_well() -> None:
    """The baseline worked a minute ago: what counts is how it does now."""
    world = World([measured(), broken()], [measured(), broken()])
    assert world.judged().verdict == "inconclusive"
    assert world.asked == [A, B, A, B]


def test_with_the_baseline_down_journeys_alone_decide_and_that_is_said() -> None:
    verdict, said = decided(candidate=GOOD, baseline=[broken()])
    assert verdict == "passed"
    assert "The baseline is down: journeys alone decide." in said
    assert decided(candidate=[broken()], baseline=[unsure()])[0] == "failed"


def test_a_candidate_that_told_nothing_twice_is_inconclusive() -> None:
    world = World([unsure()], GOOD)
    found = world.judged()
    assert (found.verdict, found.exit_code(strict=False)) == ("inconclusive", 3)
    assert world.asked == [A, A]


def test_one_run_that_told_nothing_is_made_again() -> None:
    verdict, said = decided(candidate=[unsure(), measured()])
    assert verdict == "passed"
    assert "1 further run of it told nothing, by no fault of its." in said


def test_runs_that_came_to_nothing_for_an_unknown_reason_leave_a_doubt() -> None:
    lost = unsure().model_copy(update={"origin": "unknown"})
    verdict, said = decided(candidate=[lost, measured()])
    assert verdict == "degraded"
    assert "1 further run of it came to nothing, and whether by its fault is not known." in said


def test_who_asks_us_to_slow_down_is_left_alone() -> None:
    limited = unsure("RateLimited")
    world = World([limited], GOOD)
    found = world.judged()
    assert (found.verdict, world.asked) == ("inconclusive", [A])
    assert found.notes == ("The candidate says that it is asked too often.",)


def redeployed(side: Side, at: int, script: list[Run] | None = None) -> World:
    named = {side: lambda number: f"build-{1 if number < at else 2}"}
    return World(script or [noisy(1)], [noisy(2)], deployments=named)


@pytest.mark.parametrize("at", [1, 3])
def test_a_candidate_that_was_redeployed_meanwhile_is_inconclusive(at: int) -> None:
    world = redeployed(A, at)
    found = world.judged()
    assert found.verdict == "inconclusive"
    assert "redeployed meanwhile, from build-1 to build-2" in found.why[0]
    assert found.notes == ()
    assert world.asked.count(A) == at + 1


def test_a_failure_while_the_candidate_is_redeployed_does_not_block() -> None:
    assert redeployed(A, 1, [measured(), broken()]).judged().verdict == "inconclusive"


def test_a_baseline_that_was_redeployed_ends_the_comparison_only() -> None:
    found = redeployed(B, 2).judged()
    assert (found.verdict, found.comparison) == ("passed", None)
    assert "The comparison ended early: the baseline was redeployed." in found.notes


def test_a_budget_that_ends_in_the_first_run_is_inconclusive() -> None:
    world = World(GOOD, GOOD, run_s=60)
    found = world.judged(budget_s=30)
    assert (found.verdict, world.asked, world.limits) == ("inconclusive", [A], [30])
    assert "when the time was up" in found.why[0]


@pytest.mark.parametrize(
    ("takes_s", "good"),
    [({A: 45, B: 25}, 6), ({A: 40, B: 40}, 6), ({A: 160, B: 25}, 1), ({A: 100, B: 25}, 2)],
)
def test_who_is_too_slow_to_be_compared_in_the_time_does_not_pass(
    takes_s: dict[Side, float], good: int
) -> None:
    world = World([noisy(1)], [noisy(2)], takes_s=takes_s)
    found = world.judged(budget_s=300)
    assert (found.verdict, found.comparison) == ("inconclusive", None)
    assert found.notes == (
        f"No comparison: 10 good runs are needed, and the time was enough for {good}; give a "
        "longer --budget.",
    )
    assert world.now <= 300


def test_who_becomes_slow_while_it_is_compared_does_not_pass() -> None:
    world = World([noisy(1)], [noisy(2)], run_s=25)

    def hangs() -> Run:
        world.takes_s = {A: 500}
        return measured()

    world.candidate = [measured(), measured(), hangs]
    assert world.judged(budget_s=300).verdict == "inconclusive"
    assert world.now == 300


def test_a_cold_first_run_does_not_cost_the_comparison() -> None:
    """By the first runs there would be no time for two blocks; by the others there is."""
    world = World([noisy(1)], [noisy(2)], run_s=20)

    def cold() -> Run:
        world.now += 60
        return measured()

    world.candidate = [cold, noisy(1)]
    found = world.judged(budget_s=300)
    assert (found.verdict, found.comparison is not None) == ("passed", True)


@pytest.mark.parametrize(("quick", "later_s", "runs"), [(3, 30, 10), (5, 60, 13)])
def test_where_later_runs_take_longer_there_is_still_one_look(
    quick: int, later_s: float, runs: int
) -> None:
    world = World([noisy(1, share_screen=900)], [noisy(2)], run_s=20)

    def slower() -> Run:
        world.takes_s = {A: later_s, B: later_s}
        return noisy(3)()

    world.baseline = [noisy(2)] * quick + [slower, noisy(2)]
    found = world.judged(budget_s=290)
    assert (found.verdict, len(found.runs)) == ("failed", runs)
    assert found.comparison
    assert found.comparison.level == pytest.approx(1 / 36)


def test_the_time_for_a_full_suite_is_enough_to_compare() -> None:
    world = World([noisy(1)], [noisy(2)], run_s=314)
    assert world.judged(BUDGET_S["full"]).comparison


def test_what_the_time_did_not_settle_neither_blocks_nor_is_kept_quiet() -> None:
    wild = [measured({"share screen": 900 * (n % 2)}) for n in range(20)]
    found = World(wild, [noisy(2)], run_s=25).judged(budget_s=300)
    assert found.verdict == "passed"
    assert found.comparison
    assert "host: share screen" in {one.figure.name for one in found.comparison.open}
    assert "27 are not worse, 1 not settled" in found.why[-1]


@pytest.mark.parametrize("run_s", [7.0, 30.0, 299.0])
def test_no_run_goes_on_past_the_limit(run_s: float) -> None:
    world = World([noisy(1)], [noisy(2)], run_s=run_s)
    world.judged(budget_s=300)
    assert world.now <= 300


def beside_history(candidate: list[Any], **world: Any) -> tuple[World, Any]:
    made, here = noisy(5), World(candidate, **world)
    known = tuple(values_of(made()) for _ in range(30))
    return here, here.judged(against=Against(history=known))


def test_beside_a_history_three_warm_runs_are_judged() -> None:
    world, found = beside_history([measured({"leave": 5000}), noisy(1)])
    assert (found.verdict, world.asked) == ("passed", [A] * 4)
    assert beside_history([noisy(1, share_screen=400)])[1].verdict == "failed"


def test_beside_a_history_too_little_time_is_said_and_no_pass() -> None:
    _, found = beside_history([noisy(1)], run_s=100)
    assert (found.verdict, found.comparison) == ("inconclusive", None)
    assert "4 good runs are needed, and the time was enough for 2;" in found.notes[0]
