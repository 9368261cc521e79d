"""What is released has the tag's version, a word in the changelog, and all of the package."""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from synthetic.github.job import CannotGoOn, Job

ROOT = Path(__file__).parents[3]
PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "synthetic"
version = "1.2.3"
[tool.setuptools.packages.find]
include = ["synthetic*"]
[tool.setuptools.package-data]
synthetic = ["*.toml"]
"""


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / "scripts" / "release.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_release_is_built_and_one_that_lacks_a_file_is_refused(
    release: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(PROJECT)
    Path("CHANGELOG.md").write_text("## 1.2.3\n")
    Path("synthetic").mkdir()
    for name in ("__init__.py", "data.toml"):
        Path("synthetic", name).touch()
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    job = Job({"GITHUB_REF_NAME": "v1.2.3"}, io.StringIO())
    assert release.main(job) == 0
    assert {path.suffix for path in Path("dist").iterdir()} == {".whl", ".gz"}
    with pytest.raises(CannotGoOn, match=r"The wheel lacks synthetic/lost\.sql: see package-data"):
        release.check_whole(["synthetic/data.toml", "synthetic/lost.sql"], ["synthetic/data.toml"])


@pytest.mark.parametrize(
    ("tag", "changelog", "problem"),
    [
        ("v1.2.4", "## 1.2.3", "The tag is v1.2.4, and pyproject.toml says 1.2.3"),
        ("main", "## 1.2.3", "The tag is main"),
        ("v1.2.3", "## Unreleased\n1.2.3", "CHANGELOG.md has no heading for 1.2.3"),
    ],
)
def test_what_does_not_agree_is_not_released(
    release: ModuleType, tag: str, changelog: str, problem: str
) -> None:
    with pytest.raises(CannotGoOn, match=problem):
        release.check_tag(tag, "1.2.3", changelog)


def test_the_workflow_keeps_what_the_script_writes(release: ModuleType) -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert f"path: {release.DIST}\n" in text
    assert shutil.which("git")
