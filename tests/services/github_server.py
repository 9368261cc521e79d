"""A local server that takes and refuses what GitHub's REST API would, of what workflows ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

TOKEN, REPOSITORY, BRANCH = "ghs_right-token", "acme/monitor", "main"
ROBOT = "github-actions[bot]"
LONGEST_COMMENT = 65_536
VERSION = "2022-11-28"
OURS, FORK = 1001, 6666
"""Ids of repositories."""


@dataclass
class Comment:
    """A comment; ``edits`` counts how often it was changed."""

    id: int
    author: str
    body: str
    edits: int = 0


@dataclass
class Workflow:
    """A workflow, and when its scheduled runs were made, by id; some were cancelled."""

    enabled: int = 0
    state: str = "active"
    runs: dict[int, str] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)


@dataclass
class GitHubServer(Vendor):
    """``comments`` by pull request, ``archives`` by artifact; ``scopes`` are what the token may.

    ``owner`` is whose token it is, ``lost`` are archives that cannot be had just now.
    ``storage`` is where archives are kept, a server of its own, which refuses a token.
    """

    comments: dict[int, list[Comment]] = field(default_factory=dict)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    archives: dict[int, bytes] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(
        default_factory=lambda: {"monitor.yml": Workflow(), "page.yml": Workflow()}
    )
    private: bool = True
    owner: str = ROBOT
    lost: set[int] = field(default_factory=set)
    scopes: set[str] = field(
        default_factory=lambda: {"actions:read", "actions:write", "pull-requests:write"}
    )
    storage: str = ""
    calls: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        self.calls.append(f"{request.method} {request.path}")
        if refused := self._refused(request):
            return refused
        if request.path == "/user":
            return self._user()
        for method, pattern, scope, act in _ROUTES:
            found = re.fullmatch(f"/repos/{REPOSITORY}{pattern}", request.path)
            if found and request.method == method:
                if scope and scope not in self.scopes:
                    return _said(403, "Resource not accessible by integration")
                return act(self, request, *found.groups())
        return _said(404, "Not Found")

    def _user(self) -> Answer:
        """``GET /user``, which a bot's token may not ask."""
        if self.owner.endswith("[bot]"):
            return _said(403, "Resource not accessible by integration")
        return _json(200, {"login": self.owner})

    def _refused(self, request: Request) -> Answer | None:
        headers = request.headers
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return _said(401, "Bad credentials")
        if not headers.get("user-agent"):
            return _said(403, "Request forbidden by administrative rules.")
        if headers.get("accept") != "application/vnd.github+json":
            return _said(415, "Unsupported 'Accept' header")
        if headers.get("x-github-api-version") != VERSION:
            return _said(400, "This API version is not supported")
        return None

    def add_artifact(
        self, name: str, content: bytes, made: str = "2026-11-26T08:00:00Z", **made_by: Any
    ) -> int:
        """An artifact as a job of ours left it, unless told otherwise."""
        number = 500 + len(self.artifacts)
        usual = {"repository_id": OURS, "head_repository_id": OURS, "head_branch": BRANCH}
        self.artifacts.append(
            {
                "id": number,
                "name": name,
                "expired": False,
                "created_at": made,
                "workflow_run": {**usual, **made_by},
            }
        )
        self.archives[number] = content
        return number

    def look(self, _: Request) -> Answer:
        """``GET`` of the repository."""
        return _json(200, {"full_name": REPOSITORY, "private": self.private})

    def listed_comments(self, request: Request, number: str) -> Answer:
        """``GET issues/N/comments``, the oldest first."""
        return _json(200, _page(list(map(_shown, self.comments.get(int(number), []))), request))

    def comment(self, request: Request, number: str) -> Answer:
        """``POST issues/N/comments``."""
        body = json.loads(request.body).get("body", "")
        if not 0 < len(body) <= LONGEST_COMMENT:
            return _said(422, "Validation Failed")
        standing = self.comments.setdefault(int(number), [])
        standing.append(Comment(self._next(), self.owner, body))
        return _json(201, _shown(standing[-1]))

    def edit(self, request: Request, number: str) -> Answer:
        """``PATCH issues/comments/ID``; a token that may write may write anybody's."""
        for one in (one for standing in self.comments.values() for one in standing):
            if one.id == int(number):
                one.body, one.edits = json.loads(request.body)["body"], one.edits + 1
                return _json(200, _shown(one))
        return _said(404, "Not Found")

    def workflow(self, _: Request, name: str) -> Answer:
        """``GET actions/workflows/NAME``."""
        if name not in self.workflows:
            return _said(404, "Not Found")
        return _json(200, {"path": name, "state": self.workflows[name].state})

    def enable(self, _: Request, name: str) -> Answer:
        """``PUT actions/workflows/NAME/enable``, also of one that is enabled."""
        if name not in self.workflows:
            return _said(404, "Not Found")
        self.workflows[name].enabled += 1
        return Answer(204)

    def runs(self, request: Request, name: str) -> Answer:
        """``GET actions/workflows/NAME/runs``, the newest first."""
        assert request.query["event"] == "schedule"
        known = self.workflows[name]
        made = sorted(known.runs.items(), key=lambda one: one[1], reverse=True)
        ends = {number: "cancelled" if number in known.cancelled else None for number in known.runs}
        rows = [
            {"id": number, "created_at": when, "conclusion": ends[number]} for number, when in made
        ]
        return _json(200, {"total_count": len(rows), "workflow_runs": _page(rows, request)})

    def listed_artifacts(self, request: Request) -> Answer:
        """``GET actions/artifacts``, the newest first."""
        rows = _page(self.artifacts[::-1], request)
        return _json(200, {"total_count": len(self.artifacts), "artifacts": rows})

    def archive(self, _: Request, number: str) -> Answer:
        """``GET actions/artifacts/ID/zip``: where the archive is for a minute."""
        if int(number) not in self.archives:
            return _said(410, "Artifact has expired")
        if int(number) in self.lost:
            return _said(503, "Service Unavailable")
        return Answer(302, headers={"Location": f"{self.storage}/{number}?sig=secret"})

    def of_commit(self, _: Request, sha: str) -> Answer:
        """``GET commits/SHA/pulls``."""
        return _json(200, self.pulls.get(sha, []))

    def _next(self) -> int:
        return 9000 + sum(map(len, self.comments.values()))


@dataclass
class Storage(Vendor):
    """Where GitHub keeps archives; it refuses whoever shows a token of GitHub's."""

    github: GitHubServer = field(default_factory=GitHubServer)

    def answer(self, request: Request) -> Answer:
        if "authorization" in request.headers:
            return Answer(400, "InvalidAuthenticationInfo")
        return Answer(200, self.github.archives[int(request.path[1:])])


_NAME = r"([\w.-]+)"
_ROUTES: tuple[tuple[str, str, str, Callable[..., Answer]], ...] = (
    ("GET", "", "", GitHubServer.look),
    ("GET", r"/issues/(\d+)/comments", "", GitHubServer.listed_comments),
    ("POST", r"/issues/(\d+)/comments", "pull-requests:write", GitHubServer.comment),
    ("PATCH", r"/issues/comments/(\d+)", "pull-requests:write", GitHubServer.edit),
    ("GET", f"/actions/workflows/{_NAME}", "actions:read", GitHubServer.workflow),
    ("PUT", f"/actions/workflows/{_NAME}/enable", "actions:write", GitHubServer.enable),
    ("GET", f"/actions/workflows/{_NAME}/runs", "actions:read", GitHubServer.runs),
    ("GET", "/actions/artifacts", "actions:read", GitHubServer.listed_artifacts),
    ("GET", r"/actions/artifacts/(\d+)/zip", "actions:read", GitHubServer.archive),
    ("GET", r"/commits/(\w+)/pulls", "", GitHubServer.of_commit),
)


def _page(rows: list[Any], request: Request) -> list[Any]:
    size = min(int(request.query.get("per_page", 30)), 100)
    first = (int(request.query.get("page", 1)) - 1) * size
    return rows[first : first + size]


def _shown(comment: Comment) -> dict[str, Any]:
    if not comment.author:  # whoever wrote it deleted the account
        return {"id": comment.id, "user": None, "body": comment.body}
    kind = "Bot" if comment.author.endswith("[bot]") else "User"
    user = {"login": comment.author, "type": kind}
    return {"id": comment.id, "user": user, "body": comment.body}


def _json(status: int, body: Any) -> Answer:
    return Answer(status, json.dumps(body), {"Content-Type": "application/json"})


def _said(status: int, message: str) -> Answer:
    return _json(status, {"message": message})


@contextmanager
def serving() -> Iterator[GitHubServer]:
    """The server on a free port of loopback, with its storage on another."""
    github = GitHubServer()
    with vendor.serving(github), vendor.serving(Storage(github=github)) as storage:
        github.storage = storage.url
        yield github
