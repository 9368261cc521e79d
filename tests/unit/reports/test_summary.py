"""A failed journey's page is made of whatever is there, and says what broke and whose fault."""

from __future__ import annotations

import html
import json
import logging
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from synthetic.errors import ReportsNotWritable
from synthetic.redaction import Redactor
from synthetic.reports.baseline import deployment_file, good_picture
from synthetic.reports.summary import write_summary
from synthetic.store.run_folder import JourneyStarted, RunFolder, StepDone
from tests.runs import START, step
from tests.unit.reports.summaries import (
    JOURNEY,
    RUN_ID,
    STORY,
    a_run,
    attempt,
    browser_died,
    code_missing,
    exchange,
    good_run,
    hostile,
    keep,
    steps,
    video_black,
    write_run,
)
from tests.unit.reports.summaries import good_picture as draw_good_picture

TOO_MUCH = 400_000


def page(folder: Path, *secrets: str) -> str:
    """The page's source, without pictures and style."""
    source = write_summary(folder, JOURNEY, Redactor(secrets)).read_text("utf-8")
    assert len(source) < TOO_MUCH
    return re.sub(r"<style>.*?</style>|data:image/jpeg[^\"]+", "", source, flags=re.DOTALL)


def text(source: str) -> str:
    """What a person reads of it, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", source)).split())


def read(folder: Path) -> str:
    """What a person reads of the page of a folder."""
    return text(page(folder))


def first_line(folder: Path) -> str:
    """The heading that tells the whole story."""
    heading = re.search(r"<h1>(.*?)</h1>", page(folder), re.DOTALL)
    assert heading
    return text(heading[1])


def in_order(told: str, *words: str) -> None:
    """All of these are told, one after the other."""
    position = 0
    for word in words:
        assert word in told[position:], f"{word!r} is not told after what stands before it"
        position = told.index(word, position) + len(word)


def test_the_first_line_is_the_whole_story(tmp_path: Path) -> None:
    assert first_line(video_black(tmp_path)) == (
        "Stand-in, not the product · ✗ Failed the stand-in is at fault · "
        "video: “video both ways” of the guest · 2 of 2 attempts failed"
    )


def test_it_tells_story_then_controls_then_timelines_then_differences(tmp_path: Path) -> None:
    in_order(
        read(video_black(tmp_path)),
        "21:15:30 UTC · the run took 41 s",
        STORY,
        "✓ call: the same two browsers saw each other",
        "? udp: no STUN server was set to try",
        "What did each of them live through?",
        "mail: Your code",
        "✗ Failed here: guest: video both ways",
        "Not reached, 3 steps",
        "Attempt 1: failed at “video both ways”",
        "What is different from the last good run?",
        "error: Uncaught (in promise) AbortError",
        "Did they see and hear each other?",
        "240 of 240 frames name nobody",
        f"synthetic repro {RUN_ID}",
        "attempt 2, guest: trace.zip",
        "250 kB",
    )


def test_it_lies_in_the_folder_of_the_last_attempt(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    assert write_summary(folder, JOURNEY, Redactor()) == (
        folder / "evidence" / f"{JOURNEY}-2" / "summary.html"
    )


def test_every_link_leads_to_a_file(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    source, place = page(folder), folder / "evidence" / f"{JOURNEY}-2"
    links = [unquote(one) for one in re.findall(r'href="(\.[^"]+)"', source)]
    assert f"../{JOURNEY}-1/guest/webrtc.json" in links
    assert [one for one in links if not (place / one).is_file()] == []


def test_a_code_that_did_not_come_is_blamed_on_the_answer_that_changed(tmp_path: Path) -> None:
    told = read(code_missing(tmp_path))
    in_order(
        told,
        "https://kulti.test/ · ✗ Failed the product is at fault",
        "No code reached the host within 60 s.",
        "Wake whoever owns signup of the product.",
        "Look first at POST /api/auth/signup: 500; in the last good run 202",
        "✗ host: POST /api/auth/signup 500 · 31 ms",
        "Deployment: ? not known .",
    )
    assert "/api/sessions/create" not in told  # a step that was never reached
    assert "camera host → guest" not in told


def test_a_browser_that_died_is_not_the_products_fault(tmp_path: Path) -> None:
    told = read(browser_died(tmp_path))
    in_order(
        told,
        "? Inconclusive not the stand-in: our own machine or browser is at fault",
        "The browser of guest ended by itself during 'join session'",
        "Nobody has to look at the product.",
        "No check of our own side was made.",
        "No picture: Target page was closed",
        "guest’s webrtc is missing: Target page was closed",
        "nothing can be compared",
        "No page told what it saw or heard",
        "why a piece of evidence is not there",
    )


def test_where_nothing_is_there_it_says_so(tmp_path: Path) -> None:
    folder = write_run(tmp_path, a_run(verdict="inconclusive", origin="runner"))
    in_order(
        read(folder),
        "? Inconclusive not the stand-in: the run was cut off, or could not begin",
        "no step failed · 1 attempt",
        "It ended before its first step",
        "Nothing was recorded of this attempt",
        "No evidence was kept",
    )


def test_a_run_that_was_cut_off_is_read_from_its_parts(tmp_path: Path) -> None:
    record = a_run(finished_at=None, duration_s=None, verdict="inconclusive", origin="runner")
    folder = RunFolder.create(tmp_path, record)
    folder.append("main", JourneyStarted(journey=JOURNEY, attempt=1, at=START))
    folder.append("main", StepDone(journey=JOURNEY, attempt=1, step=step("sign up", actor="host")))
    in_order(
        read(folder.path),
        "the run was cut off, or could not begin",
        "the run was not over",
        "The run was cut off after “sign up” of the host; nothing had failed until then.",
    )


def test_a_ruling_that_only_the_evidence_has_counts(tmp_path: Path) -> None:
    bad = attempt(*steps("sign up", "it did not"), origin="runner")  # no end was recorded
    folder = write_run(tmp_path, a_run(bad))
    keep(folder, 1, "host", console="(silent)")
    control = {"name": "call", "ok": False, "said": "the browsers did not meet"}
    ruling = {"origin": "target", "story": "It broke. We are fine.", "controls": [control]}
    (folder / "evidence" / f"{JOURNEY}-1" / "controls.json").write_text(json.dumps(ruling))
    in_order(
        read(folder), "the stand-in is at fault", "It broke. We are fine.", "✗ call: the browsers"
    )


def test_what_passed_on_the_second_attempt_wakes_nobody(tmp_path: Path) -> None:
    first = attempt(*steps("sign up", "it did not"))
    second = attempt(*steps(None), number=2)
    folder = write_run(tmp_path, a_run(first, second, verdict="degraded"))
    in_order(
        read(folder),
        "! Degraded at the first attempt: the stand-in is at fault",
        "passed on the second attempt",
        "It did not. No check of our own side was made",
        "✗ Failed here: host: sign up",
        "Attempt 2: passed",
    )


def test_a_limited_rate_is_nobodys_outage(tmp_path: Path) -> None:
    bad = attempt(*steps("sign up", "429", "RateLimited"), origin="unknown")
    in_order(
        read(write_run(tmp_path, a_run(bad))), "we cannot tell whose fault", "We asked too often"
    )


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        ("dpl_2", "dpl_1", "Deployment: ! changed from dpl_1 to dpl_2."),
        ("dpl_1", "dpl_1", "Deployment: ✓ same, dpl_1."),
        ("dpl_1", None, "Deployment: ? not known (this time dpl_1, then not known)."),
    ],
)
def test_the_deployment_is_compared(
    tmp_path: Path, now: str, before: str | None, told: str
) -> None:
    good = write_run(tmp_path, good_run())
    if before:
        deployment_file(good).write_text(f"{before}\n")
    folder = write_run(tmp_path, a_run(attempt(*steps("sign up", "it did not"))))
    rows = [exchange("/", 0.1, headers={"x-deployment-id": now})]
    keep(folder, 1, "host", network=rows)
    assert told in read(folder)


def test_the_version_that_health_tells_stands_for_a_deployment(tmp_path: Path) -> None:
    write_run(tmp_path, good_run())
    folder = write_run(tmp_path, a_run(attempt(*steps("sign up", "it did not"))))
    keep(folder, 1, "host", network=[exchange("/api/health", 0.1, version="1.2.3")])
    assert "this time 1.2.3" in read(folder)


def test_the_last_good_picture_of_that_step_stands_beside(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    assert "Pages at that step" not in read(folder)
    draw_good_picture(good_picture(tmp_path, a_run(), JOURNEY, 8, "guest"), "guest: all is well")
    source = write_summary(folder, JOURNEY, Redactor()).read_text("utf-8")
    assert 'alt="guest in the last good run"' in source
    assert 'alt="host in the last good run"' not in source


@pytest.mark.parametrize(
    "name", ["network.json", "answers.json", "webrtc.json", "mail.json", "controls.json"]
)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[[[[" * 9999,
        b"[1, null, {}]",
        b'{"at": NaN, "pictures": 3, "controls": 3}',
        b"\xff" * 9,
    ],
    ids=["empty", "torn", "deep", "other", "numbers", "binary"],
)
def test_damaged_evidence_is_passed_over(
    tmp_path: Path, name: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    folder = video_black(tmp_path)
    place = folder / "evidence" / f"{JOURNEY}-2"
    with caplog.at_level(logging.WARNING):
        (place / ("" if name == "controls.json" else "guest") / name).write_bytes(content)
        assert STORY in read(folder)
    assert name in caplog.text


def test_a_picture_that_is_none_is_told(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    (folder / "evidence" / f"{JOURNEY}-2" / "guest" / "screenshot.png").write_bytes(b"no picture")
    assert "No picture: none was kept guest , when it failed" in read(folder)


def test_a_record_that_is_gone_is_an_error(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    (folder / "run.json").unlink()
    with pytest.raises(ReportsNotWritable):
        write_summary(folder, JOURNEY, Redactor())


def test_hostile_text_is_escaped_and_capped(tmp_path: Path) -> None:
    source = page(hostile(tmp_path))
    assert "<script" not in source
    assert "onerror=alert" in text(source)  # told, as text
    assert re.findall(r"<img[^>]*onerror", source) == []
    assert "\u202e" not in source


def test_secrets_do_not_reach_the_page(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    said = "error: token s3cret-value refused"
    cut_off = f"error: {'x' * 287}s3cret-value"
    keep(folder, 2, "guest", console=f"{said}\n{cut_off}\n")
    told = page(folder, "s3cret-value")
    assert "s3cret" not in told
    assert "token [redacted] refused" in told
    assert "secret-query" not in told  # of an address: redacted or not, queries are left out
