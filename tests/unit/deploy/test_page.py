"""What docs/deploy.md says to type leads to what deploy/ needs, by names that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from synthetic.settings import load
from tests.unit.deploy.deployed import (
    BY_HAND,
    KUBERNETES,
    OVERLAYS,
    ROOT,
    built,
    compose,
    settings_known,
    settings_named,
)

PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", [0, 1], ids=["compose", "kubernetes"])
def test_what_is_typed_into_the_private_file_is_read_as_settings(
    tmp_path: Path, number: int
) -> None:
    block = [block for block in BLOCKS if ">> .env" in block][number]
    shutil.copytree(KUBERNETES, tmp_path / KUBERNETES.relative_to(ROOT))
    (tmp_path / ".env").write_text("SYNTHETIC_SLACK__WEBHOOK_URL=\n")
    done = subprocess.run(["sh", "-ec", block], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    read = load(tmp_path, environ={})
    assert read.dashboard.token is not None
    assert len(read.dashboard.token.get_secret_value()) == 48
    if number:
        assert read.store_url is not None
        for overlay in OVERLAYS:
            assert load(tmp_path / overlay.relative_to(ROOT), environ={}) == read
    else:
        assert named_in(tmp_path / ".env") == {
            one["environment"] for one in compose()["secrets"].values()
        }
        assert named_in(tmp_path / "deploy" / ".env") == BY_HAND


def named_in(path: Path) -> set[str]:
    return set(re.findall(r"^(\w+)=", path.read_text("utf-8"), re.MULTILINE))


def test_compose_is_given_both_private_files_and_what_changed_comes_into_force() -> None:
    given = re.findall(r"docker compose (.*?)-f \S+ (?:\\\n *)?up -d(.*)\n", PAGE)
    assert {files for files, _ in given} == {"--env-file .env --env-file deploy/.env "}
    anew = {word for _, words in given for word in words.split() if not word.startswith("-")}
    assert {"generated", "watcher", "prometheus", "alertmanager"} == anew
    assert anew < compose()["services"].keys()
    assert any("--force-recreate" in words for _, words in given)


def test_each_setting_file_and_object_that_it_names_exists() -> None:
    assert settings_named(PAGE) <= settings_known()
    for path in re.findall(r"(?<![\w./])deploy/[\w./]+\w", PAGE):
        assert (ROOT / path).exists() or path.endswith("/.env"), path
    objects = [one for path in OVERLAYS for one in built(path)]
    names = {f"{one['kind'].lower()}/{one['metadata']['name']}" for one in objects}
    assert set(re.findall(r"\b(?:service|cronjob|deployment)/[\w-]+", PAGE)) <= names
