"""Endpoints: however many there are, the worst are shown."""

from __future__ import annotations

from pathlib import Path

from synthetic.dashboard.views.endpoints import view
from synthetic.results import Sample
from synthetic.store.history import Store
from tests import lives
from tests.dashboards import watched


def test_of_very_many_endpoints_the_worst_are_shown(tmp_path: Path) -> None:
    """By the alphabet, the slow one would come last."""
    samples = [
        Sample(
            metric="request_ms",
            value=9000 if number == 99 else 40,
            at=lives.NOW - lives.MINUTE * (again + 1),
            labels={"endpoint": f"/api/x{number:02}", "source": "probes", "location": "eu-west"},
        )
        for number in range(100)
        for again in range(30)
    ]
    with Store.open(None, tmp_path) as store:
        store.add_samples(lives.TARGET, samples, lives.NOW)
        page = view(watched(store, tmp_path), {})
    assert "/api/x99" in {one.endpoint for one in page.rows}
    assert len(page.rows) == 60
    assert page.more > 0
