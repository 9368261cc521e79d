"""Nothing is lost: a message is on disk before it is sent, and stays until it was taken.

``reports/outbox/<run_id>.json`` holds what is due; the next run sends what is left, oldest first.
A lock lets only one process send at a time, so two runs never send the same message twice.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from synthetic.errors import DeliveryError, MessageRefused
from synthetic.notify import slack
from synthetic.notify.slack_message import SlackMessage, due, message, summary_of, unescaped
from synthetic.results import Notification, Run
from synthetic.settings import Settings
from synthetic.store.run_folder import RunFolder, not_writable, previous_verdict, replace
from synthetic.wording import harmless, wrapped

_MOST_AT_ONCE = 5
_WIDTH = 80
_log = logging.getLogger(__name__)


def announce(
    run: Run,
    settings: Settings,
    folder: RunFolder,
    show: Callable[[str], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Notification]:
    """Tell people about a finished run, if they are owed it; what became of it, for the record.

    What earlier runs could not deliver is sent first, also when this run has nothing to tell.
    Without a channel, and about a stand-in unless settings allow it, the message is handed to
    ``show`` instead and kept as ``slack.json`` beside the record, exactly as it would be posted.
    Raises :class:`~synthetic.errors.ReportsNotWritable`.
    """
    previous = previous_verdict(settings.reports_dir, run)
    outbox = settings.reports_dir / "outbox"
    owed = due(run.verdict, previous, on_success=settings.slack.on_success)
    real = run.target != "stand-in" or settings.notify_standin
    sends = real and slack.configured(settings.slack)
    if owed:
        composed = message(run, previous, _link(run, settings))
        _keep(folder.path / "slack.json", composed)
        if not sends:
            show(shown(composed))
            return [Notification(channel="slack", key=run.run_id, status="shown", at=now())]
        _keep(outbox / f"{run.run_id}.json", composed)
    rows = send_pending(outbox, settings, now) if sends else []
    if owed and run.run_id not in {row.key for row in rows}:
        waits = (outbox / f"{run.run_id}.json").exists()
        rows.append(
            _row(run.run_id, "undelivered", now(), "waits behind earlier messages")
            if waits
            else _row(run.run_id, "sent", now(), "by a run that ended at the same time")
        )
    return rows


def _link(run: Run, settings: Settings) -> str | None:
    """Where the summary of what failed can be read, if anybody but us can read it."""
    path = summary_of(run)
    return (
        f"{str(settings.reports_url).rstrip('/')}/{path}" if settings.reports_url and path else None
    )


def send_pending(
    outbox: Path, settings: Settings, now: Callable[[], datetime]
) -> list[Notification]:
    """Send what is due, oldest first; stops at the first that is not taken.

    Only a message that is itself at fault, or damaged, is set aside and does not hold up others.
    """
    rows = []
    with _alone(outbox):
        for path in sorted(outbox.glob("*.json"))[:_MOST_AT_ONCE]:
            try:
                composed = SlackMessage(**json.loads(path.read_bytes()))
                slack.post(composed, settings.slack, timeout_s=settings.sink_timeout_s)
            except MessageRefused as error:
                path.replace(path.with_suffix(".refused"))
                rows.append(_row(path.stem, "undelivered", now(), str(error)))
            except DeliveryError as error:
                rows.append(_row(path.stem, "undelivered", now(), str(error)))
                break
            except (ValueError, TypeError) as error:
                _log.warning("%s is damaged and was set aside: %s", path, error)
                path.replace(path.with_suffix(".damaged"))
            else:
                path.unlink()
                rows.append(_row(path.stem, "sent", now(), None))
    return rows


def shown(composed: SlackMessage) -> str:
    """The message as a person would read it, for the terminal."""
    return "\n".join(wrapped(f"Slack would be told: {unescaped(composed.text)}", _WIDTH))


def _row(
    key: str, status: Literal["sent", "undelivered"], at: datetime, detail: str | None
) -> Notification:
    said = None if detail is None else harmless(detail)
    return Notification(channel="slack", key=key, status=status, at=at, detail=said)


def _keep(path: Path, composed: SlackMessage) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(path, error) from error
    replace(path, json.dumps(asdict(composed), indent=1, ensure_ascii=False) + "\n")


@contextmanager
def _alone(outbox: Path) -> Iterator[None]:
    try:
        outbox.mkdir(parents=True, exist_ok=True)
        with (outbox / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise not_writable(outbox, error) from error
