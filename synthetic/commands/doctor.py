"""``synthetic doctor``: whether everything that a run needs is there, and the cure where not."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synthetic.wording import fit

if TYPE_CHECKING:
    from synthetic.doctor.checkup import Check, Finding
    from synthetic.redaction import Redactor
    from synthetic.settings import Settings

_SIGNS = {"right": "✓", "wrong": "✗", "open": "·"}
_LONGEST = 600
_BROWSER_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    send: Annotated[
        bool,
        typer.Option(
            "--send",
            help="Send a test message by each channel; pages and issues are closed at once.",
        ),
    ] = False,
    pages: Annotated[
        bool,
        typer.Option(
            "--pages",
            help="Walk the target's pages with a standing account, and say which locator finds "
            "nothing; a session is created and ended.",
        ),
    ] = False,
    browser: Annotated[
        bool, typer.Option(help="Whether to start browsers and let them call each other.")
    ] = True,
) -> None:
    """Look at all that a run needs: exit 0 all right, 1 something is wrong, 2 bad settings."""
    from synthetic.doctor.checkup import exit_code
    from synthetic.redaction import Redactor
    from synthetic.settings import load, secrets

    settings = load()
    redactor = Redactor(secrets(settings))
    show = _nothing if as_json else typer.echo
    findings = list(_looked(_checks(settings, send=send, browser=browser), redactor, show))
    code = exit_code(findings)
    walked: dict[str, Any] = {}
    if pages:
        walked, lines, good = _walked(settings, redactor)
        code = code or int(not good)
        for line in lines:
            show(line)
    if as_json:
        typer.echo(json.dumps(_told(findings, walked, code), indent=2))
    raise typer.Exit(code)


def _nothing(_: str) -> None:
    """Programs are shown all of it at once."""


def _looked(
    checks: Iterable[Check], redactor: Redactor, show: Callable[[str], object]
) -> Iterator[Finding]:
    """What each look found, redacted, and shown as soon as it is known."""
    from synthetic.doctor.checkup import examine

    for one in examine(checks):
        finding = dataclasses.replace(one, said=fit(redactor.text(one.said), _LONGEST))
        show(f"{_SIGNS[finding.state]} {finding.name:<18}{finding.said}")
        yield finding


def _checks(settings: Settings, *, send: bool, browser: bool) -> Iterator[Check]:
    from synthetic.doctor import looks, messages
    from synthetic.doctor.checkup import Check

    yield from looks.checks(settings)
    yield from messages.checks(settings, send=send)
    if browser:
        from synthetic.journeys.trying import browser_starts, call_works

        yield Check(
            "browser", lambda: browser_starts(settings), "SYNTHETIC_BROWSER_PATH", _BROWSER_S
        )
        yield Check("call", lambda: call_works(settings), "SYNTHETIC_BROWSER_PATH", _BROWSER_S)


def _walked(settings: Settings, redactor: Redactor) -> tuple[dict[str, Any], list[str], bool]:
    """The walk for programs, for people, and whether all was found."""
    from synthetic.doctor.pages import not_seen, places, told
    from synthetic.journeys.walking import walk
    from synthetic.pages.table import locators

    with _target(settings) as (there, base_url):
        walked = walk(there, base_url, redactor)
    found = places(walked, locators(settings.pages))
    shown: dict[str, Any] = {
        "pages": [dataclasses.asdict(one) for one in found],
        "not_seen": list(not_seen(walked)),
        "trouble": walked.trouble,
        "not_removed": walked.left,
    }
    clean: dict[str, Any] = json.loads(redactor.raw(json.dumps(shown)))
    lines = [redactor.text(line) for line in told(walked, found)]
    good = not (walked.trouble or walked.left or any(one.missing for one in found))
    return clean, lines, good


@contextmanager
def _target(settings: Settings) -> Iterator[tuple[Settings, str]]:
    """The target that settings name, or a stand-in of our own while the block lasts."""
    from synthetic.journeys.target import EmbeddedStandin
    from synthetic.settings import load

    if settings.base_url is not None:
        yield settings, str(settings.base_url)
        return
    standin = EmbeddedStandin.start()
    try:
        its = load(environ={**os.environ, **standin.ready()})
        yield its, str(its.base_url)
    finally:
        standin.stop()


def _told(findings: list[Finding], walked: dict[str, Any], code: int) -> dict[str, Any]:
    return {"right": code == 0, "checks": [dataclasses.asdict(one) for one in findings], **walked}
