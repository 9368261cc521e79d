"""What ``synthetic init`` writes into the repository of a product: a gate before its deploys."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from synthetic.commands.init_files import Change, difference, lines_of
from synthetic.errors import UsageError

WORKFLOW = Path(".github/workflows/synthetic.yml")
WHERE = "Folder of your product's repository, for a gate before its deploys; empty for none"
FROM = "This project on GitHub, as OWNER/NAME@COMMIT"
_FROM = re.compile(r"([\w.-]+/[\w.-]+)@([\w./-]+)", re.ASCII)
_ORIGIN = re.compile(r".*\bgithub\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?", re.ASCII)
_TEXT = """\
# Written by `synthetic init`: may a pull request be deployed? As `target` put the address of its
# preview; docs/ci.md of {name} says what else can be set.
name: Gate

on:
  pull_request:
  workflow_dispatch:

permissions: {{}}

jobs:
  gate:
    uses: {name}/.github/workflows/gate.yml@{commit}
    with: {{ target: {target} }}
    secrets: inherit
    permissions: {{ contents: read, pull-requests: write }}
"""


def workflow(
    folder: str, source: str, target: str, asked: Callable[[str, str], str] | None
) -> Change | None:
    """The workflow in the repository at ``folder``, which uses the gate of ``source``.

    What is not given is asked for, with an answer to take unless another is typed. None where
    there is to be none; raises :class:`UsageError` for a folder or a source that cannot be right.
    """
    folder = folder or (asked(WHERE, "") if asked else "")
    if not folder:
        return None
    if not Path(folder, ".git").exists():
        raise UsageError(f"{folder} is not the top folder of a repository; --workflow should be")
    usual = source or _here(Path())
    source = asked(FROM, usual) if asked and not source else usual
    found = _FROM.fullmatch(source)
    if found is None:
        raise UsageError("--gate should say where this project is on GitHub: OWNER/NAME@COMMIT")
    text = _TEXT.format(name=found[1], commit=found[2], target=json.dumps(target))
    path = Path(folder, WORKFLOW)
    before = lines_of(path)
    shown = difference(before, text.splitlines())
    return Change(path, text, shown, replaces=bool(before and shown))


def _here(folder: Path) -> str:
    """Where the project in this folder was cloned from, and its commit; empty if not of GitHub."""
    said = []
    for command in (("remote", "get-url", "origin"), ("rev-parse", "--verify", "HEAD")):
        try:
            told = subprocess.run(["git", *command], cwd=folder, capture_output=True, text=True)
        except OSError:
            return ""  # no git on this machine
        said.append(told.stdout.strip())
    origin = _ORIGIN.fullmatch(said[0])
    return f"{origin[1]}@{said[1]}" if origin and said[1] else ""
