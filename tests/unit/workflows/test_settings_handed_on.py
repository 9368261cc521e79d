"""Settings reach what needs them: secrets one by one, variables all at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic.github import gate, gather, run
from synthetic.github.job import NO_SETTINGS, from_variables
from synthetic.settings import describe
from tests.unit.workflows.workflows import FILES, ROOT, Step, jobs, load, steps

SECRET = {row.name for row in describe() if "secret" in row.type}
PRIVATE = {
    f"SYNTHETIC_{name}"
    for name in (
        *("BASE_URL", "INBOX__URL", "INBOX__USERNAME", "ACCOUNTS__FRESH", "ACCOUNTS__STANDING"),
        *("JIRA__USER", "PUSHGATEWAY_URL", "EXPORTS__VICTORIAMETRICS_URL", "EXPORTS__OTLP_URL"),
    )
}
"""No secrets by themselves, and yet nobody else's business, or with a password in them."""
NOT_FOR_A_RUN = {
    "SYNTHETIC_DASHBOARD__TOKEN": "what others must know who look at a served dashboard",
    "SYNTHETIC_FEEDS__RECIPES": "sources are read by a watcher",
    "SYNTHETIC_GATE__BASELINE": "for the gate alone",
    "SYNTHETIC_WATCH__HEARTBEAT_URL": "has a step of its own",
}
ALL = list(steps())
[JOURNEYS] = [step for step in ALL if step.run.endswith("synthetic.github.journeys")]
TRIES = [step for step in ALL if step.file == "gate.yml" and step.body.get("id") == "gate"]
SETTLED = [("monitor.yml", "journeys"), ("page.yml", "page")]
SETTLED += [("gate.yml", "first"), ("gate.yml", "second")]


def given(step: Step) -> set[str]:
    """The settings that a step is given, if they are set as secrets."""
    values = step.body["env"].items()
    return {name for name, value in values if f"secrets.{name}" in str(value)}


def test_a_run_is_handed_each_secret_that_it_can_use() -> None:
    assert SECRET - given(JOURNEYS) == set(NOT_FOR_A_RUN)
    assert given(JOURNEYS) - SECRET == PRIVATE
    others = set[str]().union(*(given(step) for step in ALL if "env" in step.body))
    assert set(NOT_FOR_A_RUN) & others == {
        "SYNTHETIC_GATE__BASELINE",
        "SYNTHETIC_WATCH__HEARTBEAT_URL",
    }


def test_the_documentation_names_those_that_may_be_either() -> None:
    text = (ROOT / "docs" / "ci.md").read_text()
    [listed] = re.findall(r"these may be either.*?:\n(.*?)\. Any other", text, re.DOTALL)
    assert set(re.findall(r"`…(\w+)`", listed)) == {
        name.removeprefix("SYNTHETIC_") for name in PRIVATE
    }


def test_a_gate_is_handed_what_it_takes_to_sign_in() -> None:
    groups = tuple(f"SYNTHETIC_{name}__" for name in ("INBOX", "ACCOUNTS", "TARGET_PASS"))
    signs_in = {name for name in given(JOURNEYS) if name.startswith(groups)}
    assert len(TRIES) == 2
    for step in TRIES:
        assert given(step) == signs_in | {"SYNTHETIC_BASE_URL", "SYNTHETIC_GATE__BASELINE"}
    declared = load(ROOT / ".github" / "workflows" / "gate.yml")[True]["workflow_call"]["secrets"]
    assert given(TRIES[0]) <= set(declared)


@pytest.mark.parametrize(("file", "job"), SETTLED)
def test_all_variables_are_handed_on_without_being_named(file: str, job: str) -> None:
    body = jobs(ROOT / ".github" / "workflows" / file)[job]
    assert body["env"]["VARIABLES"] == "${{ toJSON(vars) }}"


def test_variables_that_are_named_are_no_settings_but_the_target() -> None:
    text = "\n".join(path.read_text() for path in FILES)
    named = set(re.findall(r"vars\.(SYNTHETIC_\w+)", text))
    assert named - {"SYNTHETIC_BASE_URL"} <= NO_SETTINGS
    assert {row.name for row in describe()} & NO_SETTINGS == {"SYNTHETIC_REPORTS_DIR"}


def commands() -> Iterator[Step]:
    """What is run of this project where settings are there, but for what folds them in."""
    for step in ALL:
        if (step.file, step.job) in SETTLED and step.run and not step.run.startswith("make "):
            yield step


def test_whatever_is_run_there_gets_them() -> None:
    for step in commands():
        assert re.fullmatch(r"\.venv/bin/python -m synthetic\.github\.\w+.*", step.run)


def test_only_a_run_tells_people_and_needs_what_channels_do(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A fallback is no setting at all where its channel's secret is not handed on."""
    monkeypatch.setenv("SYNTHETIC_NOTIFY__FALLBACK", "sms")
    monkeypatch.setattr("synthetic.github.run.BIN", Path("/bin"))
    assert run.main(["sh", "-c", "echo $SYNTHETIC_NOTIFY__FALLBACK; exit 7"]) == 7
    assert gate.unobeyed(["sh", "-c", "echo $SYNTHETIC_NOTIFY__FALLBACK"]) == (0, b"console\n")
    monkeypatch.setattr("synthetic.github.gather.SYNTHETIC", Path("/usr/bin/printenv"))
    assert gather.synthetic(["SYNTHETIC_NOTIFY__FALLBACK"], "") == 0
    assert capfd.readouterr().out == "console\n" * 2


def test_a_variable_is_a_setting_where_the_environment_has_no_other() -> None:
    variables = {
        "SYNTHETIC_SLACK__CHANNELS": '{"#alerts": "C1"}',
        "SYNTHETIC_BASE_URL": "https://kulti.test",
        "SYNTHETIC_INBOX__URL": "imaps://mail.test",
        "SYNTHETIC_TYPO": "which settings complain of",
        "SYNTHETIC_LOCATIONS": "github",
        "SYNTHETIC_STATUS_PAGE": "on",
        "SYNTHETIC_REPORTS_DIR": "/elsewhere",
        "PATH": "/evil",
    }
    environ = {"SYNTHETIC_BASE_URL": "https://asked.test", "SYNTHETIC_INBOX__URL": ""}
    assert from_variables({**environ, "VARIABLES": json.dumps(variables)}) == {
        name: variables[name]
        for name in ("SYNTHETIC_SLACK__CHANNELS", "SYNTHETIC_INBOX__URL", "SYNTHETIC_TYPO")
    }
    assert from_variables(environ) == {}
