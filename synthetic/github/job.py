"""What a step of a workflow knows of its job, says to GitHub, and asks of its API.

Standard library only: some steps run before anything is installed. Whatever is said or asked is
hostile on its way in: annotations and outputs are escaped here, once.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlencode, urlsplit

VERSION = "2022-11-28"
"""Of GitHub's REST API, which promises not to change it."""
LONGEST_ANSWER = 512 << 20
PAGE = 100
_LIMIT_S = 30
_PAUSES_S = (5, 30)  # between the tries of a request
_ANSWERED, _THEIR_TROUBLE = 200, 500
_MOST_PAGES = 50
_LONGEST_SUMMARY = 900_000  # GitHub takes 1 MiB a step, and nothing of what is longer

NO_SETTINGS = frozenset(
    f"SYNTHETIC_{name}" for name in ("LOCATIONS", "ENVIRONMENTS", "STATUS_PAGE", "REPORTS_DIR")
)
"""Variables of a repository that are for its workflows, or that they do not leave to anybody."""
TELLS_NOBODY = {"SYNTHETIC_NOTIFY__FALLBACK": "console"}
"""For all but runs: another fallback is wrong where its channel's secret is not handed on."""

Level = Literal["error", "warning", "notice"]


class CannotGoOn(Exception):
    """What only a person can mend; the message is the sentence that says what."""


class ApiError(Exception):
    """GitHub's API did not answer as it should; ``status`` is none without an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Job:
    """What GitHub tells a step by its environment; ``wait`` sleeps, so many seconds."""

    environ: Mapping[str, str]
    out: IO[str]
    wait: Callable[[float], None] = time.sleep

    @classmethod
    def here(cls) -> Job:
        """The job that this process is a step of; what it starts gets the settings, too."""
        os.environ.update(from_variables(os.environ))
        return cls(os.environ, sys.stdout)

    def __getitem__(self, name: str) -> str:
        """A variable; empty where it is unset, as an unset secret is."""
        return self.environ.get(name, "").strip()

    @property
    def event(self) -> dict[str, Any]:
        """What set the workflow off; empty where GitHub says nothing, or nothing that can be read.

        What a dispatch sends along is in it, which may be nested deeper than can be read.
        """
        path = self["GITHUB_EVENT_PATH"]
        try:
            found = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def api(self) -> Api:
        """GitHub's API, as this job may ask it."""
        url = self["GITHUB_API_URL"] or "https://api.github.com"
        return Api(url.rstrip("/"), self["GITHUB_TOKEN"], self.wait)

    @property
    def repository(self) -> str:
        """The path of the repository in the API."""
        return f"/repos/{self['GITHUB_REPOSITORY']}"

    @property
    def address(self) -> str:
        """Where people see this run."""
        server = self["GITHUB_SERVER_URL"] or "https://github.com"
        return f"{server}/{self['GITHUB_REPOSITORY']}/actions/runs/{self['GITHUB_RUN_ID']}"

    def say(self, level: Level, text: str) -> None:
        """An annotation: shown on the run's page, one line, whatever it holds."""
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        self.out.write(f"::{level}::{escaped}\n")

    def annotate(self, commands: Iterable[str]) -> None:
        """Annotations that are commands of a workflow already, escaped."""
        self.out.writelines(f"{one}\n" for one in commands)

    def give(self, **outputs: str) -> None:
        """Outputs of the step; what has more than one line is none of ours and is refused."""
        for name, value in outputs.items():
            if len(value.splitlines()) > 1 or value.endswith(("\n", "\r")):
                raise CannotGoOn(f"the output {name} should be one line, and is {value!r}")
            self._append("GITHUB_OUTPUT", f"{name}={value}\n")

    def summarize(self, markdown: str) -> None:
        """Add to the page that people see of this run."""
        self._append("GITHUB_STEP_SUMMARY", f"{markdown[:_LONGEST_SUMMARY]}\n")

    def _append(self, variable: str, text: str) -> None:
        if path := self[variable]:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)


def from_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings that are variables of the repository, where the environment has no other.

    All its variables are in ``VARIABLES``, as JSON.
    """
    variables: dict[str, str] = json.loads(environ.get("VARIABLES") or "{}")
    return {
        name: value
        for name, value in variables.items()
        if name.startswith("SYNTHETIC_")
        and name not in NO_SETTINGS
        and not environ.get(name, "").strip()
    }


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Left to us: an archive's address is another host's, which must not see our token."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Api:
    """GitHub's REST API; each call raises :class:`ApiError`, which never holds the token.

    What is only read is asked for again where GitHub cannot answer just now.
    """

    url: str
    token: str
    wait: Callable[[float], None]

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON at a path."""
        return json.loads(self._ask("GET", f"{path}?{urlencode(query)}" if query else path))

    def pages(self, path: str, key: str | None = None, **query: str | int) -> Iterator[Any]:
        """What stands on all pages of a list, page by page; under ``key`` where it has one."""
        for number in range(1, _MOST_PAGES + 1):
            answer = self.get(path, per_page=PAGE, page=number, **query)
            rows = answer[key] if key else answer
            yield from rows
            if len(rows) < PAGE:
                return

    def send(self, method: Literal["POST", "PATCH", "PUT"], path: str, body: Any = None) -> Any:
        """Send JSON; the JSON that is answered, none where there is none."""
        answer = self._ask(method, path, None if body is None else json.dumps(body).encode())
        return json.loads(answer) if answer else None

    def archive(self, path: str) -> bytes:
        """A file that GitHub keeps elsewhere; that place gets no token of ours."""
        try:
            return self._ask("GET", path)
        except _Elsewhere as moved:
            if urlsplit(moved.place).scheme not in ("http", "https"):
                raise ApiError(f"GET {path} led to an address that is no web address") from None
            return self._read("GET", path, urllib.request.Request(moved.place))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": "synthetic",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **({"Content-Type": "application/json"} if body is not None else {}),
        }
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        return self._read(method, path, request)

    def _read(self, method: str, path: str, request: urllib.request.Request) -> bytes:
        for pause_s in _PAUSES_S if method == "GET" else ():
            try:
                return _read(method, path, request)
            except ApiError as error:
                if error.status is not None and error.status < _THEIR_TROUBLE:
                    raise
                self.wait(pause_s)
        return _read(method, path, request)


class _Elsewhere(ApiError):
    def __init__(self, what: str, place: str, status: int) -> None:
        super().__init__(f"GitHub sends {what} elsewhere", status)
        self.place = place


def _read(method: str, path: str, request: urllib.request.Request) -> bytes:
    what = f"{method} {path.partition('?')[0]}"
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_LIMIT_S) as answer:
            body: bytes = answer.read(LONGEST_ANSWER + 1)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (301, 302, 307, 308) and (place := error.headers.get("Location")):
                raise _Elsewhere(what, place, error.code) from None
            raise ApiError(f"GitHub answers {error.code} to {what}", error.code) from None
    except (OSError, HTTPException, ValueError) as error:
        raise ApiError(f"GitHub does not answer {what}: {type(error).__name__}") from None
    if len(body) > LONGEST_ANSWER:
        longest = f"{LONGEST_ANSWER >> 20} MiB"
        raise ApiError(f"GitHub's answer to {what} is longer than {longest}", _ANSWERED)
    return body


def moment(text: str) -> datetime:
    """A time as GitHub writes it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
