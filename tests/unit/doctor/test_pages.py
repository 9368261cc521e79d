"""What a walk over the target's pages tells."""

from __future__ import annotations

from synthetic.doctor.pages import not_seen, places, told
from synthetic.journeys.walking import PAGES, Walk
from synthetic.pages.proposals import Item, Sight
from synthetic.pages.table import locators

TABLE = locators({})


def landing(**counts: int) -> Walk:
    items = (Item("link", "Join free"), Item("link", "Sign in"), Item("heading", "Meet"))
    found = {f"access.{name}": count for name, count in counts.items()}
    return Walk(sights=[Sight("landing page", found, items)])


def lines(walk: Walk) -> list[str]:
    return list(told(walk, places(walk, TABLE)))


def test_what_is_found_is_a_tick() -> None:
    assert lines(landing(sign_up=1, log_in=1))[0] == (
        "✓ landing page: 2 of 2 locators find something"
    )


def test_what_finds_nothing_comes_with_what_to_write() -> None:
    shown = "\n".join(lines(landing(sign_up=1, log_in=0)))
    assert "✗ landing page: 1 of 2 locators find something" in shown
    assert 'access.log_in finds nothing: looked for role=link name~"^log ?in"' in shown
    assert "under [pages.access] in synthetic.toml put the right one of" in shown
    assert 'log_in = { role = "link", name = "^Sign in$" }' in shown
    assert "log_in = {}\n" in shown


def test_what_nobody_can_guess_comes_with_what_is_there() -> None:
    walk = Walk(sights=[Sight("room", {"room.leave": 0}, (Item("button", "✂\x1b[31m"),))])
    shown = "\n".join(lines(walk))
    assert 'there is button "✂ [31m"' in shown
    assert "\x1b" not in shown
    assert "say under [pages.room] in synthetic.toml how it is found: leave = { … }" in shown


def test_what_finds_several_is_said_and_no_failure() -> None:
    walk = landing(sign_up=3, log_in=1)
    assert "    access.sign_up finds 3, and the first is used" in "\n".join(lines(walk))
    assert not any(one.missing for one in places(walk, TABLE))


def test_where_the_walk_ended_is_said_with_what_it_did_not_see() -> None:
    walk = landing(sign_up=1, log_in=0)
    walk.trouble, walk.left = "could not click access.log_in", ["session 7: 500"]
    assert lines(walk)[-6:] == [
        "✗ the walk ended there: could not click access.log_in",
        "· log-in form: not seen",
        "· form of the code: not seen",
        "· dashboard: not seen",
        "· room: not seen",
        "✗ not removed, the next run tries again: session 7: 500",
    ]
    assert not_seen(walk) == list(PAGES)[1:]


def test_every_element_that_is_looked_for_exists() -> None:
    assert {path for paths in PAGES.values() for path in paths} <= set(TABLE)
