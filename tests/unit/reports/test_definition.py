"""A wrong line of ``reports.toml`` is said in a sentence: which report, which key."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.errors import PlanError
from synthetic.plan.load import load
from synthetic.reports.definition import FILE, problems, reports

GOOD = """
[daily]
title = "Daily"
question = "How was it?"
source = "Part B"
when = "daily"
period = "day"
[[daily.section]]
lines = [{ metric = "error_rate" }]
"""


def read(folder: Path, source: str) -> None:
    (folder / FILE).write_text(source)
    reports(folder)


def test_a_folder_of_ones_own_has_its_own_reports(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    assert list(reports(tmp_path)) == ["daily"]
    assert list(reports(tmp_path / "none")) == list(reports())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[daily]", "[daily", "reports.toml cannot be read: "),
        ('when = "daily"', "", "when of report daily in reports.toml: field required."),
        ('"day"', '"year"', "period of report daily in reports.toml: input should be 'hour', "),
        ("metric =", "metrik =", "section.0.lines.0.metrik of report daily in reports.toml: extra"),
        (
            '"Daily"',
            '"{day}"',
            "title of report daily in reports.toml: value error, should have no",
        ),
        ('"error_rate"', '"a", form = "{x}"', "form of report daily in reports.toml: value error"),
        ('"error_rate"', '"a", top = 0', "lines.0.top of report daily in reports.toml: input"),
    ],
)
def test_what_is_wrong_with_a_report_is_said(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(PlanError) as wrong:
        read(tmp_path, GOOD.replace(before, after, 1))
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('row = "nothing"', "row of report daily in reports.toml names nothing"),
        ('covers = ["none"]', "row of report daily in reports.toml names none"),
        ('metric = "eror_rate"', "metric of report daily in reports.toml names eror_rate"),
        ('recorded = "a"', "recorded of report daily in reports.toml names a"),
        ('words = "poem"', "words of report daily in reports.toml names poem"),
        ('checks = "Azure status"', "checks of report daily in reports.toml names Azure status"),
        ('past = ["Part Z"]', "past of report daily in reports.toml names Part Z"),
    ],
)
def test_what_a_report_names_must_be_there(tmp_path: Path, line: str, said: str) -> None:
    read(tmp_path, GOOD.replace('metric = "error_rate"', line))
    (problem,) = problems(reports(tmp_path)["daily"], load(), {"error"}, {"status"})
    assert problem == f"{said}, which there is not."
