"""Whose fault a failure is: what went wrong, weighed against what the controls say; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from synthetic.errors import SyntheticError
from synthetic.results import Control, Origin

ControlName = Literal["machine", "clock", "network", "way out", "udp", "call", "mail", "target"]
# Whom a control that failed clears the target for, the surest first. That the target does not
# answer to a second look, either, is no excuse for it; a change of our network alone is none then.
_BLAMED_INSTEAD: Mapping[str, Origin] = {
    "clock": "runner",
    "network": "runner",
    "machine": "runner",
    "way out": "runner",
    "call": "runner",
    "udp": "runner",
    "mail": "dependency",
}
_OWN_WORDS: Mapping[Origin, str] = {
    "runner": "That is trouble of our own, and says nothing about the product",
    "dependency": "That is a service of ours, and says nothing about the product",
    "unknown": "That says neither that the product works nor that it does not",
    "target": "Nothing on our side explains it",
}
LONGEST_SENTENCE = 400


@dataclass(frozen=True)
class Ruling:
    """Whose fault, what happened and why we think so, in two sentences for a tired person."""

    origin: Origin
    what: str
    why: str
    controls: tuple[Control, ...] = ()

    @property
    def story(self) -> str:
        """Both sentences."""
        return f"{self.what} {self.why}"


def origin_of(error: BaseException) -> Origin:
    """Whose fault an error points at by itself; what nobody foresaw is our own."""
    return error.origin if isinstance(error, SyntheticError) else "runner"


def settle(error: BaseException, said: str, controls: Sequence[Control]) -> Ruling:
    """Weigh what happened (``said``, redacted) against the controls that were made.

    Only a suspicion against the target is weighed: an error that names our own side, or a service
    that we depend on, is believed, but for a way out that is gone, which takes every service along.
    """
    origin = origin_of(error)
    failed = [one for one in controls if one.ok is False and one.name in _BLAMED_INSTEAD]
    if origin == "target":
        return _of_the_target(said, controls, failed)
    lost = [one for one in failed if one.name == "way out"]
    if origin == "dependency" and lost:
        return _told("runner", said, _joined("It is our own network: ", lost), controls)
    return _told(origin, said, _OWN_WORDS[origin], controls)


def _of_the_target(said: str, controls: Sequence[Control], failed: Sequence[Control]) -> Ruling:
    silent = [one for one in controls if one.ok is False and one.name == "target"]
    doubtful = [*failed, *silent] if silent and [one.name for one in failed] == ["network"] else []
    if failed and not doubtful:
        worst = min(failed, key=lambda one: list(_BLAMED_INSTEAD).index(one.name))
        origin = _BLAMED_INSTEAD[worst.name]
        return _told(origin, said, _joined("But it is not the product's: ", failed), controls)
    open_questions = [one for one in controls if one.ok is None and one.name in _BLAMED_INSTEAD]
    if unsettled := [*doubtful, *open_questions]:
        why = _joined("Whose fault it is could not be settled: ", unsettled)
        return _told("unknown", said, why, controls)
    cleared = [one for one in controls if one.ok and one.name in ("call", "mail", "way out")]
    cleared = cleared or [one for one in controls if one.ok]
    why = _joined("The monitor works: ", cleared) if cleared else _OWN_WORDS["target"]
    return _told("target", said, why, controls)


def _joined(opening: str, controls: Sequence[Control]) -> str:
    return opening + "; ".join(one.said for one in controls)


def _told(origin: Origin, said: str, why: str, controls: Sequence[Control]) -> Ruling:
    return Ruling(origin, _sentence(" ".join(said.split())), _sentence(why), tuple(controls))


def _sentence(text: str) -> str:
    capped = text if len(text) <= LONGEST_SENTENCE else f"{text[: LONGEST_SENTENCE - 1]}…"
    return capped if capped.rstrip("'\"”)").endswith((".", "…", "!", "?")) else f"{capped}."
