"""Every command of the documentation does what it says: executed, or exempt for a reason."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer import TyperException

from synthetic.pages.table import locators
from synthetic.plan.load import load as load_plan
from synthetic.results import Sample
from synthetic.settings import Settings, load
from tests.documents import LANGUAGES, PAGES, ROOT, Command, Fence, commands, fences, spans
from tests.sandbox import EXEMPT, Sandbox, exemption, options_of, parse, takes, usages

FENCES = [fence for page in PAGES for fence in fences(page)]
COMMANDED = [page for page in PAGES if any(True for one in fences(page) for _ in commands(one))]
SPOKEN_OF = [page for page in PAGES if any(spans(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history in which the database is slow, and an incident is open."""
    folder = tmp_path_factory.mktemp("recorded")
    slow = Sample(metric="database_query_time", value=250, at=datetime.now(UTC), labels={})
    (folder / "history.jsonl").write_text(slow.model_dump_json())
    sandbox = Sandbox(folder)
    sandbox.run(Command("synthetic import history.jsonl"))
    sandbox.run(Command("synthetic evaluate"))
    return folder


@pytest.fixture
def sandbox(recorded: Path, tmp_path: Path) -> Sandbox:
    """A folder with that history, and what a clone has that commands speak of."""
    folder = shutil.copytree(recorded, tmp_path / "clone")
    for name in ("fixtures", "synthetic"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "deploy", folder / "deploy")  # where a page has something written
    (folder / "synthetic.toml").touch()
    return Sandbox(folder)


@pytest.mark.timeout(60)  # what serves until it is told to stop should have been exempt
@pytest.mark.parametrize("page", COMMANDED, ids=name_of)
def test_the_commands_of_a_page_do_what_it_says(page: Path, sandbox: Sandbox) -> None:
    """Those in ``console`` also print what stands under them; there ``…`` is for anything."""
    for fence in fences(page):
        for command in commands(fence):
            said = sandbox.run(command)
            if command.shown and said is not None:
                shown = re.escape(command.shown.strip()).replace("…", ".*")
                assert re.fullmatch(shown, said.strip()), f"{fence}: {command.text}\n{said}"
        sandbox.settings_are_good()


@pytest.mark.parametrize("page", SPOKEN_OF, ids=name_of)
def test_commands_in_sentences_exist(page: Path) -> None:
    for spoken in spans(page):
        words = [word.strip("[]") for word in spoken.split()[1:]]
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert asked <= options_of(words) | {"--help"}, spoken


def test_every_fence_says_its_language() -> None:
    """Else a command could hide in it."""
    assert not [str(one) for one in FENCES if one.language not in LANGUAGES | {"{toctree}"}]


@pytest.mark.parametrize("fence", [one for one in FENCES if one.language == "toml"], ids=str)
def test_what_would_stand_in_synthetic_toml_is_good(fence: Fence, tmp_path: Path) -> None:
    """Of other files of ours only that they are TOML."""
    if set(tomllib.loads(fence.text)) <= set(Settings.model_fields):
        (tmp_path / "synthetic.toml").write_text(fence.text, "utf-8")
        settings = load(tmp_path, {})
        assert locators(settings.pages)
        assert load_plan(values=settings.plan_values).rows


def test_no_exemption_is_idle() -> None:
    lines = [line for one in FENCES for command in commands(one) for line in _lines(command)]
    for kind in ("parsed", "others", "answers"):
        assert set(EXEMPT[kind]) == {found for line in lines if (found := exemption(line, kind))}
    parts = (part.strip() for line in lines for part in re.split(r"&&|\|", line))
    asked = [shlex.split(part) for part in parts if exemption(part, "others")]
    assert not [usage for usage in usages() if not any(takes(usage, words) for words in asked)]
    assert EXEMPT["usage"].keys() == EXEMPT["others"].keys()


@pytest.mark.parametrize(
    "wrong",
    [
        "docker compse up",
        "docker compose -f x.yaml up --bogus",
        "true && kubectl aply -k .",
        "kubectl create job --from x; kubectl create job --fro x",
        "gh secrt set -f .env",
        "no-such-program",
    ],
)
def test_what_others_are_asked_can_be_wrong_anywhere(wrong: str, sandbox: Sandbox) -> None:
    with pytest.raises(AssertionError, match=r"unknown|not found"):
        sandbox.run(Command(wrong))


def _lines(command: Command) -> list[str]:
    without = re.compile(r"^(?:\.venv/bin/|[A-Z][A-Z0-9_]*=\S+ )+")
    return [" ".join(without.sub("", line).split()) for line in command.text.splitlines()]


@pytest.mark.parametrize("wrong", ["gate", "gate --tarjet x", "standin --fault no-such-fault"])
def test_what_is_only_parsed_can_be_wrong(wrong: str) -> None:
    with pytest.raises((TyperException, ValueError, SystemExit)):
        parse(wrong.split())
