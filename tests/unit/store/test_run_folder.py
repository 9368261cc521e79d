"""The record on disk is valid at every moment, whatever becomes of those who write it."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synthetic.errors import ReportsNotWritable
from synthetic.results import Request, Run, json_schema
from synthetic.store.run_folder import (
    Entry,
    JourneyDone,
    JourneyStarted,
    MediaSeen,
    RequestDone,
    RunFolder,
    StepDone,
    new_run_id,
    previous_verdict,
)
from tests.runs import START, at, camera, recorded, run, step

WRITER = """
import sys
from pathlib import Path
from synthetic.results import Run
from synthetic.store.run_folder import RunFolder, StepDone
folder = RunFolder(Path(sys.argv[1]))
run = folder.read()
step = run.journeys[0].steps[0]
print("ready", flush=True)
for number in range(1_000_000):
    folder.append("gw0", StepDone(journey="meet", attempt=1, step=step))
    folder.write(run.model_copy(update={"revision": "r" * (number % 5000)}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path, run(finished_at=None, duration_s=None, run_id="2026-a"))


def begun(name: str = "meet", seconds: float = 0) -> JourneyStarted:
    return JourneyStarted(journey=name, attempt=1, at=at(seconds))


def done(name: str = "meet") -> JourneyDone:
    return JourneyDone(journey=name, attempt=1, status="passed")


def asked(seconds: float) -> RequestDone:
    request = Request(
        endpoint=f"/api/{seconds:g}",
        method="GET",
        status=200,
        duration_ms=1,
        at=at(seconds),
        actor="host",
        journey="meet",
        step=None,
        expected=True,
    )
    return RequestDone(request=request)


def add(folder: RunFolder, part: str, *entries: Entry) -> None:
    for entry in entries:
        folder.append(part, entry)


KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "boolean": bool,
    "number": (int, float),
    "integer": int,
}


def wrong(value: Any, schema: dict[str, Any], where: str = "run") -> Iterator[str]:
    """Where ``value`` does not fit the part of JSON Schema that the record's schema uses."""
    if "$ref" in schema:
        schema = json_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if all(any(wrong(value, option)) for option in schema["anyOf"]):
            yield where
        return
    fits = isinstance(value, KINDS.get(schema.get("type", ""), object))
    if not fits or value not in schema.get("enum", [value]):
        yield where
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from wrong(item, schema["items"], f"{where}[{number}]")
    elif isinstance(value, dict) and "properties" in schema:
        named = schema["properties"]
        for name in {*schema.get("required", ()), *value}:
            if name not in value or name not in named:
                yield f"{where}.{name}"
            else:
                yield from wrong(value[name], named[name], f"{where}.{name}")


def test_a_new_run_is_inconclusive_by_the_runner_and_the_latest(tmp_path: Path) -> None:
    new = Run(
        run_id="2026-a",
        suite="smoke",
        target="x",
        location="x",
        trigger="x",
        started_at=START,
    )
    RunFolder.create(tmp_path, new)
    record = json.loads((tmp_path / "runs" / "2026-a" / "run.json").read_text())
    assert (record["verdict"], record["origin"]) == ("inconclusive", "runner")
    assert (tmp_path / "latest").read_text().strip() == "2026-a"


def test_the_record_is_valid_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, recorded())
    moments = random.Random(7)
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, folder.path], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout
            writer.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(moments.uniform(0.001, 0.05))
            writer.send_signal(signal.SIGKILL)
        assert folder.read().run_id == recorded().run_id
        folder.fold()


def test_a_torn_line_costs_only_itself(folder: RunFolder) -> None:
    add(folder, "main", begun(), StepDone(journey="meet", attempt=1, step=step("leave")))
    with (folder.path / "parts" / "main.jsonl").open("a") as part:
        part.write('{"kind":"step","journey":"me')
    (found,) = folder.fold().journeys
    assert [one.name for one in found.steps] == ["leave"]


def test_steps_survive_a_torn_start_of_their_journey(folder: RunFolder) -> None:
    (folder.path / "parts" / "main.jsonl").write_text('{"kind":"journey_sta\n')
    add(folder, "main", StepDone(journey="meet", attempt=1, step=step("leave")))
    assert folder.fold().journeys[0].steps[0].name == "leave"


def test_a_journey_without_an_end_was_cut_off_by_the_runner(folder: RunFolder) -> None:
    add(folder, "main", begun("cut"), begun("whole"), done("whole"))
    cut, whole = folder.fold().journeys
    assert (cut.status, cut.origin) == ("failed", "runner")
    assert (whole.status, whole.origin) == ("passed", None)


def test_folding_twice_changes_nothing(folder: RunFolder) -> None:
    add(folder, "main", begun(), asked(1), MediaSeen(media=camera()), done())
    once = folder.fold()
    folder.write(once)
    assert folder.fold() == once


def test_parts_of_several_workers_merge_in_order_of_time(folder: RunFolder) -> None:
    early, late = camera(journey="early"), camera(journey="late")
    add(folder, "gw0", begun("late", 5), asked(6), MediaSeen(media=late), done("late"))
    add(folder, "gw1", begun("early", 1), asked(2), MediaSeen(media=early), done("early"))
    whole = folder.fold()
    assert [one.name for one in whole.journeys] == ["early", "late"]
    assert [one.at for one in whole.requests] == [at(2), at(6)]
    assert [one.journey for one in whole.media] == ["early", "late"]


def test_reports_that_are_a_file_are_refused_with_path_and_cure(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(ReportsNotWritable, match=r"reports/runs/\S+ cannot .* SYNTHETIC_REPORTS_D"):
        RunFolder.create(tmp_path / "reports", run())


def test_a_folder_in_the_way_of_the_record_is_refused(folder: RunFolder) -> None:
    (folder.path / "run.json").unlink()
    (folder.path / "run.json").mkdir()
    with pytest.raises(ReportsNotWritable, match=r"run\.json cannot be written: Is a directory"):
        folder.write(run())
    assert not list(folder.path.glob(".run.json.*"))


def test_a_full_disk_is_said_with_path_and_cure(folder: RunFolder) -> None:
    (folder.path / "parts" / "main.jsonl").symlink_to("/dev/full")
    with pytest.raises(ReportsNotWritable, match=r"main\.jsonl .*No space left .*; free some"):
        folder.append("main", begun())


def test_a_record_that_somebody_damaged_is_said(folder: RunFolder) -> None:
    (folder.path / "run.json").write_text("{")
    with pytest.raises(ReportsNotWritable, match=r"run\.json is gone or damaged"):
        folder.fold()


def test_run_ids_sort_by_time() -> None:
    ids = [new_run_id(at(second), random.Random(1)) for second in (0, 1, 60)]
    assert ids == sorted(ids)
    assert re.fullmatch(r"20261123T211530Z-[0-9a-f]{4}", ids[0])


@pytest.mark.parametrize(
    "between",
    [
        "{",
        "[]",
        '{"target": "https://kulti.test/"}',
        run(run_id="b", verdict="inconclusive", origin="runner").to_json(),
        run(run_id="b", verdict="passed", finished_at=None).to_json(),
        run(run_id="b", verdict="passed", target="stand-in").to_json(),
        run(run_id="b", verdict="passed", suite="full").to_json(),
    ],
    ids=["damaged", "list", "partial", "inconclusive", "unfinished", "other target", "other suite"],
)
def test_the_previous_verdict_is_of_the_last_run_that_tells(tmp_path: Path, between: str) -> None:
    RunFolder.create(tmp_path, run(run_id="a", verdict="failed", origin="target"))
    (tmp_path / "runs" / "b").mkdir()
    (tmp_path / "runs" / "b" / "run.json").write_text(between)
    RunFolder.create(tmp_path, run(run_id="d", verdict="passed"))
    assert previous_verdict(tmp_path, run(run_id="c")) == "failed"


def test_the_first_run_has_no_previous_verdict(tmp_path: Path) -> None:
    assert previous_verdict(tmp_path, run()) is None


def test_the_schema_describes_a_real_record() -> None:
    assert not list(wrong(json.loads(recorded().to_json()), json_schema()))


def test_the_schema_refuses_what_is_no_record() -> None:
    damaged = {**json.loads(recorded().to_json()), "verdict": "fine", "more": 1}
    del damaged["target"]
    assert set(wrong(damaged, json_schema())) == {"run.verdict", "run.more", "run.target"}


def test_what_follows_a_torn_line_is_kept(folder: RunFolder) -> None:
    """A disk that was full for a moment costs one line, not two."""
    part = folder.path / "parts" / "main.jsonl"
    part.write_bytes(b'{"kind": "journey_st')
    folder.append("main", begun())
    assert [journey.name for journey in folder.fold().journeys] == ["meet"]
