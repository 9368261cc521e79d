"""Acting from the alerts page: once, by name, kept, and only as it may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.dashboard.watched import Watched
from synthetic.store.history import Store
from synthetic.store.values import Alert, Incident
from tests import lives
from tests.dashboards import TOKEN, Visitor, visiting, watched

NOW = lives.NOW
RULE = "e-critical-error-rate"
WHO = "Ada\u202e\n<b>" + "x" * 100


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """An outage that one place was told of."""
    with Store.open(None, tmp_path) as store:
        began = NOW - timedelta(minutes=9)
        alert = Alert(RULE, (), "firing", began, 12.0, fired_at=NOW, seen=NOW)
        incident = Incident(
            "i-1", lives.TARGET, "errors", "Requests fail", "critical", began, ((RULE, ()),)
        )
        told = replace(incident, told="critical", told_to=(("slack", "#alerts"),))
        store.commit_round(lives.TARGET, [alert], (), [told])
        yield watched(store, tmp_path, token=TOKEN)


@pytest.fixture
def ada(seen: Watched) -> Iterator[Visitor]:
    """Somebody who gave the token."""
    with visiting(seen) as visitor:
        visitor.log_in()
        yield visitor


def incident(seen: Watched) -> Incident:
    (found,) = seen.store.incidents(lives.TARGET)
    return found


def said(seen: Watched) -> list[str]:
    return [one.note.event for one in seen.store.parcels("i-1")]


def test_who_takes_an_incident_is_kept_and_told(seen: Watched, ada: Visitor) -> None:
    answer = ada.press("/alerts/take", incident="i-1", who="Ada")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    assert incident(seen).acknowledged_by == "Ada (dashboard)"
    (parcel,) = seen.store.parcels("i-1")
    assert (parcel.note.event, parcel.place) == ("acknowledged", "#alerts")
    assert parcel.sent_at == NOW, "it was delivered, here to the console"
    assert "Ada (dashboard) has it." in ada.get("/alerts").text


def test_a_double_click_says_it_once(seen: Watched, ada: Visitor) -> None:
    for _ in range(2):
        assert ada.press("/alerts/take", incident="i-1", who="Ada").status_code == 303
    assert said(seen) == ["acknowledged"]


def test_somebody_else_may_take_it_over(seen: Watched, ada: Visitor) -> None:
    ada.press("/alerts/take", incident="i-1", who="Ada")
    ada.press("/alerts/take", incident="i-1", who="Eve")
    assert incident(seen).acknowledged_by == "Eve (dashboard)"


@pytest.mark.parametrize(("who", "kept"), [(WHO, "Ada <b>" + "x" * 32 + "…"), (" ", "somebody")])
def test_a_name_is_harmless_and_short(seen: Watched, ada: Visitor, who: str, kept: str) -> None:
    ada.press("/alerts/take", incident="i-1", who=who)
    assert incident(seen).acknowledged_by == f"{kept} (dashboard)"
    assert "<b>xxx" not in ada.get("/alerts").text


def test_what_is_not_open_cannot_be_taken(ada: Visitor) -> None:
    answer = ada.press("/alerts/take", incident="<script>", who="Ada")
    assert answer.status_code == 409
    assert "no open incident; open are: i-1" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("csrf", ["", "guessed"])
@pytest.mark.parametrize("address", ["take", "silence", "speak", "check"])
def test_a_form_of_another_site_does_nothing(
    seen: Watched, ada: Visitor, address: str, csrf: str
) -> None:
    form = {"csrf": csrf, "incident": "i-1", "match": "*", "length": "2h", "reason": "x"}
    assert ada.post(f"/alerts/{address}", form).status_code == 403
    assert incident(seen).acknowledged_at is None
    assert not seen.store.silences(NOW)


def test_without_the_token_nothing_is_done(seen: Watched) -> None:
    with visiting(seen) as stranger:
        answer = stranger.press("/alerts/take", incident="i-1", who="Eve")
        assert answer.headers["location"] == "/login?next=/alerts"
    assert incident(seen).acknowledged_at is None


def test_a_dashboard_without_a_token_only_shows(seen: Watched, tmp_path: Path) -> None:
    with visiting(watched(seen.store, tmp_path)) as stranger:
        assert "<form" not in stranger.get("/alerts").text
        assert stranger.press("/alerts/take", incident="i-1").status_code == 403


@pytest.mark.parametrize("address", ["take", "silence", "speak", "check"])
def test_looking_changes_nothing(ada: Visitor, address: str) -> None:
    assert ada.get(f"/alerts/{address}").status_code in (404, 405)


def test_a_silence_has_an_end_a_reason_and_somebody(seen: Watched, ada: Visitor) -> None:
    form = {"match": "errors", "length": "4h", "reason": "new <b>disk", "who": "Ada"}
    for _ in range(2):
        assert ada.press("/alerts/silence", **form).status_code == 303
    (kept,) = seen.store.silences(NOW)
    assert (kept.ends_at - NOW, kept.reason) == (timedelta(hours=4), "new <b>disk")
    assert (kept.by, kept.target) == ("Ada (dashboard)", lives.TARGET)
    assert "firing, silenced" in ada.get("/alerts").text
    assert ada.press("/alerts/speak", match="errors").status_code == 303
    assert not seen.store.silences(NOW)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"length": "-2h"}, "say for how long"),
        ({"length": "0m"}, "say for how long"),
        ({"length": ""}, "say for how long"),
        ({"reason": " "}, "needs a reason"),
        ({"match": "erorrs"}, "did you mean errors?"),
    ],
)
def test_a_silence_that_cannot_be(
    seen: Watched, ada: Visitor, form: dict[str, str], sentence: str
) -> None:
    whole = {"match": "errors", "length": "2h", "reason": "new disk", "who": "Ada", **form}
    answer = ada.press("/alerts/silence", **whole)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert not seen.store.silences(NOW)


def test_no_silence_can_be_ended_twice(ada: Visitor) -> None:
    assert "no silence of * holds" in ada.press("/alerts/speak", match="*").text
