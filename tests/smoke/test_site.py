"""Daily checks 1 and 5 of the plan (Part F): the site answers, and says that it is well."""

import httpx
import pytest

from synthetic.journeys.certificates import look_at_certificate
from synthetic.journeys.journey import Journey
from synthetic.probes.site import health_ok, site_accessible


@pytest.mark.smoke
def test_site_is_up(journey: Journey, client: httpx.Client, target_url: str) -> None:
    with journey.step("site accessible", feature="site", actor="probe") as step:
        step.lasted(site_accessible(client, target_url))
    look_at_certificate(journey, target_url)

    with journey.step("health ok", feature="health", actor="probe") as step:
        step.lasted(health_ok(client, target_url))
