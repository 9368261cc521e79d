"""Addresses, histories and limits as the command line names them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from synthetic.errors import StoreUnreachable, UsageError
from synthetic.gate import sides
from synthetic.gate.judging import Against
from synthetic.store.history import Store
from tests.runs import recorded

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PRODUCTION = "https://kulti.test/"


@pytest.mark.parametrize(
    "text",
    ["", " ", "stand-in", "file:///etc/passwd", "javascript:alert(1)", "https://", "$(id)"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--target .* should be a URL"):
        sides.address("--target", text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://me:hush@kulti.test", "must not hold a user name or password"),
        ("https://kulti.test/?x=1", "take away what follows"),
        ("https://kulti.test/#x", "take away what follows"),
    ],
)
def test_an_address_holds_nothing_else(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        sides.address("--baseline", text)
    assert "hush" not in str(caught.value)


def test_a_history_is_named_by_url_or_path(tmp_path: Path) -> None:
    assert sides.store_url("postgresql://db/x") == "postgresql://db/x"
    (tmp_path / "history.db").touch()
    assert sides.store_url(str(tmp_path / "history.db")).startswith("sqlite:////")
    with pytest.raises(UsageError, match="neither a URL nor a file"):
        sides.store_url(str(tmp_path / "none.db"))


def kept(tmp_path: Path, count: int, **more: Any) -> None:
    """So many runs in the history, an hour apart."""
    with Store.open(None, tmp_path) as store:
        for number in range(count):
            began = NOW - timedelta(hours=number + 1)
            usual = {
                "target": PRODUCTION,
                "started_at": began,
                "finished_at": began + timedelta(seconds=12),
                "run_id": f"run-{more.get('location', '')}{more.get('trigger', '')}{number:03}",
            }
            store.save_run(recorded().model_copy(update={**usual, **more}), NOW)


def history(tmp_path: Path, production: str | None = PRODUCTION) -> Against:
    def opened() -> AbstractContextManager[Store]:
        return Store.reading(None, tmp_path)

    return sides.history(opened, production, suite="smoke", location="local", now=NOW)


def test_production_s_scheduled_runs_of_the_same_place_and_suite_are_the_baseline(
    tmp_path: Path,
) -> None:
    kept(tmp_path, 21)
    for other in ({"location": "mars"}, {"suite": "full"}, {"trigger": "burst"}):
        kept(tmp_path, 1, **{"run_id": f"other-{other}", **other})
    found = history(tmp_path)
    assert (len(found.history), found.notes) == (21, ())
    assert len(found.history[0]) == 28
    assert len(history(tmp_path, None).history) == 21


def test_too_few_runs_are_no_baseline_and_that_is_said(tmp_path: Path) -> None:
    kept(tmp_path, 3)
    found = history(tmp_path)
    assert found.history == ()
    assert "has 3 good smoke runs of https://kulti.test/ from local" in found.notes[0]


def test_a_history_that_cannot_be_read_is_no_baseline_and_that_is_said() -> None:
    def opened() -> AbstractContextManager[Store]:
        raise StoreUnreachable("the history at db.test does not answer")

    found = sides.history(opened, PRODUCTION, suite="smoke", location="local", now=NOW)
    assert found.notes == ("No comparison: the history at db.test does not answer",)


def test_which_target_is_production_must_be_clear(tmp_path: Path) -> None:
    kept(tmp_path, 1)
    kept(tmp_path, 1, target="https://other.test/", run_id="another")
    with pytest.raises(UsageError, match=r"knows of https://kulti\.test/, https://other"):
        history(tmp_path, None)
