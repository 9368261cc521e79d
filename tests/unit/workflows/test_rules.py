"""What holds for every workflow: nothing more than it needs, for no longer than it takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from synthetic.gate.sides import BUDGET_S
from synthetic.settings import describe
from tests.unit.workflows.workflows import FILES, ROOT, WORKFLOWS, Step, jobs, load, steps

ALL = list(steps())
# As the tags of the actions' repositories had them; a new version is looked up there.
PINNED = {
    "actions/attest-build-provenance": "a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0",
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/deploy-pages": "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0",
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "actions/setup-node": "820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "actions/upload-pages-artifact": "fc324d3547104276b827a68afc52ff2a11cc49c9 # v5.0.0",
}
MAY_WRITE = {
    ("monitor.yml", "alive"): {"actions"},
    ("monitor.yml", "page"): {"pages", "id-token"},  # handed on to the next
    ("page.yml", "deploy"): {"pages", "id-token"},
    ("gate.yml", "decide"): {"pull-requests"},
    ("release.yml", "provenance"): {"attestations", "id-token"},
}
FAILED_STAYS = "${{ steps.journeys.outputs.code == '1' && 60 || 14 }}"
IN_NO_GROUP = {"prepare", "alive"}
"""Of the monitor; which says why."""
EACH = [(path, job) for path in WORKFLOWS for job in jobs(path)]


def name_of(value: object) -> str:
    return value.name if isinstance(value, Path | Step) else str(value)


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_a_workflow_may_do_nothing_by_itself(path: Path) -> None:
    assert load(path)["permissions"] == {}


@pytest.mark.parametrize(("path", "job"), EACH, ids=name_of)
def test_a_job_writes_only_what_it_is_for_and_ends(path: Path, job: str) -> None:
    body = jobs(path)[job]
    permissions = body["permissions"]
    writes = {name for name, level in permissions.items() if level == "write"}
    assert writes == MAY_WRITE.get((path.name, job), set())
    assert set(permissions.values()) <= {"read", "write"}
    assert "uses" in body or 0 < body["timeout-minutes"] <= 120
    assert "env" not in body or "secrets." not in json.dumps(body["env"])


@pytest.mark.parametrize(("path", "job"), EACH, ids=name_of)
def test_a_job_has_a_concurrency_group_or_says_why_it_needs_none(path: Path, job: str) -> None:
    body = jobs(path)[job]
    if "uses" not in body and "concurrency" not in {**load(path), **body}:
        assert job in IN_NO_GROUP
        assert f"\n  {job}: # in no concurrency group: " in path.read_text("utf-8")


def test_who_may_write_sees_no_secret() -> None:
    for name, job in MAY_WRITE:
        body = jobs(ROOT / ".github" / "workflows" / name)[job]
        asked = set(re.findall(r"secrets\.(\w+)", json.dumps(body.get("steps", ()))))
        assert asked <= {"CHECKOUT_TOKEN"}, "which reads our own code, and no more"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_actions_are_those_whose_commit_is_known(path: Path) -> None:
    used = re.findall(r"uses: (\S+)@(.*)", path.read_text())
    assert {
        (name, pin) for name, pin in used if name != "OWNER/synthetic/.github/workflows/gate.yml"
    } <= set(PINNED.items())


@pytest.mark.parametrize("step", ALL, ids=name_of)
def test_no_expression_becomes_part_of_a_command(step: Step) -> None:
    assert "${{" not in step.run


@pytest.mark.parametrize("step", ALL, ids=name_of)
def test_a_step_that_is_given_secrets_installs_nothing(step: Step) -> None:
    """As each of make's targets may."""
    if "secrets." in json.dumps(step.body.get("env", {})):
        assert not step.run.startswith("make ")


@pytest.mark.parametrize("step", ALL, ids=name_of)
def test_a_checkout_leaves_no_token_behind(step: Step) -> None:
    if "actions/checkout" in step.body.get("uses", ""):
        assert step.body["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_setting_that_is_handed_on_is_one(path: Path) -> None:
    names = set(re.findall(r"^ +(SYNTHETIC_[A-Z_]+):", path.read_text(), re.MULTILINE))
    assert names <= {row.name for row in describe()}


def test_a_secret_is_handed_on_under_its_own_name() -> None:
    text = "\n".join(path.read_text() for path in FILES)
    for name, value in re.findall(r"^ +(\w+): \$\{\{ (?:secrets|vars)\.(\w+) \}\}", text, re.M):
        assert name == value or name == "LOCATIONS"


@pytest.mark.parametrize(
    "path", ["action.yml", ".github/workflows/gate.yml", "synthetic/commands/gate.py"]
)
def test_a_gates_budget_is_told_as_it_is(path: str) -> None:
    minutes = {suite: f"{seconds / 60:.0f}" for suite, seconds in BUDGET_S.items()}
    [told] = re.findall(
        r"(\d+)m (?:of|for) smoke, (\d+)m (?:of|for) full", (ROOT / path).read_text()
    )
    assert told == (minutes["smoke"], minutes["full"])


def test_a_location_has_a_place_of_its_own_for_secrets_only_where_that_is_asked_for() -> None:
    """An environment that is named is made, and each run stands among the deployments."""
    journeys = jobs(ROOT / ".github" / "workflows" / "monitor.yml")["journeys"]
    asked = "vars.SYNTHETIC_ENVIRONMENTS == 'on' && matrix.location || ''"
    assert journeys["environment"] == f"${{{{ {asked} }}}}"


def test_schedule_hand_and_others_start_the_monitor() -> None:
    on: dict[str, Any] = load(ROOT / ".github" / "workflows" / "monitor.yml")[True]
    assert on["schedule"] == [{"cron": "0 */2 * * *"}]
    assert set(on["workflow_dispatch"]["inputs"]) == {"target", "suite", "location"}
    assert on["repository_dispatch"] == {"types": ["monitor"]}


def test_both_tries_of_the_gate_are_the_same() -> None:
    both = jobs(ROOT / ".github" / "workflows" / "gate.yml")
    assert both["first"]["steps"] == both["second"]["steps"]


def test_the_comment_gets_the_verdict_of_the_try_that_counts_and_nothing_else() -> None:
    """By its id: no name matches another's, and one of an earlier attempt is found, too."""
    gate = jobs(ROOT / ".github" / "workflows" / "gate.yml")
    [download] = [
        one["with"] for one in gate["decide"]["steps"] if "download" in one.get("uses", "")
    ]
    tries = "needs.second.outputs.told || needs.first.outputs.told"
    assert download == {"artifact-ids": f"${{{{ {tries} }}}}", "path": "results"}
    for name in ("first", "second"):
        assert gate[name]["outputs"]["told"] == "${{ steps.told.outputs.artifact-id }}"


def test_what_a_gate_leaves_is_named_by_its_suite_and_target() -> None:
    names = [
        step.body["with"]["name"]
        for step in ALL
        if "upload-artifact" in step.body.get("uses", "")
        and step.file in ("gate.yml", "action.yml")
    ]
    assert len(names) == 3
    assert all(".outputs.key }}" in name for name in names)


@pytest.mark.parametrize("name", ["gate.yml", "page.yml"])
def test_what_a_called_workflow_asks_for_is_what_it_hands_on(name: str) -> None:
    path = ROOT / ".github" / "workflows" / name
    declared = set(load(path)[True]["workflow_call"]["secrets"])
    assert declared == set(re.findall(r"secrets\.(\w+)", path.read_text()))


def test_evidence_never_leaves_but_for_a_private_repository() -> None:
    """And the page that the public sees is made of nothing else than the public form."""
    for step in ALL:
        kept = str(step.body.get("with", {}).get("path", ""))
        if "upload-artifact" in step.body.get("uses", "") and re.search(
            "reports/(runs|allure|gate$)", kept
        ):
            assert "outputs.evidence == 'true'" in step.body["if"]
            assert str(step.body["with"]["retention-days"]) in ("14", FAILED_STAYS)
    [export] = [step.run for step in ALL if "dashboard" in step.run]
    assert "--internal" not in export
