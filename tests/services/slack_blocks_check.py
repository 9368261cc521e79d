"""What Slack objects to in a message: its text, its blocks, its metadata."""

from __future__ import annotations

import json
from typing import Any

LONGEST_TEXT = 40_000
# Of each kind of block or element: where its text stands, and how long Slack lets it be.
HEADER, SECTION, FIELD, BUTTON, BLOCKS, FIELDS, URL = 150, 3000, 2000, 75, 50, 10, 3000
CONTEXT, ELEMENTS = 2000, 10
LONGEST_EVENT_TYPE = 255
LONGEST_BLOCKS = 12_000  # of all together; not documented, but so it was found


def objection(message: dict[str, Any]) -> str | None:
    """What Slack would say against a message; nothing when it would take it."""
    text, blocks = message.get("text", ""), message.get("blocks", [])
    if not text and not blocks:
        return "no_text"
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return "msg_too_long"
    good = isinstance(blocks, list) and len(blocks) <= BLOCKS and all(map(_is_block, blocks))
    if not good:
        return "invalid_blocks"
    if len(json.dumps(blocks, ensure_ascii=False)) > LONGEST_BLOCKS:
        return "msg_blocks_too_long"
    return None if _is_metadata(message.get("metadata")) else "invalid_metadata_schema"


def _is_metadata(metadata: Any) -> bool:
    match metadata:
        case None:
            return True
        case {"event_type": str(kind), "event_payload": dict(payload), **more}:
            plain = all(isinstance(one, str | int | float | bool) for one in payload.values())
            return not more and 0 < len(kind) <= LONGEST_EVENT_TYPE and plain
    return False


def _is_block(block: Any) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text"} as text}:
            return _is_text(text, HEADER)
        case {"type": "section", "fields": [_, *_] as fields}:
            fit = len(fields) <= FIELDS and all(_is_text(one, FIELD) for one in fields)
            return fit and ("text" not in block or _is_text(block["text"], SECTION))
        case {"type": "section", "text": text}:
            return "fields" not in block and _is_text(text, SECTION)
        case {"type": "context", "elements": [_, *_] as elements}:
            return len(elements) <= ELEMENTS and all(_is_text(one, CONTEXT) for one in elements)
        case {"type": "actions", "elements": [_, *_] as elements}:
            return all(map(_is_button, elements))
        case {"type": "divider"}:
            return len(block) == 1
    return False


def _is_button(element: Any) -> bool:
    match element:
        case {"type": "button", "text": {"type": "plain_text"} as text, "url": str(url)}:
            web = url.startswith(("http://", "https://")) and len(url) <= URL
            return web and _is_text(text, BUTTON)
    return False


def _is_text(text: Any, most: int) -> bool:
    match text:
        case {"type": "plain_text", "text": str(content), **more}:
            known = set(more) <= {"emoji"} and isinstance(more.get("emoji", True), bool)
        case {"type": "mrkdwn", "text": str(content), **more}:
            known = set(more) <= {"verbatim"}
        case _:
            return False
    return known and 0 < len(content) <= most
