"""Allure's evidence is an extra: a full disk takes it away, never the run's verdict."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, TypeVar

import allure_commons

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

    ``redact`` takes secrets out of what it says of errors and parameters; ``trouble`` is the first
    thing that could not be written.
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
        """A test's fixtures."""
        self._redact([*container.befores, *container.afters])
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
            if item.statusDetails:
                item.statusDetails.message = self.redact(item.statusDetails.message or "")
                item.statusDetails.trace = self.redact(item.statusDetails.trace or "")
            for parameter in item.parameters:
                parameter.value = self.redact(str(parameter.value))
            self._redact(item.steps)
