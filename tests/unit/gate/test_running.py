"""Runs of the gate are processes of their own: what they are given, and what is read back."""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from pydantic import SecretStr

from synthetic._settings_product import TargetPass
from synthetic.errors import ReportsNotWritable
from synthetic.gate.running import Runner, command_of, deployment_at, environment
from tests.runs import recorded
from tests.unit.conftest import Web

HOSTILE = "https://x.test/$(touch${IFS}pwned);'\"%20&&"
NOWHERE = "http://127.0.0.1:9/"
WRITES = """
import os, pathlib, sys
reports = pathlib.Path(os.environ["SYNTHETIC_REPORTS_DIR"])
folder = reports / "runs" / sys.argv[2]
folder.mkdir(parents=True)
(folder / "run.json").write_text(pathlib.Path(sys.argv[1]).read_text())
(reports / "latest").write_text(sys.argv[2] + "\\n")
"""
HANGS = "import time; time.sleep(60)"


def runner(tmp_path: Path, code: str, *arguments: str, url: str = NOWHERE) -> Runner:
    argv = [sys.executable, "-c", code, *arguments]
    return Runner("candidate", url, tmp_path / "gate", argv, drain_s=0.5)


@pytest.fixture
def record(tmp_path: Path) -> str:
    """A file with a run's record."""
    path = tmp_path / "record.json"
    path.write_text(recorded().to_json())
    return str(path)


def test_the_record_of_a_run_is_read_back(tmp_path: Path, record: str) -> None:
    ran = runner(tmp_path, WRITES, record, "one").run(20)
    assert (ran.run, ran.good, ran.trouble) == (recorded(), True, None)
    assert (ran.deployments, ran.folder) == ((), tmp_path / "gate" / "runs" / "one")


def test_a_deployment_that_changes_in_a_run_is_seen(tmp_path: Path, web: Web, record: str) -> None:
    url = web.page("hi", X_Release="r1")

    def redeployed() -> None:
        web.page("hi", X_Release="r2")

    web.answers["/"] = replace(web.answers["/"], before=redeployed)
    assert runner(tmp_path, WRITES, record, "one", url=url).run(20).deployments == ("r1", "r2")


def test_an_earlier_record_is_not_taken_for_that_of_a_run_that_left_none(
    tmp_path: Path, record: str
) -> None:
    here = runner(tmp_path, WRITES, record, "one")
    here.run(20)
    here.argv = [sys.executable, "-c", "print('oh')"]
    ran = here.run(20)
    assert (ran.run, ran.verdict, ran.origin) == (None, "inconclusive", "runner")
    assert ran.trouble
    assert ran.trouble.endswith("pytest.log shows how far it came")
    assert (tmp_path / "gate" / "pytest.log").read_text() == "oh\n"


def test_a_run_is_ended_when_the_time_is_up(tmp_path: Path) -> None:
    ran = runner(tmp_path, HANGS).run(0.2)
    assert (ran.verdict, ran.cut_off, ran.took_s < 5) == ("inconclusive", True, True)
    assert ran.trouble == "the run was ended after 0 s, when the time was up"


def test_reports_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    (tmp_path / "gate").write_text("a file")
    with pytest.raises(ReportsNotWritable):
        runner(tmp_path, "").run(5)


def test_an_address_is_never_more_than_the_value_of_a_variable(tmp_path: Path) -> None:
    code = "import os, sys; print(os.environ['SYNTHETIC_BASE_URL'], sys.argv[1:])"
    runner(tmp_path, code, url=HOSTILE).run(20)
    assert (tmp_path / "gate" / "pytest.log").read_text() == f"{HOSTILE} []\n"
    assert command_of("smoke")[1:] == ["-m", "pytest", "-m", "smoke"]


def test_a_run_is_told_whom_to_visit_where_to_write_and_that_it_is_a_gate_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SYNTHETIC_BASE_URL", "https://kulti.test/")
    more = {"SYNTHETIC_INBOX__URL": "http://mail.test", "SYNTHETIC_TRIGGER": "no"}
    found = environment("https://preview.test/", Path("there"), more)
    ours = {name: value for name, value in found.items() if os.environ.get(name) != value}
    assert ours == {
        "SYNTHETIC_BASE_URL": "https://preview.test/",
        "SYNTHETIC_TRIGGER": "gate",
        "SYNTHETIC_REPORTS_DIR": "there",
        "SYNTHETIC_INBOX__URL": "http://mail.test",
    }


def test_a_deployment_is_known_by_its_header_or_its_page(web: Web) -> None:
    url = web.page("hi", X_Deployment_Id="dpl-1\x1b")
    assert deployment_at(url, TargetPass()) == "dpl-1"
    named = '<html data-dpl-id="dpl_9fA8bC7dE6">'
    assert deployment_at(web.page(named), TargetPass()) == "dpl_9fA8bC7dE6"
    assert deployment_at(web.page("nothing"), TargetPass()) is None
    assert deployment_at(NOWHERE, TargetPass()) is None


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_a_target_that_drips_is_left_when_the_time_is_up(drips: bytes) -> None:
    """Each byte is in time; all of them would take for ever."""
    left = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(drips)
                while not left.wait(0.02):
                    connection.sendall(b"x")

        dripping = Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert deployment_at(url, TargetPass(), 0.3) is None
        took_s = time.monotonic() - began
        left.set()
        dripping.join(5)
    assert took_s < 2


def test_a_target_that_leads_to_no_address_is_left(web: Web) -> None:
    opens = TargetPass(name="x-bypass", value=SecretStr("hush"))
    assert deployment_at(web.put("/", b"", 302, Location="http://["), opens) is None


def test_a_protected_target_is_looked_at_with_its_pass(web: Web) -> None:
    opens = TargetPass(name="x-bypass", value=SecretStr("hush"))
    assert deployment_at(web.page("hi", X_Release="r1"), opens) == "r1"
    assert [heard.headers.get("x-bypass") for heard in web.heard] == ["hush", None]
