"""A note in Atlassian's document format, in which no text is ever read as markup. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from synthetic.notify.channels import wording
from synthetic.store.values import Parcel

# Jira's limits: a summary and a label 255 characters, a text field 32,767 with its markup.
SUMMARY, LABEL = 255, 255
_STORY, _STORY_LINES, _FACTS, _FACT, _LINKS = 6000, 60, 15, 400, 5
Node = dict[str, Any]


def document(parcel: Parcel, remark: str = "") -> Node:
    """The note as a description or comment; it ends with the parcel's mark."""
    note = parcel.note
    story = wording.story(note, _STORY).splitlines()[:_STORY_LINES]
    points = [
        [_text(label, {"type": "strong"}), _text(f": {text}")]
        for label, text in wording.facts(note, most=_FACTS, longest=_FACT)
    ] + [
        [_text(label, {"type": "link", "attrs": {"href": address}})]
        for label, address in wording.links(note, _LINKS)
    ]
    blocks = [
        _paragraph(_text(wording.headline(note), {"type": "strong"})),
        *(_paragraph(_text(line)) for line in story if line),
        *([_list(points)] if points else []),
        *([_paragraph(_text(remark))] if remark else []),
        _paragraph(_text(mark(parcel))),
    ]
    return {"type": "doc", "version": 1, "content": blocks}


def mark(parcel: Parcel) -> str:
    """The last line of what we write, by which it is known again."""
    return f"synthetic {wording.line(parcel.id, 300)}"


def marked(body: Any) -> str | None:
    """The mark of a description or comment; none in what others wrote, or changed."""
    match body:
        case {
            "content": [*_, {"type": "paragraph", "content": [{"type": "text", "text": str(last)}]}]
        }:
            return last if last.startswith("synthetic ") else None
    return None


def label(incident: str) -> str:
    """The label of an incident's issue: without what a label or a query cannot hold."""
    clean = re.sub(r"[^A-Za-z0-9._-]+", "-", incident)
    if clean != incident or len(clean) > 200:
        clean = f"{clean[:200]}-{hashlib.sha256(incident.encode()).hexdigest()[:12]}"
    return f"synthetic-{clean}"


def _paragraph(*content: Node) -> Node:
    return {"type": "paragraph", "content": list(content)}


def _list(points: list[list[Node]]) -> Node:
    items = [{"type": "listItem", "content": [_paragraph(*point)]} for point in points]
    return {"type": "bulletList", "content": items}


def _text(text: str, mark: Node | None = None) -> Node:
    node: Node = {"type": "text", "text": text}
    return node if mark is None else {**node, "marks": [mark]}
