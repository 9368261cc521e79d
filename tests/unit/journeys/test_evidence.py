"""What is kept of a failed attempt beside its pages, and pictures of good ones."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

from synthetic._settings_product import Inbox
from synthetic.errors import MailboxError, StepTimeout
from synthetic.inbox.model import Mail
from synthetic.journeys import controls, evidence, good_pictures, inquiry
from synthetic.journeys.actor import Actor
from synthetic.journeys.cleanup import Ledger
from synthetic.journeys.evidence import keep_deployment, keep_mail_headers, keep_ruling
from synthetic.journeys.good_pictures import FRESH_S, GoodPictures
from synthetic.journeys.headroom import reading
from synthetic.journeys.inquiry import inquire
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import settle
from synthetic.journeys.work import Work
from synthetic.redaction import Redactor
from synthetic.results import Control, Run, Step
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder

AT = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
SECRET = "sesame-4711"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    run = Run(
        run_id="20261126T010203Z-0001",
        suite="smoke",
        target="https://kulti.test",
        location="here",
        trigger="manual",
        started_at=AT,
    )
    folder = RunFolder.create(tmp_path, run)
    return Work(
        run_id=run.run_id,
        nonce=1,
        part="main",
        target=run.target,
        base_url=run.target,
        settings=Settings(reports_dir=tmp_path),
        folder=folder,
        ledger=Ledger(folder.path / "ledger"),
        redactor=Redactor([SECRET]),
        progress=lambda _: None,
    )


def actor(role: str, **headers: str) -> Actor:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    log = SimpleNamespace(document_headers=named)
    return cast("Actor", SimpleNamespace(role=role, email=f"{role}@x.test", log=log, page=None))


class Box:
    """A mailbox with one mail, or a broken one."""

    resolution_s = 1.0

    def __init__(self, *, broken: bool = False) -> None:
        self.broken, self.closed = broken, False

    def ids_to(self, address: str) -> frozenset[str]:
        raise NotImplementedError

    def mails_to(self, address: str, but: Collection[str] = ()) -> list[Mail]:
        del but
        if self.broken:
            raise MailboxError(f"down: {SECRET}")
        subject = f"Your code is 123456, {SECRET}"
        return [Mail("1", (address,), subject, "123456", received_at=AT)]

    def wait(self, timeout_s: float) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


def test_mail_headers_without_codes_and_secrets(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    monkeypatch.setattr(evidence, "open_mailbox", lambda _: box)
    keep_mail_headers(work, [actor("host")], tmp_path / "e")
    [row] = json.loads((tmp_path / "e" / "host" / "mail.json").read_text())
    assert "123456" not in row["subject"]
    assert SECRET not in row["subject"]
    assert row["received_at"] == "2026-11-26T01:02:03+00:00"
    assert box.closed


def test_a_mailbox_that_cannot_be_read_is_said(
    work: Work,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    box = Box(broken=True)
    monkeypatch.setattr(evidence, "open_mailbox", lambda _: box)
    keep_mail_headers(work, [actor("host")], tmp_path / "e")
    assert "evidence could not be kept: down" in caplog.text
    assert box.closed


def test_the_ruling_is_kept_and_redacted(work: Work, tmp_path: Path) -> None:
    said = [Control(name="call", ok=True, said=f"worked, {SECRET}")]
    keep_ruling(work, settle(StepTimeout("x"), "It broke", said), tmp_path / "e")
    kept = json.loads((tmp_path / "e" / "controls.json").read_text())
    assert kept["origin"] == "target"
    assert kept["story"] == "It broke. The monitor works: worked, [redacted]."
    assert kept["controls"] == [{"name": "call", "ok": True, "said": "worked, [redacted]"}]


def test_what_controls_say_is_redacted_before_anybody_is_told(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [Control(name="call", ok=False, said=f"no call at {SECRET}")]
    monkeypatch.setattr(controls, "made", lambda _: said)
    journey: Any = SimpleNamespace(name="test_a", attempt=1, before=reading())
    step = Step(name="meet", feature="video", actor="host", status="failed", started_at=AT)
    ruling = inquire(work, cast("Journey", journey), [], StepTimeout("It broke"), step)
    assert ruling.story == "It broke. But it is not the product's: no call at [redacted]."
    assert ruling.controls[0].said == "no call at [redacted]"


def test_of_our_network_only_what_happened_in_the_step_counts(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "keep_pages", lambda *_: None)
    monkeypatch.setattr(inquiry, "explained", lambda *_, **__: "It broke")
    asked: list[controls.Asked] = []

    def made(one: controls.Asked) -> list[Control]:
        asked.append(one)
        return []

    monkeypatch.setattr(controls, "made", made)
    moments = [AT + timedelta(seconds=s) for s in (-1, 0, 2)]
    log = Mock(cut_off=Mock(return_value=moments))
    actors: Any = [SimpleNamespace(role="host", log=log)]
    journey: Any = SimpleNamespace(name="test_a", attempt=1, before=reading())
    step = Step(name="meet", feature="video", actor="host", status="failed", started_at=AT)
    inbox = Inbox(kind="supabase", url="https://db.test:8000/x")
    settings = work.settings.model_copy(update={"inbox": inbox})
    inquire(replace(work, settings=settings), journey, actors, StepTimeout("It broke"), step)
    assert asked[0].cut_off == moments[1:]
    log.cut_off.assert_called_once_with("db.test:8000")


def test_evidence_that_cannot_be_written_changes_nothing(
    work: Work, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "e").write_text("a file, not a folder")
    keep_ruling(work, settle(StepTimeout("x"), "It broke", []), tmp_path / "e")
    assert "evidence could not be kept" in caplog.text


def test_the_deployment_is_noted_where_the_target_says_it(work: Work) -> None:
    keep_deployment(work, [actor("host"), actor("guest", x_deployment_id="dpl_7")])
    assert (work.folder.path / "deployment.txt").read_text() == "dpl_7\n"


def test_no_deployment_is_made_up(work: Work) -> None:
    keep_deployment(work, [actor("host", server="x")])
    assert not (work.folder.path / "deployment.txt").exists()


@pytest.fixture
def pictured(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Pictures are files with a word in them; the list is filled as they are taken."""
    taken: list[Path] = []

    def take(_page: object, path: Path, private: Sequence[str]) -> None:
        assert private[0].endswith("@x.test")
        taken.append(path)
        path.write_text("picture")

    monkeypatch.setattr(good_pictures, "screenshot", take)
    return taken


def pictures(work: Work, attempt: int = 1, now_s: float | None = None) -> GoodPictures:
    journey: Any = SimpleNamespace(name="test_a", attempt=attempt)
    now_s = now_s or work.folder.path.stat().st_mtime
    actors = [actor("host"), actor("guest")]
    return GoodPictures.of(work, cast("Journey", journey), actors, now_s)


@pytest.mark.usefixtures("pictured")
def test_pictures_of_a_good_attempt_are_kept_by_step_and_role(work: Work, tmp_path: Path) -> None:
    good = pictures(work)
    good.take(1)
    good.take(2)
    assert not list(tmp_path.glob("good/*"))
    good.keep()
    kept = sorted(path.name for path in tmp_path.glob("good/smoke-kulti.test/test_a/*"))
    assert kept == ["guest-1.jpg", "guest-2.jpg", "host-1.jpg", "host-2.jpg"]


def test_fresh_pictures_are_not_taken_again(
    work: Work, pictured: list[Path], tmp_path: Path
) -> None:
    good = pictures(work)
    good.take(1)
    good.keep()
    [folder] = tmp_path.glob("good/*/test_a")
    stamped = folder.stat().st_mtime
    pictures(work, now_s=stamped + FRESH_S - 1).take(1)
    assert len(pictured) == 2
    os.utime(folder, (stamped - FRESH_S, stamped - FRESH_S))
    pictures(work, now_s=stamped + 1).take(1)
    assert len(pictured) == 4


def test_a_second_attempt_is_no_example(work: Work, pictured: list[Path]) -> None:
    pictures(work, attempt=2).take(1)
    assert pictured == []
