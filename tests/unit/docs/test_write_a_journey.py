"""The example of how a journey is written is one: pytest finds it, with the steps that it shows."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from synthetic.journeys.outline import outline
from tests.documents import DOCS, fences, loaded

PAGE = DOCS / "write-a-journey.md"
STEPS = ["listed after a reload", "video after a reload", "all is as before"]


@pytest.fixture
def example(tmp_path: Path) -> ModuleType:
    """The page's example, saved as the page says."""
    (code,) = [one.text for one in fences(PAGE) if one.language == "python"]
    path = tmp_path / "test_reload.py"
    path.write_text(code, "utf-8")
    return loaded(path)


def test_the_example_is_a_journey_of_the_full_suite(
    example: ModuleType, request: pytest.FixtureRequest
) -> None:
    journey = example.test_a_reload_brings_people_back
    assert [mark.name for mark in journey.pytestmark] == ["full"]
    assert all(known(request, name) for name in inspect.signature(journey).parameters)


def test_its_steps_are_those_that_the_page_shows(example: ModuleType) -> None:
    steps = [step.name for step in outline(example.test_a_reload_brings_people_back)]
    assert steps[-3:] == STEPS
    assert "video both ways" in steps
    (shown,) = [one.text for one in fences(PAGE) if one.language == "text"]
    assert [line[18:].rsplit("  ")[0].strip() for line in shown.splitlines()] == STEPS


def test_the_fixtures_that_the_page_lists_exist(request: pytest.FixtureRequest) -> None:
    rows = [line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if "| `" in line]
    wanted = {name for row in rows for name in re.findall(r"`(\w+)[`(]", row)}
    assert {"host", "guest", "signed_in", "network"} <= wanted
    assert not [name for name in wanted if not known(request, name)]


def known(request: pytest.FixtureRequest, name: str) -> bool:
    """Whether there is such a fixture for a journey."""
    return bool(request.session._fixturemanager.getfixturedefs(name, request.node))
