"""``synthetic status``: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synthetic.cli import main
from synthetic.plan.observations import EVALUATED
from synthetic.results import Sample
from synthetic.store.history import Store
from synthetic.watch.status import HEARTBEAT
from synthetic.wording import columns
from tests.runs import HOSTILE

TARGET = "https://kulti.test/"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHETIC_BASE_URL", TARGET)
    with Store.open(None, Path("reports")) as opened:
        yield opened


def watched(store: Store, *, up: bool = True, location: str = "eu", ago_s: float = 5) -> None:
    """A watcher that just probed and evaluated, after a month of sign-ups."""
    now = datetime.now(UTC)
    at = now - timedelta(seconds=ago_s)
    probe = {"source": "probes", "location": location}
    labels = {"feature": "signup", "journey": "meet", "location": location}
    tries = [at - timedelta(hours=n) for n in range(30)]
    samples = [
        *(Sample(metric=name, value=up, at=at, labels=probe) for name in ("site_up", "health_up")),
        Sample(metric=HEARTBEAT, value=0, at=at, labels={"task": "probe", "location": location}),
        Sample(metric=EVALUATED, value=1, at=at, labels={"location": location}),
        *(
            Sample(metric="outcome", value=1, at=one, labels={**labels, "burst": "no"})
            for one in tries
        ),
        Sample(metric="works", value=1, at=at, labels=labels),
    ]
    store.add_samples(TARGET, samples, now)


def printed(capsys: Captured, *arguments: str, code: int) -> str:
    capsys.readouterr()
    assert main(["status", *arguments]) == code
    return capsys.readouterr().out


def test_all_right(store: Store, capsys: Captured) -> None:
    watched(store)
    shown = printed(capsys, code=0)
    assert "ALL RIGHT: no incident that is known of." in shown
    assert "signup           yes            100%         30 of 30     > 99% ok" in shown
    assert "watched from eu, last heard " in shown


def test_an_outage_is_said_first_and_what_to_type_next_last(store: Store, capsys: Captured) -> None:
    watched(store, up=False)
    assert main(["evaluate"]) == 0
    shown = printed(capsys, code=1)
    _, _, sentence, _, first, name, *_, last = shown.splitlines()
    assert sentence.startswith("FAILING: 1 incident open since ")
    assert first.startswith("The site cannot be reached (critical), for ")
    assert first.endswith(", not acknowledged")
    assert last == f"next  synthetic ack {name.strip()}"
    assert main(["ack", "site", "--by", "Ada"]) == 0
    assert "acknowledged by Ada" in printed(capsys, code=1)


def test_silence_is_unknown_never_fine(store: Store, capsys: Captured) -> None:
    assert "UNKNOWN: nothing was observed for a day" in printed(capsys, code=6)
    watched(store, ago_s=600)
    shown = printed(capsys, code=6)
    assert "UNKNOWN: probes did not come when due; evaluation did not come when due." in shown
    assert "last heard 10 min ago: SILENT" in shown


def test_what_is_not_done_any_more_says_since_when(store: Store, capsys: Captured) -> None:
    watched(store)
    was = datetime.now(UTC) - timedelta(days=3, hours=1)
    ran = Sample(metric="run_failed", value=0, at=was, labels={"suite": "smoke"})
    store.add_samples(TARGET, [ran], was)
    rows = {
        line.split()[0]: line.split()[1:] for line in printed(capsys, code=0).splitlines() if line
    }
    assert rows["smoke"] == ["3", "d", "1", "h", "ago", "–", "unknown"]
    assert rows["full"] == ["never", "–"]


def test_what_ended_says_since_when_all_is_well(store: Store, capsys: Captured) -> None:
    watched(store, up=False, ago_s=50)
    assert main(["evaluate"]) == 0
    watched(store, ago_s=0)
    assert main(["evaluate"]) == 0
    assert "ALL RIGHT: no incident since " in printed(capsys, code=0)


def test_every_line_fits_whatever_a_location_is_called(store: Store, capsys: Captured) -> None:
    watched(store, up=False, location=f"{HOSTILE}{'x' * 200}")
    assert main(["evaluate"]) == 0
    shown = printed(capsys, code=1)
    assert max(map(columns, shown.splitlines())) <= 80
    assert "\x1b" not in shown


def test_programs_get_the_same(store: Store, capsys: Captured) -> None:
    watched(store)
    found = json.loads(printed(capsys, "--json", code=0))
    assert (found["verdict"], found["exit"], found["target"]) == ("fine", 0, TARGET)
    assert {task["name"]: task["late"] for task in found["tasks"]} == dict.fromkeys(
        ("probes", "sources", "smoke", "full", "evaluation"), False
    )
    (signup,) = found["features"]
    assert (signup["success"], signup["row"], signup["target"]) == (100, "a-signup-success", 99)
    assert found["lookouts"][0]["location"] == "eu"
