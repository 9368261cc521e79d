"""What a vendor's answer says: when to come back, and in how few words."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from synthetic.asking import Answer, Vendor, retry_after
from synthetic.errors import MessageRefused

VENDOR = Vendor("Slack", "SYNTHETIC_SLACK__BOT_TOKEN", 5)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), ("0.5", 0.5), ("0", 0), ("999999999", 86400), ("", None), ("soon", None),
     ("-1", None), ("²", None), ("nan", None), ("1e9", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)  # fmt: skip
def test_when_to_come_back(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds


def test_when_to_come_back_may_be_a_date() -> None:
    seconds = retry_after({"retry-after": formatdate(time.time() + 100, usegmt=True)})
    assert seconds is not None
    assert 95 < seconds <= 100


def test_what_is_no_json_is_an_empty_table() -> None:
    assert Answer(200, {}, b"\xff<html>").data == {}


@pytest.mark.parametrize("status", [400, 429, 500])
def test_no_problem_is_long_or_of_two_lines(status: int) -> None:
    told = str(VENDOR.problem(Answer(status, {}, b"<h1>\n\x1b[31mno</h1>" * 999)))
    assert len(told) < 400
    assert told.isprintable()


def test_only_a_refusal_is_final() -> None:
    answer = Answer(400, {}, b"bad text")
    assert isinstance(VENDOR.refusal(answer), MessageRefused)
    assert not isinstance(VENDOR.problem(answer), MessageRefused)
    assert "bad text" in str(VENDOR.refusal(answer))
