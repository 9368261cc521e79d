"""What breaks on our own side blames nobody else, also while the target is broken too."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psutil
import pytest
from aiosmtpd.controller import Controller

from synthetic.browser.launch import browser_choice
from tests.journeys.conftest import Answer, Smoke, Standin, Start, says
from tests.journeys.running import Finished

IMPATIENT = {"SYNTHETIC_STEP_TIMEOUT_S": "6", "SYNTHETIC_INBOX__TIMEOUT_S": "3"}
Serve = Callable[..., Standin]


def blamed_on(run: Finished, origin: str) -> None:
    assert (run.record.verdict, run.record.origin) == ("inconclusive", origin), run.output


@pytest.fixture
def without_udp(tmp_path: Path) -> str:
    """A browser whose calls may not use UDP."""
    found = browser_choice(None, Path("nowhere"))["executable_path"]
    wrapper = tmp_path / "browser"
    policy = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
    wrapper.write_text(f'#!/bin/sh\nexec {found} "$@" {policy}\n')
    wrapper.chmod(0o755)
    return str(wrapper)


@pytest.mark.fault("udp-blocked", "our browsers may not use UDP", "inconclusive | runner")
def test_udp_is_blocked_on_our_side(smoke: Smoke, standin: Standin, without_udp: str) -> None:
    env = {**standin.env, **IMPATIENT, "SYNTHETIC_BROWSER_PATH": without_udp}
    run = smoke("-k", "meet", env=env)
    blamed_on(run, "runner")
    run.tells("call FAILS: on a blank page of ours, too, the same browsers had no call")


@pytest.mark.fault("no-network", "nothing at all can be reached", "inconclusive | runner")
def test_there_is_no_network_at_all(smoke: Smoke, closed_port: int) -> None:
    nowhere = f"127.0.0.1:{closed_port}"
    env = {"SYNTHETIC_BASE_URL": f"http://{nowhere}", "SYNTHETIC_CONTROLS__TCP": nowhere}
    run = smoke(env={**env, **IMPATIENT, "SYNTHETIC_INBOX__URL": "http://127.0.0.1:1"})
    blamed_on(run, "runner")
    run.tells("way out FAILS")


JUMP = """
import threading, time
real, jumped = time.time, []
time.time = lambda: real() + (3600 if jumped else 0)
threading.Timer({after_s}, jumped.append, (True,)).start()
"""


@pytest.mark.fault(
    "clock-jumps", "our clock jumps an hour while the video is black", "inconclusive | runner"
)
def test_our_clock_jumps(start: Start, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(JUMP.format(after_s=9))
    env = {**serve("video-black").env, **IMPATIENT, "SYNTHETIC_STEP_TIMEOUT_S": "12"}
    run = start("-k", "meet", env={**env, "PYTHONPATH": str(tmp_path)}).finish()
    blamed_on(run, "runner")
    run.tells("clock FAILS: our clock jumped by +3600.0 s")


@pytest.mark.fault("no-file-handles", "we may open no more files", "inconclusive | runner")
def test_no_file_can_be_opened_any_more(start: Start, standin: Standin) -> None:
    running = start("-k", "meet", env={**standin.env, **IMPATIENT})
    running.passes("sign up")
    psutil.Process(running.process.pid).rlimit(psutil.RLIMIT_NOFILE, (3, 3))
    run = running.finish()
    blamed_on(run, "runner")
    assert run.code == 6, run.output


@pytest.fixture
def hogs() -> Iterator[Callable[[int], None]]:
    """Takes so many processors' time away until the test ends."""
    with ExitStack() as ends:

        def take(number: int) -> None:
            for _ in range(number):
                hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
                ends.callback(hog.wait)
                ends.callback(hog.kill)

        yield take


@pytest.mark.fault("cpu-taken", "half of this machine's processors is taken", "passed or ours")
def test_half_the_machine_is_taken(
    smoke: Smoke, standin: Standin, hogs: Callable[[int], None]
) -> None:
    hogs(os.cpu_count() or 1)
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
    def late(handler: BaseHTTPRequestHandler) -> None:
        threading.Event().wait(7)
        says(200, b'{"messages": []}')(handler)

    run = smoke("-k", "meet", env={**standin.env, **IMPATIENT, "SYNTHETIC_INBOX__URL": web(late)})
    blamed_on(run, "dependency")
    run.tells("MailboxError", "did not answer within 5 s")
