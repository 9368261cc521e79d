"""The history: what was ever observed, stated and told, in SQLite or PostgreSQL.

The run records on disk are what counts; this is an index of them, and the only place of samples
that came otherwise, of alerts and of the outbox. Every method is one transaction, done wholly or
not at all, and raises :class:`~synthetic.errors.StoreError` in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from synthetic.results import Run, Sample
from synthetic.store import expiry, listing, reading, rollup, sampling, schema, states, writing
from synthetic.store.database import WAIT_S, Database
from synthetic.store.digest import Digest, Labels
from synthetic.store.insertion import put_named
from synthetic.store.reading import Question
from synthetic.store.sampling import Added
from synthetic.store.upgrade import check, upgrade
from synthetic.store.values import Alert, Incident, Parcel, Silence, Transition

_Result = TypeVar("_Result")
Asking = Callable[[Question], Mapping[Labels, Digest]]


class Store:
    """A database that is open; several threads may share one, and many processes a database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._changes = 0

    @classmethod
    def open(cls, url: str | None, reports: Path, wait_s: float = WAIT_S) -> Store:
        """The history at a URL, or ``history.db`` in the folder of reports; made if need be.

        ``wait_s`` is how long others may hold it before that is an error.
        """
        return cls._prepared(Database.at(url, reports, wait_s), upgrade)

    @classmethod
    def reading(cls, url: str | None, reports: Path, wait_s: float = WAIT_S) -> Store:
        """The history of somebody else: nothing of it is made or changed, and it may only be read.

        One of another version's shape is an error, as is one that is not there.
        """
        return cls._prepared(Database.at(url, reports, wait_s, read_only=True), check)

    @classmethod
    def _prepared(cls, database: Database, prepare: Callable[[Database], None]) -> Store:
        try:
            prepare(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save_run(self, run: Run, arrived: datetime) -> bool:
        """Store a run, its parts and its observations; whether anything changed.

        A run that is there already changes nothing; one that grew takes the place of what it was.
        """
        return self._write(lambda connection: writing.save(connection, run, arrived))

    def save_again(self, runs: Sequence[Run], arrived: datetime) -> None:
        """Make all rows of these runs anew, whatever is there of them."""

        def work(connection: Connection) -> None:
            for run in runs:
                writing.save(connection, run, arrived, again=True)

        self._write(work)

    def keep_runs(self, run_ids: Collection[str]) -> int:
        """Forget all runs but these; how many those were."""
        kept = frozenset(run_ids)
        return self._write(lambda connection: writing.keep_only(connection, kept))

    def add_samples(self, target: str, samples: Iterable[Sample], arrived: datetime) -> Added:
        """Store samples that came by themselves: imported, recorded, probed.

        See :func:`synthetic.store.sampling.add` for what is refused.
        """
        given = list(samples)
        added = self.database.write_beside(
            lambda connection: sampling.add_known(connection, target, given, arrived)
        )
        if added is None:
            return self._write(lambda connection: sampling.add(connection, target, given, arrived))
        self._changes += 1
        return added

    def ask(self, target: str) -> Asking:
        """Answers questions about the target's observations by label set.

        Metrics of which nothing was ever stored are answered without a query; what other processes
        added to them is seen by whoever calls this again. Where samples have expired, a span
        counts whole where at least half of it is asked for.
        """
        seen: tuple[int, reading.View] | None = None

        def answer(question: Question) -> Mapping[Labels, Digest]:
            nonlocal seen
            changes = self._changes
            if seen is None or seen[0] != changes:
                seen = changes, self._read(lambda connection: reading.view(connection, target))
            view = seen[1]
            if question.metric not in view.series:
                return {}
            return self._read(lambda connection: reading.answer(connection, view, question))

        return answer

    def runs(self, target: str, start: datetime, end: datetime) -> tuple[Run, ...]:
        """Runs that began after ``start``, up to and with ``end``, in that order.

        They come without journeys, requests and media: :meth:`run` has those.
        """
        return self._read(lambda connection: reading.heads(connection, target, start, end))

    def run(self, run_id: str) -> Run | None:
        """A run, with all that has not expired of it."""
        return self._read(lambda connection: reading.whole(connection, run_id))

    def steps_of(self, run_id: str) -> Run | None:
        """A run with its journeys and their steps, and without its requests and media."""
        tables = (schema.journeys, schema.steps)
        return self._read(lambda connection: reading.whole(connection, run_id, tables))

    def listed(
        self, target: str, only: listing.Only, limit: int, offset: int = 0
    ) -> listing.Listed:
        """The newest runs that are wanted, after the first ``offset`` of them."""
        return self._read(
            lambda connection: listing.listed(connection, target, only, limit, offset)
        )

    def targets(self) -> tuple[str, ...]:
        """All targets of which anything is known."""
        return self._read(reading.targets)

    def roll_up(self, now: datetime) -> None:
        """Make hours and days of what is old enough, so that long questions cost little."""
        while self._write(lambda connection: rollup.roll_up(connection, now)):
            pass

    def expire(self, now: datetime, keep: expiry.Keep = expiry.KEEP) -> None:
        """Remove what is older than it is kept: see :class:`synthetic.store.expiry.Keep`."""
        while self._write(lambda connection: expiry.expire(connection, now, keep)):
            pass

    def commit_round(
        self,
        target: str,
        alerts: Sequence[Alert],
        transitions: Sequence[Transition] = (),
        incidents: Sequence[Incident] = (),
        parcels: Sequence[Parcel] = (),
    ) -> None:
        """Keep what an evaluation came to, all of it in one transaction.

        ``alerts`` are all that the target has from now on; incidents take the place of those with
        their id; transitions and parcels that are there already stay as they are.
        """

        def work(connection: Connection) -> None:
            states.keep_alerts(connection, target, alerts)
            states.add_transitions(connection, target, transitions)
            states.keep_incidents(connection, incidents)
            states.post(connection, parcels)

        self._write(work)

    def alerts(self, target: str) -> tuple[Alert, ...]:
        """All alerts of the target as the last round left them."""
        return self._read(lambda connection: states.alerts(connection, target))

    def transitions(self, target: str, start: datetime, end: datetime) -> tuple[Transition, ...]:
        """Changes of alerts after ``start``, up to and with ``end``, in their order."""
        return self._read(lambda connection: states.transitions(connection, target, start, end))

    def incidents(self, target: str, open_only: bool = False) -> tuple[Incident, ...]:
        """Incidents of the target in the order of their opening."""
        return self._read(
            lambda connection: states.incidents(connection, target, open_only=open_only)
        )

    def post(self, parcels: Sequence[Parcel]) -> None:
        """Put parcels into the outbox; those that are there already stay as they are."""
        self._write(lambda connection: states.post(connection, parcels))

    def due(self, now: datetime) -> tuple[Parcel, ...]:
        """What the outbox has to try now, the oldest first.

        One with ``begun_at`` was begun by somebody who did not live to tell how it ended.
        """
        return self._read(lambda connection: states.due(connection, now))

    def begin(self, parcel: Parcel, now: datetime, hold: timedelta = states.HOLD) -> bool:
        """Claim a parcel as :meth:`due` gave it; false when another process has it.

        For as long as ``hold`` nobody else is offered it; by then a try should have ended.
        """
        return self._write(lambda connection: states.begin(connection, parcel, now, hold))

    def sent(self, parcel: Parcel, now: datetime, reference: str | None) -> None:
        """A try ended well: what the channel calls the message."""
        self._settle(parcel, sent_at=now, reference=reference, problem=None)

    def put_off(self, parcel: Parcel, until: datetime, problem: str) -> None:
        """A try failed, for sure: another may be made then."""
        self._settle(parcel, begun_at=None, due_at=until, problem=problem)

    def give_up(self, parcel: Parcel, now: datetime, problem: str) -> None:
        """No other try will be made."""
        self._settle(parcel, given_up_at=now, problem=problem)

    def given_up(self, since: datetime) -> tuple[Parcel, ...]:
        """What was given up after ``since`` and never sent, the oldest first."""
        return self._read(lambda connection: states.given_up(connection, since))

    def revive(self, parcel: Parcel, now: datetime) -> None:
        """Let a parcel that was put off or given up be tried now."""
        self._settle(parcel, given_up_at=None, begun_at=None, due_at=now)

    def parcels(self, incident: str) -> tuple[Parcel, ...]:
        """All parcels about an incident, the oldest first, whatever became of them."""
        return self._read(lambda connection: states.parcels(connection, incident))

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Silences that hold at a moment."""
        return self._read(lambda connection: states.silences(connection, now))

    def add_silence(self, silence: Silence) -> None:
        """Keep a silence; one with its id is replaced, so that it can be ended."""
        self._upsert(schema.silences, vars(silence))

    def note(self, name: str) -> Any | None:
        """A small document by name; none when nobody kept one."""
        wanted = select(schema.notes.c.body).where(schema.notes.c.name == name)
        return self._read(lambda connection: connection.scalar(wanted))

    def keep_note(self, name: str, body: Any) -> None:
        """Keep a document, anything that JSON can hold, in place of what the name stood for."""
        self._upsert(schema.notes, {"name": name, "body": body})

    def moment(self, now: datetime) -> datetime:
        """What the server's clock says, by which all locations go; over a file, ``now``."""
        return self.database.now() or now

    def lease(self, name: str, holder: str, until: datetime, now: datetime) -> bool:
        """Whether ``holder`` has what only one may do at a time, from now ``until`` then.

        Who has it may ask again, to go on or, with ``until`` in the past, to let go.
        """
        return self._write(lambda connection: states.lease(connection, name, holder, until, now))

    def _settle(self, parcel: Parcel, **values: Any) -> None:
        self._write(lambda connection: states.settle(connection, parcel, **values))

    def _upsert(self, table: Table, row: Mapping[str, Any]) -> None:
        self._write(lambda connection: put_named(connection, table, [row], "replace"))

    def _read(self, work: Callable[[Connection], _Result]) -> _Result:
        return self.database.read(work)

    def _write(self, work: Callable[[Connection], _Result]) -> _Result:
        result = self.database.write(work)
        self._changes += 1
        return result
