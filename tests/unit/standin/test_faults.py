"""The catalogue of faults: what it says of each, how they are asked for, and how they are drawn."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from synthetic.journeys.outline import outline
from synthetic.results import Feature, Origin
from synthetic.standin.faults import CATALOGUE, Fault, listing, parse

TESTS = Path(__file__).parents[2]
ORIGINAL = {
    "signup-500",
    "rate-limited",
    "login-500",
    "list-500",
    "create-500",
    "join-500",
    "token-500",
    "otp-not-sent",
    "otp-twice",
    "otp-late",
    "dashboard-no-create",
    "join-not-listed",
    "video-black",
    "video-frozen",
    "video-self",
    "video-covered",
    "audio-silent",
    "chat-lost",
    "share-black",
    "leave-ignored",
    "health-database",
    "health-lies",
}


def functions(suite: str) -> Iterator[Callable[..., object]]:
    """The journeys of a suite."""
    for path in (TESTS / suite).glob("test_*.py"):
        module = importlib.import_module(f"tests.{suite}.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_"):
                yield function


@pytest.fixture(scope="module")
def steps() -> dict[str, set[tuple[str, str]]]:
    """The steps that journeys announce, each with its feature: by the journey to run."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for suite in ("smoke", "full"):
        for function in functions(suite):
            for journey in {"smoke" if suite == "smoke" else "", function.__name__} - {""}:
                found[journey] |= {(step.name, step.feature) for step in outline(function)}
    return found


def test_the_catalogue_is_large_and_keeps_its_names() -> None:
    names = [fault.name for fault in CATALOGUE]
    assert len(names) == len(set(names)) > 200
    assert set(names) >= ORIGINAL


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_each_fault_is_asked_for_by_its_name(fault: Fault) -> None:
    assert fault.feature in get_args(Feature)
    assert fault.origin in get_args(Origin)
    assert parse([fault.name]).get(fault.point, fault.effect) == fault.value
    assert re.fullmatch(r"[a-z0-9-]+", fault.name)


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_a_journey_has_the_step_that_must_catch_it(
    fault: Fault, steps: dict[str, set[tuple[str, str]]]
) -> None:
    assert (fault.step, fault.feature) in steps[fault.journey]


def test_the_listing_says_what_breaks_and_who_must_catch_it() -> None:
    keys = {"name", "breaks", "feature", "step", "journey", "origin", "verdict", "unit", "security"}
    assert all(fault.keys() == keys for fault in listing())


def test_a_product_says_what_breaks() -> None:
    breaks = {fault.name: fault.breaks for fault in CATALOGUE}
    assert breaks["join-html"] == "POST /api/sessions/join answers HTML in place of JSON"
    assert breaks["send-button-covered"] == "the button Send lies under something opaque"


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'video-black'"):
        parse(["vidio-blak"])


@pytest.mark.parametrize(
    "request_",
    ["otp-late=soon", "otp-late=-1", "otp-late=nan", "list-500=3", "list-flaky=1.1", "room-full=0"],
)
def test_a_value_that_does_not_fit_is_refused(request_: str) -> None:
    with pytest.raises(ValueError, match=request_.partition("=")[0]):
        parse([request_])


def test_a_value_replaces_the_default() -> None:
    assert parse(["otp-late=2.5"]).number("mail", "delay_s", 0) == 2.5


def test_by_chance_each_fault_is_drawn_anew_for_each_occasion() -> None:
    draws = iter([0.1, 0.7, 0.6, 0.2, 0.7, 0.8])
    faults = parse(["chat-lost", "chat-doubled"], 0.5, draws.__next__)
    assert [set(faults.at("chat")) for _ in range(3)] == [{"lost"}, {"copies"}, set()]


def test_by_chance_some_calls_and_pages_are_spoiled(misbehaving: Callable[..., Any]) -> None:
    draws = cycle([0.2, 0.7])
    running = misbehaving("health-500", "landing-500", chance=0.5, random=draws.__next__)
    for path in ("/api/health", "/"):
        # A broken endpoint draws again for what is flaky, which none here is.
        answers = {httpx.get(running.url + path).status_code for _ in range(6)}
        assert answers == {200, 500}
