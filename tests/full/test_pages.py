"""How pages load: web vitals of landing, dashboard and room, at desktop and phone size."""

import pytest

from synthetic.journeys.actor import PHONE
from synthetic.journeys.journey import Journey
from synthetic.journeys.pages import look_at_pages
from synthetic.pytest_actors import SignedIn


@pytest.mark.full
def test_pages_load_at_a_desk(journey: Journey, signed_in: SignedIn) -> None:
    host = signed_in("host")
    look_at_pages(journey, host, size="desktop")


@pytest.mark.full
def test_pages_load_on_a_phone(journey: Journey, signed_in: SignedIn) -> None:
    host = signed_in("host", size=PHONE)
    look_at_pages(journey, host, size="phone")
