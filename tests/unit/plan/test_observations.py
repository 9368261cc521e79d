"""What the store makes of runs is what derivations may look at, name by name."""

from __future__ import annotations

from typing import get_args

from synthetic.plan.model import Unit
from synthetic.plan.observations import LABEL_VALUES, OBSERVATIONS
from synthetic.results import Page, Request, Sample
from synthetic.store.observations import observations
from tests.runs import START, camera, failed, journey, recorded, run, step


def everything() -> list[Sample]:
    """Observations of a whole run, and of one in which all sorts of things failed."""
    steps = (step("recording uploaded", latency_ms=5.0, feature="recording"), failed("no", "Leak"))
    request = Request(
        endpoint="/api/sessions/join",
        method="POST",
        status=500,
        duration_ms=9,
        at=START,
        actor="guest",
        journey="meet",
        attempt=1,
        step="leave",
        expected=False,
    )
    page = Page(page="/", size="1280x720", journey="meet", step="leave", lcp_ms=900, cls=0.1)
    media = camera(glass_to_glass_ms={"p50": 20, "p95": 40}, packet_loss=0.01, interruptions=1)
    bad = run(
        journey(*steps),
        verdict="failed",
        origin="target",
        requests=[request],
        media=[media],
        pages=[page],
    )
    return [*observations(recorded()), *observations(bad)]


def test_the_store_makes_known_observations_with_known_labels() -> None:
    for one in everything():
        assert set(one.labels) <= set(OBSERVATIONS[one.metric].labels), one.metric


def test_the_store_makes_all_that_probes_and_the_watch_do_not() -> None:
    kinds = (
        "site_", "health_", "probe_", "certificate_", "cache_hit", "replication_lag",
        "source_", "watch_",
    )  # fmt: skip
    probed = {name for name in OBSERVATIONS if name.startswith(kinds)}
    rare = {"page_ttfb_ms", "page_fcp_ms", "page_inp_ms"}
    assert set(OBSERVATIONS) - probed - rare <= {one.metric for one in everything()}


def test_labels_with_known_values_have_no_others() -> None:
    for one in everything():
        for label, value in one.labels.items():
            assert value in LABEL_VALUES.get(label, (value,)), one


def test_every_observation_is_in_a_unit_of_the_plan() -> None:
    assert {one.unit for one in OBSERVATIONS.values()} <= set(get_args(Unit))
