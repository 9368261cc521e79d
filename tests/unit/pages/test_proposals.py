"""What to write under ``[pages]`` for a product that calls things otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import pytest

from synthetic.browser.locator import Locator
from synthetic.pages.proposals import LONGEST, Item, Sight, finds, proposals
from synthetic.pages.table import locators

TABLE = locators({})
ZOOMLIKE = (
    Item("button", "Sign out"),
    Item("button", "New room"),
    Item("button", "Enter room"),
    Item("button", "Help & support"),
    Item("list", "Your rooms"),
    Item("textbox", "Room name"),
    Item("textbox", "Invite link or ID"),
    Item("heading", "Welcome back"),
)


def best(path: str, *items: Item, counts: Mapping[str, int] | None = None, **filled: str) -> str:
    """The likeliest line; empty where there is none."""
    sight = Sight("page", counts or {path: 0}, items, filled)
    found = proposals(TABLE[path], sight, TABLE)
    return found[0].toml(path.partition(".")[2]) if found else ""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("dashboard.signed_in", 'signed_in = { role = "button", name = "^Sign out$" }'),
        ("dashboard.log_out", 'log_out = { role = "button", name = "^Sign out$" }'),
        ("dashboard.create", 'create = { role = "button", name = "^New room$" }'),
        ("dashboard.join", 'join = { role = "button", name = "^Enter room$" }'),
        ("dashboard.sessions", 'sessions = { role = "list", name = "^Your rooms$" }'),
        ("dashboard.title", 'title = { role = "textbox", name = "^Room name$" }'),
        ("dashboard.code", 'code = { role = "textbox", name = "^Invite link or ID$" }'),
    ],
)
def test_another_products_dashboard_is_understood(path: str, line: str) -> None:
    assert best(path, *ZOOMLIKE) == line


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("access.sign_up", Item("button", "Create your free account")),
        ("access.log_in", Item("link", "Sign in")),
        ("access.request_code", Item("button", "Email me a code")),
        ("access.code", Item("textbox", "6-digit verification PIN")),
        ("access.verify", Item("button", "Continue")),
        ("room.leave", Item("button", "Hang up")),
        ("room.mute", Item("button", "Mic off")),
        ("room.camera_off", Item("button", "Stop video")),
        ("room.share", Item("button", "Present now")),
        ("room.chat", Item("textbox", "Write something…")),
    ],
)
def test_what_products_say_instead_is_known(path: str, item: Item) -> None:
    others = (Item("button", "Cookie settings"), Item("link", "Imprint"), Item("textbox", "Search"))
    line = best(path, *others, item)
    (entry,) = tomllib.loads(line).values()
    assert finds(Locator(path, **entry), item)
    assert not any(finds(Locator(path, **entry), other) for other in others)


def test_nothing_is_proposed_where_nothing_speaks_for_it() -> None:
    assert best("room.leave", Item("button", "Cookie settings"), Item("heading", "Leave")) == ""


def test_what_another_locator_finds_is_not_proposed() -> None:
    leave, end = Item("button", "Leave"), Item("button", "End session")
    assert best("room.end", leave, Item("button", "Leave for all"), counts={"room.leave": 1}) == (
        'end = { role = "button", name = "^Leave for all$" }'
    )
    assert best("room.leave", end, counts={"room.end": 1}) == ""


def test_what_differs_each_time_is_a_placeholder() -> None:
    title = "synthetic doctor-1: pages (50 %)"
    line = best("room.title", Item("heading", f"Room {title}!", ""), title=title, name="host")
    assert tomllib.loads(line)["title"] == {"role": "heading", "name": "^Room {title}!$"}
    line = best("room.participant", Item("button", "", "host · you"), name="host")
    assert tomllib.loads(line)["participant"] == {"role": "button", "text": "^{name} · you$"}


@pytest.mark.parametrize(
    ("item", "entry"),
    [
        (Item("textbox", test_id="chat-input"), {"test_id": "chat-input"}),
        (Item("textbox", id="chat"), {"css": "#chat"}),
        (Item("textbox", "message (all) [1.5]"), {
            "role": "textbox", "name": r"^message \(all\) \[1\.5\]$"
        }),
        (Item("textbox", "message " + "x" * (LONGEST - 8)), {
            "role": "textbox", "name": "^message " + "x" * (LONGEST - 8)
        }),
    ],
)  # fmt: skip
def test_the_entry_finds_what_it_was_made_from(item: Item, entry: dict[str, str]) -> None:
    line = best("room.chat", item)
    assert tomllib.loads(line) == {"chat": entry}
    assert finds(Locator("room.chat", **entry), item)


@pytest.mark.parametrize(
    "hostile", ['leave"} x = {', "leave\\", "leave {name}", "leave \x7f\u0001"]
)
def test_a_hostile_name_stays_one_entry(hostile: str) -> None:
    line = best("room.leave", Item("button", hostile), name="host")
    table = tomllib.loads(line)
    assert list(table) == ["leave"]
    locators({"room": {"leave": table["leave"]}})
    assert finds(Locator("room.leave", **table["leave"]), Item("button", hostile))


def test_a_frame_stays_said() -> None:
    table = locators({"room": {"leave": {"role": "button", "name": "x", "frame": "iframe"}}})
    sight = Sight("room", {"room.leave": 0}, (Item("button", "Leave call"),))
    (proposal,) = proposals(table["room.leave"], sight, table)
    assert proposal.entry["frame"] == "iframe"


def test_every_element_that_words_know_of_exists() -> None:
    from synthetic.pages.proposals import _known

    named = {f"{page}.{element}" for page, table in _known().items() for element in table}
    assert named <= set(TABLE)
