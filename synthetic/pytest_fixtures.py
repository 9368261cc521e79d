"""The fixtures of journeys: ``journey``, ``host``, ``guest``, ``codes`` and ``site``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import allure
import httpx
import pytest
from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from synthetic import settings as settings_module
from synthetic.browser.evidence import collect
from synthetic.browser.launch import browser_choice
from synthetic.errors import SyntheticError, UsageError
from synthetic.inbox import open_mailbox
from synthetic.journeys.accounts import fresh_address, leased
from synthetic.journeys.actor import Actor, Stage, close_actor, feeds_folder, open_actor
from synthetic.journeys.cleanup import LEDGER, Clearance, Created, Ledger, leftovers, remove
from synthetic.journeys.journey import Journey
from synthetic.journeys.otp import OneTimeCodes
from synthetic.journeys.outline import PlannedStep, outline
from synthetic.journeys.work import Witnesses, Work
from synthetic.pages.table import locators
from synthetic.pytest_plugin import INVOCATION, RUN, handed, is_worker
from synthetic.redaction import Redactor
from synthetic.run import is_alive, merged, utc_now
from synthetic.store.run_folder import JourneyStarted, RunFolder

_log = logging.getLogger(__name__)
_LEASE_PATIENCE_S = 60


@pytest.fixture(scope="session")
def work(pytestconfig: pytest.Config) -> Work:
    """The run, as this process sees it."""
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
    if work.part in ("main", "gw0"):  # once in a run
        _remove_what_crashes_left(work)
    return work


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

    witnesses = Witnesses(work)
    journey = Journey(
        name=name,
        run_id=work.run_id,
        planned=planned,
        witness=witnesses,
        redactor=work.redactor,
        limit_s=work.settings.step_timeout_s,
        warmup_s=work.settings.media_warmup_s,
        watch_s=work.settings.media_watch_s,
        ledger=work.ledger,
        on_failure=lambda: _keep_evidence(work, actors, f"{name}-1"),
        gone=lambda: [actor.role for actor in actors if actor.gone],
    )
    _label(planned, work)
    started = JourneyStarted(journey=name, attempt=journey.attempt, at=utc_now())
    work.folder.append(work.part, started)
    yield journey
    if journey.ended:  # an interrupted journey has no outcome
        witnesses.note(journey.outcome())


def _keep_evidence(work: Work, actors: Sequence[Actor], attempt: str) -> None:
    try:
        for actor in actors:
            pieces = collect(
                actor.role,
                actor.context,
                actor.page,
                actor.log,
                work.folder.path / "evidence" / attempt / actor.role,
                work.redactor,
                traced=actor.traced,
            )
            for piece in pieces:
                allure.attach.file(str(piece.path), name=piece.title)
    except OSError as error:
        _log.warning("evidence could not be kept: %s", error)


def _label(planned: Sequence[PlannedStep], work: Work) -> None:
    allure.dynamic.feature(*dict.fromkeys(step.feature for step in planned))
    allure.dynamic.severity(allure.severity_level.CRITICAL)
    allure.dynamic.parameter("target", work.target)
    allure.dynamic.parameter("location", work.settings.location)
    allure.dynamic.parameter("run", work.run_id, excluded=True)


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    work: Work,
    journey: Journey,
    playwright: Playwright,
    browser_name: str,
    browser_context_args: dict[str, Any],
    launch_browser: Callable[..., Browser],
) -> Stage:
    """What all actors of this journey share."""
    option = request.config.getoption
    with journey.beginning():
        return Stage(
            run_id=work.run_id,
            nonce=work.nonce,
            base_url=work.base_url,
            table=locators(work.settings.pages),
            launch=launch_browser,
            browser_options=_browser(work, playwright, browser_name, option("--browser-channel")),
            context_options=browser_context_args,
            headed=option("--headed"),
            media_dir=work.settings.media_dir,
            feeds_dir=feeds_folder(work.settings.media_dir, work.run_id, work.part),
            limit_s=work.settings.step_timeout_s,
            light_trace=option("--tracing") == "off",
        )


def _browser(
    work: Work, playwright: Playwright, name: str, channel: str | None
) -> Mapping[str, Any]:
    if name != "chromium":
        raise UsageError(f"only Chromium has cameras fed from files, so not {name}")
    own_build = Path(playwright.chromium.executable_path)
    return {} if channel else browser_choice(work.settings.browser_path, own_build)


@pytest.fixture
def enter(
    work: Work, journey: Journey, actors: list[Actor], stage: Stage, _artifacts_recorder: Any
) -> Iterator[Callable[[str, str], Actor]]:
    """Brings an actor on stage: ``enter(role, address)``; all leave at the end of the journey."""
    with ExitStack() as leaving:

        def enter(role: str, email: str) -> Actor:
            actor = open_actor(stage, role, email, journey.heard, _artifacts_recorder)
            leaving.callback(close_actor, actor, _artifacts_recorder)
            leaving.callback(_remove_what_is_left, work, actor)
            actors.append(actor)
            return actor

        yield enter


@pytest.fixture
def host(work: Work, journey: Journey, enter: Callable[[str, str], Actor]) -> Actor:
    """The person who signs up afresh and creates the session; removed at the end."""
    with journey.beginning():
        email = fresh_address(work.settings.accounts.fresh, work.run_id)
        work.ledger.created(Created("account", email, owner=email, target=work.base_url))
        return enter("host", email)


@pytest.fixture
def guest(work: Work, journey: Journey, enter: Callable[[str, str], Actor]) -> Iterator[Actor]:
    """The person who logs in with a standing account and joins."""
    with ExitStack() as lease:
        with journey.beginning():
            accounts = work.settings.accounts.standing
            email = lease.enter_context(leased(accounts, work.base_url, _LEASE_PATIENCE_S))
            actor = enter("guest", email)
        yield actor


@pytest.fixture
def codes(work: Work, journey: Journey) -> Iterator[OneTimeCodes]:
    """One-time codes, asked for on pages and read in the mailbox."""
    with ExitStack() as closing:
        with journey.beginning():
            mailbox = open_mailbox(work.settings.inbox)
            closing.callback(mailbox.close)
        yield OneTimeCodes(mailbox, work.settings.inbox)


@pytest.fixture
def target_url(work: Work) -> str:
    """The target's address."""
    return work.base_url


@pytest.fixture
def client(work: Work) -> Iterator[httpx.Client]:
    """Plain HTTP to the target, recognisable as ours."""
    with work.client() as client:
        yield client


def _remove_what_is_left(work: Work, actor: Actor) -> None:
    mine = [thing for thing in work.ledger.left() if thing.owner == actor.email]
    if not mine:
        return
    try:
        cookies = {c["name"]: c["value"] for c in actor.context.cookies(work.base_url)}
    except PlaywrightError as error:
        _log.warning("the next run removes what %s created: %s", actor.role, error)
        return
    with work.client(cookies) as client:
        for trouble in remove(mine, work.ledger, client, work.settings.cleanup):
            _log.warning("not removed, the next run will try: %s", trouble)
