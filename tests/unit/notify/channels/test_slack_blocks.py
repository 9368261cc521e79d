"""A note in Slack is one readable message, in which nothing of the target's is markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from synthetic.notify.channels import slack_blocks
from synthetic.notify.slack_message import SlackMessage
from synthetic.store.values import Note
from tests.notes import INCIDENT, hostile, note, parcel
from tests.services.slack_server import objection

both = pytest.mark.parametrize("compose", [slack_blocks.first, slack_blocks.reply])
Compose = Callable[[Note], SlackMessage]
MENTION = re.compile("<[!@#]")


def texts(message: SlackMessage, kind: str) -> list[str]:
    """Every text of a kind in a message, in order."""
    return [text for block in message.blocks for text in _texts(block, kind)]


def _texts(node: Any, kind: str) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node["text"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _texts(one, kind)


def test_the_first_message_reads_from_top_to_bottom() -> None:
    message = slack_blocks.first(note())
    assert [block["type"] for block in message.blocks] == [
        "header", "section", "section", "section", "context"
    ]  # fmt: skip
    assert texts(message, "plain_text") == [
        "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test",
        "Error rate is 12%, alert line > 10%, since 09:21. Of real users 0 of 14 joined.",
        "12%, alert line > 10%", "09:21 (9 min)",
        "critical · 2026-11-26 09:30 UTC",
    ]  # fmt: skip
    assert texts(message, "mrkdwn") == [
        "*Error rate*", "*Since*", "<https://runbook.test/errors?page=1&amp;tab=2|Runbook>"
    ]  # fmt: skip
    assert message.text == (
        "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test\n"
        "Error rate is 12%, alert line &gt; 10%, since 09:21. Of real users 0 of 14 joined."
    )


@both
def test_slack_takes_it(compose: Compose) -> None:
    assert objection(asdict(compose(note()))) is None


@both
def test_slack_takes_what_has_nothing_but_a_title(compose: Compose) -> None:
    bare = note(story="", facts=(), links=(), title="", severity=None)
    assert objection(asdict(compose(bare))) is None


def test_what_does_not_fit_is_said_to_be_missing_and_links_stay() -> None:
    message = slack_blocks.first(note("report", story="x" * 30_000))
    assert objection(asdict(message)) is None
    assert "there is no room here" in texts(message, "plain_text")[-1]
    assert texts(message, "mrkdwn")


def test_parts_of_a_report_stand_under_their_headings() -> None:
    parts = (("GROW*TH <!here>", "- one\n- two"), ("**", "three"))
    message = slack_blocks.first(note("report", sections=parts, links=(), facts=()))
    assert texts(message, "mrkdwn") == ["*GROWTH &lt;!here&gt;*", "*–*"]
    assert "- one\n- two" in texts(message, "plain_text")


@both
def test_nothing_hostile_is_markup(compose: Compose) -> None:
    message = compose(hostile().note)
    assert objection(asdict(message)) is None
    for text in (*texts(message, "mrkdwn"), message.text):
        assert not MENTION.search(text)
        assert re.fullmatch(r"(<https?://[^<>|\s]+\|[^<>]*>( · )?)*|[^<>]*", text)


@both
def test_no_control_character_is_left(compose: Compose) -> None:
    told = "".join(texts(compose(hostile().note), "plain_text"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", told)


def test_an_address_cannot_end_itself() -> None:
    odd = note(links=(("Look", "https://x.test/a|b?q='ü`&c=*"),), facts=())
    (link,) = texts(slack_blocks.first(odd), "mrkdwn")
    assert link == "<https://x.test/a%7Cb?q='%C3%BC%60&amp;c=*|Look>"


def test_a_long_story_is_torn_between_its_lines() -> None:
    lines = [f"- line {number} {'x' * 80}" for number in range(70)]
    message = slack_blocks.first(note("report", story="\n".join(lines), facts=(), links=()))
    stories = texts(message, "plain_text")[1:]
    assert len(stories) == 3
    assert "\n".join(stories) == "\n".join(lines)


def test_a_report_is_told_in_its_own_words_and_no_others() -> None:
    said = {"title": "Launch Update [Hour 3]:", "story": "- Sessions: 45\n- Error rate: 0.3%"}
    message = slack_blocks.first(note("report", severity=None, facts=(), links=(), **said))
    assert texts(message, "plain_text") == list(said.values())
    assert message.text == "\n".join(said.values())


def test_a_new_headline_leaves_the_rest_as_it_is() -> None:
    standing = slack_blocks.first(note()).blocks
    message = slack_blocks.headed(note("acknowledged", title="Ann has it", facts=()), standing)
    assert message.blocks[0]["text"]["text"] == "👀 Ann has it"
    assert message.blocks[1:] == standing[1:]


def test_a_message_about_a_stand_in_says_so_first() -> None:
    message = slack_blocks.first(note(title="Error rate 12%", target="stand-in"))
    assert "the stand-in, not the product" in message.blocks[0]["text"]["text"]
    assert "the stand-in, not the product" in message.text


def test_a_message_is_known_again_by_its_key() -> None:
    some = parcel()
    marked = {"metadata": slack_blocks.metadata(some)}
    assert slack_blocks.key_in(marked) == some.id
    assert marked["metadata"]["event_payload"]["incident"] == INCIDENT


@pytest.mark.parametrize(
    "message",
    [{}, {"metadata": {}}, {"metadata": {"event_type": "theirs", "event_payload": {"key": "x"}}}],
)
def test_what_others_say_has_no_key(message: dict[str, Any]) -> None:
    assert slack_blocks.key_in(message) is None
