"""Jira Cloud: one issue per incident, found again by its label, commented and closed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from synthetic._settings_channels import Jira
from synthetic.asking import Answer, Vendor, retry_after, understanding
from synthetic.errors import DeliveryError
from synthetic.notify.channels import jira_document, wording
from synthetic.store.values import Event, Parcel

# What an incident that is over is moved to, the best name first; else to any that counts as done.
_BEST: dict[Event, tuple[str, ...]] = {
    "resolved": ("done", "resolved", "closed"),
    "superseded": ("won't do", "cancelled", "canceled", "duplicate", "closed"),
}
_OURS = {"summary", "description", "comment"}  # fields in which the message itself can be at fault
_BY_HAND = "Jira offers no way to a status that counts as done: close it by hand."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JiraChannel:
    """What an issue is called is its key; a person's changes to it are left alone.

    Jira finds an issue by its label only some time after it was made. Whether a try whose end is
    unknown made one is therefore not asked before ``search_lag_s`` have passed.
    """

    settings: Jira
    timeout_s: float
    now: Callable[[], datetime]
    name = "jira"
    at_least_once = False

    def send(self, parcel: Parcel, thread: str | None) -> str | None:
        """Make the incident's issue, or comment on it and close it when it is over.

        A closed issue is commented and stays closed. What is over and has no issue gets none.
        """
        with understanding("Jira"):
            key = thread or self._labelled(parcel)
            if key is not None and self._update(key, parcel):
                return key
            return None if parcel.note.event in _BEST else self._create(parcel)

    def find(self, parcel: Parcel, thread: str | None) -> str | None:
        """The issue, where its description or a comment bears the parcel's mark."""
        with understanding("Jira"):
            key = thread or self._labelled(parcel)
            if key is None:
                self._wait_for_search(parcel)
                return None
            return key if self._bears(key, jira_document.mark(parcel)) else None

    def _wait_for_search(self, parcel: Parcel) -> None:
        if parcel.begun_at is None:
            return
        lag = timedelta(seconds=self.settings.search_lag_s)
        left = (parcel.begun_at + lag - self.now()).total_seconds()
        if left > 0:
            raise DeliveryError(
                f"Jira's search may not know yet what a try begun at {parcel.begun_at:%H:%M:%S} "
                f"made; it is asked again in {left:.0f} s",
                left,
            )

    def _labelled(self, parcel: Parcel) -> str | None:
        jql = (
            f'project = "{self.settings.project}" AND '
            f'labels = "{jira_document.label(parcel.note.incident)}" ORDER BY created ASC'
        )
        asked = {"jql": jql, "maxResults": 1, "fields": ["status"]}
        issues = self._good(self._ask("POST", "search/jql", asked), 200).data.get("issues", [])
        return str(issues[0]["key"]) if issues else None

    def _create(self, parcel: Parcel) -> str:
        fields = {
            "project": {"key": self.settings.project},
            "issuetype": {"name": self.settings.issue_type},
            "summary": wording.cut(wording.headline(parcel.note), jira_document.SUMMARY),
            "description": jira_document.document(parcel),
            "labels": ["synthetic", jira_document.label(parcel.note.incident)],
        }
        try:
            answer = self._ask("POST", "issue", {"fields": fields})
        except DeliveryError as error:
            raise DeliveryError(str(error), self.settings.search_lag_s) from error
        if answer.status >= 500:  # it may have been made all the same
            wait = max(self.settings.search_lag_s, retry_after(answer.headers) or 0)
            raise DeliveryError(str(self._vendor.problem(answer, _said(answer))), wait)
        return str(self._good(answer, 201).data["key"])

    def _update(self, key: str, parcel: Parcel) -> bool:
        """Whether there still was an issue to comment on.

        The comment comes last: it is by the comment that a second try knows of the first.
        """
        note = parcel.note
        closed = self._close(key, note.event) if note.event in _BEST else True
        body = jira_document.document(parcel, "" if closed else _BY_HAND)
        answer = self._ask("POST", f"issue/{key}/comment", {"body": body})
        if answer.status == 404:
            return False
        self._good(answer, 201)
        return True

    def _close(self, key: str, event: Event) -> bool:
        """Whether the issue is done now, or gone."""
        answer = self._ask("GET", f"issue/{key}?fields=status")
        if answer.status == 404 or _is_done(self._good(answer, 200).data["fields"]["status"]):
            return True
        offered = self._good(self._ask("GET", f"issue/{key}/transitions"), 200).data
        ways = [one for one in offered.get("transitions", []) if _is_done(one["to"])]
        if not ways:
            return False
        best = min(ways, key=lambda way: _rank(way, event))
        made = self._ask("POST", f"issue/{key}/transitions", {"transition": {"id": best["id"]}})
        if made.status == 400:  # the workflow wants fields that only a person can fill
            _log.warning("Jira does not let %s be closed: %s", key, _said(made))
            return False
        self._good(made, 204)
        return True

    def _bears(self, key: str, mark: str) -> bool:
        issue = self._ask("GET", f"issue/{key}?fields=description")
        if issue.status == 404:
            return False
        fields = self._good(issue, 200).data["fields"]
        if jira_document.marked(fields.get("description")) == mark:
            return True
        answer = self._ask("GET", f"issue/{key}/comment?orderBy=-created&maxResults=100")
        comments = self._good(answer, 200).data.get("comments", [])
        return any(jira_document.marked(one.get("body")) == mark for one in comments)

    def _ask(self, method: str, path: str, body: Any = None) -> Answer:
        token = self.settings.token.get_secret_value() if self.settings.token else ""
        return self._vendor.ask(
            method,
            f"{str(self.settings.api_url).rstrip('/')}/rest/api/3/{path}",
            auth=(self.settings.user or "", token),
            headers={"Accept": "application/json"},
            **({} if body is None else {"json": body}),
        )

    def _good(self, answer: Answer, wanted: int) -> Answer:
        if answer.status == wanted and isinstance(answer.data, dict):
            return answer
        errors = answer.data.get("errors", {}) if isinstance(answer.data, dict) else {}
        if answer.status == 413 or (answer.status == 400 and _OURS & set(errors)):
            raise self._vendor.refusal(answer, _said(answer))
        raise self._vendor.problem(answer, _said(answer))

    @property
    def _vendor(self) -> Vendor:
        check = "SYNTHETIC_JIRA__API_URL, __USER, __TOKEN, __PROJECT and __ISSUE_TYPE"
        return Vendor("Jira", check, self.timeout_s)


def _is_done(status: dict[str, Any]) -> bool:
    return bool(status.get("statusCategory", {}).get("key") == "done")


def _rank(way: dict[str, Any], event: Event) -> int:
    names = _BEST[event]
    name = str(way["to"].get("name", "")).lower()
    return names.index(name) if name in names else len(names)


def _said(answer: Answer) -> str:
    data = answer.data if isinstance(answer.data, dict) else {}
    errors = [f"{field}: {text}" for field, text in data.get("errors", {}).items()]
    return wording.line("; ".join([*map(str, data.get("errorMessages", [])), *errors]), 300)
