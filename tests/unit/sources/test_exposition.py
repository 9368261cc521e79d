"""Prometheus' text is read in the time that its length takes, whatever stands in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from synthetic import settings
from synthetic.errors import SourceError
from synthetic.sources.binding import Bound, bound
from synthetic.sources.prometheus import series

MANY = 1_000_000
RECIPE = """
title = "One"
kind = "exposition"
url = "http://one.test"
docs = ["a page"]
synthetic = "left out"
[metric.load]
value = "series.load[0].value"
unit = "count"
"""


@pytest.fixture
def feed(tmp_path: Path) -> Bound:
    (tmp_path / "one.toml").write_text(RECIPE)
    environ = {"SYNTHETIC_FEEDS__ON": "one", "SYNTHETIC_FEEDS__FOLDER": str(tmp_path)}
    (found,) = bound(settings.load(tmp_path, environ))
    return found


def read(feed: Bound, text: str) -> Mapping[str, Any]:
    """The series of an exposition, by name."""

    async def one() -> Mapping[str, Any]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await series(client, feed, "/metrics")

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(text.encode()))

    found: Mapping[str, Any] = asyncio.run(one())["series"]
    return found


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("load 1.5", {}),
        ("load\t1.5 1796040000000 ", {}),
        ('load{} 1.5', {}),
        ('load{a="b",c="}"} 1.5', {"a": "b", "c": "}"}),
        (r'load { a = "\"}\n" , } 1.5', {"a": '"}\n'}),
    ],
)  # fmt: skip
def test_a_line_is_a_name_labels_and_a_value(
    feed: Bound, line: str, labels: dict[str, str]
) -> None:
    assert read(feed, f"# HELP load\n\n{line}\n")["load"] == [{"labels": labels, "value": 1.5}]


@pytest.mark.parametrize(
    "line",
    [
        "a" * MANY + " b c d",
        "a " + "b" * MANY + " c d",
        "a" + " " * MANY + "b c d",
        "a 1" + " " * MANY + "c d",
        "a{" + "}" * MANY + " b c d",
        "a" + "{" * MANY + "} b c d",
        "a 1 " + "2" * MANY + " 3",
        'a{b="' + r"\"" * (MANY // 2) + "} 1",
        "a{" + "b" * MANY + "} 1",
        'a{b="c"' + " " * MANY + 'd="e"} 1',
    ],
    ids=range(10),
)
def test_a_hostile_line_of_a_megabyte_is_no_text_at_once(feed: Bound, line: str) -> None:
    began = time.process_time()
    with pytest.raises(SourceError, match="something other than Prometheus' text"):
        read(feed, f"load 1\n{line}\n")
    assert time.process_time() - began < 2
