"""One question about an observation does for all that is made of it."""

from __future__ import annotations

import pytest

from synthetic.evaluate.gauges import Gauging
from synthetic.plan.model import Metric
from tests.histories import asking
from tests.plans import derived, plan

BY = derived("errors", "count", "error", by=["feature"], where={"suite": "smoke"})
BEST = derived("rate", "share", "error", prefer=["traffic", "probes"])
NEW = derived("new", "newcomers", "error", by=["fingerprint"], witness="run")
OTHER = derived("other", "count", "run", by=["suite", "location"])


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ([BY, OTHER], {"feature", "suite"}),
        ([BY, BEST], {"feature", "suite", "source"}),
        ([BY, NEW], None),  # what tells an error from others is all its labels
    ],
)
def test_the_labels_that_any_looks_at_are_kept(made: list[Metric], kept: set[str] | None) -> None:
    assert Gauging(plan(*made), asking([])).looked_at("error") == kept
