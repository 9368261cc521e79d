"""`make dashboard` says where to look and what to type, and yields where a port is taken."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from types import ModuleType

import pytest

from synthetic.settings import Settings
from synthetic.standin import DEFAULT_PORT
from synthetic.standin.faults import parse

SCRIPT = Path(__file__).parents[3] / "scripts" / "dashboard.py"
URL = "http://127.0.0.1:7681"


@pytest.fixture(scope="module")
def dashboard() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dashboard", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stand_in_comes_with_the_commands_to_break_and_mend_it(dashboard: ModuleType) -> None:
    told = dashboard.told(URL, "stand-in", f"http://127.0.0.1:{DEFAULT_PORT}")
    assert "a stand-in, not the product" in told
    assert f"Look at   {URL}/" in told
    for words in (f"standin {dashboard.BREAKS}", "standin --mend", "status"):
        assert f"synthetic {words}\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_it_hurries_where_settings_do_not_say_otherwise(dashboard: ModuleType) -> None:
    given = Settings.model_validate({"watch": {"probe_every": "1s"}})
    assert dashboard.quick(given) == {
        "SYNTHETIC_WATCH__EVALUATE_EVERY": "5s", "SYNTHETIC_WATCH__SMOKE_EVERY": "3m",
    }  # fmt: skip


def test_one_elsewhere_is_named_in_them(dashboard: ModuleType) -> None:
    told = dashboard.told(URL, "stand-in", "http://127.0.0.1:40001")
    assert "standin --at http://127.0.0.1:40001 --mend" in told


def test_a_product_is_not_to_be_broken(dashboard: ModuleType) -> None:
    told = dashboard.told(URL, "https://kulti.test/", None)
    assert "Watching  https://kulti.test/" in told
    assert "break" not in told


def test_what_it_says_breaks_is_a_fault(dashboard: ModuleType) -> None:
    assert parse(dashboard.BREAKS.split()[1::2]).effects


def test_a_taken_port_makes_room(dashboard: ModuleType) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert dashboard.free_port(taken.getsockname()[1]) == 0


def test_what_does_not_come_up_is_named(dashboard: ModuleType) -> None:
    with (
        pytest.raises(dashboard.CannotShow, match="true did not come up"),
        dashboard.started(["true"]),
    ):
        pass
