"""What every journey has: the run's ``work``, the ``journey`` itself, plain HTTP."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

import allure
import httpx
import pytest

from synthetic import settings as settings_module
from synthetic.errors import SyntheticError
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
from synthetic.pytest_attempts import ATTEMPT, JOURNEY
from synthetic.pytest_plugin import ALLURE, INVOCATION, RUN, handed, is_worker
from synthetic.pytest_redaction import REDACTOR
from synthetic.redaction import Redactor, redacted_logs
from synthetic.results import Step
from synthetic.run import is_alive, merged, utc_now
from synthetic.settings import Settings
from synthetic.store.run_folder import JourneyStarted, RunFolder

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
        _label(planned, work)
        work.folder.append(work.part, JourneyStarted(journey=name, attempt=attempt, at=utc_now()))
        yield begun
    if begun.ended:  # an interrupted journey has no outcome
        witnesses.note(begun.outcome())
        keep_deployment(work, actors)
        if begun.error or attempt > 1:
            keep_summary(work, begun)
        else:
            good.keep()


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


def _label(planned: Sequence[PlannedStep], work: Work) -> None:
    allure.dynamic.feature(*dict.fromkeys(step.feature for step in planned))
    allure.dynamic.severity(allure.severity_level.CRITICAL)
    allure.dynamic.parameter("target", work.target)
    allure.dynamic.parameter("location", work.settings.location)
    allure.dynamic.parameter("run", work.run_id, excluded=True)


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
