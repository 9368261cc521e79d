"""The machine of alerts, told as what is seen minute by minute.

Values are one a minute: ``.`` is under the line, ``!`` over it, ``_`` silence. States are one a
minute too: ``-`` none or over, ``p`` pending, ``F`` firing, ``S`` firing and stale.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from synthetic.evaluate.history import Gauge
from synthetic.evaluate.rules import OPEN, advance, beyond, superseded
from synthetic.plan.model import Row
from synthetic.store.values import Alert, Transition
from tests.histories import after
from tests.plans import rule

VALUE = {".": 5.0, "!": 15.0}


def lived(seen: str, **more: Any) -> tuple[str, list[Transition]]:
    """The states of a rule minute by minute, and its transitions."""
    row, alerts = rule(**more), tuple[Alert, ...]()
    states, changes = "", list[Transition]()
    for minute, sign in enumerate(seen):
        known = [Gauge("error_rate", (), VALUE[sign], after(minute))] if sign != "_" else []
        alerts, moved = advance(row, alerts, known, after(minute))
        changes += moved
        states += "".join(map(letter, alerts)) or "-"
    return states, changes


def letter(alert: Alert) -> str:
    if alert.state == "firing":
        return "S" if alert.stale else "F"
    return "p" if alert.state == "pending" else "-"


@pytest.mark.parametrize(
    ("hold", "keep", "seen", "states"),
    [
        ("0s", "0s", "..!!..!.", "--FF--F-"),
        ("1m", "0s", ".!!!.", "-pFF-"),
        ("2m", "0s", ".!!.!!!!.", "-pp-ppFF-"),
        ("90s", "0s", "!!!", "ppF"),
        ("0s", "2m", "!...!..!..._", "FFF-FFFFFF--"),
        ("1m", "1m", "!!..!.", "pFF-p-"),
        ("1m", "0s", "!_!!", "p-pF"),  # silence ends what is pending
        ("0s", "0s", "!__!_.", "FSSFS-"),  # and resolves nothing that fires
        ("0s", "0s", "!____.", "FSSSS-"),
        ("0s", "2m", "!._____.", "FFSSSSS-"),  # nor does time alone, once the clock runs
        ("0s", "3m", "!._!_._._.", "FFSFSFSFS-"),
        ("5m", "0s", "______", "------"),
    ],
)
def test_states(hold: str, keep: str, seen: str, states: str) -> None:
    assert lived(seen, **{"for": hold, "keep_firing_for": keep})[0] == states


def test_an_older_sample_of_another_source_says_nothing() -> None:
    row = rule()
    firing, _ = advance(row, (), [Gauge("error_rate", (), 15.0, after(5))], after(5))
    late = [Gauge("error_rate", (), 5.0, after(1))]
    ((alert,), changes) = advance(row, firing, late, after(6))
    assert (alert.state, alert.stale, changes) == ("firing", True, ())


def test_what_nothing_was_heard_of_for_a_week_is_superseded() -> None:
    row = rule()
    firing, _ = advance(row, (), [Gauge("error_rate", (), 15.0, after(0))], after(0))
    (stale,), _ = advance(row, firing, [], after(7 * 1440))
    assert stale.state == "firing"
    ((gone,), (change,)) = advance(row, (stale,), [], after(7 * 1440 + 1))
    assert gone.state == change.state == "superseded"


def test_each_change_is_told_once_with_its_value() -> None:
    _, changes = lived(".!!_.!.", **{"for": "1m"})
    assert [(change.at, change.state, change.value) for change in changes] == [
        (after(1), "pending", 15),
        (after(2), "firing", 15),
        (after(4), "resolved", 5),
        (after(5), "pending", 15),
        (after(6), "inactive", 5),
    ]


def test_an_alert_without_for_is_never_pending() -> None:
    assert [change.state for change in lived("!.")[1]] == ["firing", "resolved"]


def test_an_alert_says_since_when_and_what_was_seen_last() -> None:
    row = rule(**{"for": "1m", "keep_firing_for": "5m"})
    alerts = tuple[Alert, ...]()
    for minute, value in enumerate([15, 16, 5]):
        known = [Gauge("error_rate", (), value, after(minute))]
        alerts, _ = advance(row, alerts, known, after(minute))
    assert alerts == (
        Alert("high-errors", (), "firing", after(0), 16, after(1), None, after(2), after(2)),
    )


def test_what_ended_is_handed_back_once() -> None:
    row = rule()
    bad, good = (Gauge("error_rate", (), value, after(0)) for value in (15, 5))
    alerts, _ = advance(row, (), [bad], after(0))
    ended, _ = advance(row, alerts, [good], after(1))
    assert [(one.state, one.ended_at) for one in ended] == [("resolved", after(1))]
    assert advance(row, ended, [good], after(2)) == ((), ())


def test_each_label_set_that_where_leaves_has_its_alert() -> None:
    row = rule(where={"feature": "chat"})
    known = [
        Gauge("error_rate", (("feature", feature), ("location", place)), value, after(0))
        for feature, place, value in [
            ("chat", "a", 15), ("chat", "b", 5), ("chat", "c", 20), ("video", "a", 30)
        ]
    ]  # fmt: skip
    alerts, changes = advance(row, (), known, after(0))
    assert [dict(one.labels)["location"] for one in alerts] == ["a", "c"]
    assert [change.value for change in changes] == [15, 20]


def test_one_label_set_resolves_without_the_other() -> None:
    places = [(("location", name),) for name in "ab"]
    alerts, _ = advance(rule(), (), [Gauge("e", at, 15, after(0)) for at in places], after(0))
    alerts, changes = advance(rule(), alerts, [Gauge("e", places[0], 5, after(1))], after(1))
    assert [(one.state, one.stale) for one in alerts] == [("resolved", False), ("firing", True)]
    assert [change.labels for change in changes] == [places[0]]


def test_alerts_of_other_rules_are_left_alone() -> None:
    other = Alert("other", (), "firing", after(0), 15)
    assert advance(rule(), [other], [], after(1)) == ((), ())


@pytest.mark.parametrize(
    ("line", "compare", "alerting", "fine"),
    [
        (10, ">", [10.01, 11], [10, 9, -1]),
        (10, "<", [9.99, 0], [10, 11]),
        (2, ">=", [2, 2.5], [1.99]),
        (-30, "<=", [-30, -31], [-29.9, 5]),
        ({"min": 300, "max": 3000}, None, [299, 3001], [300, 3000]),
        ({"min": 300}, None, [299], [1e9]),
        ({"max": 3000}, None, [3001], [-1e9]),
        (None, ">", [], [1e9]),
    ],
)
def test_the_line(line: Any, compare: Any, alerting: list[float], fine: list[float]) -> None:
    row = rule(alert=line, compare=compare)
    assert [value for value in (*alerting, *fine) if beyond(row, value)] == alerting


@pytest.mark.parametrize(("state", "end"), [("firing", "superseded"), ("pending", "inactive")])
def test_what_loses_its_rule_is_not_resolved(state: Any, end: str) -> None:
    gone = superseded(Alert("old", (), state, after(0), 15), after(3))
    assert (gone.state, gone.ended_at) == (end, after(3))


def any_rule(chance: random.Random) -> Row:
    hold, keep = chance.choice(("0s", "60s", "150s")), chance.choice(("0s", "90s"))
    return rule(**{"for": hold, "keep_firing_for": keep})


@pytest.mark.parametrize("seed", range(40))
def test_without_silence_our_machine_is_prometheus(seed: int) -> None:
    chance = random.Random(seed)
    row = any_rule(chance)
    ours, theirs = tuple[Alert, ...](), tuple[Alert, ...]()
    for minute in range(60):
        known = [Gauge("e", (), chance.choice((5, 15, 15)), after(minute))]
        ours, told = advance(row, ours, known, after(minute))
        theirs, same = advance(row, theirs, known, after(minute), silence_resolves=True)
        assert (ours, told) == (theirs, same)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes(seed: int) -> None:
    """Nothing resolves in silence, and states follow each other as they may."""
    chance = random.Random(seed)
    row = any_rule(chance)
    alerts, state = tuple[Alert, ...](), "none"
    may = {
        "none": {"pending", "firing"}, "pending": {"firing", "inactive"}, "firing": {"resolved"},
        "inactive": {"pending", "firing"}, "resolved": {"pending", "firing"},
    }  # fmt: skip
    for minute in range(90):
        value = chance.choice((5, 15, 15, None))
        known = [Gauge("e", (), value, after(minute))] if value else []
        alerts, changes = advance(row, alerts, known, after(minute))
        for change in changes:
            assert change.state in may[state]
            assert value or change.state == "inactive"
            state = change.state
        assert all(one.fired_at for one in alerts if one.state == "firing")
        assert len([one for one in alerts if one.state in OPEN]) <= 1
