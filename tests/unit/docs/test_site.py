"""The documentation becomes a site without a warning, which needs no other host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import DOCS, ROOT

_LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*?\bsrc=["']?(?:https?:)?//[^"'>]+
      | <link\b[^>]*?\bhref=["']?(?:https?:)?//[^"'>]+
      | url\(["']?(?:https?:)?//[^)]+
      | @import\s+["'](?:https?:)?//[^"']+""",
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as ``make docs`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run(
        [*build, "-c", "docs", ".", str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return folder


def test_each_page_is_there_and_can_be_reached(site: Path) -> None:
    """What no page leads to is a warning, hence no site."""
    pages = {path.relative_to(ROOT).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert not [page for page in pages if not (site / page).is_file()]
    assert 'href="docs/index.html"' in (site / "index.html").read_text("utf-8")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    texts = (path for kind in ("html", "css", "js") for path in site.rglob(f"*.{kind}"))
    found = {path.name: _LOADED.findall(path.read_text("utf-8")) for path in texts}
    assert len(found) > 50
    assert not {name: hits for name, hits in found.items() if hits}


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.test/x.js">',
        '<link rel="stylesheet" href="//fonts.test/css?family=Inter">',
        "@font-face { src: url(https://fonts.test/x.woff2) }",
        "@import 'https://fonts.test/x.css'",
    ],
)
def test_what_loads_from_elsewhere_would_be_seen(text: str) -> None:
    assert _LOADED.search(text)
    assert not _LOADED.search('<a href="https://example.org">a link is no load</a>')
