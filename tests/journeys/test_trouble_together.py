"""Two runs at once in one checkout keep out of each other's way."""

import json
from collections.abc import Callable

import httpx
import pytest

from synthetic.store.run_folder import RunFolder
from tests.journeys.conftest import Standin, Start


@pytest.mark.fault("two-runs", "two runs write into one folder", "each its own verdict")
def test_two_runs_at_once_keep_apart(start: Start, serve: Callable[..., Standin]) -> None:
    standin = serve()
    env = {**standin.env, "SYNTHETIC_STEP_TIMEOUT_S": "40"}
    meeting = start(env={**env, "SYNTHETIC_MEDIA_WATCH_S": "8"})
    meeting.passes("chat, guest to host")  # the guest's account is leased until the call is over
    # A call of the other run's would wait until this one is over.
    refusals = ["tests/full/test_access.py", "-k", "malformed or wrong"]
    runs = [run.finish() for run in [start("-m", "full", *refusals, env=env), meeting]]
    assert runs[0].code == 0, runs[0].output
    # Where even that holds up the pictures, it is said, and never blamed on the target.
    assert runs[1].code in (0, 6), runs[1].output

    folders = list((runs[0].reports / "runs").iterdir())
    assert "failed" not in {RunFolder(folder).read().verdict for folder in folders}
    assert len(folders) == 2
    assert runs[0].record.run_id in {folder.name for folder in folders}
    assert len(guests_mailed(standin)) == 2


def guests_mailed(standin: Standin) -> set[str]:
    """The standing accounts that were sent a code."""
    mails = httpx.get(f"{standin.url}/mail/api/v1/messages").json()["messages"]
    mailed = {address["Address"] for mail in mails for address in mail["To"]}
    return mailed & set(json.loads(standin.env["SYNTHETIC_ACCOUNTS__STANDING"]))
