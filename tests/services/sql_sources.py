"""Recipes over a database, as tests read them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from synthetic import settings
from synthetic.sources.binding import Bound, bound
from synthetic.sources.figures import Memory
from synthetic.sources.gather import Gathered, gather
from tests.services import kulti


def feeds(tmp_path: Path, *names: str, url: str, **more: str) -> tuple[Bound, ...]:
    """Recipes over one database."""
    environ = {
        "SYNTHETIC_FEEDS__ON": ",".join(names),
        "SYNTHETIC_ACCOUNTS__FRESH": kulti.FRESH,
        "SYNTHETIC_ACCOUNTS__STANDING": kulti.STANDING,
        **{f"SYNTHETIC_FEEDS__RECIPES__{name.upper()}__DATABASE": url for name in names},
        **more,
    }
    return bound(settings.load(tmp_path, environ))


def gathered(known: tuple[Bound, ...], memory: Memory | None = None) -> Gathered:
    async def look() -> Gathered:
        async with httpx.AsyncClient(verify=False) as client:
            return await gather(known, clock=lambda: kulti.NOON, client=client, memory=memory)

    return asyncio.run(look())


def values(found: Gathered) -> dict[str, float]:
    return {one.metric: one.value for one in found.samples if not one.labels}


def own(tmp_path: Path, url: str, statement: str, limit_s: str = "20", **more: Any) -> Gathered:
    """What a recipe of one's own gives for one statement."""
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / "mine.toml").write_text(
        'title = "Mine"\nkind = "sql"\ndocs = ["none"]\nsynthetic = "left out"\n'
        f'[metric.total_users]\nunit = "count"\nvalue = """{statement}"""\n'
        + "".join(f"{key} = {value}\n" for key, value in more.items())
    )
    given = {"SYNTHETIC_FEEDS__FOLDER": str(folder), "SYNTHETIC_FEEDS__TIMEOUT_S": limit_s}
    return gathered(feeds(tmp_path, "mine", url=url, **given))
