"""One look at a time, each within its limit: right, wrong with its cure, or open."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from synthetic.errors import SyntheticError

State = Literal["right", "wrong", "open"]
LIMIT_S = 30.0


@dataclass(frozen=True)
class Open:
    """What a look found to be not set up, or not tried: nothing is wrong with that."""

    said: str


@dataclass(frozen=True)
class Check:
    """Something to look at: ``look`` says what it found, or raises the sentence with the cure.

    ``check`` is what to look at when it does not end within ``limit_s``.
    """

    name: str
    look: Callable[[], str | Open]
    check: str
    limit_s: float = LIMIT_S


@dataclass(frozen=True)
class Finding:
    """How one look ended, in a sentence."""

    name: str
    state: State
    said: str


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """Look at one after the other; what hangs is left behind at its limit."""
    for check in checks:
        yield _examined(check)


def _examined(check: Check) -> Finding:
    answers: queue.Queue[str | Open | Exception] = queue.Queue()

    def look() -> None:
        try:
            answers.put(check.look())
        except Exception as error:
            answers.put(error)

    threading.Thread(target=look, daemon=True, name=f"look at {check.name}").start()
    try:
        answer = answers.get(timeout=check.limit_s)
    except queue.Empty:
        said = f"it did not end within {check.limit_s:g} s; check {check.check}"
        return Finding(check.name, "wrong", said)
    if isinstance(answer, SyntheticError):
        return Finding(check.name, "wrong", str(answer))
    if isinstance(answer, Exception):
        said = f"it broke by {type(answer).__name__} ({answer}); check {check.check}"
        return Finding(check.name, "wrong", said)
    if isinstance(answer, Open):
        return Finding(check.name, "open", answer.said)
    return Finding(check.name, "right", answer)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 where nothing is wrong."""
    return int(any(one.state == "wrong" for one in findings))
