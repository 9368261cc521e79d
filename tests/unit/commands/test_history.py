"""Commands about the history: what they take over, refuse and make again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthetic.cli import main
from synthetic.evaluate.history import Question
from synthetic.store.digest import Digest
from synthetic.store.history import Store
from synthetic.store.run_folder import RunFolder
from tests.runs import START, at, journey, run, step

TARGET = "https://kulti.test/"
WHEN = "2026-11-23T21:15:30Z"
Ran = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ran:
    """Runs a command in a folder of its own; its exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)

    def go(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(stdin.encode())))
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    return go


def kept(metric: str) -> list[Digest]:
    """What the history has of a metric."""
    with Store.open(None, Path("reports")) as store:
        past = START - timedelta(days=3000)
        return list(store.ask(TARGET)(Question(metric, past, datetime.now(UTC))).values())


def line(**more: object) -> str:
    return json.dumps({"metric": "dau", "value": 5, "at": WHEN, **more})


def test_samples_are_imported_once(ran: Ran) -> None:
    text = "\n".join([line(), "", line(labels={"plan": "pro"}), line(at="2026-11-24T00:00:00Z")])
    Path("samples.jsonl").write_text(text)
    assert ran("import", "samples.jsonl") == (
        0,
        f"{TARGET}: 3 samples stored, 0 were there already",
        "",
    )
    assert ran("import", "-", stdin=text)[1].endswith("0 samples stored, 3 were there already")
    assert sorted(one.count for one in kept("dau")) == [1, 2]


def test_bad_lines_are_named_and_nothing_is_stored(ran: Ran) -> None:
    bad = [
        "{",
        line(value="many"),
        line(at="2026-11-23T21:15:30"),
        line(labels={"a b": "c"}),
        line(extra=1),
        line(at="2999-01-01T00:00:00Z"),
        '{"metric": "dau", "value": NaN, "at": "2026-11-23T21:15:30Z"}',
    ]
    code, out, err = ran("import", "-", stdin="\n".join([line(), *bad]))
    assert (code, out) == (2, "")
    head, *told = err.splitlines()
    assert head == (
        "- has 7 bad lines, so nothing was stored; correct them, or leave them out with --lenient:"
    )
    assert [one.partition(": ")[0] for one in told] == [f"line {number}" for number in range(2, 9)]
    assert (
        told[1]
        == "line 3: value: Input should be a valid number, unable to parse string as a number"
    )
    assert told[2] == "line 4: the time has no zone"
    assert told[5] == "line 7: the time is more than 5 minutes ahead of ours"
    assert told[6] == "line 8: the value is not a finite number"
    assert not kept("dau")


def test_bad_lines_may_be_left_out(ran: Ran) -> None:
    code, out, err = ran("import", "-", "--lenient", stdin="\n".join(["{", line()]))
    assert (code, out) == (0, f"{TARGET}: 1 samples stored, 0 were there already")
    assert err.startswith("left out: line 1: ")


def test_a_metric_that_the_plan_does_not_know_is_kept_and_said(ran: Ran) -> None:
    names = ("daus", "request_failed", "dau", *(f"own_{number}" for number in range(30)))
    code, out, err = ran("import", "-", stdin="\n".join(line(metric=name) for name in names))
    assert (code, out) == (0, f"{TARGET}: 33 samples stored, 0 were there already")
    assert err.splitlines()[0] == (
        "daus is kept, but the plan has no such metric: did you mean dau?"
    )
    assert err.splitlines()[1].endswith("no such metric: no rule or report reads it")
    assert err.splitlines()[20:] == ["so are 11 more"]
    assert [one.count for one in kept("daus")] == [1]


def test_a_byte_order_mark_is_no_harm(ran: Ran) -> None:
    assert ran("import", "-", stdin=f"\ufeff{line()}")[0] == 0


def test_a_multitude_of_bad_lines_is_cut_short(ran: Ran) -> None:
    err = ran("import", "-", stdin="{\n" * 100)[2].splitlines()
    assert (len(err), err[-1]) == (22, "and 80 more")


def test_a_file_that_is_not_there_is_said(ran: Ran) -> None:
    assert ran("import", "none.jsonl") == (
        2,
        "",
        "none.jsonl cannot be read: No such file or directory",
    )


def test_a_figure_is_recorded_with_its_unit(ran: Ran) -> None:
    code, out, _ = ran("record", "tickets", "12", "--at", WHEN, "--label", "type=bug")
    assert (code, out) == (
        0,
        "Support tickets in a day: 12 (unit: per day), 23 Nov 2026, 21:15 UTC",
    )
    assert [one.latest for one in kept("tickets")] == [12.0]
    again = ran("record", "tickets", "13", "--at", WHEN, "--label", "type=bug")
    assert again[0] == 2
    assert "has a value for" in again[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["tikets", "1"],
            "the plan knows no metric tikets: did you mean tickets?",
        ),
        (["x\x1b[31m", "1"], "the plan knows no metric x [31m: `synthetic plan` lists them"),
        (
            ["tickets", "nan"],
            "tickets nan cannot be kept: the value is not a finite number",
        ),
        (["tickets", "-5", "--at", "yesterday"], "--at yesterday should be a moment"),
        (["tickets", "-5", "--label", "bug"], "--label bug should be name=value"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(ran: Ran, arguments: list[str], sentence: str) -> None:
    code, _, err = ran("record", *arguments)
    assert code == 2
    assert err.startswith(sentence)


def test_the_index_is_made_again_from_the_records(ran: Ran) -> None:
    reports = Path("reports")
    for number in range(3):
        one = run(journey(step(latency_ms=5.0)), run_id=f"run-{number}", started_at=at(number))
        RunFolder.create(reports, one)
    assert ran("import", "-", stdin=line())[0] == 0
    code, out, _ = ran("rebuild")
    assert (code, out) == (0, "3 runs are in the history.")
    assert [one.count for one in kept("step_ms")] == [3]
    assert len(kept("dau")) == 1


def test_a_record_that_cannot_be_read_costs_no_row(ran: Ran) -> None:
    folder = RunFolder.create(Path("reports"), run(journey(step(latency_ms=5.0))))
    RunFolder.create(Path("reports"), run(run_id="run-1"))
    assert ran("rebuild")[0] == 0
    (folder.path / "run.json").write_text("{")
    assert ran("rebuild")[0] == 0
    assert len(kept("step_ms")) == 1


def test_a_damaged_history_is_made_again_and_kept_aside(ran: Ran) -> None:
    RunFolder.create(Path("reports"), run(journey(step(latency_ms=5.0))))
    Path("reports/history.db").write_text("nothing that we know")
    code, out, err = ran("rebuild")
    assert (code, out) == (0, "1 runs are in the history.")
    assert "The old history is damaged; it stays aside as reports/history.db.damaged-" in err
    (aside,) = Path("reports").glob("history.db.damaged-*")
    assert aside.read_text() == "nothing that we know"


def test_records_that_are_none_are_named(ran: Ran) -> None:
    folder = Path("reports/runs/torn")
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    code, out, err = ran("rebuild")
    assert (code, out) == (0, "0 runs are in the history.")
    assert "reports/runs/torn/run.json is no record and was left out." in err
