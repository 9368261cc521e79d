"""A pull request hears once what the gate came to, by whatever token, from however many gates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synthetic.github import comment
from tests.services.github_server import ROBOT, Comment, GitHubServer
from tests.services.vendor import Fault
from tests.unit.workflows.conftest import JobOf, said, summary
from tests.unit.workflows.gates import TARGET, decision, gated, pull_request


def test_the_pull_request_is_told_once_and_then_anew(job: JobOf, github: GitHubServer) -> None:
    others = [Comment(number, "ada", "hello") for number in range(130)]
    github.comments[7] = others
    here, _ = gated(job, 1, json.dumps(decision("failed", why=["Joining failed."])))
    assert comment.main(here) == 0
    gated(job, 0, json.dumps(decision()))
    asked = {"TARGET": TARGET, "SUITE": "smoke", "EVIDENCE_URL": "https://github.com/e/1"}
    assert comment.main(job(pull_request(), **asked)) == 0
    ours = [one for one in github.comments[7] if one.author == ROBOT]
    assert [one.edits for one in ours] == [1]
    assert "### ✅ The gate lets it through" in ours[0].body
    assert "[evidence](https://github.com/e/1) · [run](https://github.com/acme/" in ours[0].body
    assert summary(here).startswith("### ❌ The gate blocks it")


def test_a_comment_that_bears_our_mark_but_is_anothers_stays(
    job: JobOf, github: GitHubServer
) -> None:
    mark = comment.marker("Monitor")
    github.comments[7] = [Comment(1, "mallory", f"{mark}\nall is well"), Comment(2, "", mark)]
    here, _ = gated(job, 0, json.dumps(decision()))
    comment.main(here)
    assert [(one.author, one.edits) for one in github.comments[7]] == [
        ("mallory", 0),
        ("", 0),
        (ROBOT, 0),
    ]


@pytest.mark.parametrize("owner", ["ada", "acme-bot[bot]"])
def test_with_a_token_of_ones_own_it_is_one_comment_too(
    job: JobOf, github: GitHubServer, owner: str
) -> None:
    github.owner = owner
    gated(job, 0, json.dumps(decision()))
    for _ in range(2):
        comment.main(job(pull_request()))
    assert [(one.author, one.edits) for one in github.comments[7]] == [(owner, 1)]


def test_two_gates_of_a_run_have_a_comment_each(job: JobOf, github: GitHubServer) -> None:
    gated(job, 0, json.dumps(decision()))
    for run in ("1", "2"):
        for suite in ("smoke", "full"):
            comment.main(job(pull_request(), TARGET=TARGET, SUITE=suite, GITHUB_RUN_ID=run))
    assert [one.edits for one in github.comments[7]] == [1, 1]


def test_an_address_that_differs_with_each_push_makes_no_further_comment(
    job: JobOf, github: GitHubServer
) -> None:
    gated(job, 0, json.dumps(decision()))
    for run in ("1", "2", "3"):
        target = f"https://preview-{run}.example.org"
        comment.main(job(pull_request(), TARGET=target, SUITE="smoke", GITHUB_RUN_ID=run))
    assert [one.edits for one in github.comments[7]] == [2]


def test_two_workflows_have_a_comment_each(job: JobOf, github: GitHubServer) -> None:
    gated(job, 0, json.dumps(decision()))
    for name in ("Deploy", "Nightly", "Deploy"):
        comment.main(job(pull_request(), GITHUB_WORKFLOW=name))
    assert [one.edits for one in github.comments[7]] == [1, 0]


def test_a_deployment_is_told_to_the_pull_request_of_its_commit(
    job: JobOf, github: GitHubServer
) -> None:
    github.pulls["a" * 40] = [{"number": 3, "state": "closed"}, {"number": 9, "state": "open"}]
    comment.main(job({}))
    assert "ended before it came to a verdict: that is no pass" in github.comments[9][0].body


def test_where_nobody_is_to_be_told_that_is_said(job: JobOf, github: GitHubServer) -> None:
    here = job({})
    assert comment.main(here) == 0
    assert "There is no pull request" in said(here)
    github.scopes.remove("pull-requests:write")
    here = job(pull_request("mallory/monitor"))
    assert comment.main(here) == 0
    assert "was not commented on: GitHub answers 403" in said(here)
    github.fault = Fault(502, times=3, body="<html>")
    here = job(pull_request())
    assert comment.main(here) == 0
    assert "GitHub answers 502" in said(here)


@pytest.mark.parametrize(
    ("first", "again", "second", "once_more"),
    [
        ("0", "", False, False),
        ("1", "", False, True),
        ("3", "0", True, False),
        ("3", "3", True, True),
    ],
)
def test_a_second_try_is_spoken_of_only_where_there_was_one(
    job: JobOf, github: GitHubServer, first: str, again: str, second: bool, once_more: bool
) -> None:
    """Also where evidence lies beside the verdict, with a verdict in it."""
    for name in ("gate-evidence-1/gate-result", "verdict-1"):
        Path("results", name).mkdir(parents=True)
        Path("results", name, "gate.md").write_text(name)
    comment.main(job(pull_request(), RESULTS="results", FIRST=first, AGAIN=again))
    [ours] = github.comments[7]
    assert "\nverdict-1\n" in ours.body
    assert ("second try, on a fresh runner" in ours.body) is second
    assert ("**Re-run all jobs** has it tried once more" in ours.body) is once_more
