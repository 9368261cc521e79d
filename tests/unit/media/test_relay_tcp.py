"""The proxy under HTTP and WebSocket, spoken to by hand."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from synthetic.media.relay_line import Line
from synthetic.media.relay_tcp import start_proxy

GREETING = bytes((5, 1, 0))
LIMIT_S = 3.0
MOMENT_S = 0.1  # in which something would have come, if it were to come


def asked(port: int, host: bytes = b"127.0.0.1") -> bytes:
    """A wish to be connected there, by name."""
    return bytes((5, 1, 0, 3, len(host))) + host + port.to_bytes(2)


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    """Say everything back, and hang up after the other."""
    try:
        while data := await reader.read(1000):
            writer.write(data)
        writer.write_eof()
    except OSError:
        return
    finally:
        writer.close()


class Client:
    """Somebody who goes through the proxy, one step at a time."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hears(self, count: int) -> bytes:
        """The next bytes."""
        return await asyncio.wait_for(self.reader.readexactly(count), LIMIT_S)

    async def hears_nothing(self) -> bool:
        """Whether nothing comes for a moment."""
        try:
            await asyncio.wait_for(self.reader.read(1), MOMENT_S)
        except TimeoutError:
            return True
        return False

    async def joined(self, port: int, host: bytes = b"127.0.0.1") -> int:
        """The proxy's answer to the wish to be connected there."""
        self.writer.write(GREETING + asked(port, host))
        assert await self.hears(2) == bytes((5, 0))
        return (await self.hears(10))[1]


Scene = Callable[[Line, Callable[[], Awaitable[Client]], int], Awaitable[None]]


def play(scene: Scene) -> None:
    """Run ``scene`` with a line, a way to get new clients of its proxy, and an echo's port."""

    async def run() -> None:
        line = Line()
        there = await asyncio.start_server(echo, "127.0.0.1", 0)
        proxy = await start_proxy(line, set())
        writers: list[StreamWriter] = []

        async def client() -> Client:
            address = proxy.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(*address)
            writers.append(writer)
            return Client(reader, writer)

        try:
            await scene(line, client, int(there.sockets[0].getsockname()[1]))
        finally:
            line.whole.set()
            proxy.close()
            there.close()
            for writer in writers:
                writer.transport.abort()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    asyncio.run(run())


def test_what_is_said_arrives_and_is_answered() -> None:
    async def scene(line: Line, client: Callable[[], Awaitable[Client]], port: int) -> None:
        one = await client()
        assert await one.joined(port) == 0
        one.writer.write(b"hello")
        assert await one.hears(5) == b"hello"
        assert line.connections == 1

    play(scene)


def test_a_cut_stops_a_stream_in_the_middle_and_nothing_of_it_is_lost() -> None:
    async def scene(line: Line, client: Callable[[], Awaitable[Client]], port: int) -> None:
        one = await client()
        await one.joined(port)
        line.whole.clear()
        one.writer.write(b"x" * 100_000)
        assert await one.hears_nothing()
        line.whole.set()
        assert await one.hears(100_000) == b"x" * 100_000

    play(scene)


def test_who_comes_during_a_cut_hangs_until_it_ends() -> None:
    async def scene(line: Line, client: Callable[[], Awaitable[Client]], port: int) -> None:
        line.whole.clear()
        one = await client()
        one.writer.write(GREETING + asked(port) + b"hello")
        assert await one.hears_nothing()
        line.whole.set()
        assert (await one.hears(12 + 5)).endswith(b"hello")

    play(scene)


def test_nobody_hears_during_a_cut_that_the_other_end_hung_up() -> None:
    async def scene(line: Line, client: Callable[[], Awaitable[Client]], port: int) -> None:
        one = await client()
        await one.joined(port)
        line.whole.clear()
        one.writer.write_eof()
        assert await one.hears_nothing()
        line.whole.set()
        assert await asyncio.wait_for(one.reader.read(), LIMIT_S) == b""

    play(scene)


@pytest.mark.parametrize(("host", "answer"), [(b"127.0.0.1", 5), (b"a" * 64, 4), (b"", 7)])
def test_who_cannot_be_reached_is_told(host: bytes, answer: int) -> None:
    async def scene(line: Line, client: Callable[[], Awaitable[Client]], _: int) -> None:
        one = await client()
        assert await one.joined(1, host) == answer
        assert await asyncio.wait_for(one.reader.read(), LIMIT_S) == b""
        assert line.connections == 0

    play(scene)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x05", b"\x05\x01\x00\x05\x01"])
def test_who_does_not_speak_its_language_is_let_go(said: bytes) -> None:
    async def scene(_: Line, client: Callable[[], Awaitable[Client]], port: int) -> None:
        one = await client()
        one.writer.write(said)
        one.writer.write_eof()
        with suppress(ConnectionResetError):
            await asyncio.wait_for(one.reader.read(), LIMIT_S)
        other = await client()
        assert await other.joined(port) == 0

    play(scene)


def test_a_websocket_goes_on_after_a_cut() -> None:
    async def answer(socket: ServerConnection) -> None:
        async for said in socket:
            await socket.send(said)

    async def run() -> None:
        line = Line()
        async with serve(answer, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            proxy = await start_proxy(line, set())
            one = Client(*await asyncio.open_connection(*proxy.sockets[0].getsockname()))
            await one.joined(port)
            through = one.writer.get_extra_info("socket").dup()
            one.writer.transport.abort()
            async with connect(f"ws://127.0.0.1:{port}", sock=through, proxy=None) as socket:
                line.whole.clear()
                await socket.send("during")
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(socket.recv(), MOMENT_S)
                line.whole.set()
                assert await asyncio.wait_for(socket.recv(), LIMIT_S) == "during"
            proxy.close()

    asyncio.run(run())
