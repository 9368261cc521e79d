"""What a note says, in the parts from which each channel composes its own message. Pure.

Every text of a note is untrusted: it leaves here without control characters and cut to length,
but not escaped for any markup; that is each channel's own business.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from synthetic.store.values import Event, Note
from synthetic.wording import harmless

# What people see before they read: how bad it is while it lasts, else what has changed.
_BY_SEVERITY = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵"}
_BY_EVENT: dict[Event, str] = {
    "reminder": "⏰",
    "acknowledged": "👀",
    "escalated": "⏫",
    "resolved": "✅",
    "superseded": "➖",
    "run": "🔁",
}
STANDIN = "the stand-in, not the product"
_LONGEST_URL = 2000


def headline(note: Note) -> str:
    """The note's title with a sign before it; a report keeps the words that the plan prescribes.

    What is about a stand-in says so, also where the title forgot to.
    """
    title = line(note.title, 1000) or "Untitled"
    if note.target == "stand-in" and "stand-in" not in title.lower():
        title = f"{title} · {STANDIN}"
    sign = _BY_EVENT.get(note.event) or _BY_SEVERITY.get(note.severity or "", "⚪")
    return title if note.event == "report" else f"{sign} {title}"


def story(note: Note, most: int) -> str:
    """What happened, in the note's own lines, at most ``most`` characters."""
    return lines(note.story, most)


def sections(note: Note, most: int) -> list[tuple[str, str]]:
    """Headings and what stands under them, each at most ``most`` characters."""
    return [(line(heading, 150), lines(text, most)) for heading, text in note.sections]


def lines(text: str, most: int) -> str:
    """``text`` in harmless lines, at most ``most`` characters."""
    harmless_ = (
        harmless(one) if one[:1] != " " else f"  {harmless(one)}"
        for one in text[: 2 * most].splitlines()
    )
    return cut("\n".join(harmless_).strip(), most)


def facts(note: Note, *, most: int, longest: int) -> list[tuple[str, str]]:
    """At most ``most`` pairs of a label and a text of at most ``longest`` characters."""
    return [
        (line(label, longest) or "–", line(text, longest) or "–")
        for label, text in note.facts[:most]
    ]


def links(note: Note, most: int) -> list[tuple[str, str]]:
    """At most ``most`` pairs of a label and a web address; what is none is left out."""
    pairs = [(line(label, 75) or "Link", address) for label, address in note.links]
    return [pair for pair in pairs if is_web(pair[1])][:most]


def is_web(address: str) -> bool:
    """Whether it leads somewhere on the web, and holds nothing that ends an address."""
    if len(address) > _LONGEST_URL or any(ord(one) <= 32 or one in '<>"' for one in address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def plain(note: Note, most: int) -> str:
    """Story, facts and addresses as plain text: for mail, and whatever has no markup."""
    told = [story(note, most), ""]
    for heading, text in sections(note, most):
        told += [heading.upper(), text, ""]
    told += [f"{label}: {text}" for label, text in facts(note, most=20, longest=1000)]
    told += [f"{label}: {address}" for label, address in links(note, 10)]
    return cut("\n".join(told).strip(), most)


def slug(text: str) -> str:
    """A name as settings have it: ``Engineering Lead`` is ``engineering_lead``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def line(text: str, most: int) -> str:
    """``text`` on one harmless line of at most ``most`` characters."""
    return cut(harmless(text[: 2 * most]), most)


def cut(text: str, most: int) -> str:
    """``text``, its end replaced by an ellipsis where it is longer than ``most``."""
    return text if len(text) <= most else text[: most - 1] + "…"
