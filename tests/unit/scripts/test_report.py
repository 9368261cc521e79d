"""The report loads nothing from elsewhere, and says what it needs."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from allure_commons import model2
from allure_commons.logger import AllureFileLogger

from synthetic.allure_report.telling import HERE
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder
from tests import runs

SCRIPT = Path(__file__).parents[3] / "scripts" / "report.py"
# Its report is what it was given.
NPM = f"""#!{sys.executable}
import json, os, pathlib, sys
results = pathlib.Path(sys.argv[-1])
texts = [path.read_bytes() for path in results.glob("*-result.json")]
told = {{"environment": dict(os.environ), "arguments": sys.argv[1:-1],
        "links": [one for text in texts for one in json.loads(text)["links"]],
        "files": os.listdir(results)}}
os.mkdir("report")
pathlib.Path("report", "index.html").write_text("<head>" + json.dumps(told))
"""


@pytest.fixture
def report() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only Node on PATH; its version is what a test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "node"


@pytest.fixture
def npm(node: Path) -> None:
    """A Node that is new enough, and an npm that tells what it was given."""
    programs = {node: "#!/bin/sh\necho v22.0.0\n", node.with_name("npm"): NPM}
    for path, text in programs.items():
        path.write_text(text)
        path.chmod(0o755)


def left(reports: Path, *run_ids: str) -> Path:
    """Results of these runs, each with a link to its record; the folder that they are in."""
    results = reports / "allure-results"
    logger = AllureFileLogger(results)
    for one in run_ids:
        link = model2.Link("link", f"{HERE}/runs/{one}/run.json", "Run record")
        result = model2.TestResult(parameters=[model2.Parameter("run", one)], links=[link])
        logger.report_result(result)
    return results


def test_scripts_from_elsewhere_are_taken_out(report: ModuleType) -> None:
    tracker = '<script async src="https://t.example/x"></script>\n<script>\n window.dataLayer = 1;'
    page = f"<head><b>1</b>{tracker}\n</script><script>kept()</script>"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{report.POLICY}">'
    assert report.sealed(page) == f"<head>{policy}<b>1</b>\n<script>kept()</script>"


@pytest.mark.parametrize("html", ["<head><script>new(window.dataLayer)</script>", "<HEAD>"])
def test_a_page_of_a_new_shape_is_refused(report: ModuleType, html: str) -> None:
    with pytest.raises(report.CannotReport, match=r"adapt scripts/report\.py"):
        report.sealed(html)


@pytest.mark.usefixtures("node")
def test_without_node_it_is_said_what_is_needed(report: ModuleType) -> None:
    with pytest.raises(report.CannotReport, match="Node 20 or newer with npm, and no Node is here"):
        report.require_node()


def test_an_old_node_is_named(report: ModuleType, node: Path) -> None:
    node.write_text("#!/bin/sh\necho v18.19.0\n")
    node.chmod(0o755)
    with pytest.raises(report.CannotReport, match=r"and v18\.19\.0 is here"):
        report.require_node()


def test_without_results_it_is_said_how_to_get_some(report: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(report.CannotReport, match="run `make smoke` first"):
        report.require_results(tmp_path)


def test_a_stand_in_is_named_as_such(report: ModuleType) -> None:
    assert report.name_of([runs.run()]) == "https://kulti.test/, seen from eu-west"
    standin = report.name_of([runs.run(target="stand-in")])
    assert standin == "a stand-in, not the product, seen from eu-west"


def test_without_a_store_it_is_a_report_without_a_past(
    report: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "history.db").write_text("no database at all, but text of some length\n" * 99)
    assert report.history(Settings(reports_dir=tmp_path), [runs.run()]) == ""
    assert capsys.readouterr().err.startswith("The report is without earlier runs: ")


@pytest.mark.usefixtures("npm")
def test_npm_learns_nothing_of_ours(
    report: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "postgresql://us:pa55@db.example.org/history"
    monkeypatch.setenv("SYNTHETIC_STORE_URL", secret)
    monkeypatch.setenv("synthetic_store_url", secret)
    monkeypatch.setenv("NPM_CONFIG_CACHE", "kept")
    page = report.generate(left(tmp_path, "r1"), "name", "")
    told = json.loads(page.removeprefix("<head>"))
    assert [name for name, value in told["environment"].items() if value == secret] == []
    assert told["environment"]["NPM_CONFIG_CACHE"] == "kept"
    assert told["environment"]["PATH"] == str(tmp_path)
    assert "--ignore-scripts" in told["arguments"][: told["arguments"].index("--")]


def test_a_damaged_record_costs_its_own_run_alone(
    report: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = runs.run(), runs.run(run_id="20261123T221530Z-0001")
    for one in (good, bad):
        RunFolder.create(tmp_path, one)
    torn = RunFolder.open(tmp_path, bad.run_id).path / "run.json"
    torn.write_text("{")
    results = left(tmp_path, good.run_id, bad.run_id, "20261123T231530Z-gone")
    assert report.runs_of(Settings(reports_dir=tmp_path), results) == [good]
    assert capsys.readouterr().err.startswith(f"One run is left out of names and history: {torn}")


@pytest.mark.usefixtures("npm")
@pytest.mark.parametrize("output", [None, "mailed/to us/one.html"])
def test_links_lead_to_the_records_from_wherever_the_page_is(
    report: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_REPORTS_DIR", "reports #1")
    reports, run = tmp_path / "reports #1", runs.run()
    record = RunFolder.create(reports, run).path / "run.json"
    (left(reports, run.run_id) / "1-attachment.txt").write_text("evidence")
    page = tmp_path / (output or "reports #1/allure/index.html")
    if output:
        page.parent.mkdir(parents=True)
    assert report.main(["--output", output] if output else []) == 0
    told = json.loads(page.read_text().partition(">")[2].partition(">")[2])
    followed = [urlsplit(urljoin(page.as_uri(), one["url"])) for one in told["links"]]
    assert [(unquote(one.path), one.fragment) for one in followed] == [(str(record), "")]
    assert "1-attachment.txt" in told["files"]
    [result] = (reports / "allure-results").glob("*-result.json")
    assert f'"{HERE}/runs/' in result.read_text()
