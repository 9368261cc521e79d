"""The report that Allure makes of a run: sorted, with a past, sealed, and without a secret."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from synthetic.results import Run
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from tests import runs
from tests.services.allure_journeys import SECRET, TOKEN

ROOT = Path(__file__).parents[2]
TARGET = "http://127.0.0.1:1/"
REPORTS_URL = "https://ci.example.org/reports/"
# Where links lead, on request: Allure's own site, Playwright's, and the name of SVG.
LINKED = {"allurereport.org", "trace.playwright.dev", "www.w3.org"}
_HOST = re.compile(r"(?:https?:)?//([\w-]+(?:\.[\w-]+)+)")
_FILE = re.compile(r'd\("([^"]+)","([\w+/=]*)"\)')
_INLINE = re.compile(r"data:[\w/;=-]+,([\w+/=]+)")


@dataclass(frozen=True)
class Report:
    """The page, what is packed in it, the folder that it was made of, and what pytest said."""

    page: str
    reports: Path
    said: str

    @property
    def files(self) -> dict[str, bytes]:
        """Allure's data and attachments, by name."""
        return {name: base64.b64decode(packed) for name, packed in _FILE.findall(self.page)}

    @property
    def everything(self) -> list[bytes]:
        """The page and all that is packed in it."""
        inline = [base64.b64decode(one) for one in _INLINE.findall(self.page)]
        return [self.page.encode(), *inline, *self.files.values()]

    def result(self, name: str, *, retry: bool = False) -> dict[str, Any]:
        """A test's result, of its last attempt unless asked for the one before."""
        files = self.files.items()
        results = [json.loads(one) for path, one in files if path.startswith("data/test-results/")]
        [found] = [one for one in results if (one["name"], one["isRetry"]) == (name, retry)]
        return dict(found)

    def labels(self, name: str) -> dict[str, list[str]]:
        """A test's labels."""
        return dict(self.result(name)["groupedLabels"])


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Of one run, after two earlier ones."""
    if not shutil.which("npm") and not os.environ.get("CI"):
        pytest.skip("npm is missing: install Node 20 or newer")
    folder = tmp_path_factory.mktemp("allure")
    ours = {name: text for name, text in os.environ.items() if not name.startswith("SYNTHETIC_")}
    env = {
        **ours,
        "SYNTHETIC_BASE_URL": TARGET,
        "SYNTHETIC_INBOX__PASSWORD": SECRET,
        "SYNTHETIC_LINKS__RUNBOOK": "https://wiki.example.org/{page}",
        "SYNTHETIC_LINKS__RULE": "https://docs.example.org/#{rule}",
        "SYNTHETIC_REPORTS_DIR": str(folder),
        "SYNTHETIC_REPORTS_URL": REPORTS_URL,
    }
    with Store.open(None, folder) as store:
        for run in (earlier(2, chats=False), earlier(1, chats=True)):
            store.save_run(run, run.started_at)
    made = [sys.executable, "-m", "pytest", "-m", "smoke", "tests/services/allure_journeys.py"]
    run_ = subprocess.run(made, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run_.returncode == 1, run_.stdout + run_.stderr
    script = [sys.executable, "scripts/report.py", "--output", str(folder / "one.html")]
    env |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(script, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Report((folder / "one.html").read_text("utf-8"), folder, run_.stdout)


def earlier(days: int, *, chats: bool) -> Run:
    """A run of days ago, in which all was well but chatting may have failed."""
    at = runs.START - timedelta(days=days)
    ended: dict[str, Any] = {"started_at": at, "ended_at": at + timedelta(seconds=3)}
    chat = runs.step(**ended) if chats else runs.failed("no line came", **ended)
    journeys = (
        runs.journey(chat, name="test_two_people_chat"),
        runs.journey(runs.step(**ended), name="test_all_is_well"),
    )
    told: dict[str, Any] = {"run_id": f"{at:%Y%m%dT%H%M%SZ}-0001", "started_at": at}
    return runs.run(*journeys, target=TARGET, location="local", **told)


class Loaded(HTMLParser):
    """Notes what a page loads at once, and what comes first in its head."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of elements, not of links that somebody would have to follow."""
        named = dict(attrs)
        self.tags.append((tag, named))
        found = [named.get("src"), named.get("href") if tag != "a" else None]
        self.addresses += [one for one in found if one]


def test_the_page_loads_nothing_and_may_not(report: Report) -> None:
    loaded = Loaded(report.page)
    assert loaded.addresses
    assert [one for one in loaded.addresses if not one.startswith("data:")] == []
    _, _, (tag, policy) = loaded.tags[:3]
    assert (tag, policy["http-equiv"]) == ("meta", "Content-Security-Policy")
    assert not _HOST.search(str(policy["content"]))


def test_what_allure_brings_along_knows_no_other_host(report: Report) -> None:
    page = _FILE.sub("", report.page)
    texts = [_INLINE.sub("", page), *map(_unpacked, _INLINE.findall(page))]
    hosts = {host for text in texts for host in _HOST.findall(text)}
    assert hosts - {"127.0.0.1"} == LINKED  # the target stands in the title
    assert not [text for text in texts if re.search("gtag|google|dataLayer|sendBeacon", text)]


def _unpacked(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "replace")


def test_no_secret_is_in_it(report: Report) -> None:
    everything = b"\0".join(report.everything)
    assert b"[redacted]" in everything
    assert [one for one in (SECRET, TOKEN) if one.encode() in everything] == []
    left = [path for path in (report.reports / "allure-results").iterdir() if path.is_file()]
    texts = [path.read_bytes() for path in left]
    assert [one for one in (SECRET, TOKEN) if any(one.encode() in text for text in texts)] == []


def test_failures_are_sorted_by_whose_fault_they_are(report: Report) -> None:
    assert [
        (report.result(name)["status"], [one["name"] for one in report.result(name)["categories"]])
        for name in ("Two people chat", "A code is mailed", "Our machine holds")
    ] == [
        ("failed", ["The target is at fault"]),
        ("broken", ["A dependency of ours is at fault"]),
        ("broken", ["Our runner is at fault"]),
    ]
    assert report.result("Two people chat")["error"]["message"].endswith("Origin: target")


def test_what_works_only_when_repeated_is_degraded(report: Report) -> None:
    last = report.result("Works when repeated")
    assert (last["status"], last["flaky"], len(last["retries"])) == ("passed", True, 1)
    assert [one["name"] for one in last["categories"]] == ["Degraded: worked only when repeated"]
    assert report.result("Works when repeated", retry=True)["status"] == "failed"


def test_earlier_runs_are_told(report: Report) -> None:
    chat = report.result("Two people chat")
    assert [one["status"] for one in chat["history"]] == ["passed", "failed"]
    assert (chat["transition"], chat["flaky"]) == ("regressed", True), "it failed before that, too"
    assert chat["history"][0]["url"].startswith(f"{REPORTS_URL}runs/20261122T211530Z-0001/run.json")
    assert report.result("Our machine holds")["transition"] == "new"


def test_a_journey_is_filed_as_the_plan_has_it(report: Report) -> None:
    well, chat = report.labels("All is well"), report.labels("Two people chat")
    wanted = {"parentSuite": ["smoke"], "suite": ["Allure journeys"], "feature": ["site"]}
    assert wanted.items() <= well.items()
    assert (well["severity"], well["owner"]) == (["critical"], ["#incident-response"])
    assert (chat["severity"], chat["owner"], chat["origin"]) == (["minor"], ["jira"], ["target"])
    links = {one["name"]: one["url"] for one in report.result("Two people chat")["links"]}
    run_id = (report.reports / "latest").read_text().strip()
    evidence = f"runs/{run_id}/evidence/test_two_people_chat-2/summary.html"
    assert links == {
        "Run record": f"{REPORTS_URL}runs/{run_id}/run.json",
        "Evidence": f"{REPORTS_URL}{evidence}",
        "Runbook: docs/runbooks/minor.md": "https://wiki.example.org/docs/runbooks/minor.md",
        "Plan: Non-critical feature does not work": "https://docs.example.org/#e-low-minor-features",
    }
    assert (report.reports / evidence).exists()
    attached = [one["link"]["name"] for one in report.result("Two people chat")["attachments"]]
    assert attached == ["whose fault", "summary", "stdout"]


def test_evidence_is_kept_when_allure_breaks(report: Report) -> None:
    run_id = (report.reports / "latest").read_text().strip()
    evidence = report.reports / "runs" / run_id / "evidence" / "test_allure_breaks-1"
    assert (evidence / "summary.html").exists()
    assert "ERROR at teardown" not in report.said


def test_what_was_looked_at_is_told(report: Report) -> None:
    run = RunFolder.open(report.reports, (report.reports / "latest").read_text().strip()).read()
    told = json.loads(report.files["widgets/allure_environment.json"])
    assert {one["name"]: one["values"][0] for one in told if one["name"] != "started"} == {
        "target": TARGET,
        "location": "local",
        "suite": "smoke",
        "trigger": "manual",
        "run": run.run_id,
        "verdict": "failed",
        "origin": "target",
        **({"revision": run.revision} if run.revision else {}),
    }
