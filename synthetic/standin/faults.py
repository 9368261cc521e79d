"""What the stand-in can be told to get wrong: a table, read at a few points of the application.

A fault sets one ``effect`` at one ``point``. A point is an API endpoint
(``POST /api/auth/signup``), ``mail``, ``leave``, ``chat``, ``health``, or ``page`` (handed to the
page's scripts). Whoever owns a point asks :meth:`Faults.get` or :meth:`Faults.at` and knows
nothing of names.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

Effect = str | int | float | bool


@dataclass(frozen=True)
class Fault:
    """One way to misbehave, the feature and step that must catch it, and whose fault it then is.

    ``unit`` is set when ``NAME=VALUE`` is allowed; ``value`` is then the default.
    """

    name: str
    breaks: str
    feature: str
    step: str
    point: str
    effect: str
    value: Effect
    origin: str = "target"
    unit: str | None = None


def _answers(
    name: str, status: int, feature: str, step: str, endpoint: str, origin: str = "target"
) -> Fault:
    breaks = f"{endpoint} answers {status}"
    return Fault(name, breaks, feature, step, endpoint, "status", status, origin)


CATALOGUE: tuple[Fault, ...] = (
    _answers("signup-500", 500, "signup", "sign-up code arrives", "POST /api/auth/signup"),
    _answers(
        "rate-limited", 429, "signup", "sign-up code arrives", "POST /api/auth/signup", "unknown"
    ),
    _answers("login-500", 500, "login", "log-in code arrives", "POST /api/auth/login"),
    _answers("list-500", 500, "dashboard", "dashboard loads", "GET /api/sessions/list"),
    _answers("create-500", 500, "session_create", "create session", "POST /api/sessions/create"),
    _answers("join-500", 500, "session_join", "join session", "POST /api/sessions/join"),
    _answers("token-500", 500, "session_join", "join session", "POST /api/hms/token"),
    Fault(
        "otp-not-sent", "no code is mailed", "signup", "sign-up code arrives", "mail", "copies", 0
    ),
    Fault(
        "otp-twice",
        "each code is mailed twice",
        "signup",
        "sign-up code arrives",
        "mail",
        "copies",
        2,
    ),
    Fault(
        "otp-late",
        "each code is mailed late",
        "signup",
        "sign-up code arrives",
        "mail",
        "delay_s",
        30.0,
        unit="seconds",
    ),
    Fault(
        "dashboard-no-create",
        "the dashboard has no Create session button",
        "dashboard",
        "dashboard loads",
        "page",
        "create_button",
        "missing",
    ),
    Fault(
        "join-not-listed",
        "people who join later are not added to the participant list",
        "session_join",
        "join session",
        "page",
        "participants",
        "stale",
    ),
    Fault(
        "video-black",
        "the camera is sent as a black picture",
        "video",
        "video both ways",
        "page",
        "send_camera",
        "black",
    ),
    Fault(
        "video-frozen",
        "the camera is sent as one picture, again and again",
        "video",
        "picture and sound last",
        "page",
        "send_camera",
        "frozen",
    ),
    Fault(
        "video-self",
        "one's own picture is shown in the other's tile",
        "video",
        "video both ways",
        "page",
        "show_camera",
        "self",
    ),
    Fault(
        "video-covered",
        "an opaque layer lies over the other's picture",
        "video",
        "video both ways",
        "page",
        "show_camera",
        "covered",
    ),
    Fault(
        "audio-silent",
        "the microphone is sent as silence",
        "video",
        "hear each other",
        "page",
        "send_microphone",
        "silent",
    ),
    Fault(
        "chat-lost",
        "messages are accepted but reach nobody",
        "chat",
        "chat, host to guest",
        "chat",
        "lost",
        True,
    ),
    Fault(
        "share-black",
        "a shared screen is sent as a black picture",
        "screen_share",
        "share screen",
        "page",
        "send_screen",
        "black",
    ),
    Fault(
        "leave-ignored",
        "who leaves stays in everybody's list",
        "leave",
        "leave",
        "leave",
        "ignored",
        True,
    ),
    Fault(
        "health-database",
        "the database check of the health endpoint fails",
        "health",
        "health ok",
        "health",
        "database",
        "failing",
    ),
    Fault(
        "health-lies",
        "health says ok over a failing database check",
        "health",
        "health ok",
        "health",
        "database",
        "hidden",
    ),
)


@dataclass(frozen=True)
class Faults:
    """The faults in force: ``effects[point][effect]`` is the value."""

    effects: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)

    def at(self, point: str) -> Mapping[str, Effect]:
        """Every effect in force at ``point``."""
        return self.effects.get(point, MappingProxyType({}))

    def get(self, point: str, effect: str) -> Effect | None:
        """The value of one effect, or None when all is well."""
        return self.at(point).get(effect)

    def number(self, point: str, effect: str, default: float) -> float:
        """The value of an effect that is a number, or ``default`` when all is well."""
        return float(self.at(point).get(effect, default))


def listing() -> list[dict[str, object]]:
    """The catalogue as ``--list-faults`` prints it."""
    shown = ("name", "breaks", "feature", "step", "origin", "unit")
    return [{key: asdict(fault)[key] for key in shown} for fault in CATALOGUE]


def parse(requests: Iterable[str]) -> Faults:
    """The faults asked for as ``NAME`` or ``NAME=VALUE``.

    Raises :class:`ValueError` with one sentence for an unknown name or a value that does not fit.
    """
    known = {fault.name: fault for fault in CATALOGUE}
    effects: dict[str, dict[str, Effect]] = {}
    for request in requests:
        name, given, text = request.partition("=")
        fault = known.get(name)
        if fault is None:
            raise ValueError(_unknown(name, known))
        value = _value(fault, text) if given else fault.value
        effects.setdefault(fault.point, {})[fault.effect] = value
    return Faults(effects)


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0)
    return f"There is no fault {name!r}; did you mean {near[0]!r}? --list-faults shows them all."


def _value(fault: Fault, text: str) -> Effect:
    if fault.unit is None:
        raise ValueError(f"The fault {fault.name!r} takes no value; write --fault {fault.name}.")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise ValueError(
            f"The fault {fault.name!r} takes a number of {fault.unit} from 0 to 3600, not {text!r}."
        )
    return value
