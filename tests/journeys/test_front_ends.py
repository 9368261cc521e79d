"""Another front end is another table of locators, and nothing else."""

from pathlib import Path

import pytest

from tests.journeys.conftest import REPO, Smoke, standin_serving

ROOM = ("title", "participant", "tile", "chat", "send", "message", "share", "leave")
FRAME = 'frame = "iframe[title=Room]"'
LOBBY = '[pages.room]\nenter = { role = "button", name = "^enter room$" }\n'


def embedded() -> str:
    """Every locator of the room, as it is, inside the iframe."""
    table = (REPO / "synthetic/pages/locators.toml").read_text("utf-8")
    lines = table[table.index("[room]") :].splitlines()[1:]
    moved = [line.replace(" }", f", {FRAME} }}") for line in lines if line.startswith(ROOM)]
    return "[pages.room]\n" + "\n".join(moved) + "\n"


@pytest.mark.parametrize(
    ("front", "table"), [("lobby", LOBBY), ("embedded", embedded())], ids=["lobby", "embedded"]
)
def test_the_smoke_journey_passes_there_too(
    smoke: Smoke, tmp_path: Path, front: str, table: str
) -> None:
    (tmp_path / "synthetic.toml").write_text(table, "utf-8")
    where = ("-c", str(REPO / "pyproject.toml"), "--rootdir", str(REPO), str(REPO / "tests/smoke"))
    with standin_serving(front=front) as standin:
        run = smoke(*where, cwd=tmp_path, env=standin.env)
    assert run.code == 0, run.output
    assert run.record.verdict in ("passed", "degraded")
