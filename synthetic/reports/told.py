"""What every renderer says of a document's lines in the same words. Pure."""

from __future__ import annotations

from synthetic.reports.document import Document, Figure, State

SIGNS: dict[State, str] = {"ok": "✓", "degraded": "!", "failed": "✗", "unknown": "?"}
STANDIN = "stand-in"
STANDIN_FIRST = "This is about the stand-in, not the product."


def answered(document: Document) -> str:
    """The answer with its word and the sign of its state."""
    if document.state is None:
        return document.answer
    return f"{SIGNS[document.state]} {document.word}: {document.answer}"


def with_colon(label: str) -> str:
    """A label before its value; a question asks for no colon."""
    return label if label.endswith("?") else f"{label}:"


def signed(figure: Figure) -> str:
    """The value, with a sign where it is not as it should be."""
    wanting = figure.state in ("degraded", "failed")
    return f"{SIGNS[figure.state]} {figure.value}" if wanting and figure.state else figure.value


def basis(figure: Figure) -> str:
    """What the value rests on, in brackets."""
    return f" ({figure.basis})" if figure.basis else ""


def details(figure: Figure) -> str:
    """What stands after the value: its basis and target, its past, remarks."""
    held = [part for part in (figure.basis, held_against(figure)) if part]
    told = f" ({'; '.join(held)})" if held else ""
    return " · ".join([told, *filter(None, (compared(figure), figure.remark))])


def held_against(figure: Figure) -> str:
    """Target, and whether it is missed or even the alert line is past."""
    target = f"Target: {figure.target}" if figure.target else ""
    return ", ".join(filter(None, (target, wanting(figure))))


def wanting(figure: Figure) -> str:
    """What is not as it should be, in words."""
    if figure.state == "failed" and figure.alert:
        return f"past the alert line {figure.alert}"
    return "missed" if figure.state == "degraded" and figure.target else ""


def compared(figure: Figure) -> str:
    """How it was before and where it went."""
    if not figure.before:
        return ""
    return f"before {figure.before}" + (f", {figure.change}" if figure.change else "")
