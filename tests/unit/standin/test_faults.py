"""The catalogue of faults, and how they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import httpx
import pytest

from synthetic.results import Feature, Origin
from synthetic.standin.faults import CATALOGUE, Fault, listing, parse

ANSWERED = [fault for fault in CATALOGUE if fault.effect == "status"]


def test_names_are_unique() -> None:
    assert len({fault.name for fault in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_each_fault_names_a_known_feature_and_origin(fault: Fault) -> None:
    assert fault.feature in get_args(Feature)
    assert fault.origin in get_args(Origin)
    assert parse([fault.name]).get(fault.point, fault.effect) == fault.value


def test_the_listing_says_what_breaks_and_who_must_catch_it() -> None:
    assert {"name", "breaks", "feature", "step", "origin"} <= listing()[0].keys()


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'video-black'"):
        parse(["vidio-blak"])


@pytest.mark.parametrize("request_", ["otp-late=soon", "otp-late=-1", "otp-late=nan", "list-500=3"])
def test_a_value_that_does_not_fit_is_refused(request_: str) -> None:
    with pytest.raises(ValueError, match=request_.partition("=")[0]):
        parse([request_])


def test_a_value_replaces_the_default() -> None:
    assert parse(["otp-late=2.5"]).number("mail", "delay_s", 0) == 2.5


@pytest.mark.parametrize("fault", ANSWERED, ids=lambda fault: fault.name)
def test_a_broken_endpoint_answers_as_told(misbehaving: Callable[..., Any], fault: Fault) -> None:
    method, path = fault.point.split()
    answer = httpx.request(method, misbehaving(fault.name).url + path)
    assert answer.status_code == fault.value
    assert ("retry-after" in answer.headers) == (fault.value == 429)
