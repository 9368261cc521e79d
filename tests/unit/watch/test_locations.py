"""Many locations share a history: one evaluates for all, and a wrong clock is not believed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from synthetic import rounds
from synthetic.errors import ClockWrong, DeliveryError, StoreLocked
from synthetic.evaluate.history import Question
from synthetic.notify.channels.console import ConsoleChannel
from synthetic.notify.channels.model import Channel
from synthetic.notify.delivery import EVER
from synthetic.plan.observations import CLOCK_AHEAD, EVALUATED
from synthetic.results import Sample
from synthetic.rounds import alone
from synthetic.settings import Settings
from synthetic.store.history import Store
from synthetic.watch import assembly
from synthetic.watch.post import LEASE, Post
from tests.unit.notify.post_office import Fake
from tests.unit.watch.places import NINE, TARGET, Place

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(None, tmp_path) as opened:
        yield opened


class Watcher(Place):
    """A watcher at a location, over a folder of its own."""

    def __init__(self, store: Store, folder: Path, location: str) -> None:
        super().__init__(store, folder / location, location)
        self.post = Post(store, TARGET, location, folder / location, lambda: self.now)

    def put(self, by: timedelta) -> None:
        """Somebody puts its clock."""
        self.now, self.booted = self.now + by, self.booted + by

    def minute(self, now: float) -> None:
        """What it evaluates in a minute."""
        self.now = NINE + now * MINUTE
        self.world.evaluate_for_all(self.post)


@pytest.fixture
def places(store: Store, tmp_path: Path) -> list[Watcher]:
    return [Watcher(store, tmp_path, name) for name in ("frankfurt", "oregon", "tokyo")]


def evaluated(store: Store) -> dict[str, int]:
    """How often each location evaluated."""
    found = store.ask(TARGET)(Question(EVALUATED, NINE - MINUTE, NINE + timedelta(hours=9)))
    return {dict(labels)["location"]: one.count for labels, one in found.items()}


def stored(store: Store, metric: str) -> list[datetime]:
    """When samples of a metric were made."""
    years = timedelta(days=999)
    found = store.ask(TARGET)(Question(metric, NINE - years, NINE + years))
    return [one.latest_at for one in found.values()]


def locked() -> None:
    """A history that cannot be used."""
    raise StoreLocked("others hold it")


def test_one_location_evaluates_for_all(store: Store, places: list[Watcher]) -> None:
    for minute in range(4):
        for place in places:
            place.minute(minute)
    assert evaluated(store) == {"frankfurt": 4}


def test_when_it_is_killed_another_takes_over(store: Store, places: list[Watcher]) -> None:
    for minute in range(5):
        for place in places[1:] if minute else places:
            place.minute(minute)
    assert evaluated(store) == {"frankfurt": 1, "oregon": 3}
    assert 1 * MINUTE < LEASE < 2 * MINUTE


def test_when_it_ends_or_cannot_evaluate_another_does_so_at_once(
    store: Store, places: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = places
    with monkeypatch.context() as patched:
        patched.setattr(assembly, "evaluate_round", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            first.minute(0)
    second.minute(0)
    second.post.let_go()
    first.minute(1)
    assert evaluated(store) == {"oregon": 1, "frankfurt": 1}


def test_who_does_not_evaluate_shows_what_others_found(store: Store, places: list[Watcher]) -> None:
    store.add_samples(TARGET, [Sample(metric="error_rate", value=12, at=NINE)], NINE)
    for place in places[:2]:
        place.minute(0.1)
    first, second = (place.world for place in places[:2])
    assert first.latest
    assert second.latest
    assert set(second.latest.alerts) == set(first.latest.alerts) != set()
    assert second.latest.at == first.latest.at
    gauges = asyncio.run(second.gauges())
    assert [one.value for one in gauges["error_rate"]] == [12]


def test_who_knows_of_no_evaluation_shows_none(places: list[Watcher]) -> None:
    first, second = places[:2]
    assert first.post.evaluates(MINUTE)
    second.minute(0)
    assert second.world.latest is None


def test_what_the_one_that_evaluates_cannot_deliver_another_delivers(
    store: Store, places: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    offices = {"frankfurt": Fake("slack"), "oregon": Fake("slack")}
    offices["frankfurt"].troubles = [DeliveryError("cannot be reached")] * 99
    console = ConsoleChannel(lambda _: None)

    def channels(settings: Settings, **_: object) -> dict[str, Channel]:
        return {"console": console, "slack": offices[settings.location]}

    monkeypatch.setattr(rounds, "channels", channels)
    store.add_samples(TARGET, [Sample(metric="error_rate", value=12, at=NINE)], NINE)
    first, second = places[:2]
    first.minute(0)
    for minute in (1, 2, 3):
        second.minute(minute)  # who need not evaluate is the first to deliver
        first.minute(minute)
    assert evaluated(store) == {"frankfurt": 4}
    told = offices["oregon"].ids
    assert len(told) == len(set(told)) > 0
    assert not [one for one in store.due(EVER) if one.channel == "slack"]


@pytest.fixture
def servers_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the history's server it is nine."""
    monkeypatch.setattr(store.database, "now", lambda: NINE)


@pytest.mark.parametrize(
    ("hours", "how"), [(3, "3 h ahead of"), (-3, "3 h behind"), (24 * 400, "400 d ahead of")]
)
@pytest.mark.usefixtures("servers_clock")
def test_of_a_wrong_clock_nothing_is_believed_and_that_is_said(
    store: Store, places: list[Watcher], hours: float, how: str
) -> None:
    off = places[2]
    off.now = NINE + timedelta(hours=hours)
    told = (
        rf"\(tokyo\) is {how} that of the history's server \(.* here, 30 Nov 2026, 09:00 UTC there"
    )
    with pytest.raises(ClockWrong, match=told):
        off.world.keep([Sample(metric="site_up", value=0, at=off.now)])
    with pytest.raises(ClockWrong):
        off.minute(60 * hours)
    ask = store.ask(TARGET)
    assert not ask(Question("site_up", NINE - timedelta(days=999), NINE + timedelta(days=999)))
    ((labels, left),) = ask(Question(CLOCK_AHEAD, NINE - MINUTE, NINE)).items()
    assert (dict(labels), left.latest) == ({"location": "tokyo"}, hours * 3600)
    off.now = NINE
    off.world.keep([])  # what waited is not stored later, either
    assert not ask(Question("site_up", NINE - timedelta(days=999), NINE + timedelta(days=999)))


@pytest.mark.usefixtures("servers_clock")
def test_a_clock_that_is_a_little_off_is_believed_and_leases_go_by_the_servers(
    store: Store, places: list[Watcher]
) -> None:
    ahead, late = places[:2]
    ahead.minute(4)
    late.minute(-4)
    assert evaluated(store) == {"frankfurt": 1}
    with alone(store, TARGET, lambda: NINE + 4 * MINUTE):
        assert not store.lease(f"round of {TARGET}", "another", NINE + MINUTE, NINE)
    assert store.lease(f"round of {TARGET}", "another", NINE + MINUTE, NINE)


@pytest.mark.parametrize("minutes", [3, -3])
@pytest.mark.usefixtures("servers_clock")
def test_an_outage_that_a_location_with_such_a_clock_sees_is_seen_by_all(
    store: Store, places: list[Watcher], minutes: float
) -> None:
    evaluates, sees = places[:2]
    evaluates.now, sees.now = NINE - minutes * MINUTE, NINE + minutes * MINUTE
    where = {"location": "oregon", "source": "probes"}
    sees.world.keep([Sample(metric="site_up", value=0, at=sees.now, labels=where)])
    evaluates.minute(-minutes)
    (down,) = [one for one in store.alerts(TARGET) if one.rule == "f-site-200"]
    assert (down.state, down.since, down.seen) == ("pending", NINE, NINE)


def test_a_server_that_is_slow_to_answer_makes_no_clock_wrong(
    store: Store, places: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = places[0]

    def slow() -> datetime:
        place.now += 6 * MINUTE
        return place.now

    monkeypatch.setattr(store.database, "now", slow)
    place.world.keep([Sample(metric="site_up", value=0, at=NINE)])
    assert stored(store, "site_up") == [NINE]
    assert not stored(store, CLOCK_AHEAD)


@pytest.mark.usefixtures("servers_clock")
def test_of_what_waits_only_that_is_lost_which_was_made_under_a_wrong_clock(
    store: Store, places: list[Watcher], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    place = places[0]

    def keep(metric: str, *, away: bool = False) -> None:
        with monkeypatch.context() as patched:
            if away:
                patched.setattr(store, "add_samples", lambda *_: locked())
            place.world.keep([Sample(metric=metric, value=1, at=place.now)])

    with pytest.raises(StoreLocked):
        keep("dau", away=True)
    place.put(3 * 60 * MINUTE)
    with pytest.raises(ClockWrong):
        keep("mau")
    monkeypatch.setattr(store.database, "now", locked)
    with pytest.raises(StoreLocked):  # nobody can tell it that its clock is wrong
        keep("nps")
    place.put(-3 * 60 * MINUTE + 4 * MINUTE)
    with pytest.raises(StoreLocked):
        keep("site_up")
    place.put(-4 * MINUTE)
    monkeypatch.setattr(store.database, "now", lambda: NINE)
    place.world.keep([])
    found = {name: stored(store, name) for name in ("dau", "mau", "nps", "site_up")}
    assert found == {"dau": [NINE], "mau": [], "nps": [], "site_up": [NINE]}
    assert caplog.messages == ["1 samples are lost: the clock was put while they waited"]


@pytest.mark.usefixtures("servers_clock")
def test_who_hears_of_a_silent_location_hears_that_its_clock_is_wrong(
    store: Store, places: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    well, off, _ = places
    for minute in range(8):
        at = NINE + minute * MINUTE
        monkeypatch.setattr(store.database, "now", lambda at=at: at)
        for place in (well, off):
            place.now = at + (timedelta(hours=2) if place is off and minute > 2 else timedelta())
            where = {"location": place.world.settings.location, "source": "probes"}
            try:
                place.world.keep([Sample(metric="site_up", value=1, at=place.now, labels=where)])
            except ClockWrong:
                assert place is off
        well.minute(minute)
    (said,) = [" ".join(one.split()) for one in well.shown if "No data" in one]
    assert "No data from oregon (site_up) · kulti.test" in said
    assert "The clock at oregon is 2 h ahead, so nothing from there is believed." in said
