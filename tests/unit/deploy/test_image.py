"""The image: what goes into it is enough, and no more; what it starts is there."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.vendor import Answer, Request, Vendor, serving
from tests.unit.deploy.deployed import (
    DEPLOY,
    LIVE,
    ROOT,
    parsed,
    pod_of,
    settings_known,
    settings_named,
    tool,
    workloads,
)

DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
TOKEN = "only-for-tests-0123"


def hadolint(path: Path) -> str:
    command = [tool("hadolint"), "--no-color", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert bool(done.stdout) == bool(done.returncode), done.stderr
    return done.stdout


def let_in() -> Iterator[Path]:
    """What .dockerignore, a list of what is let in, names."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert (rules[0], rules[-1]) == ("*", "**/__pycache__")
    assert all(rule.startswith("!") for rule in rules[1:-1])
    for rule in rules[1:-1]:
        found = list(ROOT.glob(rule[1:]))
        assert found, f"there is no {rule[1:]}"
        yield from found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the image, as COPY would leave it."""
    folder = tmp_path_factory.mktemp("image")
    for path in let_in():
        there = folder / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, there)  # with what is compiled already, which saves seconds
        else:
            shutil.copy(path, there)
    return folder


def run(words: list[str], folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run Python there, with no settings but these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SYNTHETIC_")}
    environ = {**own, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **given}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_hadolint_finds_nothing_in_ours_and_something_in_a_worse_one(tmp_path: Path) -> None:
    assert hadolint(DEPLOY / "Dockerfile") == ""
    worse = tmp_path / "Dockerfile"
    worse.write_text("FROM debian\nRUN cd /srv && sudo apt-get install chromium\n")
    assert {"DL3006", "DL3004"} <= set(re.findall(r"DL\d+", hadolint(worse)))


def test_every_suite_is_found_in_it(image: Path) -> None:
    given = {
        "SYNTHETIC_BASE_URL": "http://127.0.0.1:9/",
        "SYNTHETIC_REPORTS_DIR": str(image / "reports"),
    }
    words = ["-m", "pytest", "-m", "smoke or full", "--collect-only", "-q"]
    done = run(words, image, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    for suite in ("smoke", "full"):
        files = {path.name for path in (ROOT / "tests" / suite).glob("test_*.py")}
        assert files <= set(re.findall(rf"tests/{suite}/(\w+\.py)", done.stdout))


def test_nothing_private_and_no_developers_tool_goes_in(image: Path) -> None:
    top = {path.name for path in image.iterdir()}
    assert top - {"synthetic"} == {
        "README.md", "conftest.py", "deploy", "pyproject.toml", "requirements.txt", "scripts",
        "tests",
    }  # fmt: skip
    assert {path.name for path in (image / "tests").iterdir()} == {"full", "smoke"}


def test_what_it_needs_is_installed() -> None:
    lines = (ROOT / "scripts" / "apt-packages.txt").read_text("utf-8").splitlines()
    journeys = {line.removeprefix("* ") for line in lines if line.startswith("* ")}
    (given,) = re.findall(r"--no-install-recommends \\\n(.*?) \\\n", DOCKERFILE)
    assert journeys <= set(given.split())


def test_what_it_starts_and_sets_is_known() -> None:
    (words,) = re.findall(r"^CMD (.*)", DOCKERFILE, re.MULTILINE)
    given = parsed(json.loads(words))
    assert f"EXPOSE {given['port']}\n" in DOCKERFILE
    assert f":{given['port']}/" in (DEPLOY / "healthy.py").read_text("utf-8")
    assert settings_named(DOCKERFILE) <= settings_known()


def test_without_a_target_its_smoke_runs_refuse(image: Path) -> None:
    done = run(["deploy/smoke.py"], image)
    assert done.returncode == 1
    assert done.stderr == (
        "SYNTHETIC_BASE_URL is not set: put `base_url` into the product's synthetic.toml.\n"
    )


class Watcher(Vendor):
    """Answers as the watch does to whoever has the token."""

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401)
        return Answer(503 if request.path == "/overdue" else 200, "does not evaluate")


@pytest.mark.parametrize(
    ("path", "token", "said"),
    [
        ("/healthz", TOKEN, None),
        ("/healthz", "another-0123456789", "401: "),
        ("/overdue", TOKEN, "503: does not evaluate"),
    ],
)
def test_it_is_healthy_when_the_watcher_says_so_and_not_otherwise(
    monkeypatch: pytest.MonkeyPatch, path: str, token: str, said: str | None
) -> None:
    monkeypatch.setenv("SYNTHETIC_DASHBOARD__TOKEN", token)
    main = runpy.run_path(str(DEPLOY / "healthy.py"))["main"]
    with serving(Watcher()) as watcher:
        assert main(f"{watcher.url}{path}") == said
    assert main(watcher.url).startswith("the watcher does not answer: ")


@pytest.mark.parametrize("probe", [*LIVE, "readinessProbe"])
def test_a_watcher_that_cannot_evaluate_is_not_ready_but_alive(
    monkeypatch: pytest.MonkeyPatch, probe: str
) -> None:
    """Kubernetes ends what is not alive; what it keeps while its database is away would go."""
    (found,) = (one for one in workloads() if one["kind"] == "Deployment")
    python, *words = pod_of(found)["spec"]["containers"][0][probe]["exec"]["command"]
    assert python == "python"
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SYNTHETIC_DASHBOARD__TOKEN", TOKEN)
    with serving(Watcher()) as watcher:
        monkeypatch.setattr(sys, "argv", [*words, f"{watcher.url}/overdue"])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(words[0], run_name="__main__")
        assert (ended.value.code is None) == (probe in LIVE)
    with pytest.raises(SystemExit, match="does not answer"):
        runpy.run_path(words[0], run_name="__main__")
