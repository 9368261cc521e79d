"""Pages in a browser: for everybody, alive without a reload, with charts that keys can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect

from synthetic.answers import take
from synthetic.dashboard.export import export
from synthetic.dashboard.views import PAGES
from synthetic.dashboard.watched import Watched
from synthetic.store.history import Store
from synthetic.store.values import Incident, Silence
from tests import lives
from tests.dashboards import TOKEN, serving, watched

LISTED = tuple(page.path for page in PAGES if "{" not in page.path and page.path != "/plan")
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
SERIOUS = ("serious", "critical")
TARGET_PX = 24  # WCAG 2.2, 2.5.8


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("broken")
    with Store.open(None, folder) as store:
        lives.broken(store)
        yield watched(store, folder, token=TOKEN)


@pytest.fixture(scope="module")
def url(seen: Watched) -> Iterator[str]:
    with serving(seen) as url:
        yield url


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    """A page of somebody who wants less motion."""
    context = chromium.new_context(base_url=url, viewport=DESKTOP, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def latest_run(seen: Watched) -> str:
    runs = seen.store.runs(lives.TARGET, lives.NOW - lives.DAY, lives.NOW)
    return f"/runs/{runs[-1].run_id}"


@pytest.mark.parametrize("address", [*LISTED, "/plan?part=D", "a run", "/login", "/nowhere"])
def test_axe_finds_nothing_serious(page: Page, seen: Watched, address: str) -> None:
    page.goto(latest_run(seen) if address == "a run" else address)
    assert not violations(page), "light, on a desk"
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    assert not violations(page), "dark, on a phone"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], "it scrolls sideways on a phone"
    assert not small(page)


def small(page: Page) -> list[str]:
    """Buttons, fields and links that stand alone and are too small to be hit."""
    found: list[str] = page.evaluate(
        """(least) => [...document.querySelectorAll("button, input, select, summary, nav a")]
            .filter((one) => one.type !== "hidden" && one.checkVisibility())
            .filter((one) => { const box = one.getBoundingClientRect();
                               return box.width < least || box.height < least; })
            .map((one) => one.outerHTML.slice(0, 100))""",
        TARGET_PX,
    )
    return found


def test_a_page_lives_without_a_reload(page: Page, seen: Watched) -> None:
    page.goto("/media")
    expect(page.locator("#live")).to_contain_text("Live, as of")
    page.evaluate("window.same = true")
    details = page.locator(".chart details").first
    details.locator("summary").click()
    life = lives.Life(lives.NOW)
    good = lives.run(life, lives.NOW - lives.MINUTE / 2, lives.LOCATIONS[0], 999)
    seen.store.save_run(good, lives.NOW)
    expect(page.locator(".answer .said")).to_contain_text("everybody saw and heard each other")
    assert page.evaluate("window.same") is True
    assert details.evaluate("one => one.open"), "what was opened stays open"


def test_arrow_keys_give_a_chart_s_values(page: Page) -> None:
    page.goto("/")
    chart = page.locator("figure[data-key=response_p95]")
    expect(chart.locator(".plot.drawn")).to_be_visible()
    chart.locator(".plot").focus()
    page.keyboard.press("ArrowLeft")
    rows = chart.locator("tbody tr")
    last = " UTC: ".join(rows.last.locator("th, td").all_text_contents())
    expect(chart.locator(".reading")).to_have_text(f"until {last}")
    page.keyboard.press("ArrowLeft")
    before = " UTC: ".join(rows.nth(-2).locator("th, td").all_text_contents())
    expect(chart.locator(".reading")).to_have_text(f"until {before}")


def test_words_leave_the_rows_of_the_plan_that_have_them(page: Page, seen: Watched) -> None:
    page.goto("/plan?part=D")
    expect(page.locator("#live")).to_contain_text("Live, as of")
    rows, shown = page.locator("details.group[open] tbody tr:visible"), page.locator("#shown")
    page.get_by_label("Words").fill("Video bitrate")
    expect(shown).to_have_text("2 shown")
    keys = [one.get_attribute("data-key") for one in rows.all()]
    assert keys == ["d-video-bitrate", "d-video-bitrate-p95"]
    with page.expect_response("**/plan?part=D"):
        seen.store.keep_note("words", "changed")
    expect(shown).to_have_text("2 shown")
    expect(rows).to_have_count(2)


def test_dragging_looks_closer_and_escape_at_all_of_it(page: Page) -> None:
    page.goto("/")
    plot = page.locator("figure[data-key=response_p95] .plot.drawn")
    over = plot.locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 50, steps=3)
    page.mouse.up()
    expect(plot).to_have_attribute("data-closer", "yes")
    plot.focus()
    page.keyboard.press("Escape")
    expect(plot).not_to_have_attribute("data-closer", "yes")


def test_nothing_is_refused_by_our_own_policy(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in ("/", "/media", "/plan"):
        page.goto(address)
    expect(page.locator("#live")).to_contain_text("Live")
    assert not said


def test_everything_can_be_read_before_any_script(chromium: Browser, url: str) -> None:
    context = chromium.new_context(base_url=url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    assert page.locator(".plot svg .trace").count() == 2
    assert page.locator(".plot svg").first.is_visible()
    page.get_by_role("link", name="7 days").click()
    assert page.get_by_role("link", name="7 days").get_attribute("aria-current") == "true"
    context.close()


def test_the_skip_link_is_the_first_stop(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_broken_connection_is_said(chromium: Browser, seen: Watched) -> None:
    context = chromium.new_context()
    with serving(seen) as url:
        page = context.new_page()
        page.goto(url)
        expect(page.locator("#live")).to_contain_text("Live, as of")
    expect(page.locator("#live")).to_contain_text("No connection")
    context.close()


def test_an_incident_is_taken_without_any_script(
    chromium: Browser, seen: Watched, url: str
) -> None:
    context = chromium.new_context(base_url=url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/alerts")
    page.get_by_label("Your name").first.fill("Ada")
    page.get_by_role("button", name="I have it").first.click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Your name").first.fill("Ada")
    page.get_by_role("button", name="I have it").first.click()
    expect(page.locator("article.incident").first).to_contain_text("Ada (dashboard) has it.")
    context.close()
    assert [one.acknowledged_by for one in seen.store.incidents(lives.TARGET, open_only=True)] == [
        "Ada (dashboard)"
    ]


def test_what_is_being_typed_survives_news(page: Page, seen: Watched) -> None:
    page.goto("/alerts")
    expect(page.locator("#live")).to_contain_text("Live, as of")
    page.get_by_text("Silence it").first.click()
    page.get_by_label("Why").first.fill("a new disk")
    silence = Silence("s", lives.TARGET, "*", lives.NOW, lives.NOW + lives.DAY, "news", "Eve")
    seen.store.add_silence(silence)
    expect(page.get_by_role("heading", name="Silences")).to_be_visible()
    expect(page.get_by_label("Why").first).to_have_value("a new disk")
    expect(page.get_by_label("Why").first).to_be_visible()


def test_what_is_being_typed_survives_another_order(chromium: Browser, tmp_path: Path) -> None:
    """Who has nobody comes first: once the first is taken, it comes last."""
    with Store.open(None, tmp_path) as store:
        for number in (1, 2, 3):
            opened = lives.NOW - lives.MINUTE * (10 - number)
            one = Incident(
                f"i-{number}", lives.TARGET, "chat", f"Number {number}", "high", opened, ()
            )
            store.commit_round(lives.TARGET, [], (), [one])
        here = watched(store, tmp_path, token=TOKEN)
        with serving(here) as url:
            page = chromium.new_page(base_url=url, reduced_motion="reduce")
            page.goto("/alerts")
            expect(page.locator("#live")).to_contain_text("Live, as of")
            cards = page.locator("article.incident")
            cards.nth(0).get_by_label("Your name").first.fill("Ada, in the first")
            cards.nth(1).get_by_label("Your name").first.fill("Eve, in the second")
            take(store, here.plan, here.settings, lives.TARGET, "i-1", "Bob", clock=here.clock)
            expect(cards.nth(2)).to_contain_text("Bob has it.")
            names = [one.get_by_label("Your name").first.input_value() for one in cards.all()]
            assert names == ["Eve, in the second", "", "Ada, in the first"]
            page.keyboard.type("!")
            expect(cards.nth(0).get_by_label("Your name").first).to_have_value(
                "Eve, in the second!"
            )
            page.context.close()


def test_a_page_from_before_a_restart_can_still_be_used(
    chromium: Browser, seen: Watched, url: str
) -> None:
    context = chromium.new_context(base_url=url)
    page = context.new_page()
    page.goto("/alerts")
    expect(page.locator("#live")).to_contain_text("Live, as of")
    mark = page.locator("input[name=csrf]").first
    page.evaluate(
        "for (const one of document.querySelectorAll('input[name=csrf]')) one.value = 'old'"
    )
    silence = Silence("n", lives.TARGET, "*", lives.NOW, lives.NOW + lives.DAY, "old", "Eve")
    seen.store.add_silence(silence)
    expect(page.locator("main")).to_contain_text("old (Eve)")
    expect(mark).not_to_have_value("old")
    context.close()


def test_the_public_page_opens_from_disk(page: Page, seen: Watched, tmp_path: Path) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(export(seen, tmp_path / "site").as_uri())
    expect(page.locator(".answer .said")).to_contain_text("It is not you")
    padding = page.locator(".answer").evaluate("one => getComputedStyle(one).borderLeftWidth")
    assert padding == "8px", "its style came with it"
    assert not said
    assert not violations(page)
