"""A local server that takes and refuses what Jira Cloud's REST API v3 would."""

from __future__ import annotations

import base64
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.services import vendor
from tests.services.vendor import Answer, Request, Vendor

USER, TOKEN, PROJECT = "robot@kulti.test", "right-token", "KUL"
LONGEST_SUMMARY, LONGEST_LABEL, LONGEST_TEXT = 255, 255, 32_767
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Won't Do": "done"}
_JQL = re.compile(r'project = "?([A-Z]+)"? AND labels = "([^"]+)" ORDER BY created ASC')


@dataclass
class Issue:
    """An issue; ``moves`` are the transitions that were made, ``made`` when it was created."""

    key: str
    summary: str
    description: Any
    labels: list[str]
    status: str
    made: float
    comments: list[Any] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)


@dataclass
class JiraServer(Vendor):
    """``lag_s``: search finds an issue only so long after it was made, by ``clock``."""

    issues: dict[str, Issue] = field(default_factory=dict)
    types: set[str] = field(default_factory=lambda: {"Task", "Bug"})
    lag_s: float = 0
    clock: Callable[[], float] = time.monotonic
    transitions: dict[str, str] = field(
        default_factory=lambda: {"11": "In Progress", "31": "Won't Do", "41": "Done"}
    )
    searches: int = 0

    @property
    def by_label(self) -> Counter[str]:
        """How many issues bear each label."""
        return Counter(label for issue in self.issues.values() for label in issue.labels)

    def answer(self, request: Request) -> Answer:
        wanted = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return Answer(401, "Client must be authenticated to access this resource.")
        for method, pattern, act in _ROUTES:
            found = re.fullmatch(f"/rest/api/3/{pattern}", request.path)
            if found and request.method == method:
                body = json.loads(request.body) if request.body else {}
                return act(self, body, *found.groups())
        return Answer(404, '{"errorMessages":["null for uri"],"errors":{}}')

    def create(self, body: Any) -> Answer:
        """``POST issue``."""
        fields = body.get("fields", {})
        errors = _objections(fields, self.types)
        if errors:
            return _refused(errors)
        key = f"{PROJECT}-{len(self.issues) + 1}"
        self.issues[key] = Issue(
            key,
            fields["summary"],
            fields.get("description"),
            fields.get("labels", []),
            "To Do",
            self.clock(),
        )
        return _json(201, {"id": str(10_000 + len(self.issues)), "key": key})

    def search(self, body: Any) -> Answer:
        """``POST search/jql``: what the index has by now."""
        self.searches += 1
        found = _JQL.fullmatch(body.get("jql", ""))
        if not found:
            return _refused({}, "Error in the JQL Query")
        if found[1] != PROJECT:
            return _refused({}, f"The value '{found[1]}' does not exist for the field 'project'.")
        now = self.clock()
        hits = [
            {"id": issue.key, "key": issue.key}
            for issue in self.issues.values()
            if found[2] in issue.labels and now - issue.made >= self.lag_s
        ]
        return _json(200, {"issues": hits[: body.get("maxResults", 50)], "isLast": True})

    def look(self, _: Any, key: str) -> Answer:
        """``GET issue/{key}``."""
        if key not in self.issues:
            return _refused(
                {}, "Issue does not exist or you do not have permission to see it.", 404
            )
        issue = self.issues[key]
        fields = {"status": _status(issue.status), "description": issue.description}
        return _json(200, {"key": key, "fields": fields})

    def comment(self, body: Any, key: str) -> Answer:
        """``POST issue/{key}/comment``."""
        if key not in self.issues:
            return _refused(
                {}, "Issue does not exist or you do not have permission to see it.", 404
            )
        if not is_document(body.get("body")):
            return _refused({"comment": "Comment body is not valid!"})
        self.issues[key].comments.append(body["body"])
        return _json(201, {"id": str(len(self.issues[key].comments))})

    def comments(self, _: Any, key: str) -> Answer:
        """``GET issue/{key}/comment``, the newest first."""
        if key not in self.issues:
            return _refused(
                {}, "Issue does not exist or you do not have permission to see it.", 404
            )
        rows = [
            {"id": str(number), "body": body}
            for number, body in enumerate(self.issues[key].comments, 1)
        ]
        return _json(200, {"comments": rows[::-1][:100], "total": len(rows)})

    def offered(self, _: Any, key: str) -> Answer:
        """``GET issue/{key}/transitions``: those that leave the present status."""
        here = self.issues[key].status
        rows = [
            {"id": id_, "name": name, "to": _status(name)}
            for id_, name in self.transitions.items()
            if name != here
        ]
        return _json(200, {"transitions": rows})

    def move(self, body: Any, key: str) -> Answer:
        """``POST issue/{key}/transitions``."""
        to = self.transitions.get(body.get("transition", {}).get("id", ""))
        if to is None or to == self.issues[key].status:
            return _refused({}, "It seems that you have tried to perform an illegal operation.")
        self.issues[key].status = to
        self.issues[key].moves.append(to)
        return Answer(204)


_ISSUE = r"issue/([A-Z]+-\d+)"
_ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", "issue", JiraServer.create),
    ("POST", "search/jql", JiraServer.search),
    ("GET", _ISSUE, JiraServer.look),
    ("POST", f"{_ISSUE}/comment", JiraServer.comment),
    ("GET", f"{_ISSUE}/comment", JiraServer.comments),
    ("GET", f"{_ISSUE}/transitions", JiraServer.offered),
    ("POST", f"{_ISSUE}/transitions", JiraServer.move),
)


def _status(name: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": STATUSES[name]}}


def _json(status: int, body: Any) -> Answer:
    return Answer(status, json.dumps(body), {"Content-Type": "application/json"})


def _refused(errors: dict[str, str], message: str = "", status: int = 400) -> Answer:
    return _json(status, {"errorMessages": [message] if message else [], "errors": errors})


def _objections(fields: Any, types: set[str]) -> dict[str, str]:
    errors = {}
    if fields.get("project") != {"key": PROJECT}:
        errors["project"] = "valid project is required"
    if fields.get("issuetype", {}).get("name") not in types:
        errors["issuetype"] = "Specify a valid issue type"
    summary = fields.get("summary", "")
    if not summary or "\n" in summary:
        errors["summary"] = "The summary is invalid because it contains newline characters."
    elif len(summary) > LONGEST_SUMMARY:
        errors["summary"] = "Summary must be less than or equal to 255 characters."
    if any(" " in label or len(label) > LONGEST_LABEL for label in fields.get("labels", [])):
        errors["labels"] = "The label contains spaces which is invalid."
    if "description" in fields and not is_document(fields["description"]):
        errors["description"] = "Operation value must be an Atlassian Document"
    return errors


def is_document(body: Any) -> bool:
    """Whether it is a document in Atlassian's format, of the nodes that we use, not too long."""
    match body:
        case {"type": "doc", "version": 1, "content": [*blocks], **more}:
            fits = len(json.dumps(body, ensure_ascii=False)) <= LONGEST_TEXT
            return fits and not more and all(map(_is_node, blocks))
    return False


def _is_node(node: Any) -> bool:
    match node:
        case {"type": "text", "text": str(text), **more}:
            marks: Any = more.pop("marks", [])
            return bool(text) and not more and all(map(_is_mark, marks))
        case {"type": "hardBreak", **more}:
            return not more
        case {"type": "bulletList" | "listItem" | "paragraph", "content": [*inner], **more}:
            return not more and all(map(_is_node, inner))
    return False


def _is_mark(mark: Any) -> bool:
    match mark:
        case {"type": "strong", **more}:
            return not more
        case {"type": "link", "attrs": {"href": str(href)}}:
            return href.startswith(("http://", "https://"))
    return False


@contextmanager
def serving() -> Iterator[JiraServer]:
    """The server on a free port of loopback."""
    with vendor.serving(JiraServer()) as server:
        yield server
