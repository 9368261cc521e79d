"""What carries an actor's HTTP and WebSocket: a SOCKS5 proxy that a cut stops in mid-stream.

A cut is a cable pulled out: connections stay half-open, new ones hang, nobody hears that the
other end hung up; what waits goes on when the line is whole again.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from ipaddress import IPv4Address, IPv6Address

from synthetic.media.relay_line import Direction, Line, pass_bytes

# Small, so that a slow line is shared fairly with the packets of a call.
_CHUNK = 4096
_VERSION, _CONNECT = 5, 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_DONE, _UNREACHABLE, _REFUSED, _UNSUPPORTED = 0, 4, 5, 7


async def start_proxy(line: Line, served: set[asyncio.Task[None]]) -> asyncio.Server:
    """A proxy on 127.0.0.1, at a port of the system's choice; ``served`` are its connections."""

    def let_in(reader: StreamReader, writer: StreamWriter) -> None:
        def over(task: asyncio.Task[None]) -> None:
            served.discard(task)
            writer.transport.abort()  # also where it was cancelled before it began

        task = asyncio.get_running_loop().create_task(_serve(line, reader, writer))
        served.add(task)
        task.add_done_callback(over)

    return await asyncio.start_server(let_in, "127.0.0.1", 0, limit=_CHUNK)


async def _serve(line: Line, reader: StreamReader, writer: StreamWriter) -> None:
    there = None
    try:
        await line.whole.wait()
        there = await _connected(line, reader, writer)
        if there:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(line, "up", reader, there[1]))
                group.create_task(_pump(line, "down", there[0], writer))
    except* (OSError, asyncio.IncompleteReadError):
        # One end is gone; the other hears of it only over a whole line.
        await line.whole.wait()
    finally:
        if there:
            there[1].transport.abort()


async def _pump(line: Line, way: Direction, reader: StreamReader, writer: StreamWriter) -> None:
    # Without a buffer of its own, nothing is left behind when the connection ends.
    writer.transport.set_write_buffer_limits(0)
    now = asyncio.get_running_loop().time
    while data := await reader.read(_CHUNK):
        await pass_bytes(line, way, len(data), now)
        writer.write(data)
        await writer.drain()
    await line.whole.wait()
    writer.write_eof()


async def _connected(
    line: Line, reader: StreamReader, writer: StreamWriter
) -> tuple[StreamReader, StreamWriter] | None:
    """Do as the client asks; None when that cannot be, which it has been told then."""
    version, methods = await reader.readexactly(2)
    if version != _VERSION:
        return None
    await reader.readexactly(methods)
    writer.write(bytes((_VERSION, 0)))
    _, command, _, kind = await reader.readexactly(4)
    host = await _host(reader, kind)
    port = int.from_bytes(await reader.readexactly(2))
    there, answer = None, _UNSUPPORTED
    if command == _CONNECT and host:
        try:
            there, answer = await asyncio.open_connection(host, port, limit=_CHUNK), _DONE
        except (OSError, UnicodeError) as error:
            answer = _REFUSED if isinstance(error, ConnectionRefusedError) else _UNREACHABLE
    await line.whole.wait()
    line.connections += there is not None
    writer.write(bytes((_VERSION, answer, 0, _IPV4, 0, 0, 0, 0, 0, 0)))
    await writer.drain()
    return there


async def _host(reader: StreamReader, kind: int) -> str | None:
    if kind == _IPV4:
        return str(IPv4Address(await reader.readexactly(4)))
    if kind == _IPV6:
        return str(IPv6Address(await reader.readexactly(16)))
    if kind == _NAME:
        (length,) = await reader.readexactly(1)
        return (await reader.readexactly(length)).decode("ascii", "replace")
    return None
