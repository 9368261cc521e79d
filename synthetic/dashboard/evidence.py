"""The evidence of runs over HTTP: read-only, of known kinds, and never alive in the browser.

What a target wrote stands in it. A page of it runs in a sandbox without scripts, everything else
is what we say it is; nothing outside the evidence of one run can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a run can be called."""
_TEXT = "text/plain; charset=utf-8"
KINDS: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webm": "video/webm",
    ".html": "text/html; charset=utf-8",
    ".txt": _TEXT,
    ".json": _TEXT,  # shown as it is, whatever a browser would make of it
    ".zip": "application/zip",
}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-same-origin allow-downloads"
)
"""Without scripts; of our origin, so that its links to other evidence carry the viewer's cookie."""
_DEEPEST, _LONGEST = 6, 300


@dataclass(frozen=True)
class _Served:
    reports: Path

    async def __call__(self, request: Request) -> Response:
        """One file; 404 for whatever is no evidence, without a word why."""
        run_id, name = request.path_params["run_id"], request.path_params["name"]
        path = found(self.reports, run_id, name)
        if path is None:
            raise HTTPException(404)
        headers = {"content-security-policy": POLICY, "cache-control": "private, no-cache"}
        kept = path.name if path.suffix == ".zip" else None
        return FileResponse(path, media_type=KINDS[path.suffix], headers=headers, filename=kept)


def route(reports: Path) -> Route:
    """The address under which evidence is served."""
    return Route("/runs/{run_id}/evidence/{name:path}", _Served(reports).__call__, methods=["GET"])


def found(reports: Path, run_id: str, name: str) -> Path | None:
    """The file of evidence that is meant, if it is one."""
    if not RUN_ID.fullmatch(run_id) or not is_kind(name):
        return None
    path = within(reports / "runs" / run_id / "evidence", name)
    return path if path is not None and path.is_file() else None


def is_kind(name: str) -> bool:
    """Whether a file of that name can be evidence."""
    return PurePosixPath(name).suffix in KINDS


def within(root: Path, name: str) -> Path | None:
    """What ``name`` stands for under ``root``; none where the way leaves it or takes a link.

    ``root`` itself is three folders below the reports: none of these may be a link either.
    """
    parts = name.split("/")
    if len(name) > _LONGEST or len(parts) > _DEEPEST or "\0" in name or "\\" in name:
        return None
    if any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        return None
    reports = root.parents[2].resolve()
    path = reports.joinpath(*root.parts[-3:], *parts)
    try:
        return path if path.resolve(strict=True) == path else None
    except OSError:
        return None
