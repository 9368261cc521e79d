"""Accounts: fresh ones, and leases of standing ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synthetic.errors import AccountsExhausted
from synthetic.inbox.leases import leased
from synthetic.journeys.accounts import fresh_address

TARGET = "https://product.test"
HOLDER = """
import sys
from pathlib import Path
from synthetic.inbox.leases import leased

with leased(sys.argv[2:], sys.argv[1], 0, Path(".")) as address:
    print(address, flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_process(folder: Path, *addresses: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that holds one of ``addresses`` until it ends, and which."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, TARGET, *addresses],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_fresh_address_names_its_run() -> None:
    assert fresh_address("host@x.test", "2026-RUN") == "host+2026-run@x.test"
    assert fresh_address("host@x.test", "r", number=2) == "host+r-2@x.test"


def test_two_journeys_of_a_process_never_share_an_account(tmp_path: Path) -> None:
    with (
        leased(["a@x.test", "b@x.test"], TARGET, 0, tmp_path) as one,
        leased(["a@x.test", "b@x.test"], TARGET, 0, tmp_path) as other,
    ):
        assert {one, other} == {"a@x.test", "b@x.test"}


def test_two_processes_never_share_an_account(tmp_path: Path) -> None:
    with (
        another_process(tmp_path, "a@x.test", "b@x.test") as (_, theirs),
        leased(["a@x.test", "b@x.test"], TARGET, 0, tmp_path) as ours,
    ):
        assert (theirs, ours) == ("a@x.test", "b@x.test")


def test_a_lease_ends_with_its_block(tmp_path: Path) -> None:
    for _ in range(2):
        with leased(["a@x.test"], TARGET, 0, tmp_path) as address:
            assert address == "a@x.test"


def test_a_lease_ends_with_a_killed_process(tmp_path: Path) -> None:
    with another_process(tmp_path, "a@x.test") as (process, theirs):
        assert theirs == "a@x.test"
        process.kill()
        process.wait()
        with leased(["a@x.test"], TARGET, 0, tmp_path) as ours:
            assert ours == "a@x.test"


def test_patience_outlasts_a_lease_that_ends(tmp_path: Path) -> None:
    with another_process(tmp_path, "a@x.test") as (process, _):
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        with leased(["a@x.test"], TARGET, 10, tmp_path) as ours:
            assert ours == "a@x.test"


def test_without_a_free_account_it_says_what_to_do(tmp_path: Path) -> None:
    with (
        another_process(tmp_path, "a@x.test"),
        pytest.raises(
            AccountsExhausted, match=r"all 1 .* add more to SYNTHETIC_ACCOUNTS__STANDING"
        ),
        leased(["a@x.test"], TARGET, 0.2, tmp_path),
    ):
        pytest.fail("it was lent twice")


def test_the_same_address_at_another_target_is_another_account(tmp_path: Path) -> None:
    with (
        leased(["a@x.test"], TARGET, 0, tmp_path),
        leased(["a@x.test"], "https://other.test", 0, tmp_path) as address,
    ):
        assert address == "a@x.test"
