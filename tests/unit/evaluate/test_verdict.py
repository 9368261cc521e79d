"""One verdict of many attempts: whose fault decides, and nobody is blamed on one half-sure look."""

from __future__ import annotations

import random

import pytest

from synthetic.evaluate.verdict import exit_code, verdict_of
from synthetic.results import Journey, Origin, Verdict

ORIGINS: tuple[Origin, ...] = ("target", "dependency", "runner", "unknown")


def one(outcome: str, name: str = "a", attempt: int = 1) -> Journey:
    """``passed``, or the origin of a failure."""
    if outcome == "passed":
        return Journey(name=name, attempt=attempt, status="passed")
    return Journey.model_validate(
        {"name": name, "attempt": attempt, "status": "failed", "origin": outcome}
    )


@pytest.mark.parametrize(
    ("attempts", "verdict", "origin"),
    [
        ("", "inconclusive", "runner"),
        ("a:passed", "passed", None),
        ("a:target", "failed", "target"),
        ("a:runner", "inconclusive", "runner"),
        ("a:dependency", "inconclusive", "dependency"),
        ("a:unknown", "inconclusive", "unknown"),
        ("a:target a:passed", "degraded", "target"),
        ("a:runner a:passed", "degraded", "runner"),
        ("a:target a:target", "failed", "target"),
        ("a:target a:runner", "inconclusive", "runner"),
        ("a:runner a:target", "inconclusive", "runner"),
        ("a:dependency a:target", "inconclusive", "dependency"),
        ("a:passed a:target", "inconclusive", "unknown"),
        ("a:target a:target b:target", "failed", "target"),
        ("a:target a:passed b:target", "inconclusive", "unknown"),
        ("a:target b:target", "failed", "target"),
        ("a:passed b:target", "failed", "target"),
        ("a:runner b:target", "failed", "target"),
        ("a:dependency b:runner", "inconclusive", "runner"),
        ("a:unknown b:dependency", "inconclusive", "dependency"),
        ("a:target a:passed b:passed", "degraded", "target"),
        ("a:target a:passed b:unknown", "inconclusive", "unknown"),
    ],
)
def test_verdict(attempts: str, verdict: Verdict, origin: Origin | None) -> None:
    journeys: list[Journey] = []
    for text in attempts.split():
        name, _, outcome = text.partition(":")
        journeys.append(one(outcome, name, 1 + sum(done.name == name for done in journeys)))
    assert verdict_of(journeys) == (verdict, origin)


def test_a_failure_without_origin_is_nobodys() -> None:
    assert verdict_of([Journey(name="a", status="failed")]) == ("inconclusive", "unknown")


def test_a_run_that_only_skipped_proves_nothing() -> None:
    assert verdict_of([Journey(name="a", status="skipped")])[0] == "inconclusive"


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_journeys(seed: int) -> None:
    chance = random.Random(seed)
    journeys = [
        one(chance.choice(("passed", "passed", *ORIGINS)), name, attempt)
        for name in "abc"[: chance.randint(1, 3)]
        for attempt in range(1, chance.randint(2, 4))
    ]
    attempts = [[one for one in journeys if one.name == name] for name in "abc"]
    all_end_well = all(each[-1].status == "passed" for each in attempts if each)
    verdict, origin = verdict_of(journeys)
    blamed = [each for each in attempts if each and {one.origin for one in each} == {"target"}]
    again = any(len(each) > 1 for each in attempts)
    assert (verdict == "failed") == any(len(each) > 1 or not again for each in blamed)
    assert (verdict in ("passed", "degraded")) == all_end_well
    assert (verdict == "passed") == all(journey.status == "passed" for journey in journeys)
    assert (origin is None) == (verdict == "passed")
    chance.shuffle(journeys)
    assert verdict_of(journeys)[0] == verdict


@pytest.mark.parametrize(
    ("verdict", "code"), [("passed", 0), ("degraded", 0), ("failed", 1), ("inconclusive", 6)]
)
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert exit_code(verdict) == code
