"""A plan is read whole or not at all, and all that is wrong with it is said in sentences."""

from __future__ import annotations

import shutil
import time
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from synthetic.errors import PlanError
from synthetic.plan import derivations
from synthetic.plan.load import load
from synthetic.plan.model import Span, Stat
from tests.unit.plan.plans import FIXTURES, GOOD, spoilt

BAD = sorted((FIXTURES / "bad").glob("*.toml"))


def case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def said(folder: Path, values: dict[str, float] | None = None) -> list[str]:
    """The sentences about a plan."""
    with pytest.raises(PlanError) as caught:
        load(folder, values)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_plan_is_refused_with_its_sentence(path: Path, tmp_path: Path) -> None:
    wrong = case(path)
    folder = spoilt(wrong, tmp_path / "plan")
    assert said(folder, wrong.get("values")) == wrong["message"].splitlines()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_sentence_ends_and_names_its_file(path: Path) -> None:
    for sentence in case(path)["message"].splitlines():
        assert sentence.endswith(".")
        assert ".toml" in sentence or "SYNTHETIC_PLAN_VALUES" in sentence


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    names = ["unknown-key", "cause-unknown", "phases-overlap", "operand-unknown"]
    wrong = [case(FIXTURES / "bad" / f"{name}.toml") for name in names]
    shutil.copytree(GOOD, folder)
    for one in wrong:
        path = folder / one["file"]
        path.write_text(path.read_text().replace(one["find"], one["put"], 1))
    assert set(said(folder)) == {one["message"] for one in wrong}


def test_what_refers_to_an_unreadable_file_is_not_blamed_for_it(tmp_path: Path) -> None:
    folder = spoilt({"file": "metrics.toml", "gone": True}, tmp_path / "plan")
    assert said(folder) == ["metrics.toml is missing: a plan has it, with [name] tables."]


def test_a_file_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    folder = spoilt({"file": "routes.toml", "gone": True}, tmp_path / "plan")
    (folder / "routes.toml").mkdir()
    assert said(folder) == ["routes.toml cannot be read: is a directory; make it a readable file."]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    (sentence,) = said(tmp_path / "nowhere")
    assert sentence.endswith("is no folder: SYNTHETIC_PLAN_DIR should name that of a plan.")


def test_a_good_plan_is_read() -> None:
    plan = load(GOOD)
    rows = {row.id: row for row in plan.rows}
    assert rows["e-error-rate"].for_ == 300
    assert rows["d-frame-rate"].alert == Span(min=20)
    assert rows["c-dau"].part == "C"
    assert plan.phases[0].every == {"0h": {"review": 900, "smoke": 7200}, "8h": {"review": 3600}}


def test_a_phase_overrides_by_key() -> None:
    plan = load(GOOD)
    assert "e-error-rate" in [row.id for row in plan.rules("launch")]
    week1 = [row.id for row in plan.rules("week1")]
    assert "b-error-rate" in week1
    assert "e-error-rate" not in week1


def test_a_blank_of_the_plan_is_not_set_until_it_has_a_value() -> None:
    def target(values: dict[str, float] | None) -> object:
        return next(row.target for row in load(GOOD, values).rows if row.id == "c-dau")

    assert target(None) is None
    assert load(GOOD).settings == {"dau_target": None}
    assert target({"dau_target": 500.0}) == 500
    assert load(GOOD, {"dau_target": 500.0}).settings == {"dau_target": 500}


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    text = (GOOD / "routes.toml").read_bytes()
    case = {"file": "routes.toml", "hex": (b"\xef\xbb\xbf" + text).hex()}
    assert load(spoilt(case, tmp_path / "plan")) == load(GOOD)


def test_every_stat_has_its_shape() -> None:
    assert set(derivations.SHAPES) == set(get_args(Stat))


def test_the_plan_that_is_shipped_is_good_and_read_once() -> None:
    plan = load()
    assert load() is plan
    assert {row.part for row in plan.rows} == set("ABCDEFGH")


def test_the_plan_that_is_shipped_is_read_in_an_instant() -> None:
    load()  # imports what it needs
    shipped = FIXTURES.parents[1] / "synthetic" / "plan"
    took = []
    for _ in range(5):
        began = time.process_time()  # other work on the machine is not ours
        load(shipped)
        took.append(time.process_time() - began)
    assert min(took) < 0.15
