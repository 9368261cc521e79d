"""Nothing is lost: a message is on disk before it is sent, and stays until it was taken.

``reports/outbox/<run_id>.json`` holds what is due; the next run sends what is left, oldest first.
A lock lets only one process send at a time, so two runs never send the same message twice.
"""

from __future__ import annotations

import fcntl
import json
import logging
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from synthetic.errors import DeliveryError, ReportsNotWritable
from synthetic.notify import slack
from synthetic.notify.slack_message import SlackMessage, due, message
from synthetic.results import Notification, Run
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder, previous_verdict

_MOST_AT_ONCE = 5
_log = logging.getLogger(__name__)


def announce(
    run: Run,
    settings: Settings,
    folder: RunFolder,
    show: Callable[[str], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Notification]:
    """Tell people about a finished run, if they are owed it; what became of it, for the record.

    Without a channel, and about a stand-in unless settings allow it, the message is handed to
    ``show`` instead and kept as ``slack.json`` beside the record, exactly as it would be posted.
    """
    previous = previous_verdict(settings.reports_dir, run)
    outbox = settings.reports_dir / "outbox"
    if not due(run.verdict, previous, on_success=settings.slack.on_success):
        return []
    composed = message(run, previous)
    _keep(folder.path / "slack.json", composed)
    real = run.target != "stand-in" or settings.notify_standin
    if not (real and slack.configured(settings.slack)):
        show(shown(composed))
        return [Notification(channel="slack", key=run.run_id, status="shown", at=now())]
    _keep(outbox / f"{run.run_id}.json", composed)
    return send_pending(outbox, settings, now)


def send_pending(
    outbox: Path, settings: Settings, now: Callable[[], datetime]
) -> list[Notification]:
    """Send what is due, oldest first; stops at the first that is not taken."""
    rows = []
    with _alone(outbox):
        for path in sorted(outbox.glob("*.json"))[:_MOST_AT_ONCE]:
            try:
                composed = SlackMessage(**json.loads(path.read_bytes()))
            except (ValueError, TypeError) as error:
                _log.warning("%s is damaged and was set aside: %s", path, error)
                path.replace(path.with_suffix(".damaged"))
                continue
            try:
                slack.post(composed, settings.slack, timeout_s=settings.sink_timeout_s)
            except DeliveryError as error:
                rows.append(_row(path, "undelivered", now(), str(error)))
                break
            path.unlink()
            rows.append(_row(path, "sent", now(), None))
    return rows


def shown(composed: SlackMessage) -> str:
    """The message as a person would read it, for the terminal."""
    lines = [f"Slack would be told: {composed.text}"]
    return "\n".join(textwrap.wrap(lines[0], 80))


def _row(path: Path, status: str, at: datetime, detail: str | None) -> Notification:
    return Notification.model_validate(
        {"channel": "slack", "key": path.stem, "status": status, "at": at, "detail": detail}
    )


def _keep(path: Path, composed: SlackMessage) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(composed), indent=1), "utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise ReportsNotWritable(
            f"{path} cannot be written: {error.strerror or error}; free some space or make it "
            "writable"
        ) from error


@contextmanager
def _alone(outbox: Path) -> Iterator[None]:
    outbox.mkdir(parents=True, exist_ok=True)
    with (outbox / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
