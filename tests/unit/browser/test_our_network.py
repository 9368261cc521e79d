"""A request that our own network cut off is known as such, by what Chromium itself says of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from synthetic.browser.launch import Feeds, switches
from synthetic.browser.page_log import PageLog
from synthetic.journeys.controls import network
from tests.unit.conftest import found_browser

# Accepts connections, and answers nobody.
HOLD = """
import socket, subprocess
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    input()
"""
CHANGE = """
from synthetic.standin.interface import loopback_interface
with loopback_interface():
    print("up", flush=True)
    input()
"""


@contextmanager
def talking(*command: str) -> Iterator[tuple[int, str]]:
    """A process until it is told to end: its number, and the first line that it says."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process.pid, process.stdout.readline().strip()
        process.communicate("\n", timeout=10)


@pytest.fixture
def inside() -> Iterator[tuple[list[str], str]]:
    """What runs a command in a network of its own, and where somebody there accepts and is mute."""
    if os.geteuid() != 0 and not os.environ.get("CI"):
        pytest.skip("a network of one's own takes root")
    with talking("unshare", "--net", sys.executable, "-c", HOLD) as (pid, port):
        yield ["nsenter", f"--net=/proc/{pid}/ns/net", "--"], f"http://127.0.0.1:{port}"


@pytest.fixture
def enclosed(
    driver: Playwright, inside: tuple[list[str], str], tmp_path: Path
) -> Iterator[Browser]:
    """One that lives in that network."""
    options = found_browser(driver)
    own = options.pop("executable_path", None) or driver.chromium.executable_path
    command = tmp_path / "browser"
    command.write_text(f'#!/bin/sh\nexec {" ".join(inside[0])} {own} "$@"\n')
    command.chmod(0o700)
    arguments = switches(
        Feeds(tmp_path / "none.mjpeg", tmp_path / "none.wav"), "none", loopback=True, headed=False
    )
    browser = driver.chromium.launch(args=arguments, executable_path=command, **options)
    yield browser
    browser.close()


def test_an_interface_that_comes_up_cuts_off_what_waits_for_a_connection(
    enclosed: Browser, inside: tuple[list[str], str]
) -> None:
    there, site = inside
    context, began = enclosed.new_context(), datetime.now(UTC)
    log = PageLog(context, site, lambda _: None)
    page = context.new_page()
    with page.expect_request("**/7"):
        page.set_content("".join(f"<img src='{site}/{n}'>" for n in range(8)), wait_until="commit")
    with page.expect_event("requestfailed"), talking(*there, sys.executable, "-c", CHANGE):
        pass
    cut_off = log.cut_off()
    assert cut_off
    assert began <= cut_off[0] <= datetime.now(UTC)
    control = network(cut_off)
    assert control
    assert (control.ok, control.name) == (False, "network")
    context.close()
