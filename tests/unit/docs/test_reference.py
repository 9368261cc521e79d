"""What follows from the code is what the code says: ``make docs`` makes it anew."""

from __future__ import annotations

import pytest

from synthetic.results import json_schema
from synthetic.standin.faults import CATALOGUE
from tests.documents import DOCS, ROOT, loaded

FOLDER = DOCS / "reference"
PAGES = loaded(ROOT / "scripts" / "reference.py").pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    """Else: ``make docs``."""
    assert (FOLDER / name).read_text("utf-8") == PAGES[name]


def test_there_is_no_other_page() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)


def test_every_fault_stands_there_once() -> None:
    lines = PAGES["faults.md"].splitlines()
    for fault in CATALOGUE:
        assert sum(line.startswith(f"| `{fault.name}` |") for line in lines) == 1


def test_every_field_of_the_record_stands_there() -> None:
    schema = json_schema()
    for one in (schema, *schema["$defs"].values()):
        for field in one["properties"]:
            assert f"| `{field}` |" in PAGES["record.md"]


@pytest.mark.parametrize("command", ["standin", "action add", "plan", "watch"])
def test_every_command_has_its_heading(command: str) -> None:
    assert f"\n## synthetic {command}\n" in PAGES["commands.md"]
