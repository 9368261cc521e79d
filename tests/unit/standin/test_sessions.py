"""Sessions over HTTP: create, list, join, leave, end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def create(person: httpx.Client, title: str = "Review") -> dict[str, Any]:
    session: dict[str, Any] = person.post("/api/sessions/create", json={"title": title}).json()[
        "session"
    ]
    return session


def titles(person: httpx.Client) -> list[str]:
    return [one["title"] for one in person.get("/api/sessions/list").json()["sessions"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_created_session_is_listed_for_its_creator_only(standin: Any) -> None:
    person, other = standin.person(), standin.person()
    create(person, "First")
    create(person, "Second")
    assert titles(person) == ["Second", "First"]
    assert titles(other) == []


@pytest.mark.parametrize("by", ["code", "shouted code", "link", "link as code"])
def test_a_session_is_joined_by_code_or_link(standin: Any, by: str) -> None:
    session, guest = create(standin.person(), by), standin.person()
    link = f"https://any.where/session/{session['id']}"
    asked = {
        "code": {"code": session["code"]},
        "shouted code": {"code": f" {session['code'].upper()} "},
        "link": {"link": link},
        "link as code": {"code": link},
    }[by]
    assert guest.post("/api/sessions/join", json=asked).json()["session"]["id"] == session["id"]
    assert titles(guest) == [by]


@pytest.mark.parametrize("code", ["abc-defg-hjk", "https://x.test/session/none", "' OR 1=1 --"])
def test_an_unknown_session_is_not_found(standin: Any, code: str) -> None:
    answer = standin.person().post("/api/sessions/join", json={"code": code})
    assert refusal(answer) == (404, "session_unknown")


def test_an_ended_session_is_gone(standin: Any) -> None:
    person = standin.person()
    session = create(person)
    assert person.post(f"/api/sessions/{session['id']}/end").status_code == 200
    assert refusal(person.post("/api/sessions/join", json={"code": session["code"]})) == (
        410,
        "session_ended",
    )
    assert refusal(person.post("/api/hms/token", json={"session_id": session["id"]}))[0] == 410
    assert person.get(f"/session/{session['id']}").status_code == 410
    assert titles(person) == []


def test_a_fifth_person_finds_the_session_full_until_somebody_leaves(standin: Any) -> None:
    people = [standin.person() for _ in range(5)]
    session = create(people[0])
    join = {"code": session["code"]}
    for person in people[1:4]:
        assert person.post("/api/sessions/join", json=join).status_code == 200
    assert refusal(people[4].post("/api/sessions/join", json=join)) == (409, "session_full")
    assert people[1].post(f"/api/sessions/{session['id']}/leave").status_code == 200
    assert people[4].post("/api/sessions/join", json=join).status_code == 200


def test_joining_twice_takes_one_place(standin: Any) -> None:
    session, guest = create(standin.person()), standin.person()
    for _ in range(6):
        answer = guest.post("/api/sessions/join", json={"code": session["code"]})
        assert answer.status_code == 200


def test_only_the_creator_ends_a_session(standin: Any) -> None:
    session, guest = create(standin.person()), standin.person()
    guest.post("/api/sessions/join", json={"code": session["code"]})
    answer = guest.post(f"/api/sessions/{session['id']}/end")
    assert refusal(answer) == (403, "not_the_creator")


def test_only_who_is_in_it_can_leave_a_session(standin: Any) -> None:
    session = create(standin.person())
    answer = standin.person().post(f"/api/sessions/{session['id']}/leave")
    assert refusal(answer) == (403, "not_a_member")


@pytest.mark.parametrize(
    ("title", "status"),
    [("", 422), ("   ", 422), (None, 422), (5, 422), ("a\0b", 422), ("x" * 121, 413)],
)
def test_a_title_that_cannot_be_shown_is_refused(standin: Any, title: object, status: int) -> None:
    answer = standin.person().post("/api/sessions/create", json={"title": title})
    assert answer.status_code == status
