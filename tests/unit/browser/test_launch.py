"""Which browser, and which switches."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.browser.launch import Feeds, browser_choice, switches
from synthetic.errors import BrowserMissing

NOWHERE = Path("nowhere")
FEEDS = Feeds(Path("host.mjpeg"), Path("host.wav"))


def nothing(_: str) -> None:
    """No browser on PATH."""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A file that stands for a browser."""
    path = tmp_path / "chrome"
    path.touch()
    return path


def test_the_path_asked_for_comes_first(build: Path) -> None:
    assert browser_choice(build, build) == {"executable_path": str(build)}


def test_playwrights_own_build_runs_the_new_headless_mode(build: Path) -> None:
    assert browser_choice(None, build, which=str) == {"channel": "chromium"}


def test_the_systems_browser_comes_last() -> None:
    found = {"google-chrome": "chrome-of-the-system"}
    assert browser_choice(None, NOWHERE, found.get) == {"executable_path": "chrome-of-the-system"}


def test_a_wrong_path_is_not_silently_replaced(build: Path) -> None:
    with pytest.raises(BrowserMissing, match="SYNTHETIC_BROWSER_PATH names nowhere"):
        browser_choice(NOWHERE, build)


def test_no_browser_at_all_says_what_to_do() -> None:
    with pytest.raises(BrowserMissing, match="run `make setup`"):
        browser_choice(None, NOWHERE, nothing)


def test_each_actor_has_their_own_files_and_screen() -> None:
    chosen = switches(FEEDS, "the title", loopback=False, headed=False)
    assert f"--use-file-for-fake-video-capture={Path('host.mjpeg').resolve()}" in chosen
    assert f"--use-file-for-fake-audio-capture={Path('host.wav').resolve()}" in chosen
    assert "--auto-select-desktop-capture-source=the title" in chosen


@pytest.mark.parametrize("loopback", [True, False])
def test_loopback_is_opened_for_local_targets_only(loopback: bool) -> None:
    chosen = switches(FEEDS, "t", loopback=loopback, headed=False)
    assert ("--allow-loopback-in-peer-connection" in chosen) is loopback


@pytest.mark.parametrize(("user", "sandboxed"), [(0, False), (1000, True)])
def test_only_root_goes_without_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, user: int, sandboxed: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert ("--no-sandbox" in switches(FEEDS, "t", loopback=False, headed=False)) is not sandboxed
