"""What the stand-in can be told to get wrong: the table ``faults.toml``, looked up at a few points.

A fault sets one ``effect`` at one ``point``. A point is an API endpoint
(``POST /api/auth/signup``), a page (``page room``; ``page`` is every one, and handed to its
scripts), ``button``, ``mail``, ``code``, ``login``, ``session``, ``leave``, ``socket``, ``chat``,
``recording``, ``health`` or ``certificate`` (looked at once, at the start: then it serves HTTPS).
Whoever owns a point asks :meth:`Faults.at` or :meth:`Faults.get` and knows nothing of names. Of two
faults that set one effect, the later counts.
"""

from __future__ import annotations

import difflib
import random
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Any

Effect = str | int | float | bool

_RANGES = {"share": (0, 1), "people": (1, 99), "days": (-30, 3650)}
_RANGE = (0, 3600)


@dataclass(frozen=True)
class Fault:
    """One way to misbehave, the feature and step that must catch it, and whose fault it then is.

    ``journey`` is "smoke", or the name of the one test to run, whose step it is. ``verdict``
    is of the run: a figure past its alert line degrades, and what harms nobody passes. ``unit`` is
    set when ``NAME=VALUE`` is allowed; ``value`` is then the default. ``security``: it shows or
    gives somebody what is another's.
    """

    name: str
    breaks: str
    feature: str
    step: str
    journey: str
    point: str
    effect: str
    value: Effect
    origin: str = "target"
    verdict: str = "failed"
    unit: str | None = None
    security: bool = False


def _catalogue() -> Iterator[Fault]:
    text = resources.files("synthetic.standin").joinpath("faults.toml").read_text("utf-8")
    table = tomllib.loads(text)
    lines: dict[str, dict[str, Any]] = {}
    for product in table["products"].values():
        lines |= _multiplied(product["places"], product["kinds"])
    for name, line in (lines | table["faults"]).items():
        step = table["steps"][line["step"]]
        if line.get("origin") == "unknown":
            line["verdict"] = "inconclusive"
        where = {"feature": step["feature"], "journey": step.get("journey", "smoke")}
        yield Fault(name=name, **{**where, **line})


def _multiplied(
    places: Mapping[str, Mapping[str, Any]], kinds: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    lines = {}
    for (place, at), (kind, how) in ((p, k) for p in places.items() for k in kinds.items()):
        line = {**at, **how}
        line["breaks"] = f"{line.pop('what', line['point'])} {line.pop('does')}"
        lines[f"{place}-{kind}"] = line
    return lines


CATALOGUE: tuple[Fault, ...] = tuple(_catalogue())


@dataclass
class Faults:
    """The faults in force: ``effects[point][effect]`` is the value, ``asked`` how they were asked
    for. Whoever owns a point shares this one, so that they can be changed while all goes on.

    Each is in force in a share of ``chance`` of the occasions; ``random`` gives numbers from 0 to
    below 1.
    """

    effects: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)
    chance: float = 1.0
    random: Callable[[], float] = random.random
    asked: tuple[str, ...] = ()

    def become(self, requests: Iterable[str]) -> None:
        """These and no others, from now on.

        Raises :class:`ValueError` as :func:`parse` does, which changes nothing.
        """
        asked = tuple(dict.fromkeys(requests))
        self.effects, self.asked = _effects(asked), asked

    def at(self, point: str) -> Mapping[str, Effect]:
        """Every effect in force at ``point`` this time: to be asked once an occasion."""
        here = self.effects.get(point, MappingProxyType({}))
        return {effect: value for effect, value in here.items() if self.random() < self.chance}

    def get(self, point: str, effect: str) -> Effect | None:
        """The value of one effect this time, or None when all is well."""
        return self.at(point).get(effect)

    def number(self, point: str, effect: str, default: float) -> float:
        """The value of an effect that is a number, or ``default`` when all is well."""
        return float(self.at(point).get(effect, default))


def listing() -> list[dict[str, object]]:
    """The catalogue as ``--list-faults`` prints it."""
    hidden = {"point", "effect", "value"}
    return [{k: v for k, v in asdict(fault).items() if k not in hidden} for fault in CATALOGUE]


def parse(
    requests: Iterable[str], chance: float = 1.0, random: Callable[[], float] = random.random
) -> Faults:
    """The faults asked for as ``NAME`` or ``NAME=VALUE``.

    Raises :class:`ValueError` with one sentence for an unknown name or a value that does not fit.
    """
    faults = Faults(chance=chance, random=random)
    faults.become(requests)
    return faults


def _effects(requests: Iterable[str]) -> dict[str, dict[str, Effect]]:
    known = {fault.name: fault for fault in CATALOGUE}
    effects: dict[str, dict[str, Effect]] = {}
    for request in requests:
        name, given, text = request.partition("=")
        fault = known.get(name)
        if fault is None:
            raise ValueError(_unknown(name, known))
        value = _value(fault, text) if given else fault.value
        effects.setdefault(fault.point, {})[fault.effect] = value
    return effects


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0)
    return f"There is no fault {name!r}; did you mean {near[0]!r}? --list-faults shows them all."


def _value(fault: Fault, text: str) -> Effect:
    if fault.unit is None:
        raise ValueError(f"The fault {fault.name!r} takes no value; write --fault {fault.name}.")
    least, most = _RANGES.get(fault.unit, _RANGE)
    try:
        value = float(text)
    except ValueError:
        value = least - 1.0
    if not least <= value <= most:
        raise ValueError(
            f"The fault {fault.name!r} takes a number of {fault.unit} from {least} to {most}, "
            f"not {text!r}."
        )
    return value
