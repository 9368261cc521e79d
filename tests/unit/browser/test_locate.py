"""``locate.js`` and Playwright find the same element, or both find none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from synthetic.browser.locator import Locator
from synthetic.browser.page_script import page_script
from synthetic.browser.view import View

HOSTILE = """a/b "c" 'd' (e) [f] {g} >> \\h $^.*+?|"""

PAGE = """
<p id=n1>Named elsewhere</p><p hidden id=n2>Hidden name</p>
<button hidden>Go</button> <button style="visibility: hidden">Go</button>
<button style="display: none">Go</button> <div aria-hidden=true><button>Go</button></div>
<button style="width: 0; height: 0; padding: 0; border: 0; overflow: hidden">Go</button>
<button id=go>Go</button> <button>Go on</button>
<button id=labelled aria-label="Leave call">x</button>
<button id=named-by aria-labelledby=n1>y</button>
<button id=named-by-hidden aria-labelledby=n2>y</button>
<button id=titled title="Raise hand"></button>
<button id=pictured><img alt="Mute" width=9 height=9></button>
<button id=nested><span>Share <b>the</b>
   screen</span></button>
<input type=submit id=submit value="Verify"> <input type=button id=input-button value="Resend">
<button id=partly>Camera<span hidden> off</span><i aria-hidden=true> icon</i></button>
<button id=iconic><i aria-label="Record"></i></button>
<button id=blocks><div>Two</div><div>lines</div></button>
<button id=drawn><svg width=9 height=9><title>Cross</title></svg></button>
<input type=reset id=reset value="Reset"> <input type=image id=image alt="Picture" width=9 height=9>
<span role=button id=role-button tabindex=0>Custom</span>
<button role=link id=role-link>Odd</button>
<details><summary id=summary>More</summary><button>Folded away</button></details>
<button id=opaque style="opacity: 0">Faint</button> <button id=disabled disabled>Later</button>
<label for=mail>E-mail</label><input type=email id=mail>
<label>Phone <input type=tel id=phone></label>
<input id=holder placeholder="Session title"> <textarea id=area aria-label="Message"></textarea>
<label>Secret <input type=password id=secret></label>
<input type=checkbox aria-label="Agree" id=box>
<div contenteditable=true id=editable aria-label="Notes">.</div>
<a href="/up" id=link>Sign up</a> <a id=no-link>Log in</a>
<a href="/x" title="Help me" id=help style="display: inline-block; width: 9px; height: 9px"></a>
<h1 id=h1>Team meeting</h1> <h3 id=h3>Room <em>12</em></h3>
<div role=heading id=heading>Custom title</div>
<ul id=list aria-label="Sessions"><li id=first>Alice (you)</li><li id=second>Bob</li></ul>
<ol id=unnamed><li id=third>Carol</li></ol> <div role=list id=role-list aria-label=People>x</div>
<p role=alert></p><p role=alert id=alert>Code is wrong</p><p role=status id=status>Ready</p>
<fieldset id=fieldset><legend>Tile of Bob</legend>x</fieldset>
<div role=group id=group aria-label=guest>x</div>
<div role=log id=log>Hello from the host (run 7)</div>
<div data-testid=chat-box id=tested>chat</div>
<div id=shadow></div> <p id=hostile></p> <button id=hostile-button></button>
<script>
  document.getElementById('shadow').attachShadow({mode: 'open'}).innerHTML =
    '<button id=deep>Deep</button><label>Inner <input id=inner></label>' +
    '<span id=lbl>Far</span><button id=by-inner aria-labelledby=lbl>z</button>';
</script>
"""

LOCATORS = {
    "go": {"role": "button", "name": "^go$"},
    "labelled": {"role": "button", "name": "leave call"},
    "named-by": {"role": "button", "name": "named elsewhere"},
    "named-by-hidden": {"role": "button", "name": "hidden name"},
    "titled": {"role": "button", "name": "raise hand"},
    "pictured": {"role": "button", "name": "^mute$"},
    "nested": {"role": "button", "name": "^share the screen$"},
    "partly": {"role": "button", "name": "^camera$"},
    "iconic": {"role": "button", "name": "record"},
    "blocks": {"role": "button", "name": "^two lines$"},
    "drawn": {"role": "button", "name": "cross"},
    "reset": {"role": "button", "name": "reset"},
    "image": {"role": "button", "name": "picture"},
    "submit": {"role": "button", "name": "verify"},
    "input-button": {"role": "button", "name": "resend"},
    "role-button": {"role": "button", "name": "custom"},
    "role-link": {"role": "link", "name": "odd"},
    "opaque": {"role": "button", "name": "faint"},
    "disabled": {"role": "button", "name": "later"},
    "mail": {"role": "textbox", "name": "e-?mail"},
    "phone": {"label": "phone"},
    "holder": {"role": "textbox", "name": "session title"},
    "area": {"role": "textbox", "name": "^message$"},
    "secret": {"role": "textbox", "name": "secret"},
    "secret-by-label": {"label": "secret"},
    "box": {"label": "agree"},
    "link": {"role": "link", "name": "^sign ?up"},
    "help": {"role": "link", "name": "help"},
    "h1": {"role": "heading", "name": "team meeting"},
    "h3": {"role": "heading", "name": "room 12"},
    "heading": {"role": "heading", "name": "^custom title$"},
    "list": {"role": "list", "name": "sessions"},
    "role-list": {"role": "list", "name": "people"},
    "first": {"role": "listitem", "text": "^Alice( \\(you\\))?$"},
    "second": {"role": "listitem", "text": "bob"},
    "third": {"role": "listitem", "text": "carol"},
    "alert": {"role": "alert", "text": "\\S"},
    "status": {"role": "status"},
    "fieldset": {"role": "group", "name": "tile of bob"},
    "group": {"role": "group", "name": "^guest$"},
    "log": {"role": "log", "text": "hello from the host \\(run 7\\)"},
    "tested": {"test_id": "chat-box"},
    "deep": {"role": "button", "name": "deep"},
    "inner": {"label": "inner"},
    "by-inner": {"role": "button", "name": "^far$"},
    "summary": {"css": "details > summary", "text": "more"},
    "list-by-css": {"css": "ul", "text": "bob"},
    "hostile": {"css": "p", "text": "^{text}$"},
    "hostile-button": {"role": "button", "name": "^{text}$"},
}
ALIASES = {"list-by-css": "list", "secret-by-label": "secret"}
NOWHERE = {
    "a summary is no button": {"role": "button", "name": "^more$"},
    "folded": {"role": "button", "name": "folded away"},
    "no link": {"role": "link", "name": "^log in$"},
    "button is a link": {"role": "button", "name": "odd"},
    "other words": {"role": "alert", "text": "no account"},
    "no such role": {"role": "dialog"},
    "hidden css": {"css": "#n2"},
    "not a textbox": {"role": "textbox", "name": "notes"},
}


@pytest.fixture(scope="module")
def view(chromium: Browser) -> Iterator[View]:
    """The page with everything in it."""
    context = chromium.new_context()
    context.add_init_script(page_script())
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://page.test/")
    page.evaluate(
        "text => { for (const id of ['hostile', 'hostile-button'])"
        "document.getElementById(id).textContent = text }",
        HOSTILE,
    )
    yield View(page, "host", 1)
    context.close()


def both(view: View, keys: dict[str, str]) -> tuple[str | None, str | None]:
    """The ids of what each finds."""
    locator = Locator("page.element", **keys).filled(text=HOSTILE)
    element = view.element(locator)
    theirs = element.get_attribute("id") if element.count() else None
    ours = view.page.evaluate("spec => __synthetic.find(spec)?.id ?? null", locator.spec())
    return ours, theirs


@pytest.mark.parametrize("name", LOCATORS)
def test_both_find_the_same_element(view: View, name: str) -> None:
    found = ALIASES.get(name, name)
    assert both(view, LOCATORS[name]) == (found, found)


@pytest.mark.parametrize("name", NOWHERE)
def test_both_find_none(view: View, name: str) -> None:
    assert both(view, NOWHERE[name]) == (None, None)


def test_texts_alone_agree(view: View) -> None:
    keys = {"text": "^code is wrong$"}
    assert both(view, keys) == ("alert", "alert")


def test_what_is_busy_is_not_there_yet(view: View) -> None:
    """The one deliberate difference: who waits for a list waits until it is loaded."""
    view.page.evaluate("document.getElementById('list').setAttribute('aria-busy', 'true')")
    try:
        assert both(view, LOCATORS["list"]) == (None, "list")
    finally:
        view.page.evaluate("document.getElementById('list').removeAttribute('aria-busy')")


def outline(view: View, most: int) -> list[str]:
    seen: list[str] = view.page.evaluate("most => __synthetic.outline(most)", most)
    return seen


def test_an_outline_names_what_can_be_seen_and_no_more_than_asked(view: View) -> None:
    assert outline(view, 3)[0] == 'alert "Code is wrong"'
    assert len(outline(view, 3)) == 3
    assert 'button "Folded away"' not in outline(view, 1000)
