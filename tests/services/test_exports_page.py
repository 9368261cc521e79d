"""The lines that docs/exports.md gives are taken by the tools that they are for."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from synthetic import settings

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
Server = Callable[[str, str], Path]


def block(begins: str) -> str:
    """The block of YAML that begins so."""
    (found,) = re.findall(rf"```yaml\n({re.escape(begins)}.*?)```", PAGE, re.DOTALL)
    text: str = found
    return text


@pytest.mark.parametrize(
    ("begins", "tool", "package", "check"),
    [
        ("scrape_configs:", "promtool", "prometheus", ["check", "config", "--syntax-only"]),
        ("route:", "amtool", "prometheus-alertmanager", ["check-config"]),
    ],
)
def test_a_configuration_is_accepted(
    server: Server, tmp_path: Path, begins: str, tool: str, package: str, check: list[str]
) -> None:
    path = tmp_path / "config.yml"
    path.write_text(block(begins), encoding="utf-8")
    done = subprocess.run([server(tool, package), *check, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_that_is_named_is_one() -> None:
    known = {one.name for one in settings.describe()}
    named = set(re.findall(r"SYNTHETIC_[A-Z_]+[A-Z]", PAGE))
    assert len(named) > 5
    assert named <= known
