"""What Allure cannot write is told, and breaks nothing."""

from __future__ import annotations

from pathlib import Path

import allure_commons
from allure_commons import model2
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
    result = model2.TestResult(
        name="sesame",
        description="open sesame",
        statusDetails=model2.StatusDetails(message="open sesame"),
        parameters=[model2.Parameter("word", "sesame")],
        labels=[model2.Label("story", "sesame")],
        links=[model2.Link("link", "https://cave.example.org/?sesame", "cave")],
        attachments=[model2.Attachment("sesame", "1-attachment.txt", "text/plain")],
        steps=[model2.TestStepResult(name="say sesame")],
    )
    guard._redact([result])
    assert "sesame" not in str(result)
    assert str(result).count("[redacted]") == 8


def test_of_fixtures_only_those_that_broke_are_told() -> None:
    class Writes:
        """As Allure would; notes what is left by then."""

        @allure_commons.hookimpl
        def report_container(self, container: model2.TestResultContainer) -> None:
            written.extend(one.name for one in [*container.befores, *container.afters])

    written: list[str] = []
    manager = PluginManager("allure")
    for plugin in (Writes(), AllureGuard()):
        manager.register(plugin)
    befores = [model2.TestBeforeResult(name=one, status=one) for one in ("passed", "broken")]
    afters = [model2.TestAfterResult(name="unknown")]
    container = model2.TestResultContainer(befores=befores, afters=afters)
    manager.hook.report_container(container=container)
    assert written == ["broken"]
