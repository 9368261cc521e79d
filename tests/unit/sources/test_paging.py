"""Lists of many pages are read whole, as far as anybody would."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from synthetic.sources.binding import Bound
from synthetic.sources.http_json import MOST_PAGES
from tests.unit.sources.looks import answered, look, rooms, values


def test_a_list_of_too_many_pages_is_given_up(feeds: Callable[..., tuple[Bound, ...]]) -> None:
    marks = []

    async def answer(request: httpx.Request) -> httpx.Response:
        marks.append(request.url.params.get("start"))
        return answered({"data": [0], "next": len(marks)})

    paging = 'paging = { items = "data", next = "next", into = "start" }'
    (sentence,) = look(feeds(one=rooms(ask=paging)), answer).troubles
    assert sentence == f"One (rooms): GET /all has more than {MOST_PAGES} pages"
    assert marks[:3] == [None, "1", "2"]
    assert len(marks) == MOST_PAGES


def test_all_pages_together_have_the_limit_of_one_answer(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    pages = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal pages
        pages += 1
        return answered({"data": ["x" * 3_000_000], "next": pages})

    paging = 'paging = { items = "data", next = "next", into = "start" }'
    (sentence,) = look(feeds(one=rooms(ask=paging)), answer).troubles
    assert sentence == "One (rooms): GET one.test/all answered more than 8 MB"
    assert pages == 3


@pytest.mark.parametrize("mark", [None, ""])
def test_a_list_ends_where_there_is_no_mark(
    mark: object, feeds: Callable[..., tuple[Bound, ...]]
) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        first = "start" not in request.url.params
        return answered({"data": [0], "next": "b" if first else mark})

    paging = 'paging = { items = "data", next = "next", into = "start" }'
    assert values(look(feeds(one=rooms(ask=paging)), answer)) == {"rooms": 2}


@pytest.mark.parametrize("mark", [True, {"page": 2}, 1.5])
def test_a_mark_that_is_none_is_trouble(
    mark: object, feeds: Callable[..., tuple[Bound, ...]]
) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return answered({"data": [0], "next": mark})

    paging = 'paging = { items = "data", next = "next", into = "start" }'
    (sentence,) = look(feeds(one=rooms(ask=paging)), answer).troubles
    assert sentence == f"One (rooms): the answer names its next page as {mark}"
