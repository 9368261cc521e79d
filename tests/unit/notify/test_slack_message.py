"""One message tells the whole story in its first line, and target's text in it stays inert."""

from __future__ import annotations

from typing import Any

import pytest

from synthetic.notify.slack_message import (
    SlackMessage,
    due,
    escape,
    message,
    summary_of,
    unescaped,
)
from synthetic.results import Run, Step, Verdict
from tests.runs import HOSTILE, camera, failed, journey, recorded, run, step
from tests.services.slack_server import objection

PICTURE = "guest did not see the picture of host within 20 s: 0 videos on the page"


def broken(*steps: Step, **more: Any) -> Run:
    return run(journey(*steps), verdict="failed", origin="target", **more)


def first_line(some: Run, previous: Verdict | None = "passed") -> str:
    text: str = message(some, previous).blocks[0]["text"]["text"]
    return text


def facts(composed: SlackMessage) -> dict[str, str]:
    """What the section under the first line says, by name."""
    texts = [field["text"] for field in composed.blocks[1]["fields"]]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_a_confirmed_failure_is_told_in_one_line() -> None:
    twice = run(
        journey(failed(PICTURE, "WrongPicture")),
        journey(failed(PICTURE, "WrongPicture"), attempt=2),
        verdict="failed",
        origin="target",
        target="production",
    )
    story = "Failed: the guest never saw the host's picture · production · 2 of 2 attempts"
    assert first_line(twice) == f"🔴 {story}"
    assert message(twice, "passed").text == f"🔴 {story}"


@pytest.mark.parametrize(
    ("error", "sentence", "reason"),
    [
        ("WrongPicture", PICTURE, "the guest never saw the host's picture"),
        (
            "WrongPicture",
            "host did not see the voice of guest within 20 s: silence",
            "the host never heard the guest's voice",
        ),
        (
            "WrongPicture",
            "guest lost the camera of host (mismatch): frozen",
            "the guest lost the host's camera",
        ),
        (
            "StepTimeout",
            "guest looked for role=row name=host on /session/1 and did not see host in the list of "
            "participants within 20 s; there was a button. If the product calls it otherwise, …",
            "the guest did not see host in the list of participants within 20 s",
        ),
        (
            "StepTimeout",
            "guest looked for role=button on / and could not click it within 20 s; there was x",
            "guest: leave failed",
        ),
        (
            "StepTimeout",
            "No mail with a code came to a@b.test within 20 s of asking for one: the mailbox works",
            "No mail with a code came to a@b.test within 20 s of asking for one",
        ),
        ("Refused", "guest was told: 'no; try later'", "the guest was told: 'no"),
        (
            "Refused",
            "https://kulti.test/ answered 500; the plan expects 200",
            "https://kulti.test/ answered 500",
        ),
        (
            "TargetUnreachable",
            "nothing usable answers at http://a.test/ (ConnectError: refused); check x",
            "nothing usable answers at http://a.test/",
        ),
        ("KeyError", "'latency'", "guest: leave failed"),
        ("Refused", "", "guest: leave failed"),
    ],
)
def test_a_reason_reads_as_people_speak(error: str, sentence: str, reason: str) -> None:
    assert first_line(broken(failed(sentence, error))) == (
        f"🔴 Failed: {reason} · https://kulti.test/ · 1 of 1 attempt"
    )


def test_the_step_that_the_verdict_rests_on_is_told() -> None:
    ours = failed("x", "BrowserDied", name="ours", origin="runner")
    some = run(
        journey(ours, name="a"), journey(failed(PICTURE, "WrongPicture"), name="b"),
        verdict="failed", origin="target",
    )  # fmt: skip
    assert "never saw" in first_line(some)


def test_a_run_that_broke_before_any_step_is_told() -> None:
    assert first_line(run(verdict="inconclusive", origin="runner")) == (
        "❔ Inconclusive: something of ours broke before a step could fail · https://kulti.test/"
    )


def test_a_stand_in_is_said_in_the_first_line() -> None:
    assert "the stand-in, not the product" in first_line(broken(failed(PICTURE), target="stand-in"))


def test_a_recovery_is_told() -> None:
    good = run(journey(step()))
    assert first_line(good, "failed") == "✅ Recovered, passed · https://kulti.test/"
    assert first_line(good, "passed") == "✅ Passed · https://kulti.test/"


def test_a_figure_past_the_alert_line_is_named() -> None:
    slow = run(
        journey(step(latency_ms=6200)), media=[camera(fps=9.0)], verdict="degraded", origin="target"
    )
    assert "Degraded: guest: leave took 6.2 s, over 5.0 s, and 1 more · " in first_line(slow)
    named = facts(message(slow, "passed"))["*Past the alert line*"]
    assert named == "guest: leave took 6.2 s, over 5.0 s; camera host → guest: 9 fps, under 20"


def test_there_are_at_most_five_facts() -> None:
    known = facts(message(broken(step(latency_ms=80), failed(PICTURE)), "passed"))
    assert known == {
        "*Verdict*": "failed, target",
        "*Failing step*": "guest: leave",
        "*Steps*": "1 of 2 passed",
        "*Slowest step*": "guest: leave, 80 ms",
        "*Run*": "20261123T211530Z-3f9c at eu-west",
    }


def test_the_error_stands_below_in_full() -> None:
    assert message(broken(failed(PICTURE)), None).blocks[2]["text"]["text"] == PICTURE


def test_the_story_stands_below_where_it_is_known() -> None:
    told = journey(failed(PICTURE)).model_copy(update={"story": "It is black. We work."})
    assert (
        message(run(told, verdict="failed", origin="target"), None).blocks[2]["text"]["text"]
        == "It is black. We work."
    )


def test_the_summary_of_the_last_attempt_is_linked() -> None:
    twice = run(
        journey(failed(PICTURE)),
        journey(failed(PICTURE), attempt=2),
        verdict="failed",
        origin="target",
    )
    assert summary_of(twice) == f"runs/{twice.run_id}/evidence/meet-2/summary.html"
    assert summary_of(run(journey(step()))) is None


def test_a_link_to_the_evidence_is_a_button() -> None:
    (button,) = message(run(), None, link="https://ci.test/1").blocks[-1]["elements"]
    assert button["url"] == "https://ci.test/1"


@pytest.mark.parametrize("error", ["Refused", "StepTimeout", "KeyError"])
@pytest.mark.parametrize("times", [1, 10, 300])
def test_hostile_text_is_inert_and_within_slacks_limits(error: str, times: int) -> None:
    bad = failed(HOSTILE * times, error, name=HOSTILE * times, actor=HOSTILE)
    some = broken(bad, step(HOSTILE * 50, latency_ms=1), target=HOSTILE * 3, location=HOSTILE * 99)
    composed = message(some, "failed", link="https://ci.test/1")
    assert objection({"text": composed.text, "blocks": composed.blocks}) is None
    assert not {"<", ">", "\n", "\x1b"} & set(composed.text)
    assert all(text.strip("*").replace(" ", "").isalpha() for text in markup(composed.blocks))


def markup(value: Any) -> list[str]:
    """All text in which Slack would see mentions, links and formatting."""
    if isinstance(value, list):
        return [text for item in value for text in markup(item)]
    if isinstance(value, dict):
        mine = [value["text"]] if value.get("type") == "mrkdwn" else []
        return mine + markup(list(value.values()))
    return []


def test_names_are_not_mangled() -> None:
    name = "sign-up_form v1.2 (a/b) *x*"
    assert facts(message(broken(failed(PICTURE, name=name)), None))["*Failing step*"] == (
        f"guest: {name}"
    )


def test_a_recorded_run_is_a_message_that_slack_takes() -> None:
    composed = message(recorded(), "failed")
    assert objection({"text": composed.text, "blocks": composed.blocks}) is None
    assert composed.text == "✅ Recovered, passed · the stand-in, not the product"


@pytest.mark.parametrize(
    ("text", "most", "escaped"),
    [
        ("a & <b>", 99, "a &amp; &lt;b&gt;"),
        ("sign-up_form", 99, "sign-up_form"),
        ("<<<<", 9, "&lt;&lt;…"),
        ("abcdef", 4, "abc…"),
        ("&&", 10, "&amp;&amp;"),
    ],
)
def test_escape(text: str, most: int, escaped: str) -> None:
    assert escape(text, most) == escaped
    assert len(escaped) <= most


def test_unescaped_is_what_a_person_reads() -> None:
    assert unescaped(escape("a &lt; <b> & &amp;", 99)) == "a &lt; <b> & &amp;"


@pytest.mark.parametrize("previous", [None, "passed", "degraded", "failed"])
@pytest.mark.parametrize("verdict", ["passed", "degraded", "failed", "inconclusive"])
def test_people_are_told_of_failure_doubt_recovery_and_what_they_asked_for(
    verdict: Verdict, previous: Verdict | None
) -> None:
    bad = verdict in ("failed", "inconclusive")
    assert due(verdict, previous, on_success=False) is (bad or previous == "failed")
    assert due(verdict, previous, on_success=True) is True
