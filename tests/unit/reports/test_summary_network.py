"""A failed journey's page tells what answers held, and what the failed step usually asks for."""

from __future__ import annotations

from pathlib import Path

from tests.runs import at
from tests.unit.reports.summaries import code_missing, keep, video_black
from tests.unit.reports.test_summary import in_order, page, read, text

SECRET = "sesame-4711-open"


def test_what_answers_held_and_what_is_usual_is_told_and_escaped(tmp_path: Path) -> None:
    folder = code_missing(tmp_path)
    asked_at = str(at(0.9))
    signup = {"method": "POST", "url": "https://kulti.test/api/auth/signup", "at": asked_at}
    odd = {**signup, "said": f"text/html: <script>{SECRET}</script>", "odd": True}
    line = {"url": "wss://kulti.test/socket", "opened_at": asked_at, "error": "<b>refused"}
    keep(folder, 2, "host", answers=[odd], sockets=[line])
    source = page(folder, SECRET)
    assert "<script>" not in source
    assert SECRET not in source
    in_order(
        text(source),
        "POST /api/auth/signup 500 · 31 ms · text/html: <script>[redacted]</script>",
        "WebSocket /socket failed · <b>refused",
        "What the failed step asked for in the last good run",
        "+0.1 s host: POST /api/auth/signup: 202 · 12 ms",
    )


def test_an_answer_that_was_none_is_looked_at_first(tmp_path: Path) -> None:
    folder = video_black(tmp_path)
    listed = {"method": "GET", "url": "http://127.0.0.1:8000/api/sessions/list?key=1"}
    odd = {**listed, "at": str(at(5.7)), "said": "text/html: <h1>Sorry", "odd": True}
    early = {**odd, "at": str(at(5.5)), "said": "text/html: <h1>Early"}
    keep(folder, 2, "host", answers=[early])
    assert "<h1>Early." not in read(folder)
    keep(folder, 2, "host", answers=[early, odd])
    assert "Look first at GET /api/sessions/list, which answered text/html: <h1>Sorry." in read(
        folder
    )
