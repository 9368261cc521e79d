"""Recipes of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from synthetic import settings
from synthetic.sources.binding import Bound, bound

HEAD = 'kind = "http"\ndocs = ["a page"]\nsynthetic = "left out"\n'


@pytest.fixture
def feeds(tmp_path: Path) -> Callable[..., tuple[Bound, ...]]:
    """Recipes of these texts, by name, at hosts of these names."""

    def make(limit_s: float = 5, **texts: str) -> tuple[Bound, ...]:
        for name, text in texts.items():
            (tmp_path / f"{name}.toml").write_text(
                f'title = "{name.title()}"\nurl = "http://{name}.test"\n{HEAD}{text}'
            )
        environ = {
            "SYNTHETIC_FEEDS__ON": ",".join(texts),
            "SYNTHETIC_FEEDS__FOLDER": str(tmp_path),
            "SYNTHETIC_FEEDS__TIMEOUT_S": str(limit_s),
        }
        return bound(settings.load(tmp_path, environ))

    return make
