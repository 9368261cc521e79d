"""Rounds of probes against the real stand-in, slow targets and busy callers."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path

import pytest

from synthetic.errors import SettingsError
from synthetic.plan.observations import LABEL_VALUES, OBSERVATIONS
from synthetic.probes.one_round import MESSAGES, PROFILE, SESSIONS
from synthetic.probes.prober import Probed, Prober
from synthetic.settings import load
from tests.unit.conftest import Answer, Web
from tests.unit.probes.rounds import GUEST, HEALTH, member, probing, settings, values
from tests.unit.standin.conftest import Standin


def test_a_round_at_the_stand_in_finds_everything_well(standin: Standin) -> None:
    person = standin.person()
    assert person.post("/api/auth/logout").status_code == 200
    probed = probing(member(standin.url))
    assert probed.findings == ()
    assert values(probed, "site_up") == values(probed, "health_up") == [1]
    assert values(probed, "health_database") == values(probed, "health_email") == [1]
    assert values(probed, "health_twilio") == []  # not configured there
    for endpoint in (SESSIONS, PROFILE):
        assert values(probed, "request_failed", endpoint=endpoint) == [0, 0]
        assert len(values(probed, "request_ms", endpoint=endpoint)) == 2


def test_all_that_a_round_leaves_is_known_to_the_plan(standin: Standin) -> None:
    for one in probing(member(standin.url)).samples:
        assert set(one.labels) <= set(OBSERVATIONS[one.metric].labels), one
        assert one.labels["location"] == "fra"
        assert one.labels["source"] == "probes"
        assert one.labels["source"] in LABEL_VALUES["source"]


def test_no_two_figures_of_a_series_share_a_moment(standin: Standin) -> None:
    samples = probing(member(standin.url)).samples
    keys = [(one.metric, *sorted(one.labels.items()), one.at) for one in samples]
    assert len(keys) == len(set(keys))


def test_a_round_makes_one_connection_or_few(standin: Standin) -> None:
    probed = probing(member(standin.url))
    assert 1 <= len(values(probed, "probe_connect_ms")) < len(values(probed, "request_ms"))


def test_messages_are_read_where_the_account_has_a_session(standin: Standin) -> None:
    async def twice(prober: Prober) -> Probed:
        await prober.round()
        return await prober.round()

    assert not values(probing(member(standin.url), twice), "request_ms", endpoint=MESSAGES)
    person = standin.client()
    standin.clock.ahead += 2  # a code may be asked for again
    person.post("/api/auth/login", json={"email": GUEST})
    person.post("/api/auth/verify-otp", json={"email": GUEST, "code": standin.code(GUEST)})
    made = person.post("/api/sessions/create", json={"title": "Standing"})
    assert made.status_code == 201
    standin.clock.ahead = 0
    probed = probing(member(standin.url), twice)
    assert values(probed, "request_failed", endpoint=MESSAGES) == [0, 0]


def test_it_signs_in_once_over_many_rounds(standin: Standin) -> None:
    before = len(standin.mails(GUEST))

    async def thrice(prober: Prober) -> Probed:
        await prober.round()
        await prober.round()
        return await prober.round()

    assert values(probing(member(standin.url), thrice), "request_failed", endpoint=PROFILE)
    assert len(standin.mails(GUEST)) == before + 1


def test_codes_and_cookies_are_nowhere_to_be_read(
    standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    probers = []

    async def remembered(prober: Prober) -> Probed:
        probers.append(prober)
        return await prober.round()

    probed = probing(member(standin.url), remembered)
    cookies = [str(one.value) for one in probers[0]._known.member.cookies]
    assert cookies
    told = " ".join([*probed.findings, caplog.text, *map(repr, probed.samples), repr(probers[0])])
    for secret in (standin.code(GUEST), *cookies):
        assert secret
        assert secret not in told
    assert cookies[0] not in probers[0]._redactor.text(f"cookie: {cookies[0]}")


def test_without_a_mailbox_it_says_so_and_probes_the_rest(standin: Standin) -> None:
    probed = probing(settings(standin.url))
    (finding,) = probed.findings
    assert "SYNTHETIC_INBOX__URL" in finding
    assert values(probed, "request_failed", endpoint=HEALTH) == [0]
    assert not values(probed, "request_failed", endpoint=PROFILE)


def test_without_a_target_there_is_nothing_to_probe() -> None:
    with pytest.raises(SettingsError, match="SYNTHETIC_BASE_URL"):
        probing(load(Path("/nonexistent"), {}))


def test_rounds_never_pile_up(product: Web) -> None:
    going_on, enough = threading.Event(), threading.Event()

    def slow() -> None:
        going_on.set()
        enough.wait(5)

    product.answers["/"] = Answer(b"", 200, {}, slow)

    async def three_at_once(prober: Prober) -> Probed:
        first = asyncio.create_task(prober.round())
        await asyncio.to_thread(going_on.wait, 5)
        others = [asyncio.create_task(prober.round()) for _ in range(2)]
        await asyncio.sleep(0)
        enough.set()
        for other in others:
            left_out = await other
            assert left_out.samples == ()
            assert left_out.findings == (
                "a round of probes was left out: the one before was slow.",
            )
        assert prober.skipped == 2
        return await first

    assert values(probing(settings(product.url), three_at_once), "site_up") == [1]


def test_a_caller_that_is_busy_bends_no_time(product: Web) -> None:
    async def beside_work(prober: Prober) -> Probed:
        going_on = asyncio.create_task(prober.round())
        await asyncio.sleep(0)
        time.sleep(0.5)  # of this event loop
        return await going_on

    probed = probing(settings(product.url), beside_work)
    assert max(values(probed, "site_ms") + values(probed, "health_ms")) < 400


def test_a_round_that_is_given_up_leaves_nothing_behind(product: Web) -> None:
    going_on, enough = threading.Event(), threading.Event()

    def slow() -> None:
        going_on.set()
        enough.wait(5)

    product.answers["/"] = Answer(b"", 200, {}, slow)

    async def cancelled(prober: Prober) -> Probed:
        first = asyncio.create_task(prober.round())
        await asyncio.to_thread(going_on.wait, 5)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return Probed((), ())

    probing(settings(product.url), cancelled)
    enough.set()
    assert not [one for one in threading.enumerate() if one.name == "probes"]
