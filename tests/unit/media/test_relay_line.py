"""What passes an actor's line, and when."""

from __future__ import annotations

import asyncio

import pytest

from synthetic.media.relay_line import QUEUE_S, Bucket, Line, pass_bytes

KILOBYTE = 1000  # 8 kbit: 8 ms at 1000 kbps


def test_a_packet_takes_as_long_as_its_rate_says() -> None:
    assert Bucket(1000).leaves_at(5.0, KILOBYTE) == pytest.approx(5.008)


def test_packets_queue_behind_each_other() -> None:
    bucket = Bucket(1000)
    moments = [bucket.leaves_at(5.0, KILOBYTE) for _ in range(3)]
    assert moments == pytest.approx([5.008, 5.016, 5.024])


def test_a_pause_saves_nothing_up() -> None:
    bucket = Bucket(1000)
    bucket.leaves_at(5.0, KILOBYTE)
    assert bucket.leaves_at(9.0, KILOBYTE) == pytest.approx(9.008)


def test_a_full_queue_takes_nothing_until_it_has_room() -> None:
    bucket = Bucket(100)
    sent = 0
    while bucket.leaves_at(5.0, KILOBYTE) is not None:
        sent += 1
    assert sent == int(QUEUE_S / 0.08) + 1
    wait = bucket.full_for(5.0)
    assert bucket.leaves_at(5.0 + wait - 0.001, KILOBYTE) is None
    assert bucket.leaves_at(5.0 + wait + 0.001, KILOBYTE) is not None


def test_a_bucket_holds_what_is_offered_to_its_rate() -> None:
    bucket = Bucket(300)
    offered = [number * 0.004 for number in range(2500)]  # 10 s of 2000 kbps
    passed = sum(bucket.leaves_at(at, KILOBYTE) is not None for at in offered)
    assert passed * 8 / 10 == pytest.approx(300, rel=0.05)


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        (Line(), True),
        (Line(loss=0.1), False),
        (Line(buckets={"up": Bucket(100)}), False),
    ],
)
def test_a_clean_line_is_one_without_conditions(line: Line, clean: bool) -> None:
    assert (line.clean, line.cut) == (clean, False)


def test_a_cut_line_is_not_clean() -> None:
    line = Line()
    line.whole.clear()
    assert (line.clean, line.cut) == (False, True)


def test_a_stream_waits_out_a_cut() -> None:
    async def pass_through() -> tuple[bool, bool]:
        line = Line()
        line.whole.clear()
        waiting = asyncio.create_task(pass_bytes(line, "up", KILOBYTE, lambda: 0.0))
        await asyncio.sleep(0)
        during = waiting.done()
        line.whole.set()
        await asyncio.wait_for(waiting, 1)
        return during, waiting.done()

    assert asyncio.run(pass_through()) == (False, True)


def test_a_stream_is_held_to_the_rate_of_its_direction_and_drops_nothing() -> None:
    async def took_s(direction: str) -> float:
        line = Line(buckets={"up": Bucket(100)})
        now = asyncio.get_running_loop().time
        began = now()
        for _ in range(6):
            await pass_bytes(line, direction, KILOBYTE, now)  # type: ignore[arg-type]
        return now() - began

    assert asyncio.run(took_s("up")) >= 0.47
    assert asyncio.run(took_s("down")) < 0.3
