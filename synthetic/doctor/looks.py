"""What needs no browser: target, accounts, codes, plan, history, cameras, and where figures go."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx

from synthetic import __version__
from synthetic._settings_product import Accounts
from synthetic.asking import Vendor
from synthetic.doctor.checkup import Check, Open
from synthetic.errors import DeliveryError, ReportsNotWritable, SettingsError, SourceError
from synthetic.inbox import open_mailbox
from synthetic.journeys.first_visit import by_client
from synthetic.journeys.target import STANDIN, label_of
from synthetic.media import camera, microphone
from synthetic.pages.table import locators
from synthetic.plan.load import load as load_plan
from synthetic.probes.site import health_ok, site_accessible
from synthetic.settings import Settings
from synthetic.sources.gather import Sources
from synthetic.store.opening import store_of

_CAMERAS_S = 120.0  # the first time, pictures are drawn
_NOTE = "looked at by doctor"
_EMPTY_TRACE = b'{"resourceSpans": []}'


def checks(settings: Settings) -> Iterator[Check]:
    """All of them, what needs least first."""
    wait_s = 3 * settings.step_timeout_s
    yield Check("settings", lambda: _pages(settings), "synthetic.toml")
    yield Check("plan", lambda: _plan(settings), "SYNTHETIC_PLAN_DIR")
    yield Check("reports", lambda: _reports(settings), "SYNTHETIC_REPORTS_DIR")
    yield Check("store", lambda: _store(settings), "SYNTHETIC_STORE_URL")
    yield Check("cameras", lambda: _cameras(settings), "SYNTHETIC_MEDIA_DIR", _CAMERAS_S)
    yield Check("target", lambda: _target(settings), "SYNTHETIC_BASE_URL", wait_s)
    yield Check("accounts", lambda: _accounts(settings), "SYNTHETIC_ACCOUNTS__STANDING")
    yield Check("mailbox", lambda: _mailbox(settings), "SYNTHETIC_INBOX__URL")
    yield Check("sinks", lambda: _sinks(settings), "the systems that figures are pushed to")
    limit_s = 3 * settings.feeds.timeout_s * max(1, len(settings.feeds.on))
    yield Check("sources", lambda: _sources(settings), "SYNTHETIC_FEEDS__ON", limit_s)


def _pages(settings: Settings) -> str:
    locators(settings.pages)
    own = sum(len(table) for table in settings.pages.values())
    return f"every one is known; {own or 'none'} of the locators are your own"


def _plan(settings: Settings) -> str:
    plan = load_plan(settings.plan_dir, settings.plan_values)
    rules = sum(row.alerts for row in plan.rows)
    origin = settings.plan_dir or "the package"
    return f"{len(plan.metrics)} metrics and {rules} rules, from {origin}"


def _reports(settings: Settings) -> str:
    folder = settings.reports_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ReportsNotWritable(
            f"run records cannot be written to {folder}: {error.strerror or error}; make the "
            "folder writable, or set SYNTHETIC_REPORTS_DIR"
        ) from error
    return f"run records can be written to {folder}"


def _store(settings: Settings) -> str:
    with store_of(settings) as store:
        store.keep_note(_NOTE, datetime.now(UTC).isoformat())
    kind = "the database of SYNTHETIC_STORE_URL" if settings.store_url else "a file of reports"
    return f"history can be read and written, in {kind}"


def _cameras(settings: Settings) -> str:
    with tempfile.TemporaryDirectory() as folder:
        camera.write_feed(Path(folder) / "host.mjpeg", "host", 1, settings.media_dir)
    microphone.cached_feed("host", settings.media_dir)
    return "pictures and sound for cameras and microphones can be made"


def _target(settings: Settings) -> str | Open:
    if settings.base_url is None:
        return Open("none is set, so the stand-in is used: `synthetic init` sets yours up")
    url = str(settings.base_url)
    agent = {"User-Agent": f"synthetic/{__version__}"}
    limit_s = settings.step_timeout_s
    with httpx.Client(headers=agent, timeout=limit_s, follow_redirects=True) as client:
        by_client(settings.target_pass, url, client)
        site_ms = site_accessible(client, url)
        health_ok(client, url)
    name = "a stand-in" if _is_standin(settings) else url
    return f"{name} answers after {site_ms:.0f} ms, and says that it is well"


def _is_standin(settings: Settings) -> bool:
    return label_of(str(settings.base_url), lambda: store_of(settings)) == STANDIN


def _accounts(settings: Settings) -> str | Open:
    accounts, stock = settings.accounts, Accounts()
    if settings.base_url is None or _is_standin(settings):
        return Open("the stand-in brings its own")
    left = [
        name
        for name, mine, its in (
            ("FRESH", accounts.fresh, stock.fresh),
            ("STANDING", accounts.standing, stock.standing),
        )
        if mine == its
    ]
    if left:
        names = " and ".join(f"SYNTHETIC_ACCOUNTS__{name}" for name in left)
        raise SettingsError(
            f"the stand-in's addresses stand in {names}: set some whose codes you can read"
        )
    return f"one that signs up anew, and {len(accounts.standing)} standing"


def _mailbox(settings: Settings) -> str | Open:
    inbox, accounts = settings.inbox, settings.accounts
    if settings.base_url is None and inbox.url is None and inbox.kind != "fixed":
        return Open("the stand-in brings its own")
    asked = (accounts.fresh, *accounts.standing) if inbox.kind == "fixed" else accounts.standing[:1]
    with closing(open_mailbox(inbox)) as box:
        for address in asked:
            box.ids_to(address)
    if not inbox.delivers:
        return f"codes can be had ({inbox.kind}): issued, not delivered, so mails are not proved"
    return f"mails can be read ({inbox.kind})"


def _sinks(settings: Settings) -> str | Open:
    limit_s, exports = settings.sink_timeout_s, settings.exports
    good = []
    if settings.pushgateway_url:
        address = f"{str(settings.pushgateway_url).rstrip('/')}/-/ready"
        _ask(Vendor("the Pushgateway", "SYNTHETIC_PUSHGATEWAY_URL", limit_s), "GET", address)
        good.append("the Pushgateway")
    if exports.victoriametrics_url:
        address = f"{str(exports.victoriametrics_url).rstrip('/')}/health"
        check = "SYNTHETIC_EXPORTS__VICTORIAMETRICS_URL"
        _ask(Vendor("VictoriaMetrics", check, limit_s), "GET", address)
        good.append("VictoriaMetrics")
    if exports.otlp_url:
        named = {name: one.get_secret_value() for name, one in exports.otlp_headers.items()}
        headers = {"Content-Type": "application/json", **named}
        check = "SYNTHETIC_EXPORTS__OTLP_URL and __OTLP_HEADERS"
        vendor = Vendor("the OTLP collector", check, limit_s)
        _ask(vendor, "POST", str(exports.otlp_url), content=_EMPTY_TRACE, headers=headers)
        good.append("the OTLP collector")
    return f"ready: {', '.join(good)}" if good else Open("figures are pushed nowhere")


def _ask(vendor: Vendor, method: str, url: str, **how: object) -> None:
    answer = vendor.ask(method, url, **how)
    if not 200 <= answer.status < 300:
        raise DeliveryError(f"{vendor.name} answered {answer.status}; check {vendor.check}")


def _sources(settings: Settings) -> str | Open:
    if not settings.feeds.on:
        return Open("none is switched on: `synthetic sources --recipes` lists what there is")

    async def read() -> tuple[str, ...]:
        async with Sources.open(settings, clock=lambda: datetime.now(UTC)) as sources:
            return (await sources.gather()).troubles

    if troubles := asyncio.run(read()):
        raise SourceError(" ".join(troubles))
    return f"read: {', '.join(settings.feeds.on)}"
