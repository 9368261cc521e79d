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
from dataclasses import dataclass
from typing import IO

import httpx

from synthetic.errors import RunnerError

STANDIN = "stand-in"
STANDIN_HEADER = "X-Synthetic-Standin"
CODE_LIFETIME_S = "8"
"""Short enough for a journey to wait until a code has expired."""
_READY_WITHIN_S = 20
_STOPPED_WITHIN_S = 3
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


def label_of(base_url: str, timeout_s: float) -> str:
    """How records name the target: a stand-in is recognised by what it answers."""
    try:
        answer = httpx.get(base_url, timeout=timeout_s)
    except httpx.HTTPError as error:
        # The journeys will say so; a label needs no answer.
        _log.info("no answer from %s yet: %s", base_url, error)
        return base_url
    return STANDIN if STANDIN_HEADER in answer.headers else base_url


def revision() -> str | None:
    """The revision that a CI system says it is looking at."""
    return os.environ.get("GITHUB_SHA") or os.environ.get("VERCEL_GIT_COMMIT_SHA")
