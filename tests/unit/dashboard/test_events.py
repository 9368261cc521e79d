"""Events: everybody hears of a change at once, and who does not read holds nobody up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import Message, Send

from synthetic.dashboard.events import Changes, events
from synthetic.errors import StoreError, StoreLocked
from synthetic.store.history import Store
from synthetic.store.looking import Looker
from tests import lives
from tests.dashboards import serving, watched

VIEWERS = 200
WITHIN_S = 2.0


class Word(Looker):
    """A store that changes when told to."""

    def __init__(self) -> None:
        self.word: str | Exception = "1"

    def look(self) -> str:
        if isinstance(self.word, Exception):
            raise self.word
        return self.word


def changes(word: Word, clock: list[datetime] | None = None) -> Changes:
    now = clock or [lives.NOW]
    return Changes(word, lambda: now[0], every_s=0.01)


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_the_version_changes_with_the_store_and_every_minute() -> None:
    word, now = Word(), [lives.NOW]
    found = changes(word, now)

    async def versions() -> list[str]:
        seen = [await found.look(), await found.look()]
        now[0] += timedelta(minutes=1)
        seen.append(await found.look())
        word.word = "2"
        return [*seen, await found.look()]

    first, same, later, changed = asyncio.run(versions())
    assert first == same
    assert len({first, later, changed}) == 3


def test_trouble_with_the_store_is_told_and_its_end_too() -> None:
    word = Word()
    found = changes(word)

    async def told() -> None:
        looking = asyncio.create_task(found.keep_looking())
        versions = found.versions()
        await anext(versions)
        word.word = StoreLocked("locked")
        while (await anext(versions)) != "StoreLocked":
            pass
        word.word = "2"
        while not (await anext(versions)).startswith("2"):
            pass
        word.word = ValueError("a mistake of ours")
        while (await anext(versions)) != "ValueError":
            pass
        word.word = "3"
        while not (await anext(versions)).startswith("3"):
            pass
        looking.cancel()

    asyncio.run(asyncio.wait_for(told(), 5))


def test_who_reads_slowly_hears_the_latest_only() -> None:
    word = Word()
    found = changes(word)

    async def told() -> list[str]:
        await found.look()
        versions = found.versions()
        heard = [await anext(versions)]
        for number in range(2, 9):
            word.word = str(number)
            await found.look()
        return [*heard, await anext(versions)]

    assert [one[0] for one in asyncio.run(told())] == ["1", "8"]


def test_who_takes_nothing_any_more_is_let_go_and_holds_nobody_up() -> None:
    word = Word()
    found = changes(word)
    heard: list[bytes] = []
    stuck = asyncio.Event

    def sender(takes: int, into: list[bytes]) -> Send:
        left = [takes]

        async def send(message: Message) -> None:
            left[0] -= 1
            if left[0] < 0:
                await stuck().wait()
            into.append(message.get("body", b""))

        return send

    async def both() -> None:
        looking = asyncio.create_task(found.keep_looking())
        lazy = asyncio.create_task(events(found, never, sender(2, []), patience_s=0.05))
        keen = asyncio.create_task(events(found, never, sender(999, heard), patience_s=0.05))
        number = 1
        while not lazy.done():
            number += 1
            word.word = str(number)
            await asyncio.sleep(0.01)
        assert found.viewers == 1
        assert f"data: {number - 1}".encode() in b"".join(heard)
        for one in (keen, looking):
            one.cancel()

    asyncio.run(asyncio.wait_for(both(), 5))


async def _viewer(port: int, joined: asyncio.Semaphore, changed: asyncio.Event) -> float:
    """Seconds from the change to its event."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    before = await reader.readuntil(b"data: ")
    before += await reader.readline()
    joined.release()
    await changed.wait()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await reader.readuntil(b"data: ")
    writer.close()
    return loop.time() - began


def test_two_hundred_viewers_hear_of_a_change_within_two_seconds(tmp_path: Path) -> None:
    async def watch(port: int, store: Store) -> list[float]:
        joined, changed = asyncio.Semaphore(0), asyncio.Event()
        idle = await asyncio.open_connection("127.0.0.1", port)  # one more that never reads
        idle[1].write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        viewers = [asyncio.create_task(_viewer(port, joined, changed)) for _ in range(VIEWERS)]
        for _ in viewers:
            await joined.acquire()
        await asyncio.to_thread(store.keep_note, "x", 1)
        changed.set()
        took = await asyncio.gather(*viewers)
        idle[1].close()
        return took

    with Store.open(None, tmp_path) as store, serving(watched(store, tmp_path)) as url:
        took = asyncio.run(watch(int(url.rpartition(":")[2]), store))
    assert len(took) == VIEWERS
    assert max(took) <= WITHIN_S


@pytest.mark.parametrize("most", [1])
def test_more_viewers_than_there_is_room_for_are_told_to_come_again(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthetic.dashboard.events.MOST_VIEWERS", most)
    found = changes(Word())
    found.viewers = most
    answers: list[Message] = []

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(events(found, never, send))
    assert answers[0]["status"] == 503
    assert found.viewers == most


def test_another_process_is_noticed(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store, Store.open(None, tmp_path) as other:
        looker = Looker(store.database)
        first = looker.look()
        assert looker.look() == first
        other.keep_note("x", 1)
        second = looker.look()
        store.keep_note("x", 2)
        assert len({first, second, looker.look()}) == 3
        looker.close()


def test_a_history_that_takes_another_s_place_is_read(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        looker = Looker(store.database)
        store.keep_note("x", 1)
        before = looker.look()
        for part in tmp_path.glob("history.db*"):
            part.rename(part.with_name(f"aside-{part.name}"))
        with Store.open(None, tmp_path) as other:
            other.keep_note("x", 2)
        assert looker.look() != before
        assert store.note("x") == 2
        looker.close()


def test_a_history_that_is_taken_away_begins_anew(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        looker = Looker(store.database)
        store.keep_note("x", 1)
        looker.look()
        for part in tmp_path.glob("history.db*"):
            part.unlink()
        looker.look()
        assert store.note("x") is None
        store.keep_note("x", 2)
        with Store.open(None, tmp_path) as other:
            assert other.note("x") == 2
        looker.close()


def test_who_only_reads_makes_no_history_where_one_was_taken_away(tmp_path: Path) -> None:
    Store.open(None, tmp_path).close()
    with Store.reading(None, tmp_path) as store:
        looker = Looker(store.database)
        looker.look()
        (tmp_path / "history.db").unlink()
        for _ in range(2):
            with pytest.raises(StoreError, match=r"history\.db"):
                looker.look()
        looker.close()
    assert not (tmp_path / "history.db").exists()


def test_a_closed_app_can_be_made_anew(tmp_path: Path) -> None:
    with Store.open(None, tmp_path) as store:
        seen = watched(store, tmp_path)
        for one in (seen, replace(seen, target="stand-in")):
            with serving(one):
                pass
