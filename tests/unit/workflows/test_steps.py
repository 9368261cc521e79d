"""Each step's own command, run as GitHub would: its variables, its order, a hostile pull request.

``make``, pytest, Allure's report and the ``synthetic`` command are stubs that note how they were
called; what runs before anything is installed gets a Python without packages.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import runs
from tests.services.github_server import BRANCH, ROBOT, GitHubServer
from tests.unit.workflows.conftest import environment
from tests.unit.workflows.gates import decision
from tests.unit.workflows.workflows import ROOT, Step, filled, jobs, steps

TARGET = "https://staging.example.org"
CANARY = "hacked"
EVIL = f"`touch {CANARY}`$(touch {CANARY});touch {CANARY}\"'\n::set-env name=A::B ${{{{7*7}}}}"
COMMANDS = ("GITHUB_ENV", "GITHUB_PATH")
"""Files by which a step changes what later ones see; none of ours does."""
HOSTILE = {
    "shell": f"https://a.example/$({{touch,{CANARY}}});`touch {CANARY}`\"; touch {CANARY}; '",
    "option": "--config=/etc/passwd",
    "lines": 'x\nlocations={"include": []}\r\n::add-mask::a%0A::error::x ${{ github.token }}',
    "long": "https://a.example/" + "a" * 65_000,  # as much as a dispatch may carry
    "object": {"https://a.example": [EVIL]},
}
RUN = "20260101T000000Z-0001"
STUBS = {
    "pytest": f"mkdir -p reports/runs/{RUN}; cp run.json reports/runs/{RUN}; exit $FAILS",
    "synthetic": 'if [ "$1" = gate ]; then cat gate.json; exit 1; fi',
}


@dataclass
class Workspace:
    """A checkout with stubs; ``contexts`` are what expressions can see."""

    path: Path
    github: GitHubServer
    contexts: dict[str, Any] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)

    def run(self, step: Step, job: Mapping[str, Any]) -> int:
        """Run a step; its outputs are there for the next one."""
        output = self.path.parent / "output"
        output.write_text("")
        surrounding = {name: filled(str(one), self.contexts) for name, one in job.items()}
        variables = {**surrounding, **step.environment(self.contexts), **self.more}
        given = environment(self.path.parent, self.github, **{"GITHUB_TOKEN": "", **variables})
        given |= {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}", "HOME": str(self.path)}
        given |= {"GITHUB_HEAD_REF": EVIL, "GITHUB_ACTION_PATH": str(self.path), "FAILS": "1"}
        given |= {name: str(self.path.parent / name) for name in COMMANDS}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.run],
            cwd=self.path,
            env=given,
            check=False,
        )
        told = dict(line.split("=", 1) for line in output.read_text().splitlines())
        self.contexts["steps"][step.body.get("id", "")] = {"outputs": told}
        return done.returncode

    def due(self, condition: str, *, failed: bool) -> bool:
        """Whether a step is run: after a failed one, only what always is, and is given all."""
        given = [one for one in condition.split(" && ") if re.fullmatch(r"steps[\w.]+", one)]
        return not failed or (
            "always()" in condition
            and all(filled(f"${{{{ {one} }}}}", self.contexts) for one in given)
        )

    def run_all(self, file: str, job: str | None) -> dict[str, int]:
        """Run all steps of a job with a command; how each ended."""
        body = jobs(ROOT / ".github" / "workflows" / file)[job] if job else {}
        self.contexts["steps"] = {}
        ours = [one for one in steps() if (one.file, one.job) == (file, job) and one.run]
        ends: dict[str, int] = {}
        for one in ours:
            if self.due(str(one.body.get("if", "")), failed=any(ends.values())):
                ends[one.run] = self.run(one, body.get("env", {}))
        given = {
            name: filled(value, self.contexts) for name, value in body.get("outputs", {}).items()
        }
        self.contexts["needs"][job] = {"outputs": given}
        assert not (self.path / CANARY).exists()
        assert not any((self.path.parent / name).exists() for name in COMMANDS)
        return ends

    @property
    def called(self) -> list[str]:
        """How the stubs were called, in order."""
        return [line.strip() for line in (self.path / "called").read_text().splitlines()]


@pytest.fixture
def workspace(tmp_path: Path, github: GitHubServer) -> Workspace:
    path = tmp_path / "work"
    for folder in (".venv/bin", "bin", ".ci", "scripts"):
        (path / folder).mkdir(parents=True)
    python = shlex.quote(sys.executable)
    scripts = {
        ".venv/bin/python": f'exec {python} "$@"',
        "bin/python3": f'exec {python} -S "$@"',
        ".ci/run": 'echo ".ci/run" >> called',
        "scripts/report.py": 'with open("called", "a") as called: called.write("report\\n")',
    }
    for name in ("make", "apt-get", "git"):
        scripts[f"bin/{name}"] = f'echo "{name} $*" >> called'
    for name, does in STUBS.items():
        noted = f'echo "{name} $* ${{SYNTHETIC_TRIGGER-}}" >> called'
        seen = 'echo "${SYNTHETIC_SLACK__CHANNELS-}" >> channels'
        scripts[f".venv/bin/{name}"] = f"{noted}\n{seen}\n{does}"
    for name, text in scripts.items():
        (path / name).write_text(f"#!/usr/bin/env bash\n{text}\n")
        (path / name).chmod(0o755)
    (path / "synthetic").symlink_to(ROOT / "synthetic")
    bad = runs.failed("the list stayed empty", name="join", feature="session_join")
    record = runs.run(runs.journey(runs.step(latency_ms=197.4), bad), verdict="failed")
    (path / "run.json").write_text(record.model_copy(update={"run_id": RUN}).to_json())
    token = {"token": "ghs_right-token", "ref": f"refs/heads/{EVIL}", "workspace": str(path)}
    contexts: dict[str, Any] = {"github": token, "needs": {}, "secrets": {}, "vars": {}}
    return Workspace(path, github, contexts)


def test_the_monitor_from_its_schedule_to_the_page(workspace: Workspace) -> None:
    event = {"schedule": "0 */2 * * *", "repository": {"private": True}}
    (workspace.path.parent / "event.json").write_text(json.dumps(event))
    channels = '{"#alerts": "C0123"}'
    told = {"SYNTHETIC_BASE_URL": TARGET, "SYNTHETIC_SLACK__CHANNELS": channels}
    workspace.contexts["vars"] = told
    beat = {"SYNTHETIC_WATCH__HEARTBEAT_URL": f"{workspace.github.url}/ping"}
    workspace.contexts["secrets"] = beat
    assert set(workspace.run_all("monitor.yml", "prepare").values()) == {0}
    assert workspace.contexts["needs"]["prepare"]["outputs"]["evidence"] == "true"
    workspace.contexts["matrix"] = {"location": "github"}
    ends = workspace.run_all("monitor.yml", "journeys")
    assert {command for command, code in ends.items() if code} == {
        ".venv/bin/python -m synthetic.github.journeys"
    }
    assert workspace.called == [
        "make setup",
        "synthetic rebuild",
        "synthetic import --lenient -",
        "pytest -m smoke schedule",
        "pytest -m full burst",
        "synthetic burst",
        "report",
    ]
    assert (workspace.path / "kept/records/runs" / RUN / "run.json").exists()
    assert "| ❌ | meet | join |" in (workspace.path.parent / "summary.md").read_text()
    assert "GET /ping" in workspace.github.calls
    assert set(workspace.run_all("page.yml", "page").values()) == {0}
    assert workspace.called[-1] == "synthetic dashboard --export site"
    assert set((workspace.path / "channels").read_text().splitlines()) == {channels}
    assert set(workspace.run_all("monitor.yml", "alive").values()) == {0}
    assert workspace.github.workflows["monitor.yml"].enabled == 1


def test_when_github_does_not_hand_out_the_history_nothing_is_told_or_published(
    workspace: Workspace,
) -> None:
    (workspace.path.parent / "event.json").write_text("{}")
    secrets = {"SYNTHETIC_WATCH__HEARTBEAT_URL": f"{workspace.github.url}/ping"}
    workspace.contexts |= {"vars": {"SYNTHETIC_BASE_URL": TARGET}, "secrets": secrets}
    workspace.contexts["matrix"] = {"location": "github"}
    workspace.github.scopes.clear()
    for file, job in (("monitor.yml", "journeys"), ("page.yml", "page")):
        ends = workspace.run_all(file, job)
        assert ends[".venv/bin/python -m synthetic.github.gather"] == 1
    assert workspace.called == ["make setup", "report", "make setup"]
    assert "GET /ping" not in workspace.github.calls


def test_the_monitor_without_a_target_ends_before_anything_is_installed(
    workspace: Workspace,
) -> None:
    (workspace.path.parent / "event.json").write_text("{}")
    assert set(workspace.run_all("monitor.yml", "prepare").values()) == {2}
    assert not (workspace.path / "called").exists()


def dispatched(workspace: Workspace, payload: dict[str, Any]) -> None:
    repository = {"full_name": "acme/monitor", "private": True}
    event = {"action": "monitor", "client_payload": payload, "repository": repository}
    (workspace.path.parent / "event.json").write_text(json.dumps(event))
    workspace.contexts["github"]["event"] = event
    workspace.contexts["vars"] = {"SYNTHETIC_BASE_URL": TARGET}
    workspace.more = {"GITHUB_EVENT_NAME": "repository_dispatch", "GITHUB_ACTOR": EVIL}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_dispatch_is_refused_in_a_sentence_and_nothing_is_done(
    workspace: Workspace, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    said = {"target": "The target ", "suite": "The suite ", "location": "There is no such location"}
    for name, sentence in said.items():
        dispatched(workspace, {name: HOSTILE[kind], "more": EVIL})
        assert list(workspace.run_all("monitor.yml", "prepare").values()) == [2]
        [line] = capfd.readouterr().out.splitlines()
        assert line.startswith(f"::error::{sentence}")
        assert len(line) < 200, "what was asked for is not repeated"
        assert (workspace.path.parent / "output").read_text() == ""
    assert not (workspace.path / "called").exists()


def test_a_dispatch_from_a_hostile_branch_runs_what_was_asked_for(workspace: Workspace) -> None:
    """Also where what it carries besides is nested deeper than can be read."""
    asked = {"target": f"{TARGET}/eu", "suite": "full", "location": "github", EVIL: EVIL}
    dispatched(workspace, asked)
    event = f'{{"client_payload": {"[" * 30_000}{"]" * 30_000}}}'
    (workspace.path.parent / "event.json").write_text(event)
    workspace.more |= {"GITHUB_REF_NAME": EVIL}
    assert set(workspace.run_all("monitor.yml", "prepare").values()) == {0}
    workspace.contexts["matrix"] = {"location": "github"}
    ends = workspace.run_all("monitor.yml", "journeys")
    assert [command for command, code in ends.items() if code] == [
        ".venv/bin/python -m synthetic.github.journeys"
    ]
    assert "pytest -m full repository_dispatch" in workspace.called


@pytest.mark.parametrize("kind", ["shell", "lines"])
def test_a_gate_that_is_asked_with_hostile_words_is_wrong_usage(
    workspace: Workspace, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    usual = {"target": TARGET, "suite": "smoke", "token": "ghs_right-token", "decide": "true"}
    (workspace.path.parent / "event.json").write_text("{}")
    for name in ("target", "suite"):
        workspace.contexts["inputs"] = {**usual, name: HOSTILE[kind]}
        assert list(workspace.run_all("action.yml", None).values()) == [2, 2]
        assert len(capfd.readouterr().out.splitlines()) == 2
    assert not (workspace.path / "called").exists()


def test_the_gate_from_a_hostile_branch_to_its_comment(workspace: Workspace) -> None:
    head = {"ref": EVIL, "repo": {"full_name": "acme/monitor"}}
    about = {"number": 7, "title": EVIL, "body": EVIL, "head": head}
    event = {"repository": {"full_name": "acme/monitor", "private": True}, "pull_request": about}
    (workspace.path.parent / "event.json").write_text(json.dumps(event))
    said = decision("failed", why=[EVIL, "Joining failed."])
    (workspace.path / "gate.json").write_text(json.dumps(said))
    inputs = {"target": TARGET, "suite": "smoke", "baseline": EVIL, "token": "ghs_right-token"}
    inputs["budget"] = f"--help $(touch {CANARY})"
    workspace.contexts["inputs"] = inputs
    workspace.more = {"GITHUB_EVENT_NAME": "pull_request"}
    ends = workspace.run_all("action.yml", None)
    assert list(ends.values()) == [0, 0, 0, 0, 1]
    assert any(f"--budget=--help $(touch {CANARY})" in line for line in workspace.called)
    [ours] = workspace.github.comments[7]
    assert ours.author == ROBOT
    assert "The gate blocks it" in ours.body
    workspace.contexts["needs"]["first"] = {"outputs": {"code": "1"}}
    workspace.contexts["needs"]["second"] = {"outputs": {}}
    assert list(workspace.run_all("gate.yml", "decide").values()) == [0, 1]


def test_the_other_workflows_run_what_is_there(workspace: Workspace) -> None:
    workspace.more = {"GITHUB_WORKSPACE": str(workspace.path), "GITHUB_REF_NAME": "v0.1.0"}
    assert set(workspace.run_all("ci.yml", "checks").values()) == {0}
    assert workspace.called[-1] == ".ci/run"
    commands = [step.run for step in steps() if step.file == "release.yml" and step.run]
    assert commands == ["make setup", ".venv/bin/python scripts/release.py"]
    assert BRANCH == "main"


def test_every_command_is_one_that_these_tests_ran() -> None:
    ran: set[tuple[str, str | None]] = {
        ("monitor.yml", job) for job in ("prepare", "journeys", "alive")
    }
    ran |= {("action.yml", None), ("gate.yml", "decide"), ("ci.yml", "checks")}
    ran |= {("page.yml", "page"), ("release.yml", "build")}
    assert {(step.file, step.job) for step in steps() if step.run} == ran
