"""Set-up does nothing when nothing is missing, and says what to type when it can't go on."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from synthetic.browser.launch import SYSTEM_BROWSERS, can_film

ROOT = Path(__file__).parents[3]
NOTHING_S = 1.0


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script in a checkout of its own, with a Python in .venv and no browser anywhere."""
    names = ["scripts/setup.py", "scripts/apt-packages.txt", "requirements.txt"]
    for name in (*names, "requirements-dev.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "pyproject.toml").touch()
    driver = tmp_path / ".venv/lib/python3.11/site-packages/playwright/driver/package"
    driver.mkdir(parents=True)
    revisions = [{"name": "chromium", "revision": "7"}, {"name": "ffmpeg", "revision": "3"}]
    (driver / "browsers.json").write_text(json.dumps({"browsers": revisions}))
    (tmp_path / ".venv/bin").mkdir()
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path / ".venv/bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    monkeypatch.delenv("SYNTHETIC_BROWSER_PATH", raising=False)
    spec = importlib.util.spec_from_file_location("set_up", tmp_path / "scripts/setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def script(setup: ModuleType) -> Path:
    return Path(setup.ROOT, "scripts", "setup.py")


def install_packages(setup: ModuleType, wanted: str = "requirements.txt") -> None:
    setup.STAMP.write_text(setup.expected_stamp(wanted))


def install_playwright_build(setup: ModuleType, revision: str = "7") -> None:
    folder = setup.ROOT / "browsers" / f"chromium-{revision}"
    folder.mkdir(parents=True)
    (folder / "INSTALLATION_COMPLETE").touch()


def test_nothing_is_done_in_under_a_second_when_all_is_there(setup: ModuleType) -> None:
    install_packages(setup)
    install_playwright_build(setup)
    started = time.monotonic()
    done = subprocess.run([sys.executable, script(setup)], capture_output=True, check=True)
    assert time.monotonic() - started < NOTHING_S
    assert done.stdout + done.stderr == b""


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_change_of_what_is_wanted_is_noticed(setup: ModuleType, name: str) -> None:
    install_packages(setup)
    install_playwright_build(setup)
    assert setup.is_ready(setup.RUNNING)
    (setup.ROOT / name).write_text("changed")
    assert not setup.is_ready(setup.RUNNING)


def test_what_a_developer_has_will_do_for_running_but_not_the_other_way(setup: ModuleType) -> None:
    install_playwright_build(setup)
    install_packages(setup, setup.DEVELOPING)
    assert setup.is_ready(setup.RUNNING)
    assert setup.is_ready(setup.DEVELOPING)
    install_packages(setup, setup.RUNNING)
    assert not setup.is_ready(setup.DEVELOPING)


def test_running_needs_nothing_of_a_developers(setup: ModuleType) -> None:
    install_playwright_build(setup)
    install_packages(setup)
    (setup.ROOT / "requirements-dev.txt").unlink()
    assert setup.is_ready(setup.RUNNING)
    setup.STAMP.write_text("of another day")
    assert not setup.has_packages(setup.RUNNING)


@pytest.mark.parametrize(
    ("arguments", "wanted"), [([], "requirements.txt"), (["--dev"], "requirements-dev.txt")]
)
def test_what_is_asked_for_is_installed_whole_and_uncompiled(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: str
) -> None:
    install_playwright_build(setup)
    commands: list[list[object]] = []
    monkeypatch.setattr(setup, "run", lambda command, _: commands.append(command))
    assert setup.main(arguments) == 0
    packages, project = commands
    assert packages[-3:] == ["--require-hashes", "-r", setup.ROOT / wanted]
    assert project[-2:] == ["-e", setup.ROOT]
    assert all("--no-compile" in command for command in commands)
    assert setup.is_ready(wanted)


def test_a_developers_pins_are_those_of_running_and_more() -> None:
    running, developing = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert len(running) > 10
    assert running < developing


def test_a_python_that_is_gone_is_noticed(setup: ModuleType) -> None:
    install_packages(setup)
    install_playwright_build(setup)
    setup.PYTHON.unlink()
    assert not setup.is_ready(setup.RUNNING)


def test_the_build_of_another_playwright_is_no_browser(setup: ModuleType) -> None:
    install_playwright_build(setup, revision="6")
    assert not setup.has_browser()


@pytest.mark.skipif(sys.platform != "linux", reason="named otherwise elsewhere")
def test_playwright_films_with_the_systems_ffmpeg(setup: ModuleType) -> None:
    system = setup.VENV / "bin" / "ffmpeg"
    system.touch(mode=0o755)
    setup.link_ffmpeg()
    linked = setup.ROOT / "browsers" / "ffmpeg-3" / "ffmpeg-linux"
    assert linked.resolve() == system.resolve()
    assert can_film(setup.ROOT / "browsers" / "chromium-7" / "chrome-linux64" / "chrome")


def test_without_any_ffmpeg_there_is_no_film(setup: ModuleType) -> None:
    setup.link_ffmpeg()
    assert not can_film(setup.ROOT / "browsers" / "chromium-7" / "chrome-linux64" / "chrome")


def test_playwrights_own_ffmpeg_is_left_alone(setup: ModuleType) -> None:
    (setup.VENV / "bin" / "ffmpeg").touch(mode=0o755)
    own = setup.ROOT / "browsers" / "ffmpeg-3" / "ffmpeg-linux"
    own.parent.mkdir(parents=True)
    own.touch()
    setup.link_ffmpeg()
    assert not own.is_symlink()


def test_the_systems_browser_will_do(setup: ModuleType) -> None:
    browser = setup.VENV / "bin" / "chromium"
    browser.touch(mode=0o755)
    assert setup.has_browser()


def test_the_browsers_that_are_looked_for_are_those_that_are_started(setup: ModuleType) -> None:
    assert setup.SYSTEM_BROWSERS == SYSTEM_BROWSERS


def test_without_a_browser_the_one_command_is_said(
    setup: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    install_packages(setup)
    assert setup.main([]) == 1
    assert (
        "type `sudo apt-get install -y chromium fonts-dejavu-core libatomic1`"
        in capsys.readouterr().err
    )


def test_a_browser_path_that_is_wrong_is_said(
    setup: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install_packages(setup)
    monkeypatch.setenv("SYNTHETIC_BROWSER_PATH", "nowhere/chrome")
    assert setup.main([]) == 1
    assert "names nowhere/chrome, which is no file" in capsys.readouterr().err


def test_packages_that_cannot_be_installed_end_it(
    setup: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "PYTHON", Path(shutil.which("false", path="/usr/bin:/bin") or ""))
    assert setup.main([]) == 1
    assert "failed: see above; is the package index reachable?" in capsys.readouterr().err


def test_a_second_set_up_waits_for_the_first(setup: ModuleType) -> None:
    install_playwright_build(setup)
    with script(setup).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen([sys.executable, script(setup)], stderr=subprocess.PIPE)
        assert second.stderr
        with second.stderr as said:
            assert said.readline() == b"Another set-up runs in this checkout; waiting for it.\n"
            install_packages(setup)
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert second.wait(timeout=10) == 0


def test_an_old_python_is_told_what_is_needed(
    setup: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "OLDEST", (99, 0))
    with pytest.raises(SystemExit):
        setup.main([])
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_the_listing_that_playwright_ships_is_as_expected() -> None:
    import playwright

    listing = Path(playwright.__file__).parent / "driver" / "package" / "browsers.json"
    names = [entry["name"] for entry in json.loads(listing.read_text())["browsers"]]
    assert "chromium" in names
