"""What probes and sources find is said when it is new."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from synthetic.settings import Settings
from synthetic.sources import http_json
from synthetic.sources.fetching import Answer
from synthetic.watch.outside import Heard, outside
from synthetic.watch.process import utc_now


def test_what_is_the_same_as_before_is_not_said_again(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    for found in (["a", "b"], ["a"], ["a", "b"], []):
        heard.say(found)
    assert caplog.messages == ["a", "b", "b"]


def test_hostile_findings_are_harmless_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    Heard().say(["a\x1b[31m\r\nINFO all is well"])
    assert "\x1b" not in caplog.messages[0]
    assert "\n" not in caplog.messages[0]


RECIPE = """
title = "Mine"
kind = "http"
url = "http://127.0.0.1:9"
docs = ["a page"]
synthetic = "left out"
[ask.all]
path = "/all"
[metric.dau]
of = ["all"]
value = "all"
unit = "count"
"""


@pytest.mark.parametrize(("body", "read"), [(b"3", ["dau", "source_read"]), (b"{", [])])
def test_a_recipe_that_answered_leaves_that_beside_its_figures(
    body: bytes, read: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(*_: object, **__: object) -> Answer:
        return Answer(httpx.Headers(), body)

    (tmp_path / "mine.toml").write_text(RECIPE)
    monkeypatch.setattr(http_json, "fetch", answer)
    settings = Settings.model_validate(
        {"base_url": "http://127.0.0.1:9/", "feeds": {"on": "mine", "folder": tmp_path}}
    )

    async def scene() -> None:
        async with outside(settings, utc_now) as (_, gather):
            found = {one.metric: one.labels for one in await gather()}
            assert list(found) == read
            assert found.get("source_read", {"recipe": "mine"}) == {"recipe": "mine"}

    asyncio.run(scene())


def test_a_target_that_is_down_is_probed_and_no_source_is_asked() -> None:
    settings = Settings.model_validate(
        {"base_url": "http://127.0.0.1:9/", "watch": {"probe_every": "1s"}}
    )

    async def scene() -> None:
        async with outside(settings, utc_now) as (probe, gather):
            found = {one.metric: one.value for one in await probe()}
            assert found["site_up"] == 0
            assert list(await gather()) == []

    asyncio.run(scene())
