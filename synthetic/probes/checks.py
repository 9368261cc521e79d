"""What the checks of a health report say: states and figures. Pure.

A check tells its state by itself (``true``, ``"down"``), or by what it holds under ``status``,
``ok``, ``healthy``, ``error`` or a name such as ``canConnect``. Anything else that it holds is a
detail, of which only a plain word of failure counts: ``readOnly: false`` is nobody's outage.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from synthetic.wording import harmless

_GOOD = frozenset(
    {"ok", "yes", "true", "up", "healthy", "operational", "pass", "passed", "passing", "connected",
     "online", "available", "reachable", "ready", "running", "alive", "active", "success", "good"}
)  # fmt: skip
_BAD_ANYWHERE = frozenset(
    {"error", "failed", "down", "unreachable", "degraded", "outage", "unhealthy"}
)
_BAD = _BAD_ANYWHERE | {
    "no", "false", "not ok", "fail", "failing", "failure", "disconnected", "offline", "unavailable",
    "not ready", "not connected", "timeout", "timed out", "critical", "refused", "dead", "stopped",
    "broken", "partial outage", "major outage", "degraded performance",
}  # fmt: skip
_SILENT = frozenset({"not configured", "disabled"})
_STATES = re.compile(r"can[A-Z_]\w*|(?i:status|ok|healthy)")
_NO_ERROR: tuple[object, ...] = (None, False, 0, "", [], {}, "none", "null")
_GROUPS = ("external",)
"""What is no check, but holds some."""
_MILLISECONDS = {
    "us": 0.001, "µs": 0.001, "ms": 1, "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000,
    "m": 60_000, "min": 60_000, "minutes": 60_000,
}  # fmt: skip
_NUMBER = re.compile(r"(-?\d{1,20}(?:\.\d{1,20})?)\s*(%|[a-zµ]*)", re.IGNORECASE)
_USED = re.compile(r"(\d{1,20})(?:\s*/\s*\d{1,20})?(?:\s+[a-z ]{1,40})?", re.IGNORECASE)


class State(NamedTuple):
    """What a check says at ``path``; ``silent`` is what is not meant to be checked."""

    path: str
    verdict: Literal["works", "fails", "silent", "unclear"]
    said: str


def named(value: Any) -> Any:
    """A list of tables as a table, by the ``name`` that each has, else its place; others as is."""
    if not isinstance(value, list):
        return value
    table: dict[str, Any] = {}
    for place, one in enumerate(value):
        name = one.get("name") if isinstance(one, Mapping) else None
        table[name if isinstance(name, str) and name not in table else str(place)] = one
    return table


def each(checks: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every single check with its path, those of groups too."""
    for name, check in checks.items():
        parts = named(check)
        if name in _GROUPS and isinstance(parts, Mapping) and parts:
            yield from ((f"{short(name)}.{short(part)}", one) for part, one in parts.items())
        else:
            yield short(name), check


def states(check: Any, path: str, *, itself: bool = True) -> Iterator[State]:
    """All that a check says of its state; ``itself``: what stands here is a state, no detail."""
    check = named(check)
    if isinstance(check, Mapping):
        for key, value in check.items():
            here = f"{path}.{short(key)}"
            if key == "error":
                if value not in _NO_ERROR:
                    yield State(here, "fails", "")
            else:
                yield from states(value, here, itself=bool(_STATES.fullmatch(key)))
    elif itself and isinstance(check, bool):
        yield State(path, "works" if check else "fails", "")
    elif isinstance(check, str):
        yield from _word(check, path, itself)


def _word(said: str, path: str, itself: bool) -> Iterator[State]:
    word = re.sub(r"[\s_-]+", " ", said[:200]).strip().lower()
    if word in (_BAD if itself else _BAD_ANYWHERE):
        yield State(path, "fails", "")
    elif itself and word in _GOOD:
        yield State(path, "works", "")
    elif itself:
        yield State(path, "silent" if word in _SILENT else "unclear", short(said))


def works(check: Any) -> bool | None:
    """Whether all works that a check names; ``None``: unknown, as with ``not_configured``."""
    said = {state.verdict for state in states(check, "")}
    if "fails" in said:
        return False
    return True if "works" in said and "unclear" not in said else None


def says_nothing(check: Any) -> bool:
    """Whether there is neither a state nor a number in it."""
    return not (_has_number(check) or any(states(check, "")))


def _has_number(check: Any) -> bool:
    check = named(check)
    if isinstance(check, Mapping):
        return any(_has_number(one) for one in check.values())
    return milliseconds(check) is not None or count(check) is not None


def milliseconds(said: Any) -> float | None:
    """Of a plain number, which is of milliseconds, or a text such as ``1.5s``."""
    return _measured(said, _MILLISECONDS, "ms")


def seconds(said: Any) -> float | None:
    """Of a plain number, which is of seconds, or a text such as ``200ms``."""
    value = _measured(said, _MILLISECONDS, "s")
    return None if value is None else value / _MILLISECONDS["s"]


def percent(said: Any) -> float | None:
    """Of a share such as ``0.02``, or a text such as ``2%``; none for what is no share."""
    value = _measured(said, {"%": 1, "": 100}, "")
    return value if value is not None and 0 <= value <= 100 else None


def count(said: Any) -> float | None:
    """A number, or the first of a text such as ``12/100 used``."""
    if isinstance(said, str):
        found = _USED.fullmatch(said.strip())
        return float(found[1]) if found else None
    return _measured(said, {"": 1}, "")


def _measured(said: Any, units: Mapping[str, float], plain: str) -> float | None:
    """A number in the unit whose factor is 1; ``plain`` is the unit of one that names none."""
    if isinstance(said, str):
        found = _NUMBER.fullmatch(said.strip())
        factor = units.get(found[2].lower() or plain) if found else None
        return float(found[1]) * factor if found and factor is not None else None
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return float(said) * units[plain] if math.isfinite(said) else None
    except OverflowError:
        return None


def short(text: str) -> str:
    """The first of a text of theirs, harmless."""
    return harmless(text[:200])[:40]
