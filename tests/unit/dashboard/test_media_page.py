"""Media: whoever did not see somebody is told, and nothing old passes for news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from synthetic.dashboard.views.media import MediaSeen, view
from synthetic.dashboard.watched import Watched
from synthetic.results import Media, Run
from synthetic.store.history import Store
from tests import lives
from tests.dashboards import watched

NOW = lives.NOW
HOUR = timedelta(hours=1)


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    with Store.open(None, tmp_path) as store:
        yield watched(store, tmp_path)


def camera(journey: str, attempt: int, identity: str) -> Media:
    return Media.model_validate(
        {"kind": "camera", "from": "host", "to": "guest", "identity": identity,
         "journey": journey, "attempt": attempt, "step": "video"}
    )  # fmt: skip


def met(seen: Watched, before: timedelta, *media: Media, **more: object) -> None:
    plain = lives.run(lives.Life(NOW), NOW - before, "eu-west", int(before.total_seconds()))
    run = Run.model_validate({**plain.__dict__, "media": media, **more})
    seen.store.save_run(run, NOW)


def shown(seen: Watched) -> MediaSeen:
    return view(seen, {})


def test_the_last_attempt_of_each_journey_counts_and_the_worst_is_told(seen: Watched) -> None:
    met(
        seen, HOUR, camera("meet", 1, "absent"), camera("reconnect", 1, "absent"),
        camera("reconnect", 2, "match"),
    )  # fmt: skip
    page = shown(seen)
    assert page.standing.state == "failed"
    assert page.standing.said == "Picture from host to guest (eu-west): never came"


def test_a_second_attempt_takes_the_place_of_the_first(seen: Watched) -> None:
    met(seen, HOUR, camera("meet", 1, "absent"), camera("meet", 2, "match"))
    assert shown(seen).standing.state == "ok"


def test_while_nobody_gets_so_far_the_last_meeting_is_no_news(seen: Watched) -> None:
    met(seen, 2 * HOUR, camera("meet", 1, "match"))
    met(seen, HOUR, verdict="failed", origin="target")
    page = shown(seen)
    assert (page.standing.state, page.standing.said) == (
        "unknown", "nobody got as far as meeting (eu-west)"
    )  # fmt: skip
    (one,) = page.matrices
    assert (one.state, one.blocked, one.cells[0][1][0].word) == (
        "unknown", True, "then as it should be"
    )  # fmt: skip


def test_a_run_that_was_to_show_nobody_stands_in_no_way(seen: Watched) -> None:
    met(seen, 2 * HOUR, camera("meet", 1, "match"))
    met(seen, HOUR)
    assert shown(seen).standing.state == "ok"


def test_an_old_meeting_is_unknown_by_now(seen: Watched) -> None:
    met(seen, 4 * HOUR, camera("meet", 1, "match"))
    page = shown(seen)
    assert (page.standing.state, page.standing.said) == ("unknown", "nobody has met of late")


def test_where_nobody_ever_met_it_is_said(seen: Watched) -> None:
    met(seen, HOUR, verdict="failed", origin="target")
    (one,) = shown(seen).matrices
    assert (one.state, one.people) == ("unknown", ())
