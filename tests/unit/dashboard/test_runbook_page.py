"""The runbook is at hand where the alert is."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.dashboard.pages import NotThere
from synthetic.dashboard.views.runbook import Runbook, address, runbook
from synthetic.plan.load import load
from synthetic.store.history import Store
from tests.dashboards import visiting, watched


def page(tmp_path: Path, name: str) -> Runbook:
    with Store.open(None, tmp_path) as store:
        return runbook(watched(store, tmp_path), {"name": name})


def test_every_cause_has_its_page_here(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store, visiting(watched(store, tmp_path)) as visitor:
        for cause in load().causes.values():
            found = address(cause.runbook, None)
            assert found
            text = visitor.get(found).text
            assert "<h1>" in text
            assert "**" not in text
            assert "](" not in text


def test_a_page_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = page(tmp_path, "video")
    assert found.heading == "People do not see or hear each other"
    assert [one.kind for one in found.blocks] == ["p", "p", "ol", "p"]
    assert '<a href="/runbooks/security">security</a>' in found.blocks[2].items[1]


def test_settings_may_name_another_place() -> None:
    there = address("docs/runbooks/video.md", "https://wiki.test/{page}?v=1")
    assert there == "https://wiki.test/docs/runbooks/video.md?v=1"
    assert address("docs/runbooks/nothing.md", None) is None


@pytest.mark.parametrize("name", ["nothing", "..", "../decisions/0001", "Video", ""])
def test_no_other_file_can_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotThere):
        page(tmp_path, name)
