"""A note as Slack shows it: the first message of an incident, and a reply in its thread. Pure.

Whatever a note says stands in ``plain_text``, in which Slack sees no mention, link or markup; only
headings and links are ``mrkdwn``, escaped, and their addresses percent-encoded.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from synthetic.notify.channels import wording
from synthetic.notify.slack_message import FIELD, HEADER, SECTION, TEXT, SlackMessage, escape
from synthetic.store.values import Note, Parcel

EVENT_TYPE = "synthetic_note"
_FACTS, _FACT, _LINKS = 15, 500, 10
_FACTS_A_SECTION = 5  # Slack takes 10 fields a section, 2 for each fact
# Slack takes 50 blocks a message, and of all of them together some 12,000 characters, their
# frames included (slackapi/bolt-js, issues 2509 and 2867).
_BLOCKS, _LONGEST = 50, 10_000
_SAFE = "/:?&=#%+@!$'()*,;~[]-._"  # what may stand in an address as it is
_MARKUP = dict.fromkeys(map(ord, "*`~"))  # what would end or change bold text
Block = dict[str, Any]
_REST: Block = {
    "type": "section",
    "text": {"type": "plain_text", "text": "… and more, for which there is no room here."},
}


def first(note: Note) -> SlackMessage:
    """The message that opens a thread, and that shows the state ever after."""
    foot = _links(note)
    if note.event != "report":
        told = f"{note.severity or note.event} · {note.at:%Y-%m-%d %H:%M} UTC"
        foot.append({"type": "context", "elements": [_plain(told, 200)]})
    return SlackMessage(_fallback(note), _between(_head(note), _body(note), foot))


def headed(note: Note, standing: list[Block]) -> SlackMessage:
    """The message that is there, under a new headline: its figures and links stay."""
    return SlackMessage(_fallback(note), [_head(note), *standing[1:]])


def reply(note: Note) -> SlackMessage:
    """What is said in the thread."""
    head = _section(wording.cut(wording.headline(note), 1000))
    return SlackMessage(_fallback(note), _between(head, _body(note), _links(note)))


def metadata(parcel: Parcel) -> dict[str, Any]:
    """By what a message is found again; people do not see it."""
    note = parcel.note
    payload = {"key": parcel.id, "incident": note.incident, "event": note.event}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def key_in(message: dict[str, Any]) -> str | None:
    """The key of a message that we sent; none in what others say."""
    match message:
        case {"metadata": {"event_type": "synthetic_note", "event_payload": {"key": str(key)}}}:
            return key
    return None


def _fallback(note: Note) -> str:
    """What a phone shows and what is read aloud: all in words."""
    head = escape(wording.headline(note), TEXT // 2)
    lines = [escape(line, TEXT) for line in wording.story(note, TEXT).splitlines()]
    room = TEXT - len(head) - 1
    while lines and len("\n".join(lines)) > room:
        lines.pop()
    return "\n".join([head, *lines])


def _head(note: Note) -> Block:
    return {"type": "header", "text": _plain(wording.headline(note), HEADER)}


def _between(head: Block, body: list[Block], foot: list[Block]) -> list[Block]:
    """As much of ``body`` as Slack takes in one message."""
    room = _LONGEST - len(json.dumps([head, _REST, *foot]))
    kept: list[Block] = []
    for block in body:
        room -= len(json.dumps(block, ensure_ascii=False))
        if room < 0 or len(kept) + len(foot) + 2 == _BLOCKS:
            return [head, *kept, _REST, *foot]
        kept.append(block)
    return [head, *kept, *foot]


def _body(note: Note) -> list[Block]:
    blocks = [_section(part) for part in _parts(wording.story(note, _LONGEST))]
    for heading, text in wording.sections(note, _LONGEST):
        if heading:
            blocks.append({"type": "section", "text": _bold(heading)})
        blocks += [_section(part) for part in _parts(text)]
    facts = wording.facts(note, most=_FACTS, longest=_FACT)
    for begin in range(0, len(facts), _FACTS_A_SECTION):
        some = facts[begin : begin + _FACTS_A_SECTION]
        fields = [part for label, text in some for part in (_bold(label), _plain(text, FIELD))]
        blocks.append({"type": "section", "fields": fields})
    return blocks


def _parts(text: str) -> list[str]:
    """``text`` in pieces that a section can hold, torn between lines where possible."""
    parts = []
    while text:
        end = len(text) if len(text) <= SECTION else text.rfind("\n", 1, SECTION + 1)
        end = end if end > 0 else SECTION
        parts.append(text[:end])
        text = text[end:].lstrip("\n")
    return parts


def _links(note: Note) -> list[Block]:
    text = ""
    for label, address in wording.links(note, _LINKS):
        target = quote(address, safe=_SAFE).replace("&", "&amp;")
        longer = " · ".join(filter(None, (text, f"<{target}|{escape(label, 300)}>")))
        if len(longer) <= SECTION:
            text = longer
    linked = {"type": "mrkdwn", "text": text, "verbatim": True}
    return [{"type": "section", "text": linked}] if text else []


def _bold(text: str) -> Block:
    inert = escape(text, FIELD - 2).translate(_MARKUP).strip() or "–"
    return {"type": "mrkdwn", "text": f"*{inert}*", "verbatim": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, SECTION)}


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": wording.cut(text, most), "emoji": False}
