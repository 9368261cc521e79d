"""Who must hear of a fault, and who did."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from synthetic.standin.faults import Fault
from synthetic.store.history import Store

NOBODY = "nobody"
PLACES = {
    # Sends nothing: it is a stand-in's. With a bot, the plan's places are told apart.
    "SYNTHETIC_SLACK__BOT_TOKEN": "xoxb-of-nobody",
    "SYNTHETIC_SLACK__CHANNEL": "C0",
    "SYNTHETIC_SLACK__CHANNELS": '{"#other": "C1"}',
}
_DUE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("alerts.toml").read_text("utf-8"))
# What nobody can know to be a leak: nothing comes to us of what another was mailed, who was logged
# in as somebody else is only missed by the people in the session, and strangers bear no mark.
_UNPROVEN = frozenset({"otp-to-another", "login-as-another", "video-stranger", "audio-stranger"})


def due(fault: Fault) -> str:
    """Each incident that must follow, ``cause severity: places``, in the order of their names."""
    if fault.verdict == "passed":
        return NOBODY
    if fault.verdict != "failed":
        return _said([_DUE["certificate" if fault.point == "certificate" else fault.verdict]])
    rows = [_DUE["features"][fault.feature]]
    return _said([*rows, _DUE["leak"]] if leaks(fault) else rows)


def leaks(fault: Fault) -> bool:
    """Whether it must be told as a leak."""
    return fault.security and fault.name not in _UNPROVEN


def told(reports: Path, target: str) -> str:
    """Each incident of the target that a folder's history holds, in the same words."""
    with Store.open(None, reports) as store:
        rows = [
            {
                "cause": one.cause,
                "severity": one.severity,
                "told": [f"{channel} {place or ''}".strip() for channel, place in one.told_to],
            }
            for one in store.incidents(target)
        ]
    return _said(rows) or NOBODY


def _said(rows: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(
        sorted(
            f"{row['cause']} {row['severity']}: {', '.join(sorted(row['told']))}" for row in rows
        )
    )
