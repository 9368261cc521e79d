"""A note in Atlassian's document format: text stays text, and it fits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthetic.notify.channels.jira_document import document, label, mark, marked
from tests.notes import INCIDENT, hostile, parcel
from tests.services.jira_server import is_document


def test_it_reads_from_top_to_bottom() -> None:
    content = document(parcel())["content"]
    assert [block["type"] for block in content] == [
        "paragraph", "paragraph", "bulletList", "paragraph"
    ]  # fmt: skip
    assert "CRITICAL: Error rate 12%" in json.dumps(content[0])
    assert is_document(document(parcel()))


def test_markup_of_any_kind_stays_text() -> None:
    some = document(parcel(story="h1. *bold* {code}x{code} [~admin] @all <b>\n\n!img.png!"))
    texts = [block["content"][0]["text"] for block in some["content"] if block["type"] != "list"
             and "text" in block["content"][0]]  # fmt: skip
    assert "h1. *bold* {code}x{code} [~admin] @all <b>" in texts
    assert "!img.png!" in texts


def test_what_is_hostile_and_endless_fits() -> None:
    composed = document(hostile())
    assert is_document(composed)
    assert "javascript:" not in json.dumps(composed)


def test_many_lines_fit_too() -> None:
    assert is_document(document(hostile(story="x\n" * 9000)))


def test_it_is_known_again_by_its_mark() -> None:
    some = parcel()
    assert marked(document(some, "A remark.")) == mark(some) == f"synthetic {some.id}"


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"content": []},
        {"content": [{"type": "paragraph", "content": [{"type": "text", "text": "me too"}]}]},
        {"content": [{"type": "rule"}]},
    ],
)
def test_what_others_write_bears_no_mark(body: Any) -> None:
    assert marked(body) is None


def test_a_mark_within_a_text_of_the_targets_is_none() -> None:
    forged = parcel(story=mark(parcel("resolved")), facts=(), links=())
    assert marked(document(forged)) == mark(forged)


def test_a_label_is_the_incident() -> None:
    assert label(INCIDENT) == f"synthetic-{INCIDENT}"


@pytest.mark.parametrize("incident", ['a b"c', "ü", "x" * 300, 'x" OR labels = "y', ""])
def test_no_incident_breaks_a_label_or_a_query(incident: str) -> None:
    made = label(incident)
    assert not set(made) & set(' "\\')
    assert len(made) <= 255


def test_labels_of_two_incidents_differ() -> None:
    assert len({label(one) for one in ("a b", "a-b", "a/b", "x" * 300, "x" * 301)}) == 5
