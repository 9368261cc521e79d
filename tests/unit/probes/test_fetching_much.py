"""Answers that are larger than anybody would read, openly or packed."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from synthetic.errors import Refused
from synthetic.probes.fetching import MOST_BYTES
from tests.unit.probes.fetches import fetched
from tests.unit.probes.servers import raw, says


@pytest.mark.parametrize("head", [b"Content-Length: 100000000\r\n\r\n[", b"\r\n["])
def test_a_hundred_megabytes_are_not_read(head: bytes) -> None:
    sent = [0]

    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        while sent[0] < 100_000_000:
            sent[0] += line.send(b"0," * 32_768)

    with raw(endless) as port, pytest.raises(Refused, match="sent more than 5 MB"):
        fetched(f"http://127.0.0.1:{port}/", timeout_s=20)
    assert sent[0] < 30_000_000  # what the kernel's buffers held as well


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
def test_a_packed_answer_is_unpacked(packed: Callable[[bytes], bytes]) -> None:
    name = "gzip" if packed is gzip.compress else "deflate"
    with raw(says(body=packed(b"Hello" * 1000), Content_Encoding=name)) as port:
        assert fetched(f"http://127.0.0.1:{port}/").body == b"Hello" * 1000


def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(60_000_000))
    with raw(says(body=bomb, Content_Encoding="gzip")) as port:
        tracemalloc.start()
        with pytest.raises(Refused, match="sent more than 5 MB"):
            fetched(f"http://127.0.0.1:{port}/", timeout_s=20)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 4 * MOST_BYTES


def test_a_bomb_in_many_small_pieces_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(20_000_000))

    def piecemeal(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n")
        line.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(bomb), 1000):
            piece = bomb[start : start + 1000]
            line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        line.sendall(b"0\r\n\r\n")

    with raw(piecemeal) as port, pytest.raises(Refused, match="sent more than 5 MB"):
        fetched(f"http://127.0.0.1:{port}/", timeout_s=20)


def test_much_that_unpacks_to_nothing_is_cut_off() -> None:
    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        line.sendall(b"\x1f\x8b\x08\0\0\0\0\0\0\x03")
        for _ in range(100_000_000 // 50_000):
            line.sendall(b"\0\0\0\xff\xff" * 10_000)  # blocks of no bytes

    with raw(endless) as port, pytest.raises(Refused, match="sent more than 5 MB"):
        fetched(f"http://127.0.0.1:{port}/", timeout_s=20)


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "\x7f<b>"])
def test_what_was_not_asked_for_is_not_unpacked(packing: str) -> None:
    with (
        raw(says(Content_Encoding=packing)) as port,
        pytest.raises(Refused, match="unasked"),
    ):
        fetched(f"http://127.0.0.1:{port}/")


def test_a_damaged_packing_is_told() -> None:
    with (
        raw(says(Content_Encoding="gzip")) as port,
        pytest.raises(Refused, match="damaged answer"),
    ):
        fetched(f"http://127.0.0.1:{port}/")
