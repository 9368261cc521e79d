"""What a round makes of a target that says what it is told to say."""

from __future__ import annotations

import itertools
import json
import ssl
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trustme

from synthetic.errors import RateLimited
from synthetic.inbox.leases import leased
from synthetic.probes.one_round import MESSAGES, PROFILE, READ_ONLY, SESSIONS
from synthetic.probes.prober import Probed, Prober
from tests.unit.conftest import Answer, Web
from tests.unit.probes.rounds import GUEST, HEALTH, now, probing, settings, values, well
from tests.unit.probes.servers import raw, says


def test_cache_hits_are_counted(product: Web) -> None:
    assert values(probing(settings(product.url)), "cache_hit") == [1]
    product.page("Hello", x_vercel_cache="MISS")
    assert values(probing(settings(product.url)), "cache_hit") == [0]
    product.page("Hello", x_vercel_cache="MISS", cache_control="public, max-age=0, must-revalidate")
    assert values(probing(settings(product.url)), "cache_hit") == []


def test_a_site_that_is_broken_is_not_up(product: Web) -> None:
    product.put("/", "", 503)
    probed = probing(settings(product.url))
    assert values(probed, "site_up") == [0]
    assert any("answered 503; the plan expects 200" in one for one in probed.findings)


def test_a_target_that_is_gone_is_down_and_fails_every_request() -> None:
    probed = probing(settings("http://127.0.0.1:9"))
    assert values(probed, "site_up") == values(probed, "health_up") == [0]
    assert values(probed, "request_failed", endpoint=HEALTH) == [1]
    assert not values(probed, "site_ms")


def test_that_our_own_network_is_gone_is_held_against_nobody() -> None:
    known = settings("http://no-such-host.invalid", CONTROLS__TCP="127.0.0.1:9")
    probed = probing(known)
    assert probed.samples == ()
    assert probed.findings == (
        "nothing can be reached from here, so nothing is held against the target.",
    )


def test_with_a_way_out_it_is_the_target_that_is_gone() -> None:
    with raw(says()) as port:
        known = settings("http://no-such-host.invalid", CONTROLS__TCP=f"127.0.0.1:{port}")
        probed = probing(known)
    assert values(probed, "site_up") == [0]


def test_a_lying_health_report_is_not_up(product: Web) -> None:
    product.put(HEALTH, well(checks={"database": False}))
    probed = probing(settings(product.url))
    assert values(probed, "health_up") == values(probed, "health_database") == [0]
    assert any("says 'ok' while these checks fail: database" in one for one in probed.findings)
    assert values(probed, "request_failed", endpoint=HEALTH) == [0]  # it answered


def test_too_many_requests_are_no_failure_and_are_followed_by_a_pause(product: Web) -> None:
    asked = itertools.count()
    product.answers[HEALTH] = Answer(b"", 429, {"Retry-After": "60"}, lambda: next(asked))
    product.put("/", "", 429, Retry_After="0")
    first: list[Probed] = []

    async def twice(prober: Prober) -> Probed:
        first.append(await prober.round())
        return await prober.round()

    second = probing(settings(product.url), twice)
    for probed in (*first, second):
        told = {one.metric for one in probed.samples}
        assert not told & {"site_up", "health_up", "request_failed"}
    assert any("left alone for 60 s" in one for one in first[0].findings)
    assert any("/api/health is left alone for a while" in one for one in second.findings)
    assert next(asked) == 1


def test_clocks_that_differ_are_found_and_do_not_make_health_stale(product: Web) -> None:
    product.answers["/"] = Answer(b"", 200)

    def ahead() -> datetime:
        return now() + timedelta(minutes=10)

    probed = probing(settings(product.url), clock=ahead)
    assert "the target's clock is 600 s behind ours: which is wrong?" in probed.findings
    assert values(probed, "health_up") == [1]


SENT_AWAY = (302, {"Location": "/login?next=/api/users/profile"})


@pytest.mark.parametrize(
    ("every_s", "anew", "failed"), [("3600", False, []), ("0.001", True, [1, 1])]
)
@pytest.mark.parametrize("refusal", [(401, {}), (307, {"Location": "/login"}), SENT_AWAY])
def test_an_old_log_in_is_made_anew_when_it_may_be(
    product: Web,
    signing_in: list[str],
    refusal: tuple[int, dict[str, str]],
    every_s: str,
    anew: bool,
    failed: list[float],
) -> None:
    """What a new one is refused, too, has failed; without one, nobody knows."""

    async def taken_no_more(prober: Prober) -> Probed:
        product.put(PROFILE, "{}", 200)
        assert values(await prober.round(), "request_failed", endpoint=PROFILE) == [0, 0]
        product.put(PROFILE, "{}", refusal[0], **refusal[1])
        return await prober.round()

    product.put(SESSIONS, "{}", 429)
    known = settings(product.url, PROBES__SIGN_IN_EVERY_S=every_s)
    probed = probing(known, taken_no_more)
    assert (len(signing_in) > 1) is anew
    assert values(probed, "request_failed", endpoint=PROFILE) == failed
    assert failed or any("log-in is taken no more" in one for one in probed.findings)


def test_a_target_that_takes_no_more_log_ins_is_left_alone_by_its_members(
    product: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sign_in(*_: object, **__: object) -> bool:
        raise RateLimited("too many log-ins")

    monkeypatch.setattr("synthetic.probes.member.sign_in", sign_in)
    paused: list[dict[str, float]] = []

    async def one(prober: Prober) -> Probed:
        probed = await prober.round()
        paused.append(prober._known.paused_until)
        return probed

    probed = probing(settings(product.url), one)
    assert set(paused[0]) == set(READ_ONLY)
    assert values(probed, "site_up") == values(probed, "health_up") == [1]


def test_a_log_in_without_a_cookie_is_none(product: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthetic.probes.member.sign_in", lambda *_, **__: True)
    probed = probing(settings(product.url))
    assert any("gave it no cookie to be known by" in one for one in probed.findings)
    assert not values(probed, "request_failed", endpoint=PROFILE)


def test_while_all_accounts_are_lent_it_waits_its_turn(product: Web, signing_in: list[str]) -> None:
    product.put(SESSIONS, "{}", 200)
    product.put(PROFILE, "{}", 200)
    known = settings(product.url, ACCOUNTS__STANDING=GUEST)

    async def lent_at_first(prober: Prober) -> Probed:
        with leased([GUEST], str(known.base_url), patience_s=0):
            assert not values(await prober.round(), "request_failed", endpoint=PROFILE)
            assert not signing_in
        return await prober.round()

    assert values(probing(known, lent_at_first), "request_failed", endpoint=PROFILE) == [0, 0]


@pytest.mark.parametrize("refusal", [401, 403, 307])
def test_a_log_in_that_is_never_taken_is_told_and_held_against_nobody(
    product: Web, signing_in: list[str], refusal: int
) -> None:
    """A product may know its members by something else than a cookie."""
    for endpoint in (SESSIONS, PROFILE):
        product.put(endpoint, "{}", refusal, Location="/login")
    probed = probing(settings(product.url))
    assert len(signing_in) == 1
    assert not values(probed, "request_failed", endpoint=SESSIONS)
    assert not values(probed, "request_failed", endpoint=PROFILE)
    assert any("the target never took the log-in" in one for one in probed.findings)


@pytest.mark.parametrize("once", [200, 404])
def test_an_endpoint_fails_that_once_worked_and_now_refuses(
    product: Web, signing_in: list[str], once: int
) -> None:
    """One that never worked may want something else than we ask for."""
    product.put(SESSIONS, "{}")

    async def and_then(prober: Prober) -> Probed:
        product.put(PROFILE, "{}", once)
        await prober.round()
        product.put(PROFILE, "{}", 403)
        return await prober.round()

    probed = probing(settings(product.url), and_then)
    assert len(signing_in) == 1
    assert values(probed, "request_failed", endpoint=PROFILE) == [1, 1] * (once == 200)
    assert f"{PROFILE} answered 403 to somebody who is signed in." in probed.findings


def test_an_error_of_the_server_is_always_a_failure(product: Web, signing_in: list[str]) -> None:
    product.put(PROFILE, "{}", 500)
    assert values(probing(settings(product.url)), "request_failed", endpoint=PROFILE) == [1, 1]
    assert signing_in


@pytest.mark.parametrize("chosen", [{}, {"PROBES__SESSION": "s-1"}])
def test_messages_that_were_never_to_be_had_are_no_failure(
    product: Web, signing_in: list[str], chosen: dict[str, str]
) -> None:
    """A session may have ended since it was listed; of one that the settings name it is told."""
    product.put(SESSIONS, json.dumps({"sessions": [{"id": "s-1"}]}))
    product.put(PROFILE, "{}")
    product.put(MESSAGES, "{}", 404)

    async def twice(prober: Prober) -> Probed:
        await prober.round()
        return await prober.round()

    probed = probing(settings(product.url, **chosen), twice)
    assert signing_in
    assert not values(probed, "request_failed", endpoint=MESSAGES)
    told = f"{MESSAGES} answered 404 to somebody who is signed in." in probed.findings
    assert told is bool(chosen)


def test_what_is_a_member_s_own_must_not_come_from_a_cache(
    product: Web, signing_in: list[str]
) -> None:
    product.put(PROFILE, "{}", cf_cache_status="HIT")
    probed = probing(settings(product.url))
    assert signing_in
    assert f"{PROFILE} is answered from a cache, which others than us share." in probed.findings


def test_a_redirect_of_an_endpoint_takes_no_cookie_along(
    product: Web, signing_in: list[str]
) -> None:
    with raw(lambda _: pytest.fail("the cookie went elsewhere")) as port:
        product.put(PROFILE, "", 302, Location=f"http://127.0.0.1:{port}/")
        probed = probing(settings(product.url))
    assert signing_in
    assert not values(probed, "request_failed", endpoint=PROFILE)
    assert any(f"{PROFILE} answered 302" in one for one in probed.findings)


def test_a_certificate_is_part_of_the_round(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = authority.issue_cert("localhost", not_after=now() + timedelta(days=40))
    own.configure_cert(theirs)
    with raw(says(Connection="close"), theirs) as port:
        known = settings(f"https://localhost:{port}", PROBES__CA_FILE=str(tmp_path / "ca.pem"))
        probed = probing(known)
    assert values(probed, "certificate_days") == [pytest.approx(40, abs=0.01)]
    assert values(probed, "site_up") == [1]
    assert values(probed, "probe_tls_ms")


def test_a_bad_certificate_still_has_days() -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("other.test", not_after=now() - timedelta(days=2)).configure_cert(
        theirs
    )
    with raw(says(Connection="close"), theirs) as port:
        probed = probing(settings(f"https://localhost:{port}"))
    assert values(probed, "certificate_days") == [pytest.approx(-2, abs=0.01)]
    assert values(probed, "site_up") == [0]
    told = " ".join(probed.findings)
    assert "expired 2.0 days ago" in told
    assert "is for other.test" in told
