"""What is long over is worked out once, for a while."""

from __future__ import annotations

from synthetic.dashboard.past import KEPT_S, Past


def test_it_is_remembered_and_then_worked_out_anew() -> None:
    now = [0.0]
    past, made = Past(lambda: now[0]), list[int]()

    def make() -> float:
        made.append(1)
        return float(len(made))

    assert [past.figure("x", make) for _ in range(3)] == [1, 1, 1]
    now[0] = KEPT_S + 1
    assert past.figure("x", make) == 2
    assert past.figure("y", make) == 3


def test_that_nothing_is_known_is_remembered_too() -> None:
    past, made = Past(lambda: 0.0), list[int]()
    for _ in range(3):
        assert past.figure("x", lambda: made.append(1)) is None
    assert len(made) == 1
