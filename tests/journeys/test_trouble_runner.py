"""Our own side fails: inconclusive, by the runner, and nobody blames the product."""

from pathlib import Path

import pytest

from tests.detection.troubles import browser_dies
from tests.journeys.conftest import Smoke, Start
from tests.journeys.running import Finished, wait_for


def inconclusive(run: Finished, origin: str, *words: str) -> None:
    assert run.code == 6, run.output
    assert (run.record.verdict, run.record.origin) == ("inconclusive", origin)
    run.tells(*words)


@pytest.mark.fault("browser-missing", "there is no browser", "inconclusive | runner")
def test_no_browser_at_the_path_that_is_set(smoke: Smoke, tmp_path: Path) -> None:
    run = smoke(env={"SYNTHETIC_BROWSER_PATH": str(tmp_path / "chromium")})
    inconclusive(
        run, "runner", "BrowserMissing: SYNTHETIC_BROWSER_PATH names", "which is not a file"
    )


@pytest.mark.fault("browser-fails", "the browser ends at once", "inconclusive | runner")
def test_something_else_at_the_path_that_is_set(smoke: Smoke) -> None:
    run = smoke(env={"SYNTHETIC_BROWSER_PATH": "/bin/true"})
    inconclusive(run, "runner", "BrowserDied: the browser of host did not start", "try it by hand")


def test_a_traceback_when_asked_for(smoke: Smoke) -> None:
    run = smoke("--tb=long", env={"SYNTHETIC_BROWSER_PATH": "/bin/true"})
    assert "raise BrowserDied(" in run.output


@pytest.mark.fault("browser-killed", "a browser dies in a call", "inconclusive | runner")
@pytest.mark.parametrize("role", ["host", "guest"])
def test_a_browser_dies_in_the_call(start: Start, role: str) -> None:
    running = start(env={"SYNTHETIC_MEDIA_WATCH_S": "4"})
    running.passes("chat, guest to host")
    browser_dies(running, role)
    inconclusive(
        running.finish(),
        "runner",
        f"picture and sound last — BrowserDied: the browser of {role} ended by itself",
        "look for an out-of-memory kill",
    )
    wait_for(lambda: not running.left(), 5, "everything ended")


@pytest.mark.fault("camera-damaged", "a camera feed is damaged", "inconclusive | runner")
def test_a_damaged_camera_file(smoke: Smoke, tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "scene-host-1.mjpeg").write_bytes(b"\xff\xd8\xff and no more")
    run = smoke(env={"SYNTHETIC_MEDIA_DIR": str(media)})
    inconclusive(
        run,
        "runner",
        "FeedError: the camera feed of host could not be made",
        "it holds 1 whole frames instead of 240",
        "so that its pictures are made again",
    )


def test_nowhere_to_put_a_camera_file(smoke: Smoke, tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file, not a folder")
    run = smoke(env={"SYNTHETIC_MEDIA_DIR": str(tmp_path / "media")})
    inconclusive(run, "runner", "FeedError: camera feeds cannot be made", "SYNTHETIC_MEDIA_DIR")
