"""What a run needs, looked at without a browser: right, or with the sentence that cures it."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from synthetic.doctor import looks
from synthetic.doctor.checkup import Finding, examine
from synthetic.media import camera, microphone
from synthetic.settings import Settings
from tests.services import supabase_server
from tests.unit.conftest import Web

PEOPLE = {"fresh": "monitor@kulti.test", "standing": ["guest@kulti.test"]}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(camera, "write_feed", lambda *_: None)  # drawn once, for seconds
    monkeypatch.setattr(microphone, "cached_feed", lambda *_: None)


@pytest.fixture
def product(web: Web) -> Web:
    """A target that answers, and is well."""
    web.put("/", "<h1>Kulti</h1>")
    now = datetime.now(UTC).isoformat()
    well = {"status": "ok", "timestamp": now, "checks": {"database": "ok"}}
    web.put("/api/health", json.dumps(well), Content_Type="application/json")
    return web


def look(**given: Any) -> dict[str, Finding]:
    """All looks, by name."""
    settings = Settings.model_validate({"step_timeout_s": 2, "sink_timeout_s": 1, **given})
    return {one.name: one for one in examine(looks.checks(settings))}


def test_a_fresh_clone_lacks_nothing() -> None:
    found = look()
    assert {one.state for one in found.values()} == {"right", "open"}
    assert [name for name, one in found.items() if one.state == "right"] == [
        "settings", "plan", "reports", "store", "cameras",
    ]  # fmt: skip
    assert "`synthetic init`" in found["target"].said
    assert Path("reports/history.db").exists()


def test_a_target_that_is_set_up_is_right(product: Web) -> None:
    codes = {"guest@kulti.test": "1111", "monitor@kulti.test": "2222"}
    found = look(base_url=product.url, accounts=PEOPLE, inbox={"kind": "fixed", "codes": codes})
    assert [one.said for one in found.values() if one.state == "wrong"] == []
    assert found["target"].said.startswith(f"{product.url}/ answers after")
    assert found["mailbox"].said == (
        "codes can be had (fixed): issued, not delivered, so mails are not proved"
    )


def test_a_stand_in_that_is_served_brings_its_accounts(web: Web) -> None:
    web.put("/", "<h1>Kulti</h1>", X_Synthetic_Standin="yes")
    assert look(base_url=web.url)["accounts"].state == "open"


def test_an_account_without_its_fixed_code_is_named(product: Web) -> None:
    inbox = {"kind": "fixed", "codes": {"guest@kulti.test": "1111"}}
    found = look(base_url=product.url, accounts=PEOPLE, inbox=inbox)["mailbox"]
    assert found.state == "wrong"
    assert "monitor@kulti.test" in found.said


def test_supabase_is_asked_whether_it_lets_us_in_and_issues_nothing(product: Web) -> None:
    with supabase_server.serving() as server:
        for key, state in ((supabase_server.KEY, "right"), ("anon", "wrong")):
            inbox = {"kind": "supabase", "url": server.url, "password": key}
            found = look(base_url=product.url, accounts=PEOPLE, inbox=inbox)["mailbox"]
            assert found.state == state
        assert server.issued == 0


def test_a_target_that_is_down_or_another_product_is_wrong(web: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    found = look(base_url=url)
    assert found["target"].state == "wrong"
    assert "SYNTHETIC_BASE_URL" in found["target"].said or url in found["target"].said
    web.put("/", "<h1>It works!</h1>")
    web.put("/api/health", "<h1>It works!</h1>")
    found = look(base_url=web.url)
    assert "check that SYNTHETIC_BASE_URL is the product's" in found["target"].said


def test_a_target_with_the_stand_ins_accounts_and_no_mailbox_is_not_ready(product: Web) -> None:
    found = look(base_url=product.url)
    assert found["accounts"].said.startswith(
        "the stand-in's addresses stand in SYNTHETIC_ACCOUNTS__FRESH and SYNTHETIC_ACCOUNTS__STANDI"
    )
    assert found["mailbox"].said.startswith("No mailbox is set")


def test_an_unusable_history_reports_plan_and_locators_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database")
    found = look(
        store_url=f"sqlite:///{tmp_path}/file",
        reports_dir=tmp_path / "file" / "reports",
        plan_dir=tmp_path / "nowhere",
        pages={"room": {"leaf": {"role": "button"}}},
    )
    wrong = {name: one.said for name, one in found.items() if one.state == "wrong"}
    assert set(wrong) == {"settings", "plan", "reports", "store"}
    assert "did you mean leave?" in wrong["settings"]
    assert "or set SYNTHETIC_REPORTS_DIR" in wrong["reports"]


def test_sinks_are_asked_whether_they_are_ready(web: Web) -> None:
    for path in ("/gate/-/ready", "/vm/health", "/v1/traces"):
        web.put(path, "{}")
    exports = {
        "victoriametrics_url": f"{web.url}/vm/",
        "otlp_url": f"{web.url}/v1/traces",
        "otlp_headers": {"x-key": "hush"},
    }
    found = look(pushgateway_url=f"{web.url}/gate", exports=exports)["sinks"]
    assert found.said == "ready: the Pushgateway, VictoriaMetrics, the OTLP collector"
    assert web.heard[-1].headers["x-key"] == "hush"
    assert json.loads(web.heard[-1].body) == {"resourceSpans": []}
    found = look(pushgateway_url=f"{web.url}/elsewhere")["sinks"]
    assert found.said == "the Pushgateway answered 404; check SYNTHETIC_PUSHGATEWAY_URL"


def test_a_source_that_gives_nothing_is_told(web: Web) -> None:
    recipe = {"sentry": {"url": web.url, "token": "hush", "values": {"organization": "kulti"}}}
    found = look(feeds={"on": ["sentry"], "recipes": recipe, "timeout_s": 2})["sources"]
    assert found.state == "wrong"
    assert "hush" not in found.said
    assert look(feeds={"on": ["sentri"]})["sources"].state == "wrong"
