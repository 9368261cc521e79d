"""The way into a protected target: a first visit that shows a pass, and is given a cookie for it.

Nothing but that visit carries the pass, and it asks the target's own origin only: what pages load
from others never meets it, and no page waits for us, as it would if requests were changed on their
way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from synthetic._settings_product import TargetPass
from synthetic.errors import SettingsError

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

Get = Callable[[str, Mapping[str, str]], tuple[int, str | None]]
"""Asks for an address with headers, keeps cookies and follows nothing: status, where it leads."""
NO_PASS = TargetPass()
_MOST_STEPS = 5
_KEPT_OUT = (401, 403)
_CURE = "see what SYNTHETIC_TARGET_PASS__NAME and …__VALUE should be, and …__SENT_AS"
_log = logging.getLogger(__name__)


def by_client(target_pass: TargetPass, base_url: str, client: httpx.Client) -> None:
    """Make the visit for a client. Where nothing answers, its own requests will say so."""

    def get(address: str, headers: Mapping[str, str]) -> tuple[int, str | None]:
        with client.stream("GET", address, headers=headers, follow_redirects=False) as answer:
            return answer.status_code, answer.headers.get("location")

    try:
        show(target_pass, base_url, get)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.warning("the first visit to %s came to nothing: %s", base_url, type(error).__name__)
    except SettingsError:
        client.close()
        raise


def by_browser(target_pass: TargetPass, base_url: str, context: BrowserContext) -> None:
    """Make the visit for a browser's context, whose pages then have the cookie."""
    from playwright.sync_api import Error as PlaywrightError

    def get(address: str, headers: Mapping[str, str]) -> tuple[int, str | None]:
        answer = context.request.get(address, headers=dict(headers), max_redirects=0)
        return answer.status, answer.headers.get("location")

    try:
        show(target_pass, base_url, get)
    except PlaywrightError:  # its text holds the headers that were sent
        _log.warning("the first visit to %s came to nothing", base_url)


def show(target_pass: TargetPass, base_url: str, get: Get) -> None:
    """Make the visit, if there is a pass; raises :class:`SettingsError` when it does not open."""
    sent = target_pass.sent()
    if not sent:
        return
    as_header = target_pass.sent_as == "header"
    address = base_url if as_header else f"{base_url}?{urlencode(sent)}"
    for _ in range(_MOST_STEPS):
        status, leads_to = get(address, sent if as_header else {})
        if status in _KEPT_OUT:
            raise SettingsError(f"the target answers {status} in spite of its pass: {_CURE}")
        if not leads_to:
            return
        try:
            # Browsers take \ for /, so that a host may hide before it.
            address = urljoin(address, leads_to.replace("\\", "/"))
            elsewhere = _origin(address) != _origin(base_url)
        except ValueError:  # a host or port that none can be
            said = f"the target sends us to no address in spite of its pass: {_CURE}"
            raise SettingsError(said) from None
        if elsewhere:
            host = urlsplit(address).hostname
            raise SettingsError(f"the target sends us to {host} in spite of its pass: {_CURE}")


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
