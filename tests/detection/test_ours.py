"""What breaks on our own side blames nobody else, also while the target is broken too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from synthetic.standin.interface import loopback_interface
from tests.detection import troubles
from tests.detection.detection import failed_step
from tests.detection.own_network import gate_before, network_apart
from tests.journeys.conftest import Answer, Smoke, Standin, Start
from tests.journeys.running import Finished, wait_for

IMPATIENT = {"SYNTHETIC_STEP_TIMEOUT_S": "6", "SYNTHETIC_INBOX__TIMEOUT_S": "3"}
Serve = Callable[..., Standin]


def blamed_on(run: Finished, origin: str) -> None:
    assert (run.record.verdict, run.record.origin) == ("inconclusive", origin), run.output


@pytest.mark.fault("udp-blocked", "our browsers may not use UDP", "inconclusive | runner")
def test_udp_is_blocked_on_our_side(smoke: Smoke, standin: Standin, tmp_path: Path) -> None:
    browser = troubles.browser_with(tmp_path, troubles.NO_CALLS_BY_UDP)
    run = smoke("-k", "meet", env={**standin.env, **IMPATIENT, "SYNTHETIC_BROWSER_PATH": browser})
    blamed_on(run, "runner")
    run.tells("call FAILS: on a blank page of ours, too, the same browsers had no call")


@pytest.mark.fault("no-network", "nothing at all can be reached", "inconclusive | runner")
def test_there_is_no_network_at_all(smoke: Smoke, closed_port: int) -> None:
    nowhere = f"127.0.0.1:{closed_port}"
    env = {"SYNTHETIC_BASE_URL": f"http://{nowhere}", "SYNTHETIC_CONTROLS__TCP": nowhere}
    run = smoke(env={**env, **IMPATIENT, "SYNTHETIC_INBOX__URL": "http://127.0.0.1:1"})
    blamed_on(run, "runner")
    run.tells("way out FAILS")


@pytest.mark.fault(
    "network-changes", "an interface of ours comes as a browser connects", "inconclusive | runner"
)
def test_our_network_changes(start: Start, serve: Serve) -> None:
    with network_apart():
        standin = serve()
        with gate_before(standin.url) as gate:
            env = {**standin.env, **IMPATIENT, "SYNTHETIC_BASE_URL": gate.url}
            running = start("-k", "meet", env=env)
            # Before its journeys a run itself asks who answers there.
            running.begins("test_two_people_meet")
            wait_for(gate.waiting, 30, "a browser waited for a connection")
            before = gate.waiting()
            with loopback_interface():
                wait_for(
                    lambda: not before & gate.waiting(), 3, "it was cut off"
                )  # not a timeout of ours
            gate.open()
            run = running.finish()
    blamed_on(run, "runner")
    run.tells("network FAILS: our own network changed during the step: a request of our browsers")
    step = failed_step(run.record)
    assert step
    assert (step.feature, step.name) == ("signup", "sign-up form opens")


@pytest.mark.fault(
    "clock-jumps", "our clock jumps an hour while the video is black", "inconclusive | runner"
)
def test_our_clock_jumps(start: Start, serve: Serve, tmp_path: Path) -> None:
    env = {**serve("video-black").env, **IMPATIENT, "SYNTHETIC_STEP_TIMEOUT_S": "12"}
    sign = tmp_path / "now"
    jumps = {"PYTHONPATH": troubles.clock_that_jumps(tmp_path, sign)}
    running = start("-k", "meet", env={**env, **jumps})
    running.passes("join session")
    sign.touch()
    run = running.finish()
    blamed_on(run, "runner")
    run.tells("clock FAILS: our clock jumped by +3600.0 s")


@pytest.mark.fault("no-file-handles", "we may open no more files", "inconclusive | runner")
def test_no_file_can_be_opened_any_more(start: Start, standin: Standin) -> None:
    running = start("-k", "meet", env={**standin.env, **IMPATIENT})
    running.passes("sign up")
    troubles.no_more_files(running)
    run = running.finish()
    blamed_on(run, "runner")
    assert run.code == 6, run.output


@pytest.mark.fault("cpu-taken", "half of this machine's processors is taken", "passed or ours")
def test_half_the_machine_is_taken(smoke: Smoke, standin: Standin) -> None:
    cores = troubles.all_cores()
    with troubles.hogs([cores] * len(cores)):
        run = smoke("-k", "meet", env={**standin.env, "SYNTHETIC_STEP_TIMEOUT_S": "20"})
    assert run.record.verdict != "failed", run.output


class Full:
    """An SMTP server whose mailboxes are full."""

    async def handle_DATA(self, *_: object) -> str:
        return "452 4.2.2 mailbox full"


@pytest.mark.fault("mailbox-full", "our mailbox takes no more mail", "inconclusive | dependency")
def test_our_mailbox_is_full(smoke: Smoke, serve: Serve, closed_port: int) -> None:
    mail = Controller(Full(), hostname="127.0.0.1", port=closed_port)
    mail.start()
    env = {**serve("otp-not-sent").env, **IMPATIENT}
    full = {"SYNTHETIC_INBOX__SMTP_URL": f"smtp://127.0.0.1:{closed_port}"}
    run = smoke("-k", "meet", env={**env, **full})
    mail.stop()
    blamed_on(run, "dependency")
    run.tells("mail FAILS: a mail to ourselves was refused")


@pytest.mark.fault("mailbox-slow", "our mailbox answers after 7 s", "inconclusive | dependency")
def test_our_mailbox_is_slow(smoke: Smoke, standin: Standin, web: Callable[[Answer], str]) -> None:
    slow = {"SYNTHETIC_INBOX__URL": web(troubles.late)}
    run = smoke("-k", "meet", env={**standin.env, **IMPATIENT, **slow})
    blamed_on(run, "dependency")
    run.tells("MailboxError", "did not answer within 5 s")
