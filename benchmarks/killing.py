"""Nothing is lost, and nothing said twice, though rounds are killed: kill −9 at random moments.

A process for each round stores a run, evaluates the plan and notifies local servers in the place
of Slack (bot token), PagerDuty, Jira and a webhook, which fail at random. It is killed after a
random time, at a random step of its database, or as a random request is under way. Afterwards
transitions and notifications are compared with those of one process that nobody disturbs, and with
what the servers have.

    python -m benchmarks.killing [--kills 200] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.killing_round import TARGET, plan, settings_from
from benchmarks.killing_town import START, Town, kill, town
from benchmarks.report import Figure
from synthetic.evaluate.evaluation import evaluate
from synthetic.evaluate.history import Ask
from synthetic.evaluate.phases import phase_at
from synthetic.notify.channels.registry import settled
from synthetic.notify.delivery import EVER
from synthetic.notify.incidents import decide
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.store.values import Alert, Incident, Parcel, Transition

STEP = timedelta(minutes=3)  # longer than a dead process holds a parcel or a round
LEVELS = {"error_rate": (0.3, 1.5, 3, 7, 12), "response_p95": (1.0, 2.5, 6.0)}
WAYS = ("at a time", "at a step", "at a request", "not at all")
CALM_ROUNDS = 40
_MOST_REQUESTS, _MOST_STEPS = 8, 180  # that a round may make before it is killed at one


@dataclass
class Campaign:
    """What happened: rounds that were played, and those that did not live to their end."""

    town: Town
    reports: Path
    nursery: subprocess.Popen[str]
    chance: random.Random
    instants: list[datetime] = field(default_factory=list)
    killed: set[datetime] = field(default_factory=set)
    unmarked: int = 0
    took_s: list[float] = field(default_factory=lambda: [0.2])

    def storm(self, kills: int) -> None:
        """Rounds until so many were killed."""
        levels = {name: values[0] for name, values in LEVELS.items()}
        while len(self.killed) < kills:
            for name, values in LEVELS.items():
                if self.chance.random() < 0.35:
                    levels[name] = self.chance.choice(values)
            self._play(levels, self.chance.choice(WAYS))
            if sys.stderr.isatty():
                print(f"\r{len(self.killed)} of {kills}", end="", file=sys.stderr, flush=True)

    def calm(self) -> None:
        """Good figures and good weather, until nothing waits any more."""
        self.town.stormy = False
        for _ in range(CALM_ROUNDS):
            self._play({name: values[0] for name, values in LEVELS.items()}, "not at all")
            with Store.open(None, self.reports) as store:
                over = not store.incidents(TARGET, open_only=True)
                if over and not store.due(EVER):
                    return

    def _play(self, figures: dict[str, float], dies: str) -> None:
        at = START + STEP * len(self.instants)
        self.instants.append(at)
        self.town.now = at
        steps = self.chance.randrange(_MOST_STEPS) if dies == "at a step" else None
        seed = self.chance.randrange(1 << 30)
        task = {"at": at.isoformat(), "figures": figures, "seed": seed, "dies_at": steps}
        _write(self.nursery, json.dumps(task))
        pid = int(_read(self.nursery))
        began = time.monotonic()
        with self._aimed(pid, dies):
            ended = int(_read(self.nursery))
        if ended == -signal.SIGKILL:
            self.killed.add(at)
            self.unmarked += self._arrived_unmarked()
        elif ended:
            raise SystemExit(f"the round of {at} broke by itself, with {ended}")
        else:
            self.took_s.append(time.monotonic() - began)

    @contextmanager
    def _aimed(self, pid: int, dies: str) -> Iterator[None]:
        soon = self.chance.uniform(0, statistics.median(self.took_s[-20:]))
        timer = threading.Timer(soon, kill, [pid])
        with self.town.lock:
            self.town.spared = self.chance.randrange(_MOST_REQUESTS)
            self.town.victim = pid if dies == "at a request" else None
        if dies == "at a time":
            timer.start()
        yield
        self.town.victim = None
        timer.cancel()

    def _arrived_unmarked(self) -> int:
        """Messages of the webhook that arrived, which nobody lived to mark."""
        arrived = self.town.receiver.by_key
        with Store.open(None, self.reports) as store:
            return sum(
                parcel.channel == "webhook" and bool(parcel.begun_at) and parcel.id in arrived
                for parcel in store.due(EVER)
            )


def _write(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _read(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


@contextmanager
def campaign(reports: Path, seed: int) -> Iterator[Campaign]:
    """The servers, and the process from which rounds are forked."""
    with town(seed) as made:
        command = [sys.executable, "-m", "benchmarks.killing_round"]
        raw = json.dumps(made.settings(reports))
        with subprocess.Popen(
            [*command, raw], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as nursery:
            yield Campaign(made, reports, nursery, random.Random(seed))
            assert nursery.stdin
            nursery.stdin.close()


@dataclass(frozen=True)
class Undisturbed:
    """What one process would have come to at the same instants: transitions, and parcels' ids."""

    transitions: tuple[Transition, ...]
    parcels: frozenset[str]


def undisturbed(known: Settings, ask: Ask, instants: Iterable[datetime]) -> Undisturbed:
    """The same rounds without store, channels or death."""
    what = settled(plan(), known)
    alerts: tuple[Alert, ...] = ()
    open_: dict[str, Incident] = {}
    changes: list[Transition] = []
    parcels: set[str] = set()
    for at in instants:
        found = evaluate(what, phase_at(what, None, at), alerts, ask, at)
        alerts = found.alerts
        changes += found.transitions
        still = [one for one in open_.values() if one.closed_at is None]
        decision = decide(what, TARGET, still, alerts, at, transitions=found.transitions)
        open_ |= {one.id: one for one in decision.incidents}
        parcels |= {one.id for one in decision.parcels}
    return Undisturbed(tuple(changes), frozenset(parcels))


def judged(work: Campaign) -> list[Figure]:
    """What was lost and what was doubled."""
    with Store.open(None, work.reports) as store:
        kept = store.transitions(TARGET, START - STEP, START + STEP * (len(work.instants) + 1))
        incidents = store.incidents(TARGET)
        posted = [parcel for one in incidents for parcel in store.parcels(one.id)]
        left = store.due(EVER)
        traces = {one.at for one in kept} | {one.created_at for one in posted}
        came_to_commit = [at for at in work.instants if at not in work.killed or at in traces]
        known = settings_from(work.town.settings(work.reports))
        wanted = undisturbed(known, store.ask(TARGET), came_to_commit)
    ids = {parcel.id for parcel in posted}
    of_rounds = {one for one in ids if ">" not in one and "/undelivered@" not in one}
    lost = [one for one in posted if one.given_up_at and one.problem != "overtaken by later news"]
    rounds = len(work.instants)
    return [
        Figure("transitions lost or invented", _apart(kept, wanted.transitions), "", 0, len(kept)),
        Figure("notifications not in the outbox", len(wanted.parcels - of_rounds), "", 0, len(ids)),
        Figure(
            "notifications that nobody decided", len(of_rounds - wanted.parcels), "", 0, len(ids)
        ),
        Figure("notifications not delivered", len(left) + len(lost), "", 0, len(ids)),
        *_at_servers(work, posted),
        Figure("rounds killed", len(work.killed), "", None, rounds),
    ]


def _apart(ones: Iterable[Transition], others: Iterable[Transition]) -> int:
    mine, theirs = (
        Counter((t.at, t.rule, t.state, t.labels) for t in each) for each in (ones, others)
    )
    return (mine - theirs).total() + (theirs - mine).total()


def _at_servers(work: Campaign, posted: Iterable[Parcel]) -> Iterator[Figure]:
    here = work.town
    sent = {"slack": set[str](), "webhook": set[str]()}
    for parcel in posted:
        if parcel.sent_at and parcel.channel in sent:
            sent[parcel.channel].add(parcel.id)
    slack, hook = here.slack.by_key, here.receiver.by_key
    missing = len(sent["slack"] - slack.keys()) + len(sent["webhook"] - hook.keys())
    yield Figure(
        "messages marked as sent that no server has", missing, "", 0, slack.total() + hook.total()
    )
    issues = {label: count for label, count in here.jira.by_label.items() if label != "synthetic"}
    for name, counts in (
        ("PagerDuty incidents", here.pagerduty.by_key),
        ("Jira issues", issues),
        ("Slack messages by bot token", slack),
    ):
        yield Figure(f"doubled {name}", _doubled(counts), "", 0, sum(counts.values()))
    yield Figure("doubled webhook messages", _doubled(hook), "", work.unmarked, hook.total())
    yield Figure("webhook messages killed unmarked", work.unmarked, "", None, len(work.killed))


def _doubled(counts: Mapping[str, int]) -> int:
    return sum(count - 1 for count in counts.values() if count > 1)


def run(kills: int, seed: int = 1) -> list[Figure]:
    """The whole campaign."""
    with tempfile.TemporaryDirectory() as folder, campaign(Path(folder), seed) as work:
        work.storm(kills)
        work.calm()
        return judged(work)


def main() -> None:
    """Print the figures; exit code 1 where one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    figures = run(options.kills, options.seed)
    print(*figures, sep="\n")
    raise SystemExit(any(figure.missed for figure in figures))


if __name__ == "__main__":
    main()
