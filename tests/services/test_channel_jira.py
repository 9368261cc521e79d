"""An incident is one issue, also where Jira's search lags behind; people's changes are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from synthetic._settings_channels import Jira
from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify.channels import jira_document
from synthetic.notify.channels.jira import JiraChannel
from tests.notes import INCIDENT, NOW, hostile, parcel
from tests.services.jira_server import PROJECT, TOKEN, USER, JiraServer, serving
from tests.services.vendor import Fault

LABEL = f"synthetic-{INCIDENT}"
LAG_S = 30


@pytest.fixture
def server() -> Iterator[JiraServer]:
    with serving() as jira:
        yield jira


class Clock:
    """A clock of our own and Jira's that goes on only when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def channel(server: JiraServer, clock: Clock | None = None, **more: Any) -> JiraChannel:
    settings = {"api_url": server.url, "user": USER, "token": TOKEN, "project": PROJECT}
    made = Jira.model_validate(settings | {"search_lag_s": LAG_S} | more)
    return JiraChannel(made, 1, clock or Clock())


def test_an_issue_is_made_commented_and_closed(server: JiraServer) -> None:
    jira = channel(server)
    key = jira.send(parcel(), None)
    assert key == "KUL-1"
    for event in ("raised", "resolved"):
        assert jira.send(parcel(event), key) == key
    issue = server.issues[key]
    assert issue.summary.startswith("🔴 CRITICAL: Error rate 12%")
    assert issue.labels == ["synthetic", LABEL]
    assert (len(issue.comments), issue.moves) == (2, ["Done"])


def test_an_issue_is_found_by_its_label_when_its_key_is_not_known(server: JiraServer) -> None:
    jira = channel(server)
    jira.send(parcel(), None)
    assert jira.send(parcel("resolved"), None) == "KUL-1"
    assert server.by_label[LABEL] == 1
    assert server.issues["KUL-1"].status == "Done"


def test_a_lost_answer_makes_no_second_issue_though_search_lags(server: JiraServer) -> None:
    clock = Clock()
    server.clock, server.lag_s = lambda: clock().timestamp(), 20
    jira = channel(server, clock)
    server.weather = lambda request: (
        Fault(0, lost=True) if request.path.endswith("/issue") else None
    )
    begun = parcel(begun_at=clock())
    with pytest.raises(DeliveryError, match="Jira did not answer") as said:
        jira.send(begun, None)
    assert said.value.retry_after_s == LAG_S
    clock.goes_on(5)
    with pytest.raises(DeliveryError, match="search may not know yet") as said:
        jira.find(begun, None)
    assert said.value.retry_after_s == LAG_S - 5
    clock.goes_on(said.value.retry_after_s)
    assert jira.find(begun, None) == "KUL-1"
    assert server.by_label[LABEL] == 1


def test_an_issue_that_a_gateway_lost_is_not_asked_for_before_the_lag(server: JiraServer) -> None:
    server.weather = lambda request: Fault(504) if request.path.endswith("/issue") else None
    with pytest.raises(DeliveryError, match="Jira answered 504") as said:
        channel(server).send(parcel(), None)
    assert said.value.retry_after_s == LAG_S


def test_what_is_not_there_after_the_lag_did_not_arrive(server: JiraServer) -> None:
    clock = Clock()
    begun = parcel(begun_at=clock())
    clock.goes_on(LAG_S)
    assert channel(server, clock).find(begun, None) is None


def test_the_same_update_is_found_and_another_is_not(server: JiraServer) -> None:
    jira = channel(server)
    key = jira.send(parcel(), None)
    jira.send(parcel("raised"), key)
    assert jira.find(parcel(), None) == jira.find(parcel("raised"), key) == key
    assert jira.find(parcel("resolved"), key) is None


def test_an_issue_that_somebody_described_anew_is_not_made_twice(server: JiraServer) -> None:
    jira = channel(server)
    jira.send(parcel(), None)
    server.issues["KUL-1"].description = jira_document.document(parcel(id="theirs"))
    assert jira.find(parcel(), None) is None
    assert jira.send(parcel(), None) == "KUL-1"
    assert server.by_label[LABEL] == 1


def test_a_closed_issue_is_commented_and_stays_closed(server: JiraServer) -> None:
    jira = channel(server)
    key = str(jira.send(parcel(), None))
    server.issues[key].status = "Done"
    jira.send(parcel("raised"), key)
    jira.send(parcel("resolved"), key)
    assert (server.issues[key].status, server.issues[key].moves) == ("Done", [])
    assert len(server.issues[key].comments) == 2


def test_closing_goes_on_after_a_crash_before_the_comment(server: JiraServer) -> None:
    jira = channel(server)
    key = jira.send(parcel(), None)
    server.weather = lambda request: Fault(503) if request.path.endswith("comment") else None
    with pytest.raises(DeliveryError, match="answered 503"):
        jira.send(parcel("resolved"), key)
    server.weather = None
    assert jira.find(parcel("resolved"), key) is None
    jira.send(parcel("resolved"), key)
    issue = server.issues[str(key)]
    assert (len(issue.comments), issue.moves) == (1, ["Done"])


def test_what_is_no_longer_watched_is_not_called_done(server: JiraServer) -> None:
    jira = channel(server)
    key = str(jira.send(parcel(), None))
    jira.send(parcel("superseded"), key)
    assert server.issues[key].moves == ["Won't Do"]


def test_without_a_way_to_done_the_comment_asks_for_a_hand(server: JiraServer) -> None:
    server.transitions = {"11": "In Progress"}
    jira = channel(server)
    key = str(jira.send(parcel(), None))
    jira.send(parcel("resolved"), key)
    assert "close it by hand" in str(server.issues[key].comments[0])


def test_a_transition_that_wants_more_asks_for_a_hand(server: JiraServer) -> None:
    jira = channel(server)
    key = str(jira.send(parcel(), None))
    body = '{"errorMessages":[],"errors":{"resolution":"Resolution is required."}}'
    server.weather = lambda request: (
        Fault(400, body=body)
        if (request.method, request.path[-11:]) == ("POST", "transitions")
        else None
    )
    jira.send(parcel("resolved"), key)
    assert "close it by hand" in str(server.issues[key].comments[0])


def test_what_is_over_and_has_no_issue_gets_none(server: JiraServer) -> None:
    assert channel(server).send(parcel("resolved"), None) is None
    assert not server.issues


def test_an_issue_that_was_deleted_is_made_anew_while_it_lasts(server: JiraServer) -> None:
    jira = channel(server)
    key = jira.send(parcel(), None)
    server.issues.clear()
    assert jira.send(parcel("resolved"), key) is None
    assert jira.send(parcel("raised"), key) == "KUL-1"


def test_what_is_hostile_is_taken_as_text(server: JiraServer) -> None:
    jira = channel(server)
    key = str(jira.send(hostile(incident='x" OR project = "Y'), None))
    jira.send(hostile("raised", incident='x" OR project = "Y'), key)
    assert server.by_label["synthetic"] == 1
    assert len(server.issues[key].comments) == 1


@pytest.mark.parametrize("wrong", [{"token": "wrong-token"}, {"user": "x@y.test"}, {"token": None}])
def test_a_wrong_account_is_said(server: JiraServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(
        DeliveryError, match=r"Jira answered 401: .*SYNTHETIC_JIRA__API_URL"
    ) as said:
        channel(server, **wrong).send(parcel(), None)
    assert "wrong-token" not in str(said.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"project": "NO"}, "does not exist"), ({"issue_type": "Epos"}, "issuetype")],
)
def test_a_wrong_project_or_type_is_a_setting(
    server: JiraServer, wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(DeliveryError, match=told) as said:
        channel(server, **wrong).send(parcel(), None)
    assert not isinstance(said.value, MessageRefused)


def test_a_message_at_fault_is_told_apart(server: JiraServer) -> None:
    body = '{"errorMessages":[],"errors":{"summary":"Summary must be shorter"}}'
    server.weather = lambda request: (
        Fault(400, body=body) if request.path.endswith("/issue") else None
    )
    with pytest.raises(MessageRefused, match="summary: Summary must be shorter"):
        channel(server).send(parcel(), None)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "7"}, 7),
        (429, {}, None),
        (503, {"Retry-After": "2"}, 2),
        (502, {}, None),
    ],
)
def test_what_may_pass_later_says_when(
    server: JiraServer, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    server.fault = Fault(status, headers=headers)
    with pytest.raises(DeliveryError) as said:
        channel(server).send(parcel(), None)
    assert said.value.retry_after_s == seconds


@pytest.mark.parametrize("body", ["<html>Log in</html>", "[]", '{"key": 1}', '{"issues": [5]}'])
def test_an_answer_of_somebody_else_is_not_taken_for_jiras(server: JiraServer, body: str) -> None:
    server.weather = lambda _: Fault(200, body=body)
    with pytest.raises(DeliveryError, match="Jira"):
        channel(server).send(parcel(), None)


def test_one_that_hangs_is_left(server: JiraServer) -> None:
    server.fault = Fault(0, hangs=True)
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.2 s"):
        replace(channel(server), timeout_s=0.2).send(parcel(), None)
