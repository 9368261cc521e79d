"""Every page, of a healthy, a broken, a silent and an empty history: first the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synthetic.dashboard.rendering import static_files
from synthetic.dashboard.views import PAGES
from synthetic.plan.load import load
from synthetic.store.history import Store
from tests import lives
from tests.dashboards import Visitor, visiting, watched

ADDRESSES = tuple(page.path for page in PAGES if "{" not in page.path)
MINE = ("/", "/launch", "/features", "/endpoints", "/media", "/plan")
LARGEST = 150_000


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Visitor]]:
    """Visitors of the dashboard over each life, which are lived once."""
    folder = tmp_path_factory.mktemp("lives")
    visitors: dict[str, Visitor] = {}
    with ExitStack() as ends:

        def visit(life: str) -> Visitor:
            if life not in visitors:
                store = ends.enter_context(Store.open(None, folder / life))
                if life != "empty":
                    getattr(lives, life)(store)
                seen = watched(store, folder / life)
                visitors[life] = ends.enter_context(visiting(seen))
            return visitors[life]

        yield visit


def words(html: str) -> str:
    """What a reader sees of a page's main part."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("life", ["healthy", "broken", "silent", "empty"])
def test_every_page_of_every_life_can_be_seen(
    at: Callable[[str], Visitor], life: str, address: str
) -> None:
    answer = at(life).get(address)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert sent(answer.text) < LARGEST


def sent(html: str) -> int:
    """Bytes of a page with all that it needs, as they come without compression."""
    files = [static_files()[name] for name in re.findall(r"/static/([^?\"]+)\?", html)]
    return len(html.encode()) + sum(len(one.body) for one in files)


@pytest.mark.parametrize("address", ["/", "/launch"])
@pytest.mark.parametrize(
    ("life", "answer"),
    [
        ("healthy", r"OK: all is well, since 14 h 12 min ago"),
        ("broken", r"Failed: A service behind the product does not respond, since \d+ min ago"),
        ("silent", r"Unknown: nobody can tell, since 6 h ago"),
        ("empty", r"Unknown: nobody can tell Nothing was observed in 30 days"),
    ],
)
def test_are_we_all_right_and_since_when(
    at: Callable[[str], Visitor], life: str, answer: str, address: str
) -> None:
    shown = words(at(life).get(address).text)
    assert re.match(rf"Are we all right, and since when\? {answer}", shown)


@pytest.mark.parametrize("address", MINE[:-1])
def test_an_empty_page_says_what_fills_it(at: Callable[[str], Visitor], address: str) -> None:
    shown = words(at("empty").get(address).text)
    assert re.search(r"appears? here", shown)
    assert re.search(r"synthetic watch|pytest -m smoke", shown)


def test_production_is_as_the_plan_draws_it(at: Callable[[str], Visitor]) -> None:
    """Plan, Part D, Dashboard Structure."""
    wanted = ("Error rate", "P95 response", "Active users", "Active sessions", "Requests", "Errors",
              "Response time", "Video quality", "Top errors", "User metrics", "Sign-ups",
              "Sessions created", "Video minutes")  # fmt: skip
    in_order(words(at("healthy").get("/").text), wanted)


def test_launch_is_as_the_plan_draws_it(at: Callable[[str], Visitor]) -> None:
    """Plan, Part A, Dashboard Setup for First 24 Hours."""
    wanted = ("Error rate", "P95 response", "Active users", "Error count", "Sessions",
              "Participants", "Errors per hour", "Response time", "Top errors",
              "Recent activity")  # fmt: skip
    in_order(words(at("healthy").get("/launch").text), wanted)


def in_order(shown: str, wanted: tuple[str, ...]) -> None:
    place = 0
    for one in wanted:
        place = shown.find(one, place)
        assert place >= 0, f"{one} is not there, or comes too early"


def test_big_figures_carry_their_thresholds_in_words(at: Callable[[str], Visitor]) -> None:
    shown = words(at("healthy").get("/").text)
    assert "target < 1%; alert > 1% (medium), > 2% (high), > 5% (critical)" in shown


def test_the_worst_feature_comes_first(at: Callable[[str], Visitor]) -> None:
    html = at("broken").get("/features").text
    assert re.findall(r'<tr data-key="(\w+)"', html)[0] == "video"
    assert re.search(r"Video Failed does not work, .*? 83% 24 of 29 > 95%", words(html))


def test_a_feature_that_nobody_tries_any_more_is_unknown(at: Callable[[str], Visitor]) -> None:
    """Its share of two days is still as it should be."""
    html = at("silent").get("/features").text
    assert "100% 24 of 24" in words(html)
    assert not re.search(r"badge is-ok", html)


def test_an_unknown_figure_says_who_would_tell_it(at: Callable[[str], Visitor]) -> None:
    shown = words(at("empty").get("/launch").text)
    assert re.search(r"Active users unknown No source tells it", shown)
    assert re.search(r"Error count, in an hour unknown Not observed of late", shown)


def test_what_few_saw_is_judged_only_where_all_of_its_interval_is_past_a_line(
    at: Callable[[str], Visitor],
) -> None:
    shown = words(at("broken").get("/endpoints").text)
    assert re.search(r"/api/hms/token 69 seen by journeys Failed 17% Failed 15 of 87", shown)
    assert re.search(r"/api/messages/send 84 seen by journeys Unknown 0% 0 of 87 13 more", shown)


@pytest.mark.parametrize("address", ["/", "/launch"])
def test_too_few_requests_to_judge_are_told_as_they_are(
    at: Callable[[str], Visitor], address: str
) -> None:
    """24 in the last five minutes of that day, where it takes 25."""
    shown = words(at("healthy").get(address).text)
    assert "Error rate 0% Unknown 0 of 24, 1 more to be judged" in shown


def test_media_tells_who_did_not_see_whom(at: Callable[[str], Visitor]) -> None:
    shown = words(at("broken").get("/media").text)
    assert "Failed: Picture from host to guest (eu-west): never came" in shown
    assert "1280×720" in shown
    assert "glass to glass" in shown


def test_the_plan_can_be_asked_for_a_part_in_a_state(at: Callable[[str], Visitor]) -> None:
    shown = rows_of(at("broken").get("/plan?part=D&state=failed").text)
    assert shown
    assert all(one.startswith("d-") for one in shown)
    assert shown < rows_of(at("broken").get("/plan?part=D").text)


@pytest.mark.parametrize("path", ADDRESSES)
def test_nobody_can_have_pages_made_without_end(at: Callable[[str], Visitor], path: str) -> None:
    """A word of one's own in the address is refused before anything is worked out."""
    for name in ("q", "range", "part", "location", "page"):
        assert at("healthy").get(f"{path}?{name}=whatever-{name}").status_code == 400


def test_every_row_of_the_plan_is_there(at: Callable[[str], Visitor]) -> None:
    assert rows_of(at("empty").get("/plan").text) == {row.id for row in load().rows}


def rows_of(html: str) -> set[str]:
    return set(re.findall(r'<tr data-key="([^"]+)"', html))


@pytest.mark.parametrize("range_", ["6h", "7d", "30d", "1y"])
def test_charts_look_back_as_far_as_is_asked(at: Callable[[str], Visitor], range_: str) -> None:
    html = at("healthy").get(f"/?range={range_}").text
    assert re.search(rf'href="\?range={range_}" aria-current="true"', html)
    assert len(html) < 60_000, "a longer time is no longer page"


@pytest.mark.parametrize("said", [
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`--><b>&lt;",
    "javascript:alert(document.cookie)//\" onmouseover=\"alert(1)",
    "</template></script></svg><iframe srcdoc=x>{{ 7 * 7 }}{% raw %}\u202e\u2028",
    "<" * 300_000,
], ids=["tags", "address", "closing", "megabytes"])  # fmt: skip
def test_hostile_text_is_inert(tmp_path: Path, said: str) -> None:
    with Store.open(None, tmp_path) as store:
        lives.hostile(store, said)
        with visiting(watched(store, tmp_path)) as visitor:
            for address in ADDRESSES:
                answer = visitor.get(address)
                assert answer.status_code == 200, address
                assert len(answer.text) < 400_000, address
                inert(answer.text)


class _Harmful(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag not in {"img", "iframe", "object", "embed", "style"}, tag
        assert tag != "script" or (given.get("src") or "").startswith("/static/")
        assert not [name for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            assert re.match(r"[/?#]|https?://", given.get(name) or "/"), given


def inert(html: str) -> None:
    """Nothing but our own elements, without scripts or addresses of others."""
    parser = _Harmful()
    parser.feed(html)
    parser.close()


def test_the_stand_in_is_never_mistaken_for_the_product(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        seen = replace(watched(store, tmp_path), target="stand-in")
        with visiting(seen) as visitor:
            for address in ADDRESSES:
                assert "This is about the stand-in, not the product." in visitor.get(address).text
