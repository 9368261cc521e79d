"""Sources are read side by side, each in its own time, and none that fails costs another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from synthetic import settings
from synthetic.sources.binding import Bound
from synthetic.sources.figures import Memory
from synthetic.sources.gather import Gathered, Sources
from tests.unit.sources.looks import NOW, answered, look, rooms, values


async def three(_: httpx.Request) -> httpx.Response:
    return answered([1, 2, 3])


def test_nothing_is_on_and_nothing_is_read() -> None:
    assert look((), three) == Gathered()


def test_recipes_are_read_at_the_same_time(feeds: Callable[..., tuple[Bound, ...]]) -> None:
    both = asyncio.Barrier(2)

    async def together(request: httpx.Request) -> httpx.Response:
        await both.wait()
        return await three(request)

    found = look(feeds(one=rooms("a"), two=rooms("b")), together)
    assert values(found) == {"a": 3, "b": 3}


def test_one_that_is_slow_or_fails_costs_no_other(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "slow.test":
            await asyncio.Event().wait()
        if request.url.host == "gone.test":
            raise httpx.ConnectError("Name or service not known")
        return await three(request)

    known = feeds(0.05, slow=rooms("a"), gone=rooms("b"), well=rooms("c"))
    found = look(known, answer)
    assert values(found) == {"c": 3}
    assert found.troubles == (
        "Slow (a): was not read within 0.05 s",
        "Gone (b): GET gone.test/all was not answered (ConnectError)",
    )


def test_an_answer_is_asked_for_once_whoever_looks_at_it(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    asked = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return await three(request)

    more = '[metric.others]\nof = ["all"]\nvalue = "all[0]"\nunit = "count"\n'
    assert values(look(feeds(one=rooms(more=more)), answer)) == {"rooms": 3, "others": 1}
    assert asked == ["/all"]


def test_of_two_that_feed_a_metric_the_first_counts_while_it_can(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    up = {"one.test", "two.test"}

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host not in up:
            return answered({}, 500)
        return answered([0] * (1 if request.url.host == "one.test" else 2))

    known = feeds(one=rooms(), two=rooms())
    found = look(known, answer)
    assert values(found) == {"rooms": 1}
    assert [one.note for one in found.readings] == [None, "taken from one"]
    up.remove("one.test")
    assert values(look(known, answer)) == {"rooms": 2}


def test_a_recipe_answered_that_gave_all_it_gives_if_only_nothing_to_measure(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    """What it never gave, such as what is not paid for, is not missed."""
    first: list[httpx.Response] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/all":
                return first.pop(0)
            case "/paid":
                return answered({}, 402)
        return answered(1)

    more = "".join(
        f'[ask.{name}]\npath = "/{name}"\n'
        f'[metric.{name}]\nof = ["{name}"]\nvalue = "{name}"\nunit = "count"\n'
        for name in ("paid", "other")
    )
    some = rooms(more=f"may_be_empty = true\n{more}").replace("length(all)", "all[0]")
    known, memory = feeds(one=some), Memory()
    for response, well in [
        (answered({}, 500), True), (answered([]), True), (answered({}, 500), False),
        (answered([1]), True),
    ]:  # fmt: skip
        first.append(response)
        assert look(known, answer, memory).answered == (("one",) if well else ())


def test_a_recipe_of_which_all_is_trouble_did_not_answer(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        return answered({}, 500)

    assert look(feeds(one=rooms()), answer).answered == ()


def test_what_was_read_for_the_day_is_answered_until_the_next(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    known, memory = feeds(one=rooms(more='at = "day"')), Memory()
    assert [look(known, three, memory).answered for _ in range(2)] == [("one",)] * 2


def test_what_was_trouble_is_asked_for_again(feeds: Callable[..., tuple[Bound, ...]]) -> None:
    answers = [answered({}, 500), answered([1])]

    async def answer(_: httpx.Request) -> httpx.Response:
        return answers.pop(0)

    known, memory = feeds(one=rooms(more='at = "day"')), Memory()
    assert look(known, answer, memory).troubles
    assert values(look(known, answer, memory)) == {"rooms": 1}
    assert look(known, answer, memory).readings == ()


def test_a_fault_of_ours_costs_no_other_figure(
    feeds: Callable[..., tuple[Bound, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "one.test":
            raise KeyError("unforeseen")
        return await three(request)

    found = look(feeds(one=rooms("a"), two=rooms("b")), answer)
    assert values(found) == {"b": 3}
    assert found.troubles == ("One (a): could not be read by a fault of ours (KeyError)",)
    assert "unforeseen" in caplog.text


def test_many_metrics_of_one_trouble_are_one_sentence(
    feeds: Callable[..., tuple[Bound, ...]],
) -> None:
    more = "".join(
        f'[metric.m{number}]\nof = ["all"]\nvalue = "all[0]"\nunit = "count"\n'
        for number in range(9)
    )

    async def answer(_: httpx.Request) -> httpx.Response:
        return answered({}, 500)

    (sentence,) = look(feeds(one=rooms(more=more)), answer).troubles
    assert sentence.startswith("One (rooms, m0, m1, m2, m3 and 5 more): GET one.test/all answered")


class Endless(httpx.AsyncByteStream):
    """Megabytes without an end, which count how many were taken."""

    taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += 1
            yield b"[" + b" " * 999_999


def test_an_endless_answer_is_given_up(feeds: Callable[..., tuple[Bound, ...]]) -> None:
    endless = Endless()

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=endless)

    (sentence,) = look(feeds(one=rooms()), answer).troubles
    assert sentence == "One (rooms): GET one.test/all answered more than 8 MB"
    assert endless.taken == 9


def test_an_answer_in_drips_is_given_up(feeds: Callable[..., tuple[Bound, ...]]) -> None:
    class Drips(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0)
                yield b" "

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Drips())

    (sentence,) = look(feeds(0.05, one=rooms()), answer).troubles
    assert sentence == "One (rooms): was not read within 0.05 s"


def test_a_token_that_cannot_be_sent_is_not_shown(tmp_path: Path) -> None:
    environ = {
        "SYNTHETIC_FEEDS__ON": "sentry",
        "SYNTHETIC_FEEDS__RECIPES__SENTRY__VALUES__ORG": "kulti",
        "SYNTHETIC_FEEDS__RECIPES__SENTRY__TOKEN": "hush\nhush",
        "SYNTHETIC_FEEDS__RECIPES__SENTRY__URL": "http://127.0.0.1:9",
    }

    async def one() -> Gathered:
        given = settings.load(tmp_path, environ)
        async with Sources.open(given, clock=lambda: NOW) as sources:
            return await sources.gather()

    found = asyncio.run(one())
    assert not found.samples
    assert found.troubles
    assert not any("hush" in sentence for sentence in found.troubles)
