"""Where commands of the documentation are executed: a folder of its own, without a network."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.main import get_command

from synthetic import settings
from synthetic.cli import app, main
from synthetic.standin import faults
from synthetic.standin.__main__ import parser as options_of_standin
from tests.documents import ROOT, Command

EXEMPT = tomllib.loads((ROOT / "tests/unit/docs/exempt.toml").read_text("utf-8"))
_SHELL = ("cat", "cp", "date", "grep", "id", "mkdir", "openssl", "sed")
"""Programs that are there for others' commands, beside those that do nothing."""
_STUB = """#!/bin/sh
printf '%s\\037' "${0##*/}" "$@" > "${0%/*}/../asked/$$"
"""
"""Does nothing, but leaves what it was asked, each word with a mark behind it."""
_ASSIGNED = re.compile(r"[A-Z][A-Z0-9_]*=")


def exemption(text: str, kind: str) -> str | None:
    """The exemption that a command falls under: what it begins with."""
    return next((one for one in EXEMPT[kind] if f"{text} ".startswith(f"{one} ")), None)


def usages() -> list[str]:
    """What others may be asked, each with the program's name in front."""
    return [f"{name} {usage}" for name, known in EXEMPT["usage"].items() for usage in known]


def takes(usage: str, words: Sequence[str]) -> bool:
    """Whether a command has all words of ``usage``, in order, and no option that it has not."""
    known = usage.split()
    options = {one for one in known if one.startswith("-")}
    said, rest = [], iter(words)
    for word in rest:
        name, given, _ = word.partition("=")
        if not word.startswith("-"):
            said.append(word)
        elif f"{name}=" in options:
            _ = given or next(rest, "")
        elif word not in options:
            return False
    begins = [one for one in known if one not in options]
    return said[: len(begins)] == begins


@dataclass
class Sandbox:
    """``exported`` are the variables that commands have set so far."""

    folder: Path
    exported: dict[str, str] = field(default_factory=dict)

    def run(self, command: Command) -> str | None:
        """What the command prints; None where it is exempt, and was looked at only."""
        words = command.words
        while words and (words[0] == "export" or _ASSIGNED.match(words[0])):
            name, assigned, value = words.pop(0).partition("=")
            self.exported |= {name: value} if assigned else {}
        if not words:
            return ""
        program, *arguments = words
        if program in ("synthetic", ".venv/bin/synthetic"):
            return self._ours(arguments)
        if program == "make":
            _told(["make", "-n", *arguments], ROOT)
            return None
        said = _told(["/bin/sh", "-e", "-c", command.text], self.folder, PATH=self._path())
        return None if self._asked_of_others() else said

    def _asked_of_others(self) -> bool:
        """Whether any was asked something just now, all of which they take."""
        left = sorted((self.folder / "asked").iterdir())
        for path in left:
            words = path.read_text("utf-8").split("\037")[:-1]
            assert any(takes(usage, words) for usage in usages()), f"{' '.join(words)}: unknown"
            path.unlink()
        return bool(left)

    def _path(self) -> str:
        """Where a shell finds the programs that may be run, and nothing else."""
        programs = self.folder / "bin"
        if not programs.exists():
            programs.mkdir()
            for name in _SHELL:
                (programs / name).symlink_to(str(shutil.which(name)))
            (self.folder / "asked").mkdir()
            for name in EXEMPT["others"]:
                (programs / name).write_text(_STUB, "utf-8")
                (programs / name).chmod(0o755)
        return str(programs)

    def _ours(self, arguments: list[str]) -> str | None:
        text = " ".join(["synthetic", *arguments])
        if exemption(text, "parsed"):
            parse(arguments)
            return None
        into = arguments[-1] if ">" in arguments else None
        said, wrong = StringIO(), StringIO()
        with self._inside(), redirect_stdout(said), redirect_stderr(wrong):
            code = main(arguments[:-2] if into else arguments)
        assert code in (0, *EXEMPT["answers"].get(text, ())), f"{text}: {code} {wrong.getvalue()}"
        if into:
            (self.folder / into).write_text(said.getvalue(), "utf-8")
        return said.getvalue()

    def settings_are_good(self) -> None:
        """What is exported can be read as settings."""
        with self._inside():
            settings.load()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        others = {name: one for name, one in os.environ.items() if not name.startswith("SYNTHETIC")}
        with (
            chdir(self.folder),
            patch.dict(os.environ, others | self.exported, clear=True),
            patch.object(socket.socket, "connect", _offline),
        ):
            yield


def parse(arguments: list[str]) -> None:
    """Hold arguments against the command that they are for, and do nothing."""
    if arguments[0] == "standin":
        asked = options_of_standin().parse_args(arguments[1:])
        faults.parse([*asked.fault, *asked.break_])
        return
    group: Any = get_command(app)
    group.commands[arguments[0]].callback = lambda **_: None
    group.main(arguments, prog_name="synthetic", standalone_mode=False)


def options_of(words: Sequence[str]) -> set[str]:
    """The options that a command takes, of which ``words`` begin with the name."""
    if words[0] == "standin":
        return set(options_of_standin()._option_string_actions)
    command: Any = get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        assert word in command.commands, f"there is no synthetic {word}"
        command = command.commands[word]
    return {one for option in command.params for one in (*option.opts, *option.secondary_opts)}


def _told(words: list[str], folder: Path, **environ: str) -> str:
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, env={**os.environ, **environ}
    )
    assert not done.returncode, f"{words}: {done.stderr} (is it in exempt.toml?)"
    return done.stdout


def _offline(_: socket.socket, address: object) -> None:
    raise OSError(f"nothing of the documentation asks {address}")
