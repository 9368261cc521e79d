"""A look that is right, wrong, open, broken, or never ends."""

from __future__ import annotations

import threading
from functools import partial

from synthetic.doctor.checkup import Check, Finding, Open, examine, exit_code
from synthetic.errors import StoreFull


def broken() -> str:
    raise StoreFull("no space is left; make some")


def surprised() -> str:
    raise ZeroDivisionError("division by zero")


def test_each_look_ends_in_one_finding() -> None:
    checks = [
        Check("a", lambda: "fine", "A"),
        Check("b", lambda: Open("not set up"), "B"),
        Check("c", broken, "C"),
        Check("d", surprised, "D"),
    ]
    assert list(examine(checks)) == [
        Finding("a", "right", "fine"),
        Finding("b", "open", "not set up"),
        Finding("c", "wrong", "no space is left; make some"),
        Finding("d", "wrong", "it broke by ZeroDivisionError (division by zero); check D"),
    ]


def test_what_hangs_is_left_behind_and_the_rest_is_looked_at() -> None:
    over = threading.Event()
    hangs = Check("hangs", lambda: str(over.wait(20)), "ITS_SETTING", limit_s=0.05)
    found = list(examine([hangs, Check("next", lambda: "fine", "")]))
    over.set()
    assert found[0] == Finding("hangs", "wrong", "it did not end within 0.05 s; check ITS_SETTING")
    assert found[1].state == "right"


def test_the_next_look_begins_once_the_one_before_was_told() -> None:
    looked: list[str] = []

    def look(name: str) -> str:
        looked.append(name)
        return ""

    findings = examine(Check(name, partial(look, name), "") for name in "ab")
    next(findings)
    assert looked == ["a"]


def test_only_what_is_wrong_fails() -> None:
    assert exit_code([Finding("a", "right", ""), Finding("b", "open", "")]) == 0
    assert exit_code([Finding("a", "right", ""), Finding("b", "wrong", "")]) == 1
