"""``synthetic init``: what has to be known about a product, asked or given, checked and written."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthetic._settings_sources import DOTENV
from synthetic.commands import init_files as files
from synthetic.commands.init_workflow import workflow as gate_of
from synthetic.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from synthetic.commands.init_files import Change

_WORKFLOW = Path(".github/workflows/monitor.yml")
_STANDIN_ONLY = "the stand-in needs none of this: `make smoke` runs against it as it is"
REFUSED = 1


@dataclass(frozen=True)
class Question:
    """A setting to ask for; ``kinds`` are those of the inbox that need it (none: all do).

    What is ``private`` goes to ``.env``; what is ``hidden`` is not shown as it is typed.
    """

    setting: str
    text: str
    private: bool = False
    hidden: bool = False
    kinds: tuple[str, ...] = ()
    optional: bool = False
    usual: str = ""

    @property
    def flag(self) -> str:
        """The parameter of the command that answers it."""
        return self.setting.replace(".", "_")


QUESTIONS = (
    Question("base_url", "Address of the product, such as https://staging.example.org"),
    Question("location", "A name for where this machine stands", usual="local"),
    Question("inbox.kind", "How codes are read: mailpit, imap, supabase or fixed", usual="imap"),
    Question("inbox.url", "Address of the mailbox (imaps://host, https://host)", private=True,
             kinds=("mailpit", "imap", "supabase")),
    Question("inbox.username", "User name of the mailbox", private=True, kinds=("imap",)),
    Question("inbox.password", "Its password; for supabase the service-role key", private=True,
             hidden=True, kinds=("imap", "supabase")),
    Question("inbox.codes", 'Codes by address, such as {"guest@example.org": "123456"}',
             private=True, hidden=True, kinds=("fixed",)),
    Question("accounts.fresh", "Address that signs up anew each time, by a +tag, such as "
             "monitor@example.org", private=True),
    Question("accounts.standing", "Addresses of standing accounts, best two or more, separated by "
             "commas", private=True),
    Question("slack.webhook_url", "Slack's incoming webhook; empty for none", private=True,
             hidden=True, optional=True),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(init)


def init(
    target: Annotated[str, typer.Option(help="Address of the product.")] = "",
    location: Annotated[str, typer.Option(help="A name for where this machine stands.")] = "",
    inbox_kind: Annotated[str, typer.Option(help="mailpit, imap, supabase or fixed.")] = "",
    inbox_url: Annotated[str, typer.Option(help="Address of the mailbox.")] = "",
    inbox_username: Annotated[str, typer.Option(help="User name of the mailbox.")] = "",
    inbox_password: Annotated[
        str, typer.Option(help="Its password; better typed when asked, or in the environment.")
    ] = "",
    inbox_codes: Annotated[str, typer.Option(help="Fixed codes by address, as JSON.")] = "",
    fresh: Annotated[str, typer.Option(help="Address that signs up anew each time.")] = "",
    standing: Annotated[str, typer.Option(help="Standing accounts, by commas.")] = "",
    slack_webhook: Annotated[str, typer.Option(help="Slack's incoming webhook.")] = "",
    workflow: Annotated[
        str, typer.Option(help="Folder of your product's repository, for a gate before deploys.")
    ] = "",
    gate: Annotated[str, typer.Option(help="Whose gate: OWNER/NAME@COMMIT on GitHub.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace what is set otherwise.")] = False,
    ask: Annotated[bool, typer.Option(help="Whether to ask, on a terminal.")] = True,
) -> None:
    """Set up your product: write .env, synthetic.toml and a gate, each checked; 1 if refused."""
    inbox = (inbox_kind, inbox_url, inbox_username, inbox_password, inbox_codes)
    texts = (target, location, *inbox, fresh, standing, slack_webhook)
    given = dict(zip((question.flag for question in QUESTIONS), texts, strict=True))
    asking = ask and sys.stdin.isatty()
    answers = _answers(given, _standing(Path(), os.environ), _asked if asking else None)
    product = gate_of(workflow, gate, answers["base_url"], _typed if asking else None)
    _write(Path(), answers, product, force=force)
    for line in _next(Path(), answers, product):
        typer.echo(line)


def _answers(
    given: Mapping[str, str],
    known: Mapping[str, str],
    asked: Callable[[Question, str, Callable[[str], str | None]], str] | None,
) -> dict[str, str]:
    """By setting: what was given, else what is asked, else what is known, else what is usual.

    Raises :class:`SettingsError` for an answer that settings would refuse, and
    :class:`UsageError` for one that is missing.
    """
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if question.kinds and answers["inbox.kind"] not in question.kinds:
            continue

        def trouble(answer: str, setting: str = question.setting) -> str | None:
            return _trouble({**answers, setting: answer})

        usual = known.get(question.setting, question.usual)
        answer = given.get(question.flag, "")
        if not answer:
            answer = asked(question, usual, trouble) if asked else usual
        if not answer and not question.optional:
            named = f"{_name(question)}, or {files.variable(question.setting)}, is needed"
            product = question.setting != "base_url" or any(given.values())
            instead = "" if product else f"; {_STANDIN_ONLY}"
            raise UsageError(f"{named}: {question.text}{instead}")
        if answer and (said := trouble(answer)):
            raise SettingsError(said)
        if answer:
            answers[question.setting] = answer
    return answers


def _asked(question: Question, usual: str, trouble: Callable[[str], str | None]) -> str:
    while True:
        kept = " [as it is]" if usual and question.hidden else f" [{usual}]" if usual else ""
        typed: str = typer.prompt(
            f"{question.text}{kept}", "", hide_input=question.hidden, show_default=False, err=True
        )
        answer = typed.strip() or usual
        if not answer and question.optional:
            return ""
        said = trouble(answer) if answer else "an answer is needed"
        if said is None:
            return answer
        typer.echo(said, err=True)


def _typed(text: str, usual: str) -> str:
    typed: str = typer.prompt(text, usual, show_default=bool(usual), err=True)
    return typed.strip()


def _trouble(answers: Mapping[str, str]) -> str | None:
    """What settings have against these answers; they may hold each other to account."""
    from synthetic.settings import load

    with tempfile.TemporaryDirectory() as nothing:
        try:
            load(Path(nothing), {files.variable(name): text for name, text in answers.items()})
        except SettingsError as error:
            return str(error).replace(" in the environment", "")
    return None


def _standing(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What is set by now, unchecked; raises :class:`SettingsError` where a file is unreadable."""
    from pydantic import BaseModel, ConfigDict

    from synthetic._settings_sources import read

    class Anything(BaseModel):
        model_config = ConfigDict(extra="allow")

    tree = read(Anything, folder, environ).model_extra or {}
    known: dict[str, str] = {}
    for question in QUESTIONS:
        value: object = tree
        for key in question.setting.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            known[question.setting] = value if isinstance(value, str) else json.dumps(value)
    return known


def _name(question: Question) -> str:
    flags = {"base_url": "target", "accounts_fresh": "fresh", "accounts_standing": "standing"}
    return f"--{flags.get(question.flag, question.flag).replace('_', '-')}"


def _write(
    folder: Path, answers: Mapping[str, str], product: Change | None, *, force: bool
) -> None:
    private = {question.setting for question in QUESTIONS if question.private}
    ours = (
        files.dotenv(
            folder, {files.variable(name): answers[name] for name in answers if name in private}
        ),
        files.toml(folder, {name: answers[name] for name in answers if name not in private}),
        files.gitignore(folder),
    )
    changes = (*ours, product) if product else ours
    for line in files.differences(changes):
        typer.echo(line)
    _check_whole(ours)
    if not force and any(change.replaces for change in changes):
        typer.echo("Nothing was written, for something is set otherwise: --force replaces it.")
        raise typer.Exit(REFUSED)
    for change in changes:
        if change.needed:
            change.write()
            typer.echo(f"wrote {change.path}")


def _check_whole(changes: Sequence[Change]) -> None:
    """Raises :class:`SettingsError` where the files together would not be settings."""
    from synthetic.settings import load

    with tempfile.TemporaryDirectory() as folder:
        for change in changes:
            Path(folder, change.path.name).write_text(change.text, "utf-8")
        load(Path(folder), {})


def _next(folder: Path, answers: Mapping[str, str], product: Change | None) -> Iterator[str]:
    """What to type next, and after that; by GitHub's own command line where there is a workflow."""
    yield from _runs(folder, answers)
    if product:
        yield "And for the gate:"
        yield f"  cd {shlex.quote(str(product.path.parents[2]))}"
        yield from _known_to_github(folder.resolve() / DOTENV, answers)
        yield f"  git add {'/'.join(product.path.parts[-3:])}"
        yield "  git commit -m 'A gate before deploys' && git push"


def _runs(folder: Path, answers: Mapping[str, str]) -> Iterator[str]:
    yield "Next: synthetic doctor --pages --send"
    yield "Then: make smoke"
    if not (folder / _WORKFLOW).exists():
        yield "A run every two hours, and a gate before deploys: docs/ci.md"
        return
    yield "And for a run every two hours:"
    yield from _known_to_github(Path(DOTENV), answers)
    yield "  gh workflow run monitor.yml"


def _known_to_github(dotenv: Path, answers: Mapping[str, str]) -> Iterator[str]:
    yield f"  gh secret set -f {shlex.quote(str(dotenv))}"
    for setting in ("base_url", "inbox.kind"):
        value = shlex.quote(answers[setting])
        yield f"  gh variable set {files.variable(setting)} --body {value}"
