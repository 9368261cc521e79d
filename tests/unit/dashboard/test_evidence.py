"""Evidence is read-only, of known kinds, and never alive in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from synthetic.dashboard.evidence import found
from synthetic.store.history import Store
from tests.dashboards import Visitor, visiting, watched

RUN = "20261123T211530Z-3f9c"
HERE = f"/runs/{RUN}/evidence"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """One run's folder with evidence, and things beside it that are none."""
    place = tmp_path / "reports" / "runs" / RUN / "evidence" / "test_meet-1" / "host"
    place.mkdir(parents=True)
    (place / "screenshot.png").write_bytes(b"\x89PNG")
    (place / "trace.zip").write_bytes(b"PK")
    (place / "network.json").write_text('{"a": "<script>"}')
    (place / "run.sh").write_text("rm -rf /")
    (place / ".hidden.txt").write_text("secret")
    (place.parent / "summary.html").write_text("<script>alert(1)</script>")
    (place.parents[2] / "run.json").write_text("{}")
    (tmp_path / "reports" / "secret.txt").write_text("secret")
    return tmp_path / "reports"


@pytest.fixture
def visitor(reports: Path) -> Iterator[Visitor]:
    with Store.open(None, reports) as store, visiting(watched(store, reports)) as one:
        yield one


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("host/screenshot.png", "image/png"),
        ("host/trace.zip", "application/zip"),
        ("host/network.json", "text/plain; charset=utf-8"),
        ("summary.html", "text/html; charset=utf-8"),
    ],
)
def test_a_file_is_what_we_say_it_is(visitor: Visitor, name: str, kind: str) -> None:
    answer = visitor.get(f"{HERE}/test_meet-1/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "private" in answer.headers["cache-control"]


def test_a_page_runs_in_a_sandbox_without_scripts(visitor: Visitor) -> None:
    policy = visitor.get(f"{HERE}/test_meet-1/summary.html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy


def test_an_archive_is_saved_and_not_opened(visitor: Visitor) -> None:
    kept = visitor.get(f"{HERE}/test_meet-1/host/trace.zip").headers["content-disposition"]
    assert kept == 'attachment; filename="trace.zip"'


@pytest.mark.parametrize(
    "name",
    [
        "test_meet-1/host/run.sh",
        "test_meet-1/host/.hidden.txt",
        "test_meet-1/host",
        "test_meet-1/nothing.txt",
        "../run.json",
        "..%2f..%2f..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.txt",
        "test_meet-1/host/%2e%2e/%2e%2e/%2e%2e/run.json",
        "test_meet-1//host/screenshot.png",
        "test_meet-1\\host\\screenshot.png",
        "test_meet-1/host/screenshot.png%00.txt",
        "/etc/passwd.txt",
        "a/" * 200 + "x.txt",
    ],
)
def test_nothing_else_can_be_had(visitor: Visitor, name: str) -> None:
    answer = visitor.get(f"{HERE}/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("run_id", ["..", "%2e%2e", ".", "a/b", "x" * 65, "20261123T211530Z-0000"])
def test_no_other_run_can_be_named(visitor: Visitor, run_id: str) -> None:
    address = f"/runs/{run_id}/evidence/test_meet-1/summary.html"
    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize("link", ["file", "folder", "run"])
def test_a_link_leads_nowhere(reports: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside" / "evidence" / "place"
    outside.mkdir(parents=True)
    (outside / "passwd.txt").write_text("secret")
    evidence = reports / "runs" / RUN / "evidence"
    links = {
        "file": (evidence / "test_meet-1" / "a.txt", outside / "passwd.txt"),
        "folder": (evidence / "away", outside),
        "run": (reports / "runs" / "other", outside.parents[1]),
    }
    at, to = links[link]
    at.symlink_to(to)
    names = {
        "file": (RUN, "test_meet-1/a.txt"),
        "folder": (RUN, "away/passwd.txt"),
        "run": ("other", "place/passwd.txt"),
    }
    assert found(reports, *names[link]) is None


def test_reports_may_themselves_lie_behind_a_link(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "moved").symlink_to(reports)
    assert found(tmp_path / "moved", RUN, "test_meet-1/summary.html") is not None


def test_nobody_writes(visitor: Visitor) -> None:
    address = f"{HERE}/test_meet-1/summary.html"
    assert visitor.post(address, {}).status_code in (403, 405)
