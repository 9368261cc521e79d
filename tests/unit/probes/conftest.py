"""Targets of probes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.conftest import Web
from tests.unit.probes.rounds import HEALTH, well
from tests.unit.standin.conftest import Standin, serving


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with serving() as standin:
        yield standin


@pytest.fixture
def product(web: Web) -> Web:
    """Answers all that a stranger asks."""
    web.page("Hello", x_vercel_cache="HIT")
    web.put(HEALTH, well())
    return web


@pytest.fixture
def signing_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Log-ins without mail: each gives another cookie."""
    made: list[str] = []

    def sign_in(client: object, *_: object, **__: object) -> bool:
        made.append(f"token-{len(made)}-secret")
        client.cookies.set("login", made[-1])  # type: ignore[attr-defined]
        return True

    monkeypatch.setattr("synthetic.probes.member.sign_in", sign_in)
    return made
