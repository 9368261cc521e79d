"""Every endpoint in every way in which one can fail; all endpoints of a stand-in at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from synthetic.standin.faults import CATALOGUE

PLACES = {
    fault.name.removesuffix("-wrong-body"): fault.point
    for fault in CATALOGUE
    if fault.name.endswith("-wrong-body")
}


def asks(url: str, point: str, timeout_s: float = 5) -> httpx.Response:
    method, path = point.split()
    return httpx.request(method, url + path, timeout=timeout_s)


Answers = Callable[..., dict[str, httpx.Response]]


@pytest.fixture
def answers(misbehaving: Callable[..., Any]) -> Answers:
    """What each endpoint answers to an empty request when all fail in that way."""

    def answers(kind: str) -> dict[str, httpx.Response]:
        url = misbehaving(*(f"{place}-{kind}" for place in PLACES)).url
        return {place: asks(url, point) for place, point in PLACES.items()}

    return answers


def test_every_endpoint_of_the_contract_can_fail() -> None:
    assert len(PLACES) == 12


@pytest.mark.parametrize("status", [500, 403, 404, 429])
def test_a_status_comes_with_json(answers: Answers, status: int) -> None:
    for answer in answers(f"{status}").values():
        assert answer.status_code == status
        assert answer.json()["error"]["message"]
        assert ("retry-after" in answer.headers) == (status == 429)


def test_json_of_another_shape(answers: Answers) -> None:
    for answer in answers("wrong-body").values():
        assert (answer.status_code, answer.json()) == (200, {"result": []})


def test_html_for_json(answers: Answers) -> None:
    for answer in answers("html").values():
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text.startswith("<!doctype html>")


def test_no_body_at_all(answers: Answers) -> None:
    for answer in answers("empty").values():
        assert (answer.status_code, answer.content) == (200, b"")


def test_half_a_json(answers: Answers) -> None:
    for answer in answers("truncated").values():
        assert answer.status_code == 200
        with pytest.raises(ValueError, match="Unterminated"):
            answer.json()


def test_a_late_answer_is_the_usual_one(answers: Answers, standin: Any) -> None:
    usual = {place: asks(standin.url, point).status_code for place, point in PLACES.items()}
    for place, answer in answers("slow=0.2").items():
        assert answer.elapsed.total_seconds() >= 0.2
        assert answer.status_code == usual[place] < 500


def test_a_hung_endpoint_never_answers(misbehaving: Callable[..., Any]) -> None:
    url = misbehaving(*(f"{place}-hung" for place in PLACES)).url
    for point in PLACES.values():
        with pytest.raises(httpx.ReadTimeout):
            asks(url, point, timeout_s=0.2)


def test_a_flaky_endpoint_fails_in_its_share_of_calls(misbehaving: Callable[..., Any]) -> None:
    draws = iter([0.0, 0.1, 0.4, 0.9] * len(PLACES))
    flaky = (f"{place}-flaky=0.25" for place in PLACES)
    # The share of the fault itself, and of its calls, are drawn in turn.
    url = misbehaving(*flaky, random=lambda: next(draws)).url
    for point in PLACES.values():
        assert [asks(url, point).status_code >= 500 for _ in range(2)] == [True, False]


def test_two_ways_of_failing_go_together(misbehaving: Callable[..., Any]) -> None:
    answer = asks(misbehaving("health-slow=0.2", "health-403").url, "GET /api/health")
    assert (answer.status_code, answer.elapsed.total_seconds() >= 0.2) == (403, True)


def test_a_late_endpoint_still_does_its_work(misbehaving: Callable[..., Any]) -> None:
    standin = misbehaving("create-slow=0.2")
    answer = standin.person().post("/api/sessions/create", json={"title": "Late"})
    assert (answer.status_code, answer.json()["session"]["title"]) == (201, "Late")
