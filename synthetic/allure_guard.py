"""Allure's evidence is an extra: a full disk takes it away, never the run's verdict."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Generator, Iterable
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import allure_commons

_BAD = ("failed", "broken")
_PARTS = ("parameters", "labels", "links", "attachments")
_TEXTS = ("name", "value", "url", "description", "message", "trace")
_log = logging.getLogger(__name__)
_Hook = TypeVar("_Hook", bound=Callable[..., object])


def _wrapping(hook: _Hook) -> _Hook:
    marked: _Hook = allure_commons.hookimpl(wrapper=True)(hook)
    return marked


def unusable(folder: Path) -> str | None:
    """Why Allure could not put results there, in a sentence; nothing where it can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except FileExistsError:
        why = "is no folder"
    except OSError as error:
        why = f"cannot be written: {error.strerror or error}"
    return f"Allure's evidence is left out: {folder} {why}; take it away, or make it writable"


class AllureGuard:
    """Wraps every hook by which Allure writes a file; its hooks go by parameter names.

    ``redact`` takes secrets out of all that a result says; ``trouble`` is the first thing that
    could not be written.
    """

    def __init__(self) -> None:
        self.redact: Callable[[str], str] = str
        self.trouble: str | None = None

    @_wrapping
    def report_result(self, result: Any) -> Generator[None, Any, Any]:
        """A test's result."""
        self._redact([result])
        return (yield from self._passing_over())

    @_wrapping
    def report_container(self, container: Any) -> Generator[None, Any, Any]:
        """A test's fixtures, of which those that worked are dozens and say nothing."""
        for name in ("befores", "afters"):
            broken = [one for one in getattr(container, name) if one.status in _BAD]
            setattr(container, name, broken)
            self._redact(broken)
        return (yield from self._passing_over())

    @_wrapping
    def report_attached_file(self) -> Generator[None, Any, Any]:
        """An attachment that is copied."""
        return (yield from self._passing_over())

    @_wrapping
    def report_attached_data(self) -> Generator[None, Any, Any]:
        """An attachment that is written."""
        return (yield from self._passing_over())

    @_wrapping
    def report_globals(self) -> Generator[None, Any, Any]:
        """What belongs to no test."""
        return (yield from self._passing_over())

    def _passing_over(self) -> Generator[None, Any, Any]:
        try:
            return (yield)
        except OSError as error:
            _log.warning("Allure's evidence could not be written: %s", error)
            self.trouble = self.trouble or f"Allure's evidence could not be written: {error}"
            return None

    def _redact(self, items: Iterable[Any]) -> None:
        for item in items:
            parts = [getattr(item, name, ()) for name in _PARTS]
            for one in (item, item.statusDetails, *chain.from_iterable(parts)):
                for name in _TEXTS:
                    if text := getattr(one, name, None):
                        setattr(one, name, self.redact(str(text)))
            self._redact(item.steps)
