"""Samples are lines of JSON, whole even when many processes write at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from synthetic.errors import ReportsNotWritable
from synthetic.results import Sample
from synthetic.sinks import jsonl
from tests.runs import START

WRITER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from synthetic.results import Sample
from synthetic.sinks import jsonl
at = datetime(2026, 1, 1, tzinfo=UTC)
labels = {"writer": sys.argv[2], "filling": "x" * 3000}
many = [Sample(metric="m", value=n, at=at, labels=labels) for n in range(20)]
sys.stdin.readline()
for _ in range(5):
    jsonl.append(Path(sys.argv[1]), many)
"""


def sample(value: float = 1) -> Sample:
    return Sample(metric="m", value=value, at=START, labels={"a": "b"})


def test_a_sample_is_a_line(tmp_path: Path) -> None:
    jsonl.append(tmp_path, [sample(1), sample(2)])
    jsonl.append(tmp_path, [sample(3)])
    lines = (tmp_path / "samples.jsonl").read_text().splitlines()
    assert [json.loads(line)["value"] for line in lines] == [1, 2, 3]
    assert Sample.model_validate_json(lines[0]) == sample(1)


def test_ten_processes_at_once_tear_no_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE) for number in range(10)
    ]
    for writer in writers:
        writer.communicate(b"go\n")
    lines = (tmp_path / "samples.jsonl").read_text().splitlines()
    found = Counter(json.loads(line)["labels"]["writer"] for line in lines)
    assert found == {str(number): 100 for number in range(10)}


def test_a_full_disk_is_said_with_path_and_cure(tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").symlink_to("/dev/full")
    with pytest.raises(ReportsNotWritable, match=r"samples\.jsonl .*No space left .*; free some"):
        jsonl.append(tmp_path, [sample()])
