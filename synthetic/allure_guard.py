"""Allure's evidence is an extra: a full disk takes it away, never the run's verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import allure_commons

_log = logging.getLogger(__name__)
_Hook = TypeVar("_Hook", bound=Callable[..., object])


def _wrapping(hook: _Hook) -> _Hook:
    marked: _Hook = allure_commons.hookimpl(wrapper=True)(hook)
    return marked


def _passing_over() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except OSError as error:
        _log.warning("Allure's evidence could not be written: %s", error)
        return None


class AllureGuard:
    """Wraps every hook by which Allure writes a file; its hooks go by parameter names."""

    @_wrapping
    def report_result(self) -> Generator[None, Any, Any]:
        """A test's result."""
        return (yield from _passing_over())

    @_wrapping
    def report_container(self) -> Generator[None, Any, Any]:
        """A test's fixtures."""
        return (yield from _passing_over())

    @_wrapping
    def report_attached_file(self) -> Generator[None, Any, Any]:
        """An attachment that is copied."""
        return (yield from _passing_over())

    @_wrapping
    def report_attached_data(self) -> Generator[None, Any, Any]:
        """An attachment that is written."""
        return (yield from _passing_over())
