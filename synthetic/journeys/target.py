"""The target of a run: the one that settings name, or an embedded stand-in."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from synthetic.errors import RunnerError, StoreError

if TYPE_CHECKING:
    from synthetic.store.history import Store

STANDIN = "stand-in"
STANDIN_HEADER = "X-Synthetic-Standin"
CODE_LIFETIME_S = "8"
"""Short enough for a journey to wait until a code has expired."""
_READY_WITHIN_S = 20
_STOPPED_WITHIN_S = 3
_ANSWER_WITHIN_S = 3
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EmbeddedStandin:
    """A stand-in process of our own; it ends with us, however we end."""

    process: subprocess.Popen[str]
    errors: IO[str]

    @classmethod
    def start(cls) -> EmbeddedStandin:
        """Start it; :meth:`ready` waits until it serves."""
        # A file rather than a pipe: a pipe that nobody drains would stop it.
        errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115, closed by stop()
        lives = ["--with-parent", "--code-lifetime", CODE_LIFETIME_S]
        command = [sys.executable, "-m", "synthetic.standin", *lives]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
        return cls(process, errors)

    def ready(self) -> dict[str, str]:
        """The settings by which to use it; raises :class:`RunnerError` if it does not come up."""
        lines: queue.Queue[str] = queue.Queue()
        output = self.process.stdout
        if output is not None:
            threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
        try:
            env: dict[str, str] = json.loads(lines.get(timeout=_READY_WITHIN_S))["env"]
        except (queue.Empty, json.JSONDecodeError) as error:
            self.stop()
            raise RunnerError(
                f"the embedded stand-in did not come up within {_READY_WITHIN_S} s; "
                "`synthetic standin` shows why"
            ) from error
        return env

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(_STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            _log.warning("the stand-in did not stop by itself and was killed")
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.errors.close()


def label_of(base_url: str, opened: Callable[[], AbstractContextManager[Store]]) -> str:
    """How records name the target: a stand-in is recognised by what it answers.

    One that does not answer now is what last answered at its address, as far as the history that
    ``opened`` gives knows; what nobody ever saw answer is called by its address.
    """
    label = _answering(base_url)
    if label is None:
        try:
            with opened() as store:
                label = STANDIN if store.note(_note(base_url)) else base_url
        except StoreError as error:  # a name is not worth a run
            _log.warning("what %s was is not known: %s", base_url, error)
    return label or base_url


def remember(store: Store, base_url: str, label: str) -> None:
    """Keep how an address was named, for when nothing answers there."""
    known, is_standin = bool(store.note(_note(base_url))), label == STANDIN
    if known != is_standin:
        store.keep_note(_note(base_url), is_standin)


def _note(base_url: str) -> str:
    return f"stand-in at {base_url}"


def _answering(base_url: str) -> str | None:
    """The name of what answers; none without an answer. No body is read."""
    try:
        # On this machine nobody stands between: one with a bad certificate is told by its name.
        trusting = on_loopback(base_url)
        with httpx.stream("GET", base_url, timeout=_ANSWER_WITHIN_S, verify=not trusting) as answer:
            return STANDIN if STANDIN_HEADER in answer.headers else base_url
    except httpx.HTTPError as error:
        # The journeys will say so; a label needs no answer.
        _log.info("no answer from %s yet: %s", base_url, error)
        return None


def on_loopback(base_url: str) -> bool:
    """Whether the target is on this machine."""
    return urlsplit(base_url).hostname in _LOOPBACK


def revision() -> str | None:
    """The revision that a CI system says it is looking at."""
    return os.environ.get("GITHUB_SHA") or os.environ.get("VERCEL_GIT_COMMIT_SHA")
