"""A dead man's switch hears of each evaluation, and misses us when nobody can be told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from synthetic.store.history import Store
from synthetic.watch import assembly
from tests.stored import parcel
from tests.unit.watch.places import NINE, TARGET, Place


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


def test_a_heartbeat_that_is_not_heard_is_said_once(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = {"heartbeat_url": "https://hc.test/ping/hidden"}
    place = Place(store, tmp_path, watch=secret)
    answers: Sequence[httpx.Response | httpx.HTTPError] = [
        httpx.ConnectError("no"), httpx.Response(503), httpx.Response(200), httpx.Response(404),
    ]  # fmt: skip
    caplog.set_level(logging.WARNING)
    for answer in answers:
        place.beats(answer)
    assert caplog.messages == [
        "SYNTHETIC_WATCH__HEARTBEAT_URL takes no heartbeat: ConnectError",
        "SYNTHETIC_WATCH__HEARTBEAT_URL takes no heartbeat: it answers 404",
    ]


class Silent(httpx.AsyncByteStream):
    """An answer that begins and does not end."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"OK"
        await asyncio.Event().wait()


def test_a_heartbeat_is_heard_once_its_answer_begins(store: Store, tmp_path: Path) -> None:
    place = Place(store, tmp_path, watch={"heartbeat_url": "https://hc.test/"})
    place.beats(httpx.Response(200, stream=Silent()))
    assert not place.world.unheard


def test_a_heartbeat_that_trickles_is_given_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer in drips never runs into the limit of a single read."""
    monkeypatch.setattr(assembly, "_BEAT_S", 0.01)
    place = Place(store, tmp_path, watch={"heartbeat_url": "https://hc.test/"})

    async def drips(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def beat() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(drips)) as client:
            await asyncio.wait_for(place.world.beat(client), 5)

    asyncio.run(beat())
    assert caplog.messages == ["SYNTHETIC_WATCH__HEARTBEAT_URL takes no heartbeat: TimeoutError"]


def test_the_dead_mans_switch_is_let_go_while_a_message_waits(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Place(store, tmp_path, watch={"heartbeat_url": "https://hc.test/"})
    waits = parcel()
    store.post([replace(waits, note=replace(waits.note, target=TARGET), created_at=NINE)])
    heard = []
    for minutes in (10, 11):
        place.now = NINE + timedelta(minutes=minutes)
        place.world.evaluate()
        place.beats(httpx.Response(200))
        heard.append(not place.world.unheard)
    assert heard == [True, False]
    assert "is not asked: a message has waited for 10 min" in caplog.text


def test_without_a_dead_mans_switch_nobody_is_asked(store: Store, tmp_path: Path) -> None:
    home = Place(store, tmp_path)
    home.beats(httpx.ConnectError("nobody may be asked"))
    assert not home.world.unheard
