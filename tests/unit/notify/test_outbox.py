"""A message is sent once, by this run or a later one, and never lost in between."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from synthetic.errors import ReportsNotWritable
from synthetic.notify.outbox import announce, shown
from synthetic.notify.slack_message import SlackMessage, message
from synthetic.results import Notification, Run
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder
from synthetic.wording import columns
from tests.runs import at, failed, journey, run
from tests.services.slack_server import CHANNEL, TOKEN, Fault, SlackServer, serving

ENDS = """
import json, sys
from pathlib import Path
from synthetic.notify.outbox import announce
from synthetic.results import Run
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder
reports, api_url, bot_token, channel = sys.argv[1:]
slack = {"api_url": api_url, "bot_token": bot_token, "channel": channel}
settings = Settings.model_validate({"reports_dir": reports, "slack": slack})
run = Run.from_json(sys.stdin.readline())
rows = announce(run, settings, RunFolder.create(Path(reports), run), print)
print(json.dumps([(row.key, row.status) for row in rows]))
"""


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with serving() as slack:
        yield slack


def settings(reports: Path, server: SlackServer | None, **more: Any) -> Settings:
    bot = {"api_url": server.api_url, "bot_token": TOKEN, "channel": CHANNEL} if server else {}
    return Settings.model_validate(
        {"reports_dir": reports, "slack": bot, "sink_timeout_s": 1, **more}
    )


def broken(run_id: str, **more: Any) -> Run:
    steps = journey(failed("guest was told: no", "Refused"))
    return run(steps, run_id=run_id, verdict="failed", origin="target", **more)


def test_a_message_links_to_the_summary_where_others_can_read_it(tmp_path: Path) -> None:
    known = settings(tmp_path, None, reports_url="https://reports.test/kulti/")
    end(broken("20260101T000000Z-0001"), known)
    text = (tmp_path / "runs" / "20260101T000000Z-0001" / "slack.json").read_text()
    page = "runs/20260101T000000Z-0001/evidence/meet-1/summary.html"
    assert f'"url": "https://reports.test/kulti/{page}"' in text


def end(some: Run, known: Settings, seen: list[str] | None = None) -> list[Notification]:
    """A run ends: its record is written and people are told."""
    folder = RunFolder.create(known.reports_dir, some)
    shown_here: list[str] = [] if seen is None else seen
    return announce(some, known, folder, shown_here.append, now=lambda: at(13))


def outcomes(rows: list[Notification]) -> list[tuple[str, str]]:
    return [(row.key, row.status) for row in rows]


def waiting(reports: Path) -> list[str]:
    return sorted(path.name for path in (reports / "outbox").glob("*.*"))


def told_about(server: SlackServer) -> list[str]:
    return [posted["blocks"][1]["fields"][-1]["text"].split()[0] for posted in server.posted]


def test_what_is_kept_beside_the_record_is_what_was_posted(
    tmp_path: Path, server: SlackServer
) -> None:
    rows = end(broken("a"), settings(tmp_path, server))
    kept = json.loads((tmp_path / "runs" / "a" / "slack.json").read_text())
    (posted,) = server.posted
    assert kept == {"text": posted["text"], "blocks": posted["blocks"]}
    assert rows == [Notification(channel="slack", key="a", status="sent", at=at(13))]
    assert waiting(tmp_path) == []


def test_a_failed_delivery_is_kept_and_said(tmp_path: Path, server: SlackServer) -> None:
    server.fault = Fault(500, body="{}")
    (row,) = end(broken("a"), settings(tmp_path, server))
    assert (row.status, waiting(tmp_path)) == ("undelivered", ["a.json"])
    assert "the next run sends it" in (row.detail or "")


def test_the_next_run_sends_what_is_left_oldest_first(tmp_path: Path, server: SlackServer) -> None:
    server.fault = Fault(500, times=2)
    end(broken("a"), settings(tmp_path, server))
    rows = end(broken("b"), settings(tmp_path, server))
    assert outcomes(rows) == [("a", "undelivered"), ("b", "undelivered")]
    rows = end(broken("c"), settings(tmp_path, server))
    assert outcomes(rows) == [("a", "sent"), ("b", "sent"), ("c", "sent")]
    assert told_about(server) == ["a", "b", "c"]


def test_a_run_that_has_nothing_to_tell_sends_what_is_left(
    tmp_path: Path, server: SlackServer
) -> None:
    server.fault = Fault(500)
    unsure = run(run_id="a", verdict="inconclusive", origin="runner")
    end(unsure, settings(tmp_path, server))
    assert outcomes(end(run(run_id="b"), settings(tmp_path, server))) == [("a", "sent")]


def test_a_run_that_passed_tells_nobody(tmp_path: Path, server: SlackServer) -> None:
    assert end(run(run_id="a"), settings(tmp_path, server)) == []
    assert (server.asked, waiting(tmp_path)) == (0, [])
    assert not (tmp_path / "runs" / "a" / "slack.json").exists()


def test_a_recovery_is_told_once(tmp_path: Path, server: SlackServer) -> None:
    for some in (broken("a"), run(run_id="b"), run(run_id="c")):
        end(some, settings(tmp_path, server))
    assert told_about(server) == ["a", "b"]
    assert "Recovered" in server.posted[1]["text"]


@pytest.mark.parametrize("content", ["{", "[]", '"x"', '{"no": 1}', "\xff"])
def test_a_damaged_file_is_set_aside_and_holds_nobody_up(
    tmp_path: Path, server: SlackServer, content: str
) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "a.json").write_text(content, "latin-1")
    assert outcomes(end(broken("b"), settings(tmp_path, server))) == [("b", "sent")]
    assert waiting(tmp_path) == ["a.damaged"]


def test_a_message_that_slack_never_takes_holds_nobody_up(
    tmp_path: Path, server: SlackServer
) -> None:
    (tmp_path / "outbox").mkdir()
    bad = SlackMessage("x", [{"type": "section"}])
    (tmp_path / "outbox" / "a.json").write_text(json.dumps(asdict(bad)))
    rows = end(broken("b"), settings(tmp_path, server))
    assert outcomes(rows) == [("a", "undelivered"), ("b", "sent")]
    assert waiting(tmp_path) == ["a.refused"]


def test_about_a_stand_in_no_channel_is_told(tmp_path: Path, server: SlackServer) -> None:
    seen: list[str] = []
    rows = end(broken("a", target="stand-in"), settings(tmp_path, server), seen)
    assert outcomes(rows) == [("a", "shown")]
    assert (server.asked, len(seen), waiting(tmp_path)) == (0, 1, [])


def test_about_a_stand_in_channels_are_told_when_asked(tmp_path: Path, server: SlackServer) -> None:
    known = settings(tmp_path, server, notify_standin=True)
    assert outcomes(end(broken("a", target="stand-in"), known)) == [("a", "sent")]


def test_without_a_channel_the_message_is_shown(tmp_path: Path) -> None:
    seen: list[str] = []
    rows = end(broken("a"), settings(tmp_path, None), seen)
    assert outcomes(rows) == [("a", "shown")]
    told = seen[0].replace("\n", " ")
    assert told.startswith("Slack would be told: 🔴 Failed: the guest was told: no · https://kulti")
    assert (tmp_path / "runs" / "a" / "slack.json").exists()


def test_what_is_shown_fits_the_terminal() -> None:
    long = message(broken("a", target="<日本 " * 50), None)
    assert max(map(columns, shown(long).split("\n"))) <= 80
    assert "&lt;" not in shown(long)


def test_runs_that_end_at_once_send_each_message_once(tmp_path: Path, server: SlackServer) -> None:
    server.fault = Fault(500, times=2)
    for run_id in ("a", "b"):
        end(broken(run_id), settings(tmp_path, server))
    command = [sys.executable, "-c", ENDS, str(tmp_path), server.api_url, TOKEN, CHANNEL]
    others = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in "cdef"
    ]
    for run_id, process in zip("cdef", others, strict=True):
        assert process.stdin
        process.stdin.write(broken(run_id).model_dump_json(by_alias=True).encode() + b"\n")
        process.stdin.flush()
    found = [tuple(row) for process in others for row in json.loads(process.communicate()[0])]
    assert sorted(told_about(server)) == ["a", "b", "c", "d", "e", "f"]
    assert set(found) == {(run_id, "sent") for run_id in "abcdef"}


def test_an_outbox_that_cannot_be_made_is_said(tmp_path: Path, server: SlackServer) -> None:
    (tmp_path / "outbox").touch()
    with pytest.raises(ReportsNotWritable, match=r"outbox\S* cannot be written: .*; free some"):
        end(broken("a"), settings(tmp_path, server))
