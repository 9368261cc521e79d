"""Static files: whole, linked to each other only, swapped at once, without what is not public."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synthetic.dashboard.export import MARK, export
from synthetic.dashboard.watched import Watched
from synthetic.errors import ReportsNotWritable, UsageError
from synthetic.results import Run
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from tests import lives
from tests.dashboards import watched

SECRET = "ada@mail.test"
EVIL = f"<script>alert(1)</script>{SECRET}"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """An outage now, with evidence on disk, and one run that says what should not be public."""
    reports = tmp_path_factory.mktemp("reports")
    with Store.open(None, reports) as store:
        lives.broken(store)
        lives.hostile(store, EVIL)
        for head in store.runs(lives.TARGET, lives.NOW - lives.DAY, lives.NOW)[-3:]:
            run = store.run(head.run_id)
            assert run is not None
            keep(reports, run)
        yield watched(store, reports)


def keep(reports: Path, run: Run) -> None:
    folder = RunFolder.create(reports, run)
    place = folder.path / "evidence" / f"{run.journeys[0].name[:20].replace('/', '')}-1" / "host"
    place.mkdir(parents=True)
    (place / "screenshot.png").write_bytes(b"\x89PNG of evidence")


class Links(HTMLParser):
    """What a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        names = {"href", "src", "action", "srcset", "poster", "data"}
        self.found += [value or "" for name, value in attrs if name in names]


def links_of(page: Path) -> list[str]:
    parser = Links()
    parser.feed(page.read_text("utf-8"))
    return parser.found


def crawled(first: Path) -> set[Path]:
    """Every file that can be reached; each link must lead to one."""
    reached, waiting = set[Path](), [first]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        if page.suffix != ".html":
            continue
        for link in links_of(page):
            assert "://" not in link, f"{page.name} leads away: {link}"
            assert not link.startswith("/"), f"{page.name} has an absolute link: {link}"
            path = unescape(link).partition("#")[0].partition("?")[0]
            if path:
                assert (page.parent / path).is_file(), f"{page.name} leads nowhere: {link}"
                waiting.append(page.parent / path)
    return reached


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() and path.name != MARK}


def test_the_public_export_is_the_status_page_alone(seen: Watched, tmp_path: Path) -> None:
    first = export(seen, tmp_path / "site")
    assert crawled(first) | {tmp_path / "site" / "status.html"} == files_in(tmp_path / "site")
    names = sorted(path.name for path in files_in(tmp_path / "site"))
    assert names == ["icon.svg", "index.html", "status.html", "style.css"]
    text = first.read_text("utf-8")
    assert "Is it me or them?" in text
    assert "It is not you" in text


def test_what_is_not_public_is_not_in_it(seen: Watched, tmp_path: Path) -> None:
    text = export(seen, tmp_path / "site").read_text("utf-8")
    for secret in (
        *(SECRET, "<script", "alert(1)", "evidence", "/api/", "Ada"),
        *(*lives.LOCATIONS, "e-critical", "error rate", "502", "test_two_people"),
    ):
        assert secret not in text, secret
    assert "script-src 'none'" in text
    assert not re.search(r"<form|<input|csrf", text)


@pytest.fixture(scope="module")
def team(seen: Watched, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An internal export."""
    return export(seen, tmp_path_factory.mktemp("exports") / "team", "internal").parent


def test_all_pages_of_the_internal_export_lead_to_each_other(team: Path) -> None:
    reached, files = crawled(team / "index.html"), files_in(team)
    assert files == reached
    names = {path.name for path in files}
    assert {"index.html", "alerts.html", "runs.html", "status.html", "features.html"} <= names
    assert any(name.startswith("runs-2026") for name in names)


def test_what_an_export_does_not_hold_is_no_link(
    seen: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthetic.dashboard.export.MOST_PAGES", 12)
    first = export(seen, tmp_path / "team", "internal")
    assert len(list(first.parent.glob("*.html"))) == 12
    assert crawled(first) == files_in(first.parent)


def test_every_internal_page_says_that_it_is_internal(team: Path) -> None:
    for page in team.glob("*.html"):
        text = page.read_text("utf-8")
        assert "Internal: for the team, not to be published" in text
        assert "noindex" in text
        assert "<form" not in text
        assert "<script>alert" not in text


def test_no_export_holds_evidence(team: Path) -> None:
    files = files_in(team)
    assert not [path for path in files if path.suffix in (".png", ".zip")]
    assert not [path for path in files if b"PNG of evidence" in path.read_bytes()]


def test_what_an_earlier_export_left_is_gone(seen: Watched, tmp_path: Path) -> None:
    export(seen, tmp_path / "site")
    (tmp_path / "site" / "old.html").write_text("old")
    export(seen, tmp_path / "site")
    assert not (tmp_path / "site" / "old.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"], "nothing is left beside it"


def test_a_folder_stays_of_its_kind(seen: Watched, tmp_path: Path) -> None:
    export(seen, tmp_path / "site")
    before = (tmp_path / "site" / "index.html").read_bytes()
    with pytest.raises(UsageError, match="holds a public export, and this would be a internal one"):
        export(seen, tmp_path / "site", "internal")
    assert (tmp_path / "site" / "index.html").read_bytes() == before


def test_a_folder_with_anything_else_in_it_is_left_alone(seen: Watched, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "summer.jpg").write_bytes(b"sun")
    (tmp_path / "letter.txt").write_text("dear")
    for place in ("photos", "letter.txt", "."):
        with pytest.raises(UsageError, match="holds something that no export made"):
            export(seen, tmp_path / place)
    assert (tmp_path / "photos" / "summer.jpg").read_bytes() == b"sun"


def test_an_empty_folder_may_be_used(seen: Watched, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert export(seen, tmp_path / "site").is_file()


def test_a_swap_that_fails_leaves_the_old_export(
    seen: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(seen, tmp_path / "site")
    rename = Path.rename

    def refusing(path: Path, to: Path) -> Path:
        if path.name.endswith(".new"):
            raise PermissionError(13, "Permission denied")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(ReportsNotWritable, match="site cannot be written"):
        export(seen, tmp_path / "site")
    assert (tmp_path / "site" / "index.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
