"""A run as the figures that are evaluated: names, values and labels as the plan's files know them.

Pure. What bends no rate makes none: later attempts, what was skipped, media over a network broken
on purpose, what nobody could blame, refusals for asking too often, the requests of a burst, answers
amiss in a failure that no later attempt confirmed (of runs, only what is confirmed may page), and
whole runs that look into an earlier failure or have not ended. A leak counts at once: it is proof.

``request_failed`` 0 or 1 and ``request_ms`` by endpoint and source; ``step_ms`` by feature and
actor; ``outcome`` 0 or 1 by feature, journey and whether it was a burst; ``works`` 0 or 1 by
feature and journey, as its last attempt has it: a state, no rate; ``media_…`` by kind, from and
to; ``reconnected`` 0 or 1; ``recording_stage`` 0 or 1 by stage; ``page_…`` by page and size;
``run_failed`` and ``run_inconclusive`` 0 or 1 by suite; ``error`` 1 by fingerprint and feature or
endpoint; ``security_finding`` 1 by feature; what the run measured of the target itself by source.
All have the label ``location``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import isfinite
from operator import itemgetter

from synthetic.results import APART, Journey, Media, Page, Request, Run, Sample, Step
from synthetic.store.digest import Labels
from synthetic.store.fingerprint import fingerprint
from synthetic.store.schema import micros, moment_of

BURST = "burst"
"""The trigger of runs that a failure started, close together."""
_TOO_MANY = 429
_STAGES = {
    f"recording {stage}": stage for stage in ("initiated", "completed", "uploaded", "processed")
}
_FIGURES = ("fps", "bitrate_kbps", "height", "packet_loss")
_VITALS = ("ttfb_ms", "fcp_ms", "lcp_ms", "cls", "inp_ms")


MOST = 1e100
"""No figure is further from zero: a database cannot add up what is near the end of its numbers."""
Series = tuple[str, Labels]
"""A metric, and its labels sorted by name."""
Observed = list[tuple[int, float]]
"""When, in microseconds, and what."""


def observations(run: Run) -> tuple[Sample, ...]:
    """What a finished run leaves, in the order of time."""
    found = [
        Sample.model_construct(metric=metric, value=value, at=moment_of(at), labels=dict(labels))
        for (metric, labels), values in observed(run).items()
        for at, value in values
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def observed(run: Run) -> dict[Series, Observed]:
    """What a finished run leaves, by series; no two of one at the same moment."""
    if run.finished_at is None or run.trigger in APART:
        return {}
    found = _View(run).everything()
    return {series: _apart(values) for series, values in found.items() if values}


def _apart(values: Observed) -> Observed:
    """In the order of time; who comes at the moment of another waits for a microsecond."""
    if len(values) > 1:
        values.sort(key=itemgetter(0))
    for place in range(1, len(values)):
        before, (at, value) = values[place - 1][0], values[place]
        if at <= before:
            values[place] = before + 1, value
    return values


class _View:
    """The first attempts of a run, and which of their failures are the target's for sure."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.ended = run.finished_at or run.started_at
        self.first = [journey for journey in run.journeys if journey.attempt == 1]
        self.blamed = set() if run.verdict == "inconclusive" else _blamed(run.journeys)
        failed = {one.name for one in run.journeys if one.status == "failed"}
        ended = _last(run.journeys)
        self.unsure = {
            name for name in failed if name not in self.blamed or ended[name].status == "passed"
        }
        self.moments = {
            (journey.name, step.name): _end(step)
            for journey in self.first
            for step in journey.steps
        }
        self.broken = {
            (journey.name, step.name)
            for journey in self.first
            for step in journey.steps
            if step.status == "failed"
        }
        self.found: dict[Series, Observed] = defaultdict(list)

    def everything(self) -> dict[Series, Observed]:
        """All that is observed, by series; some may be empty."""
        self._verdict()
        self._outcomes()
        for journey in self.first:
            for step in journey.steps:
                self._step(journey, step)
        self._requests()
        for media in self.run.media:
            if media.attempt == 1 and not media.impaired:
                self._media(media)
        for page in self.run.pages:
            if page.attempt == 1:
                self._page(page)
        for one in self.run.samples:
            labels = self._labels(source="journeys", **one.labels)
            self._note(one.metric, one.value, one.at, labels)
        return self.found

    def _labels(self, **labels: str) -> Labels:
        labels["location"] = self.run.location
        return tuple(sorted(labels.items()))

    def _note(self, metric: str, value: float, at: datetime, labels: Labels) -> None:
        if abs(value) <= MOST:
            self.found[metric, labels].append((micros(at), value))

    def _verdict(self) -> None:
        if self.run.trigger == BURST:  # of no suite: no other run would ever follow it
            return
        suite, verdict = self._labels(suite=self.run.suite), self.run.verdict
        self._note("run_inconclusive", float(verdict == "inconclusive"), self.ended, suite)
        if verdict != "inconclusive":
            self._note("run_failed", float(verdict == "failed"), self.ended, suite)

    def _outcomes(self) -> None:
        burst = "yes" if self.run.trigger == BURST else "no"
        last = {one.name: one for one in sorted(self.run.journeys, key=lambda one: one.attempt)}
        for journey in self.run.journeys:
            for feature, worked, at in self._features(journey):
                if journey.attempt == 1:
                    labels = self._labels(feature=feature, journey=journey.name, burst=burst)
                    self._note("outcome", worked, at, labels)
                if journey is last[journey.name]:
                    labels = self._labels(feature=feature, journey=journey.name)
                    self._note("works", worked, at, labels)

    def _features(self, journey: Journey) -> Iterator[tuple[str, float, datetime]]:
        features: dict[str, list[Step]] = defaultdict(list)
        for step in journey.steps:
            if step.status != "skipped":
                features[step.feature].append(step)
        for feature, steps in features.items():
            failed = any(step.status == "failed" for step in steps)
            if not failed or self._counts(journey.name):
                yield feature, float(not failed), max(map(_end, steps))

    def _step(self, journey: Journey, step: Step) -> None:
        at = _end(step)
        if step.latency_ms is not None:
            labels = self._labels(feature=step.feature, actor=step.actor)
            self._note("step_ms", step.latency_ms, at, labels)
        failed = step.status == "failed"
        if step.status == "skipped" or (failed and not self._counts(journey.name)):
            return
        if stage := _STAGES.get(step.name):
            self._note("recording_stage", float(not failed), at, self._labels(stage=stage))
        if failed and step.error:
            said = fingerprint(f"{step.error.type}: {step.error.message}")
            kind = self._labels(fingerprint=said, feature=step.feature)
            self._note("error", 1.0, at, kind)
            if step.error.type == "Leak":
                self._note("security_finding", 1.0, at, self._labels(feature=step.feature))

    def _requests(self) -> None:
        if self.run.trigger == BURST:  # it asks again for what failed: that would bend the rate
            return
        endpoints: dict[str, list[tuple[int, Request]]] = defaultdict(list)
        for one in self.run.requests:
            # Our own network may have swallowed what nobody answered; a proxy of ours may answer.
            ours = not one.expected and one.journey in self.unsure
            lost = one.status is None and not self._counts(one.journey)
            if one.attempt == 1 and one.status != _TOO_MANY and not ours and not lost:
                endpoints[one.endpoint].append((micros(one.at), one))
        for endpoint, requests in endpoints.items():
            labels = self._labels(endpoint=endpoint, source="journeys")
            self.found["request_failed", labels] = [
                (at, float(not one.expected)) for at, one in requests
            ]
            self.found["request_ms", labels] = [
                (at, one.duration_ms)
                for at, one in requests
                if one.expected and one.duration_ms is not None and abs(one.duration_ms) <= MOST
            ]
            for _, one in requests:
                if not one.expected:
                    answer = "no answer" if one.status is None else f"answer {one.status}"
                    said = f"{one.method}: {answer}"
                    kind = self._labels(fingerprint=said, endpoint=endpoint)
                    self._note("error", 1.0, one.at, kind)

    def _media(self, media: Media) -> None:
        at = self.moments.get((media.journey, media.step), self.ended)
        labels = self._labels(**{"kind": media.kind, "from": media.from_, "to": media.to})
        shown = media.identity == "match"
        if shown or self._counts(media.journey):
            self._note("media_identity", float(shown), at, labels)
            if media.kind == "camera":
                self._note("reconnected", float(bool(media.interruptions)), at, self._labels())
        # Our own processors are not the target's; and how a picture did that its step found broken
        # is no second trouble.
        if shown and media.limited_by != "cpu" and (media.journey, media.step) not in self.broken:
            for name in _FIGURES:
                value = getattr(media, name)
                if value is not None:
                    self._note(f"media_{name}", float(value), at, labels)
            if media.glass_to_glass_ms:
                late = media.glass_to_glass_ms.p50
                self._note("media_glass_to_glass_ms", late, at, labels)

    def _page(self, page: Page) -> None:
        at = self.moments.get((page.journey, page.step), self.ended)
        labels = self._labels(page=page.page, size=page.size)
        for name in _VITALS:
            value = getattr(page, name)
            if value is not None:
                self._note(f"page_{name}", float(value), at, labels)

    def _counts(self, journey: str) -> bool:
        """Whether a failure of this journey is held against the target."""
        return journey in self.blamed


def _blamed(journeys: Iterable[Journey]) -> set[str]:
    failed = [one for one in journeys if one.status == "failed"]
    doubtful = {one.name for one in failed if one.origin != "target"}
    return {one.name for one in failed} - doubtful


def _last(journeys: Iterable[Journey]) -> dict[str, Journey]:
    return {one.name: one for one in sorted(journeys, key=lambda one: one.attempt)}


def _end(step: Step) -> datetime:
    if step.ended_at or step.latency_ms is None or not isfinite(step.latency_ms):
        return step.ended_at or step.started_at
    return step.started_at + timedelta(milliseconds=step.latency_ms)
