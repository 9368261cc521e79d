"""What was looked at, and how failures are sorted: two files beside Allure's results."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, get_args

from synthetic.evaluate.figures import past_alert
from synthetic.reports.baseline import deployment_file
from synthetic.results import Origin, Run
from synthetic.store.observations import BURST
from synthetic.store.run_folder import replace
from synthetic.wording import harmless

ENVIRONMENT, CATEGORIES = "environment.properties", "categories.json"
_log = logging.getLogger(__name__)
_NAMES: dict[Origin, str] = {
    "target": "The target is at fault",
    "dependency": "A dependency of ours is at fault",
    "runner": "Our runner is at fault",
    "unknown": "Nobody can tell whose fault it is",
}


def categories() -> list[dict[str, Any]]:
    """By origin, as both generations of Allure read it; then what worked only when repeated.

    The one matches whole messages, the other anywhere in them.
    """
    found: list[dict[str, Any]] = [
        {
            "name": _NAMES[origin],
            "messageRegex": f".*Origin: {origin}.*",
            "matchedStatuses": ["failed", "broken"],
        }
        for origin in get_args(Origin)
    ]
    degraded = {"name": "Degraded: worked only when repeated", "flaky": True}
    return [*found, {**degraded, "matchedStatuses": ["passed"]}]


def environment(run: Run, deployment: str | None) -> str:
    """What was looked at, when and from where, as Java's properties."""
    known = {
        "target": "a stand-in, not the product" if run.target == "stand-in" else run.target,
        "deployment": deployment,
        "location": run.location,
        "suite": run.suite,
        "trigger": run.trigger,
        "run": run.run_id,
        "revision": run.revision,
        "started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "verdict": run.verdict,
        "origin": run.origin,
        "past.alert.line": "; ".join(past_alert(run)),
    }
    lines = [f"{name}={_escaped(value)}" for name, value in known.items() if value]
    return "\n".join(lines) + "\n"


def surround(results: Path, run: Run, folder: Path) -> None:
    """Write both files; a burst adds to what failed before it, so what is there stays.

    ``folder`` is the run's own. Raises :class:`ReportsNotWritable`.
    """
    replace(results / CATEGORIES, json.dumps(categories(), indent=1))
    if run.trigger != BURST or not (results / ENVIRONMENT).exists():
        replace(results / ENVIRONMENT, environment(run, _deployment(folder)))


def _deployment(folder: Path) -> str | None:
    path = deployment_file(folder)
    try:
        return path.read_text("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
        return None


def _escaped(text: str) -> str:
    return json.dumps(harmless(text))[1:-1]  # whose escapes are those of properties, too
