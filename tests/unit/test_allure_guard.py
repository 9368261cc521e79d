"""What Allure cannot write is told, and breaks nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import allure_commons
from pluggy import PluginManager

from synthetic.allure_guard import AllureGuard, unusable


def test_a_folder_that_can_be_made_is_good(tmp_path: Path) -> None:
    assert unusable(tmp_path / "new" / "results") is None
    assert list((tmp_path / "new" / "results").iterdir()) == []


def test_a_file_in_its_place_is_told_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    assert unusable(tmp_path / "results") == (
        f"Allure's evidence is left out: {tmp_path / 'results'} is no folder; "
        "take it away, or make it writable"
    )


def test_the_first_thing_that_could_not_be_written_is_kept() -> None:
    class Full:
        @allure_commons.hookimpl
        def report_attached_data(self, file_name: str) -> None:
            raise OSError(28, f"No space left for {file_name}")

    guard, manager = AllureGuard(), PluginManager("allure")  # apart from this run's own
    for plugin in (Full(), guard):
        manager.register(plugin)
    for name in ("one", "two"):
        manager.hook.report_attached_data(file_name=name)
    assert guard.trouble == (
        "Allure's evidence could not be written: [Errno 28] No space left for one"
    )


def test_what_allure_says_is_redacted() -> None:
    guard = AllureGuard()
    guard.redact = lambda text: text.replace("sesame", "[redacted]")
    said = SimpleNamespace(message="open sesame", trace=None)
    value = SimpleNamespace(value="sesame")
    guard._redact([SimpleNamespace(statusDetails=said, parameters=[value], steps=[])])
    assert (said.message, value.value) == ("open [redacted]", "[redacted]")
