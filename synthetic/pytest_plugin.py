"""pytest as the runner of journeys: collects what they found into one run, whatever ``-n`` says.

The process that pytest was started as owns the run; workers of pytest-xdist only add to their
own part of its record. Journeys run when ``-m smoke`` or ``-m full`` asks for them.
"""

from __future__ import annotations

import json
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allure_commons
import pytest
from _pytest.mark.expression import Expression
from _pytest.terminal import TerminalReporter

from synthetic import settings as settings_module
from synthetic.allure_guard import AllureGuard, unusable
from synthetic.allure_report.surroundings import surround
from synthetic.errors import ReportsNotWritable, SyntheticError
from synthetic.evaluate.verdict import exit_code
from synthetic.pages.table import locators
from synthetic.reports import terminal
from synthetic.results import Run
from synthetic.run import Invocation, begin, finish, utc_now
from synthetic.store.observations import BURST

SUITES = ("smoke", "full")
pytest_plugins = [
    "synthetic.pytest_attempts",
    "synthetic.pytest_redaction",
    "synthetic.pytest_fixtures",
    "synthetic.pytest_stage",
    "synthetic.pytest_actors",
]

LONGEST_JOURNEY_S = 3600
_WHY = "terminated"
INVOCATION = pytest.StashKey[Invocation]()
ALLURE = pytest.StashKey[AllureGuard]()
RUN = pytest.StashKey[dict[str, Any]]()
"""What every process knows of the run: its id, nonce, the part to write, settings of a stand-in."""
_TERMINATED = pytest.StashKey[bool]()
"""Whether SIGTERM came before the session began; there only until then."""


def suite_of(expression: str) -> str | None:
    """The suite that a ``-m`` expression asks for by name; none for one that leaves all out."""
    if not expression:
        return None
    compiled = Expression.compile(expression)

    def selects(suite: str) -> bool:
        def has_marker(name: str, /, **_: str | int | bool | None) -> bool:
            return name == suite

        return suite in expression and compiled.evaluate(has_marker)

    return "+".join(filter(selects, SUITES)) or None


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Begin the run, before Allure's plugin opens its folder."""
    _guard_allure(config)
    # First in, last out: plugins that cannot clean up, as without file handles, would end us by
    # a traceback, whose exit code says that the target failed.
    config._cleanup_stack.push(_keep_exit_code)
    suite = suite_of(config.option.markexpr)
    if is_worker(config):
        handed = config.workerinput.get("synthetic")  # type: ignore[attr-defined]  # xdist's
        if handed:
            config.stash[RUN] = json.loads(handed)
            config.option.allure_report_dir = config.stash[RUN]["allure"]
        return
    if suite is None or config.option.help:
        return
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        # Without a path asked for, only the suites' folders are collected: it is seconds faster.
        config.args = [f"tests/{name}" for name in suite.split("+")]
    if config.option.collectonly:
        return
    _end_on_sigterm(config)
    try:
        locators(settings_module.load().pages)  # a wrong entry is told before anything starts
        invocation = begin(suite, utc_now(), random.Random())
    except SyntheticError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[INVOCATION] = invocation
    if not config.option.allure_report_dir:
        _hand_to_allure(config, invocation)


def _hand_to_allure(config: pytest.Config, invocation: Invocation) -> None:
    results = invocation.settings.reports_dir / "allure-results"
    if trouble := unusable(results):
        invocation.troubles.append(trouble)
        return
    config.option.allure_report_dir = str(results)
    # A burst asks again for what failed: its results stand beside those of the run before.
    config.option.clean_alluredir = invocation.settings.trigger != BURST


def _guard_allure(config: pytest.Config) -> None:
    guard = AllureGuard()
    config.stash[ALLURE] = guard
    allure_commons.plugin_manager.register(guard)
    config.add_cleanup(lambda: allure_commons.plugin_manager.unregister(guard))


def _keep_exit_code(_kind: object, error: BaseException | None, _trace: object) -> bool:
    if isinstance(error, OSError):
        sys.stderr.write(f"a plugin could not clean up: {error}\n")
    return isinstance(error, OSError)


def _end_on_sigterm(config: pytest.Config) -> None:
    """Until the session begins it waits: pytest may be importing a plugin, and cannot always tell
    of an interruption there, so that a traceback's exit code would say that the target failed."""
    config.stash[_TERMINATED] = False

    def interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if _TERMINATED not in config.stash:
            raise KeyboardInterrupt(_WHY)
        config.stash[_TERMINATED] = True

    signal.signal(signal.SIGTERM, interrupt)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """End before anything is begun, if SIGTERM came meanwhile; at once, if it comes from now on."""
    stash = session.config.stash
    if _TERMINATED in stash:
        terminated = stash[_TERMINATED]
        del stash[_TERMINATED]
        if terminated:
            raise KeyboardInterrupt(_WHY)


def handed(invocation: Invocation, part: str) -> dict[str, Any]:
    """What a process that runs journeys needs to know."""
    return {
        "run_id": invocation.record.run_id,
        "suite": invocation.suite,
        "target": invocation.record.target,
        "nonce": invocation.nonce,
        "part": part,
        "environ": invocation.environ,
    }


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist about the run."""
    invocation = node.config.stash.get(INVOCATION, None)
    if invocation:
        told = handed(invocation, node.gateway.id)
        # Workers are given what stood on the command line, and no option that was set since.
        told["allure"] = node.config.option.allure_report_dir
        node.workerinput["synthetic"] = json.dumps(told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave journeys out unless they were asked for."""
    if INVOCATION in config.stash or RUN in config.stash:
        for item in items:
            # One guard spans all attempts and controls; steps have limits of their own.
            item.add_marker(pytest.mark.timeout(LONGEST_JOURNEY_S))
        return
    journeys = [item for item in items if any(item.get_closest_marker(s) for s in SUITES)]
    if journeys and not config.option.collectonly:
        config.hook.pytest_deselected(items=journeys)
        items[:] = [item for item in items if item not in journeys]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The first line says what is looked at."""
    invocation = config.stash.get(INVOCATION, None)
    return [terminal.headline(invocation.record)] if invocation else []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A failed journey is told in one sentence; ``--tb`` asks for the traceback."""
    outcome: Any = yield
    report = outcome.get_result()
    journey = getattr(item, "funcargs", {}).get("journey")
    error = call.excinfo.value if call.excinfo else None
    if journey is not None and report.when != "teardown":
        journey.ended = report.when == "call" or report.failed
        if error is not None:
            journey.error = error = journey.error or error
    if item.config.option.tbstyle == "auto" and isinstance(error, SyntheticError):
        in_journey = journey is not None and journey.error is error
        report.longrepr = _sentence(journey if in_journey else None, error)


def _sentence(journey: Any, error: SyntheticError) -> str:
    return journey.sentence() if journey else f"{type(error).__name__}: {error}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Close the run; its verdict decides the exit code."""
    invocation = session.config.stash.get(INVOCATION, None)
    if invocation is None:
        return
    interrupted = exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    try:
        run = finish(
            invocation,
            interrupted=interrupted,
            all_passed=exitstatus == pytest.ExitCode.OK,
            now=utc_now(),
        )
    except SyntheticError as error:
        invocation.troubles.append(str(error))
        session.exitstatus = exit_code("inconclusive")
        return
    if not interrupted:
        session.exitstatus = exit_code(run.verdict)
    _surround(session.config, invocation, run)


def _surround(config: pytest.Config, invocation: Invocation, run: Run) -> None:
    results = config.option.allure_report_dir
    try:
        if results and Path(results).is_dir():
            surround(Path(results), run, invocation.folder.path)
    except (ReportsNotWritable, OSError) as error:
        invocation.troubles.append(str(error))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of everything also when pytest ended before its session began."""
    invocation = config.stash.get(INVOCATION, None)
    if invocation is None or invocation.finished is not None:
        return
    try:
        run = finish(invocation, interrupted=True, all_passed=False, now=utc_now())
        told = terminal.closing(run, _shown(invocation.folder.path), "make report")
    except SyntheticError as error:
        told = str(error)
    sys.stderr.write(f"ended before its journeys began\n{told}\n")


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """What the run found."""
    invocation = config.stash.get(INVOCATION, None)
    if invocation is None:
        return
    run = invocation.finished or invocation.folder.fold()
    write = terminalreporter.write_line
    write("")
    for block in (terminal.step_table(run), terminal.media_table(run)):
        write(block)
    for message in invocation.shown:
        write(message)
        write("")
    ours = config.stash[ALLURE].trouble
    for trouble in (*invocation.troubles, *([ours] if ours else [])):
        write(f"warning: {trouble}")
    write(terminal.closing(run, _shown(invocation.folder.path), "make report"))


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
