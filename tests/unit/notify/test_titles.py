"""Where a cause is broad, the title names what its alerts are of."""

from __future__ import annotations

from tests.unit.notify.transcript import PLAN, Stage, only, opened


def titled(stage: Stage, *happens: str) -> str:
    """The title of the first note that is told when all this happens."""
    return opened(stage, *happens)[0].note.title


def naming_places() -> Stage:
    """Rules for the site, of which one names where it is down."""
    rows = tuple(
        row.model_copy(update={"names": "location"}) if row.id == "site" else row
        for row in PLAN.rows
    )
    return Stage(PLAN.model_copy(update={"rows": rows}))


def test_where_a_cause_is_broad_the_title_names_what_its_alerts_are_of() -> None:
    stage = naming_places()
    assert titled(stage, "+site@eu") == "CRITICAL: The site is down (eu) · kulti.test"
    assert "The site is down (us)" in titled(stage, "+site@us", "-site@eu")
    over = titled(stage, "-site@us")
    assert over == "Resolved after 2 min: The site is down (eu, us) · kulti.test"


def test_the_title_names_all_that_is_broken_or_nothing() -> None:
    stage = naming_places()
    assert "The site is down (eu)" in titled(stage, "+site@eu")
    stage.do("+backup 50")
    stage.tick()
    assert only(stage).title == "The site is down"


def test_a_name_of_nothing_but_harmful_signs_is_none() -> None:
    found = titled(naming_places(), "+site@\u202e\u200b")
    assert found == "CRITICAL: The site is down · kulti.test"
