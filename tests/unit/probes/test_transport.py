"""Connections that nobody takes any more are closed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from synthetic.probes.transport import _Resolving


class Line:
    closed = False

    async def aclose(self) -> None:
        self.closed = True


def test_a_connection_that_comes_as_the_time_runs_out_is_closed() -> None:
    line, backend = Line(), _Resolving()

    async def going() -> None:
        task = asyncio.current_task()
        assert task

        async def connect(*_: object) -> Line:
            task.cancel()
            return line

        backend._plain = cast(Any, SimpleNamespace(connect_tcp=connect))
        with pytest.raises(asyncio.CancelledError):
            await backend.connect_tcp("127.0.0.1", 80)
        task.uncancel()

    asyncio.run(going())
    assert line.closed


def test_the_connection_that_was_first_stays_open() -> None:
    line, backend = Line(), _Resolving()

    async def connect(*_: object) -> Line:
        return line

    backend._plain = cast(Any, SimpleNamespace(connect_tcp=connect))
    assert asyncio.run(backend.connect_tcp("127.0.0.1", 80)) is cast(Any, line)
    assert not line.closed
