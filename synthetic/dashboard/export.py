"""Pages as static files that open from disk and from any host.

There are two kinds, and a folder is of one kind for ever. ``public`` is what ``--export`` writes:
the status page, made to be published (see :mod:`synthetic.dashboard.views.status`). ``internal``
has all pages, for the team alone, says so, and has to be asked for by name; it never takes the
place of a public one. Neither reads the folders of runs, so that no evidence can be in them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from synthetic.dashboard.pages import BadQuery, NotThere, Page
from synthetic.dashboard.rendering import common, rendered, static_files
from synthetic.dashboard.views import PAGES, status
from synthetic.dashboard.watched import Watched
from synthetic.errors import UsageError
from synthetic.store.run_folder import not_writable

Kind = Literal["public", "internal"]
MARK = ".synthetic-export"
MOST_PAGES = 150
_LINK = re.compile(r'\s(href|src)="(/[^"]*)"')
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_PARTS = re.compile(r"\{\w+\}")
_NOWHERE = Path("no reports are read for an export")
_HEADS: Mapping[Kind, str] = {
    "public": '<meta http-equiv="Content-Security-Policy" content="script-src \'none\'; '
    "object-src 'none'; base-uri 'none'; form-action 'none'\">\n",
    "internal": '<meta name="robots" content="noindex, nofollow">\n',
}
_INTERNAL = '<p class="standin">Internal: for the team, not to be published</p>\n'


@dataclass(frozen=True)
class _Address:
    page: Page
    asked: tuple[tuple[str, str], ...]
    path: str

    @property
    def file(self) -> str:
        """A name that says where it is from, in one folder with all others."""
        parameters = [
            f"{name}-{value}" for name, value in self.asked if f"{{{name}}}" not in self.page.path
        ]
        named = "-".join((self.path.strip("/").replace("/", "-") or "index", *parameters))
        return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', named)}.html"


def export(watched: Watched, folder: Path, kind: Kind = "public") -> Path:
    """Write all files of a kind into a folder, in place of what an earlier export left there.

    Returns the page to begin at. Raises :class:`~synthetic.errors.UsageError` where the folder
    holds anything else, and :class:`~synthetic.errors.ReportsNotWritable`.
    """
    place = folder.absolute()
    _checked(place, kind)
    files = dict(_files(_without_evidence(watched), kind))
    fresh = place.with_name(f".{place.name}.{os.getpid()}.new")
    old = place.with_name(f".{place.name}.{os.getpid()}.old")
    try:
        _written(fresh, files, kind)
        _swapped(fresh, place, old)
    except OSError as error:
        raise not_writable(place, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    return place / "index.html"


def _checked(place: Path, kind: Kind) -> None:
    """Only what an export made is ever removed, and only by one of its kind."""
    if not place.exists():
        return
    try:
        made = (place / MARK).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        made = ""
    if made == kind:
        return
    if made:
        raise UsageError(
            f"{place} holds a {made} export, and this would be a {kind} one: name another folder, "
            "so that what is internal never stands where the public looks"
        )
    if not place.is_dir() or any(place.iterdir()):
        raise UsageError(
            f"{place} holds something that no export made: name an empty or a new folder"
        )


def _without_evidence(watched: Watched) -> Watched:
    settings = watched.settings.model_copy(update={"reports_dir": _NOWHERE})
    return replace(watched, settings=settings)


def _written(fresh: Path, files: Mapping[str, bytes], kind: Kind) -> None:
    (fresh / "static").mkdir(parents=True)
    (fresh / MARK).write_text(f"{kind}\n", "utf-8")
    for name, body in files.items():
        (fresh / name).write_bytes(body)


def _swapped(fresh: Path, place: Path, old: Path) -> None:
    """The old folder stands until the new one is whole, and again if that cannot take its place."""
    if place.exists():
        place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        with suppress(OSError):
            old.rename(place)
        raise


def _files(watched: Watched, kind: Kind) -> Iterator[tuple[str, bytes]]:
    pages = dict(_public(watched) if kind == "public" else _internal(watched))
    used = {name for html in pages.values() for name in re.findall(r'"static/([^"]+)"', html)}
    yield from ((name, html.encode()) for name, html in pages.items())
    yield from ((f"static/{name}", static_files()[name].body) for name in sorted(used))


def _public(watched: Watched) -> Iterator[tuple[str, str]]:
    html = _html(watched, _Address(status.PAGE, (), status.PAGE.path), ())
    linked = _headed(_relinked(html, {"/": "index.html"}.get), "public")
    yield "index.html", linked
    yield "status.html", linked


def _internal(watched: Watched) -> Iterator[tuple[str, str]]:
    """All pages, and what they lead to, the nearest first."""
    listed = [page for page in PAGES if page.listed]
    addresses = {page.path: _Address(page, (), page.path) for page in listed}
    waiting, made = deque(addresses), dict[str, str]()
    while waiting:
        address = waiting.popleft()
        try:
            made[address] = _html(watched, addresses[address], listed)
        except (NotThere, BadQuery):
            continue
        for _, link in _LINK.findall(made[address]):
            found = _address(unescape(link))
            if found and unescape(link) not in addresses and len(addresses) < MOST_PAGES:
                addresses[unescape(link)] = found
                waiting.append(unescape(link))
    names = {address: addresses[address].file for address in made}
    for address, html in made.items():
        yield names[address], _headed(_relinked(html, names.get), "internal")


def _address(link: str) -> _Address | None:
    """The page at an address of ours, if there is one."""
    parts = urlsplit(link)
    for page in PAGES:
        pattern = _PARTS.sub(lambda one: f"(?P<{one.group()[1:-1]}>[^/]+)", page.path)
        found = re.fullmatch(pattern, parts.path)
        if found is None:
            continue
        try:
            asked = page.checked(parse_qsl(parts.query))
        except BadQuery:
            return None
        return _Address(page, (*found.groupdict().items(), *asked.items()), parts.path)
    return None


def _html(watched: Watched, address: _Address, listed: Sequence[Page]) -> str:
    asked = dict(address.asked)
    values: dict[str, Any] = {
        **common(watched.target),
        "page": address.page,
        "pages": listed,
        "path": address.path,
        "version": "",
        "now": watched.clock(),
        "csrf": "",
        "may_act": False,
    }
    view = address.page.view(watched, asked)
    return _FORM.sub("", rendered(address.page.template, view=view, asked=asked, **values))


def _relinked(html: str, name_of: Callable[[str], str | None]) -> str:
    """With relative links; what is not in the export is named, but is no link any more."""

    def relative(found: re.Match[str]) -> str:
        attribute, link = found[1], unescape(found[2])
        if link.startswith("/static/"):
            return f' {attribute}="{urlsplit(link).path.removeprefix("/")}"'
        name = name_of(link)
        return f' {attribute}="{name}"' if name else ""

    return _LINK.sub(relative, html)


def _headed(html: str, kind: Kind) -> str:
    html = html.replace("<title>", f"{_HEADS[kind]}<title>", 1)
    return html.replace("<main", f"{_INTERNAL}<main", 1) if kind == "internal" else html
