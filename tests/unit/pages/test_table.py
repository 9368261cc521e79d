"""The table of locators and what settings may replace in it."""

from __future__ import annotations

import re

import pytest

from synthetic.browser.locator import Locator
from synthetic.errors import SettingsError
from synthetic.pages.table import locators

HOSTILE = "a+b (c) [d] {e} / $1.0? ^x|y \\ \"q\" 'r'"


def test_the_defaults_are_whole() -> None:
    table = locators({})
    assert table["access.email"] == Locator("access.email", role="textbox", name="e-?mail")
    assert all(locator.path == path for path, locator in table.items())


def test_an_override_replaces_the_whole_entry_and_no_other() -> None:
    table = locators({"access": {"email": {"css": "#mail"}}})
    assert table["access.email"] == Locator("access.email", css="#mail")
    assert table["access.code"] == locators({})["access.code"]


def test_overrides_do_not_stay() -> None:
    locators({"access": {"email": {"css": "#mail"}}})
    assert locators({})["access.email"].css is None


def test_an_empty_table_switches_an_element_off() -> None:
    assert not locators({"room": {"share": {}}})["room.share"]
    assert locators({})["room.share"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"acess": {}}, "there is no page 'acess'; did you mean access?"),
        ({"xyz": {}}, "known: access, dashboard, room"),
        ({"access": {"emial": {}}}, "[pages.access] in synthetic.toml: there is no element"),
        ({"access": {"emial": {}}}, "did you mean email?"),
        ({"access": {"email": {"nam": "x"}}}, "there is no key 'nam'; did you mean name?"),
        ({"access": {"email": {"path": "x"}}}, "there is no key 'path'"),
        ({"access": {"email": {"role": "textbox", "name": "("}}}, "pages.access.email.name"),
        ({"access": {"email": {"label": "(?P<a>x)"}}}, "pages.access.email.label"),
        ({"access": {"email": {"text": "(?i)x"}}}, "pages.access.email.text"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    overrides: dict[str, dict[str, dict[str, str]]], message: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        locators(overrides)


def test_braces_of_a_placeholder_are_no_error() -> None:
    entry = {"role": "listitem", "text": "^{name}$"}
    assert locators({"room": {"participant": entry}})["room.participant"].text == "^{name}$"


def test_a_placeholder_is_filled_in_literally() -> None:
    filled = Locator("p.e", role="heading", name="^{title}$").filled(title=HOSTILE)
    assert filled.name is not None
    assert re.search(filled.name, HOSTILE)
    assert not re.search(filled.name, HOSTILE.replace("+", "aa"))


def test_css_is_filled_in_as_it_is() -> None:
    assert Locator("p.e", css="#{id}").filled(id="a.b").css == "#a.b"


def test_a_locator_reads_well_in_messages() -> None:
    locator = Locator("p.e", role="button", name="^send$", frame="iframe")
    assert "role=button" in str(locator)
    assert "^send$" in str(locator)
