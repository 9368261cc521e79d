"""The gate that ``synthetic init`` writes into the repository of a product."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from synthetic.commands.init_workflow import workflow
from synthetic.errors import UsageError
from tests.unit.commands.setting_up import Captured, first, run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """The repository of a product."""
    folder = tmp_path / "a product"
    (folder / ".git").mkdir(parents=True)
    return folder


def test_the_gate_is_written_into_the_products_repository(capsys: Captured, product: Path) -> None:
    first(capsys)
    asked: dict[str, Any] = {"workflow": str(product), "gate": "acme/synthetic@abc123"}
    shown = run(capsys, **asked)
    path = product / ".github/workflows/synthetic.yml"
    written = yaml.safe_load(path.read_text())
    assert set(written[True]) == {"pull_request", "workflow_dispatch"}
    assert written["permissions"] == {}
    assert written["jobs"]["gate"] == {
        "uses": "acme/synthetic/.github/workflows/gate.yml@abc123",
        "with": {"target": "https://kulti.test"},
        "secrets": "inherit",
        "permissions": {"contents": "read", "pull-requests": "write"},
    }
    assert path.stat().st_mode & 0o777 == 0o644
    assert shown.splitlines()[-7:] == [
        "And for the gate:",
        f"  cd '{product}'",
        f"  gh secret set -f {Path('.env').resolve()}",
        "  gh variable set SYNTHETIC_BASE_URL --body https://kulti.test",
        "  gh variable set SYNTHETIC_INBOX__KIND --body imap",
        "  git add .github/workflows/synthetic.yml",
        "  git commit -m 'A gate before deploys' && git push",
    ]
    assert "wrote" not in run(capsys, **asked)


def test_another_gate_is_shown_and_replaced_by_force_only(capsys: Captured, product: Path) -> None:
    first(capsys)
    run(capsys, workflow=str(product), gate="acme/synthetic@old")
    path = product / ".github/workflows/synthetic.yml"
    asked: dict[str, Any] = {"gate": "acme/synthetic@new"}
    shown = run(capsys, code=1, workflow=str(product), **asked)
    assert "-    uses: acme/synthetic/.github/workflows/gate.yml@old" in shown
    assert "+    uses: acme/synthetic/.github/workflows/gate.yml@new" in shown
    assert "gate.yml@old" in path.read_text()
    run(capsys, "--force", workflow=str(product), **asked)
    assert "gate.yml@new" in path.read_text()


def test_a_gate_that_cannot_be_right_is_refused(capsys: Captured, product: Path) -> None:
    first(capsys)
    assert "is not the top folder of a repository" in run(capsys, code=2, workflow="nowhere")
    said = "--gate should say where this project is on GitHub: OWNER/NAME@COMMIT"
    assert said in run(capsys, code=2, workflow=str(product))
    assert said in run(capsys, code=2, workflow=str(product), gate="a/b@c\nrun: evil")
    assert not (product / ".github").exists()


@pytest.mark.parametrize(
    "origin",
    ["git@github.com:acme/mon.git", "https://x:y@github.com/acme/mon", "https://git.test/a/b"],
)
def test_on_a_terminal_the_gate_is_asked_for_and_this_clone_is_its_source(
    product: Path, tmp_path: Path, origin: str
) -> None:
    for command in (
        ("init", "-q"),
        ("remote", "add", "origin", origin),
        ("-c", "user.name=x", "-c", "user.email=x@x.test", "commit", "-q", "--allow-empty", "-mx"),
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    told: list[str] = []

    def asked(_: str, usual: str) -> str:
        told.append(usual)
        return usual or str(product)

    if "github" not in origin:
        with pytest.raises(UsageError, match="--gate should say"):
            workflow("", "", "https://kulti.test", asked)
        return
    assert workflow("", "", "https://kulti.test", asked)
    assert told[0] == ""
    assert re.fullmatch(r"acme/mon@[0-9a-f]{40}", told[1])
    assert workflow("", "", "https://kulti.test", lambda *_: "") is None
