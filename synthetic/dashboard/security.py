"""Who may look and who may act: names of this host, the token, what other sites cannot forge. Pure.

On loopback everybody on this machine may look. Where others can reach us, or where a token is set
and something is to be changed, it takes the token: in a header, or in a cookie that the form at
``/login`` gives. Without a token nothing can be changed.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synthetic.errors import SettingsError
from synthetic.settings import Settings

COOKIE = "synthetic_session"
LASTS_S = 12 * 3600
CSRF = "csrf"
"""The name of the field by which a form shows that it is ours."""
SHORTEST = 16
"""Characters of a token that others than this machine may try."""
TRIES, PER_S = 5, 60.0
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        b"media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with no-referrer our own forms have no origin
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_MOST_CLIENTS = 1000


@dataclass(frozen=True)
class Access:
    """What a request needs."""

    token: str | None
    exposed: bool
    names: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, host: str) -> Access:
        """Access to a dashboard at an address; raises :class:`SettingsError` if it lies open."""
        known = settings.dashboard.token
        token = known.get_secret_value() if known else None
        names = frozenset(name.lower() for name in settings.dashboard.hosts)
        exposed = bool(names) or not is_loopback(host)
        if exposed and len(token or "") < SHORTEST:
            raise SettingsError(
                f"others than this machine can reach the dashboard at {host}: set "
                f"SYNTHETIC_DASHBOARD__TOKEN to {SHORTEST} characters or more, or stay on loopback"
            )
        return cls(token, exposed, names | {host.lower(), "localhost"})

    def names_us(self, host_header: str) -> bool:
        """Whether a request means this host: another's name may point here without its leave.

        A numeric address is nobody's name, so that no page of another site can have it.
        """
        name = _without_port(host_header)
        if is_loopback(name):
            return True
        return name in self.names or (self.exposed and _is_address(name))

    def knows_token(self, offered: str | None) -> bool:
        """Whether it is the token, in a time that tells nothing."""
        if self.token is None or offered is None:
            return False
        return hmac.compare_digest(offered.encode(), self.token.encode())

    @property
    def csrf(self) -> str:
        """What is in every form of ours, and no other site can read; as good as its ticket, so
        that a page that outlives a restart can still be used."""
        return self._signed(CSRF)

    def is_ours(self, form: Mapping[str, str]) -> bool:
        """Whether a form was made by one of our pages."""
        return hmac.compare_digest(form.get(CSRF, "").encode(), self.csrf.encode())

    def ticket(self, now_s: float) -> str:
        """What a cookie holds for whoever gave the token."""
        until = f"{now_s + LASTS_S:.0f}"
        return f"{until}.{self._signed(until)}"

    def holds(self, ticket: str, now_s: float) -> bool:
        """Whether a cookie is one of ours and still counts."""
        until, _, signature = ticket.partition(".")
        if self.token is None or not until.isdecimal() or len(until) > 12:
            return False
        genuine = hmac.compare_digest(signature.encode(), self._signed(until).encode())
        return genuine and int(until) > now_s

    def _signed(self, text: str) -> str:
        key = f"synthetic dashboard session {self.token}".encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of ours, as far as its browser tells; none is no site."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is not None:
        return origin.partition("://")[2].lower() == headers.get("host", "").lower()
    return True


class Tries:
    """How often somebody may be wrong: five times a minute, each address by itself."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: dict[str, list[float]] = {}

    def wait_s(self, client: str) -> float:
        """How long an address has to wait before it may try again."""
        recent = self._recent(client)
        return recent[0] + PER_S - self._clock() if len(recent) >= TRIES else 0.0

    def was_wrong(self, client: str) -> None:
        """Note a wrong try; of very many addresses the one that was first is forgotten."""
        recent = self._recent(client)
        self._wrong.pop(client, None)
        if len(self._wrong) >= _MOST_CLIENTS:
            del self._wrong[next(iter(self._wrong))]
        self._wrong[client] = [*recent, self._clock()]

    def _recent(self, client: str) -> list[float]:
        since = self._clock() - PER_S
        return [at for at in self._wrong.get(client, ()) if at > since]


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _without_port(host_header: str) -> str:
    name = host_header.lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]
