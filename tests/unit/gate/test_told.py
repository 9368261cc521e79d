"""What is printed of a decision: for people, for machines, for GitHub."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from synthetic.gate.model import Decision
from synthetic.gate.told import Asked, as_json, as_text, for_github
from synthetic.wording import columns
from tests.runs import HOSTILE
from tests.unit.gate.worlds import World, broken, measured, noisy, unsure, weak

ASKED = Asked(
    "https://preview.kulti.test/", "https://kulti.test/", "smoke", "eu-west", 300.0, strict=False
)


def slower() -> Decision:
    return World([noisy(1, share_screen=400)], [noisy(2)]).judged()


@pytest.mark.parametrize(
    ("candidate", "first"),
    [
        (measured(), "DEPLOY: https://preview.kulti.test/"),
        (weak(), "DEPLOY, with doubts: https://preview.kulti.test/"),
        (broken(), "BLOCK: https://preview.kulti.test/"),
        (unsure(), "INCONCLUSIVE: https://preview.kulti.test/"),
    ],
)
def test_the_verdict_comes_first(candidate: object, first: str) -> None:
    assert as_text(World([candidate]).judged(), ASKED).splitlines()[0] == first


def test_strict_says_that_it_blocks() -> None:
    told = as_text(World([weak()]).judged(), replace(ASKED, strict=True))
    assert told.startswith("BLOCK, since strict")


def test_what_is_slower_stands_in_a_table_with_its_figures() -> None:
    told = as_text(slower(), ASKED)
    (row,) = (line for line in told.splitlines() if line.startswith("✗"))
    assert row.split()[1:4] == ["host:", "share", "screen"]
    assert {"1.4", "1.8", "0.005"} <= set(row.split())
    assert "6 runs of the candidate, 6 of the baseline" in told


@pytest.mark.parametrize("text", ["Ünïcode 日本語 " * 30, HOSTILE * 10])
def test_nothing_is_wider_than_80_columns_whatever_the_target_says(text: str) -> None:
    found = replace(slower(), why=(text,), notes=(text,))
    told = as_text(found, replace(ASKED, target=f"https://{'x' * 200}.test/", baseline=text))
    assert max(map(columns, told.splitlines())) <= 80
    assert "\x1b" not in told


def test_the_json_holds_all_of_it() -> None:
    found = as_json(slower(), ASKED)
    assert json.loads(json.dumps(found)) == found
    assert (found["verdict"], found["exit_code"], found["comparison"]["settled"]) == (
        "failed",
        1,
        True,
    )
    (worse,) = (one for one in found["comparison"]["differences"] if one["conclusion"] == "worse")
    assert worse["name"] == "host: share screen"
    assert {"counts", "p", "worse_by", "promised", "at_most"} <= set(worse)
    assert [one["side"] for one in found["runs"]][:3] == ["candidate", "baseline", "candidate"]
    assert found["runs"][0]["steps"][0]["status"] == "passed"


def test_github_is_shown_each_reason_and_each_worse_figure() -> None:
    reason, figure = for_github(as_json(slower(), ASKED))
    assert reason == (
        "::error title=Gate%3A BLOCK::One figure is worse than at the baseline, beyond noise."
    )
    assert figure == (
        "::error title=Worse%3A host%3A share screen::1.4 s before, 1.8 s now (p = 0.00463, "
        "6 and 6 runs)"
    )


@pytest.mark.parametrize(
    ("candidate", "level"),
    [(measured(), "notice"), (weak(), "warning"), (unsure(), "warning"), (broken(), "error")],
)
def test_the_level_is_that_of_the_verdict(candidate: object, level: str) -> None:
    assert for_github(as_json(World([candidate]).judged(), ASKED))[0].startswith(
        f"::{level} title=Gate%3A "
    )


def test_no_text_of_the_target_begins_a_command_of_its_own() -> None:
    evil = "50% done\r\n::set-env name=PATH::/evil\n::error title=x,y::z"
    (line,) = for_github(as_json(replace(World([broken()]).judged(), why=(evil,)), ASKED))
    assert "\n" not in line
    assert "\r" not in line
    assert line.startswith("::error title=Gate%3A BLOCK::50%25 done ::set-env")
