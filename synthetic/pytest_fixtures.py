"""What every journey has: the run's ``work``, the ``journey`` itself, plain HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from allure_commons.reporter import AllureReporter
from allure_commons.types import AttachmentType

from synthetic import settings as settings_module
from synthetic.allure_report.standing import standing
from synthetic.allure_report.telling import HERE, Told, tell
from synthetic.errors import PlanError, SyntheticError
from synthetic.journeys.actor import Actor
from synthetic.journeys.admission import one_more_call
from synthetic.journeys.cleanup import LEDGER, Clearance, Ledger, leftovers
from synthetic.journeys.evidence import keep_deployment, keep_summary
from synthetic.journeys.good_pictures import GoodPictures
from synthetic.journeys.inquiry import inquire
from synthetic.journeys.journey import Journey
from synthetic.journeys.origin import Ruling
from synthetic.journeys.outline import PlannedStep, outline
from synthetic.journeys.tracing import step_begins
from synthetic.journeys.work import Witnesses, Work
from synthetic.plan.load import load
from synthetic.plan.model import Plan
from synthetic.pytest_attempts import ATTEMPT, JOURNEY
from synthetic.pytest_plugin import ALLURE, INVOCATION, RUN, SUITES, handed, is_worker
from synthetic.pytest_redaction import REDACTOR
from synthetic.redaction import Redactor, redacted_logs
from synthetic.results import Step
from synthetic.run import is_alive, merged, utc_now
from synthetic.settings import Settings
from synthetic.store.run_folder import JourneyDone, JourneyStarted, RunFolder

_log = logging.getLogger(__name__)


@pytest.fixture(scope="session")
def work(pytestconfig: pytest.Config) -> Iterator[Work]:
    """The run, as this process sees it; what it knows as secret, no log and no report shows."""
    invocation = pytestconfig.stash.get(INVOCATION, None)
    known = handed(invocation, "main") if invocation else pytestconfig.stash.get(RUN, None)
    if known is None:
        raise pytest.UsageError("journeys are run with `pytest -m smoke` or `pytest -m full`")
    settings = merged(known["environ"])
    folder = RunFolder.open(settings.reports_dir, known["run_id"])
    work = Work(
        run_id=known["run_id"],
        nonce=known["nonce"],
        part=known["part"],
        target=known["target"],
        base_url=str(settings.base_url),
        settings=settings,
        folder=folder,
        ledger=Ledger(folder.path / LEDGER),
        redactor=Redactor(settings_module.secrets(settings)),
        progress=_progress(pytestconfig),
    )
    pytestconfig.stash[ALLURE].redact = work.redactor.raw
    pytestconfig.stash[REDACTOR] = work.redactor
    if work.part in ("main", "gw0"):  # once in a run
        _remove_what_crashes_left(work)
    with redacted_logs(work.redactor):
        yield work


def _remove_what_crashes_left(work: Work) -> None:
    try:
        clearance = Clearance(work.base_url, work.settings, work.client, work.redactor)
        clearance.clear(leftovers(work.folder.path.parent, work.base_url, is_alive))
    except (SyntheticError, OSError) as error:
        _log.warning("what earlier runs left in the product was not removed: %s", error)


def _progress(config: pytest.Config) -> Callable[[str], None]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    if is_worker(config) or reporter is None:
        return lambda _: None

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            reporter.write_line(line)

    return write


@pytest.fixture
def actors() -> list[Actor]:
    """The actors of this journey, in order of appearance."""
    return []


@pytest.fixture
def journey(request: pytest.FixtureRequest, work: Work, actors: list[Actor]) -> Iterator[Journey]:
    """The journey in progress; its end is recorded whatever happens."""
    planned = outline(request.function)
    name = request.node.originalname
    attempt = request.node.stash.get(ATTEMPT, 1)
    if attempt > 1:
        work.progress(f"  {name}: attempt {attempt}, from fresh browsers")
    with ExitStack() as calls:
        witnesses = Witnesses(work)
        begun = _begun(work, name, attempt, planned, actors, witnesses, calls)
        request.node.stash[JOURNEY] = begun, work.settings
        good = GoodPictures.of(work, begun, actors, time.time())
        begun.on_pass = good.take
        if work.settings.exports.traceparent:
            begun.on_step = partial(step_begins, begun, actors)
        work.folder.append(work.part, JourneyStarted(journey=name, attempt=attempt, at=utc_now()))
        yield begun
    if begun.ended:  # an interrupted journey has no outcome
        done = begun.outcome()
        witnesses.note(done)
        keep_deployment(work, actors)
        summary = None
        if begun.error or attempt > 1:
            summary = keep_summary(work, begun)
        else:
            good.keep()
        try:
            _show_in_allure(request, summary)
            _tell_allure(request, work, planned, done)
        except Exception as error:  # its report is an extra: evidence and verdict stand without
            _log.warning("Allure was not told of %s: %s", name, error)


def _begun(
    work: Work,
    name: str,
    attempt: int,
    planned: Sequence[PlannedStep],
    actors: list[Actor],
    witnesses: Witnesses,
    calls: ExitStack,
) -> Journey:
    def ruled(error: Exception, step: Step) -> Ruling:
        return inquire(work, begun, actors, error, step)

    begun = Journey(
        name=name,
        run_id=work.run_id,
        planned=planned,
        witness=witnesses,
        redactor=work.redactor,
        limit_s=work.settings.step_timeout_s,
        warmup_s=work.settings.media_warmup_s,
        watch_s=work.settings.media_watch_s,
        ledger=work.ledger,
        on_failure=ruled,
        gone=lambda: [actor.role for actor in actors if actor.gone],
        challenged=lambda: [one.role for one in actors if one.access.asks_for_captcha()],
        admit=cache(lambda: calls.enter_context(one_more_call())),
        attempt=attempt,
    )
    return begun


def _tell_allure(
    request: pytest.FixtureRequest, work: Work, planned: Sequence[PlannedStep], done: JourneyDone
) -> None:
    logger = _allure(request)
    result = logger.get_test(None) if logger else None
    if result is None:
        return
    reports = work.settings.reports_url
    told = Told(
        run_id=work.run_id,
        suite=next(filter(request.node.get_closest_marker, SUITES), "journeys"),
        module=request.node.path.stem,
        features=tuple(step.feature for step in planned),
        target=work.target,
        location=work.settings.location,
        reports=str(reports) if reports else HERE,
        runbook=work.settings.links.runbook,
        rule=work.settings.links.rule,
    )
    tell(result, told, standing(_plan(work.settings.plan_dir), told.features), done)


def _show_in_allure(request: pytest.FixtureRequest, summary: Path | None) -> None:
    logger = _allure(request)
    if logger and summary and (result := logger.get_test(None)):
        # Beside what the test did: what a fixture attaches stands where nobody looks.
        logger.attach_file(
            uuid4(), str(summary), "summary", AttachmentType.HTML, parent_uuid=result.uuid
        )


def _allure(request: pytest.FixtureRequest) -> AllureReporter | None:
    listener: Any = request.config.pluginmanager.get_plugin("allure_listener")
    return listener.allure_logger if listener else None


@cache
def _plan(folder: Path | None) -> Plan:
    try:
        return load(folder)
    except PlanError:  # which is said where the run is held against it
        return load()


@pytest.fixture
def run_settings(work: Work) -> Settings:
    """The settings of this run."""
    return work.settings


@pytest.fixture
def target_url(work: Work) -> str:
    """The target's address."""
    return work.base_url


@pytest.fixture
def client(work: Work) -> Iterator[httpx.Client]:
    """Plain HTTP to the target, recognisable as ours."""
    with work.client() as client:
        yield client
