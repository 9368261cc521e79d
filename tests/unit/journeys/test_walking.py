"""A walk notes what it sees, and ends the one session that it created, whatever happens."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from playwright.sync_api import Error as PlaywrightError

from synthetic.errors import StepTimeout
from synthetic.journeys import walking
from synthetic.journeys.actor import Actor
from synthetic.journeys.first_visit import NO_PASS
from synthetic.journeys.walking import PAGES, Walk
from synthetic.journeys.work import LedElsewhere, own_client
from synthetic.pages.table import locators
from synthetic.redaction import Redactor
from synthetic.settings import Settings
from tests.unit.conftest import Web, serving_web

TABLE = locators({"room": {"record": {}, "enter": {"role": "button", "name": "enter"}}})
ITEM = {"role": "button", "name": "Log out guest@x.test", "text": "", "test_id": "", "id": ""}
END = "/api/sessions/7/end"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What pages show: how often each locator finds something (once, unless said), or an error."""
    shown: dict[str, Any] = {}

    def ask(_frame: object, _script: str, argument: list[Any]) -> dict[str, Any]:
        if "error" in shown:
            raise shown["error"]
        shown["specs"] = dict(argument[0])
        return {"counts": {path: shown.get(path, 1) for path, _ in argument[0]}, "items": [ITEM]}

    monkeypatch.setattr(walking, "ask", ask)
    monkeypatch.setattr(walking, "_SETTLED_S", 0.0)
    return shown


def walker(web: Web, tmp_path: Path, *, opens: bool = True) -> walking._Walker:
    """Somebody on the dashboard; clicking create leads to a room, if it ``opens`` one."""
    page = SimpleNamespace(url=f"{web.url}/dashboard", wait_for_timeout=lambda _: None)

    def create(_: str) -> None:
        page.url = f"{web.url}/session/7" if opens else page.url

    actor = SimpleNamespace(
        email="guest@x.test",
        name="guest",
        page=page,
        view=SimpleNamespace(frame=lambda _: object()),
        stage=SimpleNamespace(
            run_id="doctor-1", base_url=web.url, limit_s=0.2, target_pass=NO_PASS
        ),
        dashboard=SimpleNamespace(create=create),
        room=SimpleNamespace(session_id="7", enter=lambda: None),
        context=SimpleNamespace(cookies=lambda _: [{"name": "sid", "value": "s-1"}]),
    )
    settings = Settings(reports_dir=tmp_path)
    return walking._Walker(
        settings, cast("Actor", actor), TABLE, Redactor(["guest@x.test"]), Walk()
    )


def test_the_session_is_ended_as_its_owner_and_nothing_is_left(
    web: Web, tmp_path: Path, shown: dict[str, Any]
) -> None:
    web.put(END, "")
    walker_ = walker(web, tmp_path)
    walker_._room("synthetic doctor-1: pages")
    (heard,) = web.heard
    assert (heard.method, heard.path) == ("POST", END)
    assert "sid=s-1" in heard.headers["cookie"]
    assert list((tmp_path / "runs").iterdir()) == []
    (sight,) = walker_.walked.sights
    assert set(sight.counts) == set(PAGES["room"]) - {"room.record"}, "what is off is not sought"
    assert shown["specs"]["room.title"]["name"] == "synthetic doctor-1: pages"
    assert shown["specs"]["room.participant"]["text"] == r"^guest( \(you\))?$"


def test_what_cannot_be_ended_stays_in_the_ledger_for_the_next_run(
    web: Web, tmp_path: Path, shown: dict[str, Any]
) -> None:
    web.put(END, "", 500)
    shown["error"] = PlaywrightError("Page crashed")
    walker_ = walker(web, tmp_path)
    with pytest.raises(StepTimeout, match="the room does not answer"):
        walker_._room("title")
    assert walker_.walked.left == ["session 7: 500"]
    assert '"ident": "7"' in (tmp_path / "runs/doctor-1/created.jsonl").read_text()


def test_a_redirect_off_the_target_takes_no_cookie_along(
    web: Web, tmp_path: Path, shown: dict[str, Any]
) -> None:
    del shown
    with serving_web() as elsewhere:
        web.put(END, "", 307, Location=elsewhere.url + "/taken")
        walker_ = walker(web, tmp_path)
        walker_._room("title")
    assert elsewhere.heard == []
    assert walker_.walked.left == ["session 7: LedElsewhere"]


@pytest.mark.parametrize(
    ("home", "url", "stays"),
    [
        ("https://kulti.test", "https://KULTI.test:443/a", True),
        ("http://kulti.test", "https://kulti.test/a", True),
        ("https://kulti.test", "http://kulti.test/a", False),
        ("https://kulti.test", "https://www.kulti.test/a", False),
        ("https://kulti.test", "https://kulti.test:8443/a", False),
        ("https://kulti.test", "https://kulti.test@evil.test/a", False),
    ],
)
def test_only_the_target_is_asked(home: str, url: str, stays: bool) -> None:
    with own_client("run", home, NO_PASS, 1.0) as client:
        (hook,) = client.event_hooks["request"]
        with nullcontext() if stays else pytest.raises(LedElsewhere):
            hook(httpx.Request("POST", url))


def test_a_redirect_within_the_target_is_followed(
    web: Web, tmp_path: Path, shown: dict[str, Any]
) -> None:
    del shown
    web.put(END, "", 308, Location=END + "/")
    web.put(END + "/", "")
    walker_ = walker(web, tmp_path)
    walker_._room("title")
    assert "sid=s-1" in web.heard[-1].headers["cookie"]
    assert walker_.walked.left == []


def test_a_dashboard_that_opens_no_session_ends_the_walk(
    web: Web, tmp_path: Path, shown: dict[str, Any]
) -> None:
    del shown
    with pytest.raises(StepTimeout, match=r"no session was opened within 0.2 s"):
        walker(web, tmp_path, opens=False)._room("title")
    assert web.heard == []
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_page_that_lacks_something_is_given_time_and_then_noted(
    web: Web, tmp_path: Path, shown: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "_SETTLED_S", 0.05)
    shown["access.log_in"] = 0
    walker_ = walker(web, tmp_path)
    walker_._look("landing page")
    (sight,) = walker_.walked.sights
    assert sight.counts == {"access.sign_up": 1, "access.log_in": 0}
    assert sight.items[0].name.startswith("Log out ")
    assert "guest@" not in sight.items[0].name
