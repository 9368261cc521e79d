"""Who sees it, minute by minute: ``.`` under the line, ``!`` over it, ``_`` silence.

States are one a minute, too: ``-`` none, ``F`` fires as severe as its rule says, ``m`` fires below
the quorum; in small letters after its samples stopped: ``f``, and ``s`` below the quorum.
"""

from __future__ import annotations

import pytest

from synthetic.evaluate.evaluation import evaluate
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.quorum import as_told, counted
from synthetic.store.values import Alert
from tests.histories import after, asking, sample
from tests.plans import metric, plan, rule

VALUE = {".": 5.0, "!": 15.0}
LETTERS = {(False, False): "F", (True, False): "m", (False, True): "f", (True, True): "s"}


def lived(quorum: int, **seen: str) -> dict[str, str]:
    """The states of a rule at each location, minute by minute."""
    samples = [
        sample("error_rate", minute, VALUE[sign], location=place)
        for place, signs in seen.items()
        for minute, sign in enumerate(signs)
        if sign != "_"
    ]
    what = plan(metric(interval="30s"), rule(quorum=quorum))
    alerts: tuple[Alert, ...] = ()
    states = dict.fromkeys(seen, "")
    for minute in range(len(next(iter(seen.values())))):
        alerts = evaluate(what, "steady", alerts, asking(samples), after(minute)).alerts
        fires = {
            dict(one.labels)["location"]: LETTERS[one.below_quorum, one.stale]
            for one in alerts
            if one.rule == "high-errors" and one.state == "firing"
        }
        states = {place: told + fires.get(place, "-") for place, told in states.items()}
    return states


@pytest.mark.parametrize(
    ("quorum", "seen", "states"),
    [
        (1, {"eu": ".!.", "us": "..."}, {"eu": "-F-", "us": "---"}),
        (2, {"eu": "!!!.", "us": ".!..", "sg": "...."}, {"eu": "mFm-", "us": "-F--", "sg": "----"}),
        (2, {"eu": "!!", "us": "!!", "sg": ".."}, {"eu": "FF", "us": "FF", "sg": "--"}),
        # Where fewer look than are asked for, all of them are enough.
        (3, {"eu": "!!", "us": ".!"}, {"eu": "mF", "us": "-F"}),
        (2, {"eu": "!!"}, {"eu": "FF"}),
        # Who is silent does not count among those that look ...
        (2, {"eu": "!!!", "us": "._.", "sg": ".__"}, {"eu": "mFm", "us": "---", "sg": "---"}),
        # ... and stays as it was judged; what it saw last, it sees for a while.
        (2, {"eu": "!!!", "us": "!__", "sg": "..."}, {"eu": "FFF", "us": "Fff", "sg": "---"}),
        (2, {"eu": "!__", "us": ".!!", "sg": "..."}, {"eu": "mss", "us": "-FF", "sg": "---"}),
        (
            2,
            {"eu": "!" * 18, "us": "!" + 17 * "_", "sg": 18 * "."},
            {"eu": "F" * 16 + "mm", "us": "F" + 17 * "f", "sg": 18 * "-"},
        ),
        (2, {"eu": "!__", "us": "..."}, {"eu": "mss", "us": "---"}),
        (2, {"eu": "!__", "us": "!__"}, {"eu": "Fff", "us": "Fff"}),
    ],
)
def test_states(quorum: int, seen: dict[str, str], states: dict[str, str]) -> None:
    assert lived(quorum, **seen) == states


def test_each_thing_has_its_own_quorum() -> None:
    row = rule(quorum=2)
    fires = [
        Alert(row.id, (("feature", what), ("location", where)), "firing", after(0), 15)
        for what, where in (("chat", "eu"), ("chat", "us"), ("video", "eu"))
    ]
    gauges = evaluate(
        plan(metric(), row),
        "steady",
        (),
        asking([sample("error_rate", 0, 5, feature="video", location="us")]),
        after(0),
    ).gauges["error_rate"]
    assert [one.below_quorum for one in counted(row, fires, gauges, after(0))] == [
        False,
        False,
        True,
    ]


def test_below_its_quorum_a_rule_is_a_medium_one_and_promises_nothing() -> None:
    row = rule(severity="critical", action="call", acknowledge_within="2m", resolve_within="1h")
    lone = Alert(row.id, (), "firing", after(0), 15, below_quorum=True)
    told = as_told(row, lone)
    assert (told.severity, told.action, told.acknowledge_within) == ("medium", None, None)
    assert as_told(rule(severity="low"), lone).severity == "low"
    assert as_told(row, Alert(row.id, (), "firing", after(0), 15)) is row


@pytest.mark.parametrize(
    ("looked", "now", "below"),
    [
        (-60, 14, True),  # it will look again: within the rule's five minutes, and ten more
        (-60, 15, False),  # it has not looked since: nobody says anything against it
        (1, 60, True),  # it has, and saw nothing
    ],
)
def test_who_has_not_looked_since_it_began_is_not_waited_for_for_ever(
    looked: float, now: float, *, below: bool
) -> None:
    row = rule(quorum=2, **{"for": "5m"})
    alert = Alert(row.id, (("location", "eu"),), "firing", after(0), 15, seen=after(0))
    other = Gauge("error_rate", (("location", "us"),), 5, after(looked))
    (found,) = counted(row, [alert], [other], after(now))
    assert found.below_quorum is below


def test_a_location_that_fell_silent_is_never_one_that_does_not_see_it() -> None:
    row = rule(quorum=2)
    sees, silent = (
        Alert(
            row.id, (("location", one),), "firing", after(0), 15, seen=after(0), stale=one == "us"
        )
        for one in ("eu", "us")
    )
    older = Gauge("error_rate", silent.labels, 5, after(1))
    assert not counted(row, [sees, silent], [older], after(16))[0].below_quorum


def test_what_is_told_without_a_location_is_none_beside_those_that_have_one() -> None:
    row = rule(quorum=2)
    nowhere = Gauge("error_rate", (), 15, after(0))
    fires = [
        Alert(row.id, labels, "firing", after(0), 15) for labels in ((), (("location", "eu"),))
    ]
    us = Gauge("error_rate", (("location", "us"),), 5, after(0))
    assert [one.below_quorum for one in counted(row, fires, [nowhere, us], after(0))] == [True] * 2
    (alone,) = counted(row, fires[:1], [nowhere], after(0))
    assert not alone.below_quorum
