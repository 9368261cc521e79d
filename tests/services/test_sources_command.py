"""`synthetic sources` shows what each source gives, or the trouble, and stores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic.cli import main
from tests.services import source_servers
from tests.services.documented import TOKEN, Documented
from tests.services.vendor import serving

RECIPE = "SYNTHETIC_FEEDS__RECIPES__UPSTASH__"


@pytest.fixture(autouse=True)
def upstash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Documented]:
    """A source that is switched on."""
    monkeypatch.chdir(tmp_path)
    with serving(source_servers.upstash()) as running:
        monkeypatch.setenv("SYNTHETIC_FEEDS__ON", "upstash")
        monkeypatch.setenv(f"{RECIPE}URL", f"{running.url}/v2")
        monkeypatch.setenv(f"{RECIPE}USER", "ops@kulti.test")
        monkeypatch.setenv(f"{RECIPE}TOKEN", TOKEN)
        monkeypatch.setenv(f"{RECIPE}VALUES__DATABASE", "db-1")
        yield running


def test_a_figure_is_shown_with_its_unit_and_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        ["METRIC", "VALUE", "UNIT", "RECIPE"], ["cache_hit_rate", "80%", "%", "upstash"],
    ]  # fmt: skip
    assert not list(Path().rglob("*.db"))


def test_programs_get_the_moment_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    (sample,) = row.pop("samples")
    assert row == {
        "metric": "cache_hit_rate", "unit": "%", "recipe": "upstash", "trouble": None, "note": None,
    }  # fmt: skip
    assert (sample["value"], sample["labels"]) == (80, {})
    assert sample["at"].endswith("+00:00")


def test_trouble_is_said_and_ends_with_one(
    upstash: Documented, capsys: pytest.CaptureFixture[str]
) -> None:
    upstash.wrong["/v2/redis/stats/db-1"] = "{}"
    assert main(["sources"]) == 1
    said = capsys.readouterr()
    assert "cache_hit_rate                trouble" in said.out
    assert said.err.startswith("Upstash (cache_hit_rate): the answer has another shape")


def test_what_a_recipe_lacks_is_said_before_anything_is_asked(
    upstash: Documented, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(f"{RECIPE}TOKEN")
    assert main(["sources"]) == 2
    assert (
        capsys.readouterr().err == f"{RECIPE}TOKEN is missing, which Upstash needs: its secret.\n"
    )
    assert upstash.asked == 0


def test_recipes_are_listed_with_what_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "on  upstash: Upstash, 1 metrics" in lines
    assert "off sentry: Sentry, 5 metrics" in lines
    assert "      SYNTHETIC_FEEDS__RECIPES__SENTRY__TOKEN: its secret" in lines
    assert TOKEN not in "".join(lines)


def test_without_a_source_that_is_on_the_way_on_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNTHETIC_FEEDS__ON", "")
    assert main(["sources"]) == 0
    assert "synthetic sources --recipes" in capsys.readouterr().out
