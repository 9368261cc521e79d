"""What the monitoring plan is made of, as frozen values. Pure.

A *metric* is something that has a value at a moment. A *row* is one item of the plan: what it
says about a metric, a rule, a route, or something that people do. Durations are seconds here and
texts such as ``5m`` in the files.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Part = Literal["A", "B", "C", "D", "E", "F", "G", "H"]
Kind = Literal["metric", "threshold", "rule", "route", "check", "item", "activity"]
"""``metric``: a figure to watch; ``threshold``: one with a target or an alert line; ``rule``: one
of Part E; ``check``: something to verify; ``item``: a line of a report; ``activity``: what people
do at a time, and what they send."""
ObservedBy = Literal["journey", "probe", "source", "derived", "manual"]
Severity = Literal["critical", "high", "medium", "low"]
AlertType = Literal["error", "performance", "feature", "user", "security", "infrastructure"]
Phase = Literal["launch", "week1", "month1", "steady"]
Comparison = Literal[">", "<", ">=", "<="]
BELOW: frozenset[Comparison | None] = frozenset({"<", "<="})
"""An alert lies below its line."""
LOCATION = "location"
"""The label that tells from where something was seen."""
Unit = Literal[
    "%", "ms", "s", "min", "h", "d", "count", "per hour", "per day", "ratio", "kbps", "fps",
    "px", "MB", "GB", "$", "bool", "score", "text",
]  # fmt: skip
Stat = Literal[
    "share",  # of observations of 0 or 1 that are 1, in per cent, with its Wilson interval
    "mean", "lowest", "highest", "total", "count", "per_hour", "p50", "p95", "p99", "latest",
    "complement",  # 100 − the gauge
    "ratio", "percent",  # the first gauge by the second, as a factor or in per cent
    "excess",  # by how much, in per cent, the first gauge is over the second
    "change", "growth",  # against the same gauge `against` earlier: in per cent, or as a factor
    "least_of", "most_of", "sum_of",  # over several gauges; those unknown are left out
    "first_of",  # of several gauges that which is named first, of those that are known
    "newcomers",  # label sets of observations that were never seen in the 30 days before
    "burn",  # the share of failures by the share that the objective allows
]  # fmt: skip
OVER_OBSERVATIONS: frozenset[Stat] = frozenset(
    {"share", "mean", "lowest", "highest", "total", "count", "per_hour", "p50", "p95", "p99",
     "latest", "newcomers", "burn"}
)  # fmt: skip

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: object) -> object:
    """Seconds of ``90s``, ``5m``, ``2h`` or ``1d``; what is no text is passed on."""
    if not isinstance(text, str):
        return text
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("should be a duration such as 90s, 5m, 2h or 1d")
    return float(found[1]) * _SECONDS[found[2]]


def duration(length_s: float) -> str:
    """The text of seconds, in the largest unit that they are a whole number of: ``5m``."""
    for unit in ("d", "h", "m"):
        if length_s and length_s % _SECONDS[unit] == 0:
            return f"{length_s / _SECONDS[unit]:.0f}{unit}"
    return f"{length_s:g}s"


Seconds = Annotated[float, BeforeValidator(seconds), Field(ge=0, allow_inf_nan=False)]
Labels = dict[str, str]
Text = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )


class Span(_Entry):
    """From ``min`` to ``max``, either open."""

    min: float | None = None
    max: float | None = None


class Derivation(_Entry):
    """How a gauge is made from others: ``stat`` over the observations or gauges ``of``.

    ``window`` is how far it looks back, ``by`` the labels that stay, ``where`` those that must
    match, ``least`` how many observations or gauges it needs to be known at all, ``against`` how
    much earlier the other side of a change lies, ``objective`` (per cent) what a burn rate is held
    to, ``prefer`` values of the label ``source``, best first: only the best that has data counts.
    ``witness`` names an observation whose arrival within the window proves that somebody looked:
    then a count, total or newcomers of nothing are zero, and without it they are unknown.
    ``scale`` turns the observations' unit into the metric's.
    """

    stat: Stat
    of: tuple[str, ...] = Field(min_length=1)
    window: Seconds = 0
    where: Labels = {}
    by: tuple[str, ...] = ()
    least: int = Field(default=1, ge=1)
    against: Seconds = 0
    objective: float | None = Field(default=None, gt=0, lt=100)
    prefer: tuple[str, ...] = ()
    witness: str | None = None
    scale: Annotated[float, Field(gt=0)] = 1.0


class Metric(_Entry):
    """What has a value: one that arrives (``derive`` unset), or one made from others.

    ``interval`` is how often a value can be expected: a gauge older than 1.5 of it is unknown.
    ``reason`` says of a manual metric why nothing could observe it. ``better`` is which way is
    good. ``burst`` is whether a failure starts runs close together, so that a rule may look for
    shorter times than ``interval``.
    """

    name: Text
    title: Text
    unit: Unit
    observed_by: ObservedBy
    interval: Annotated[Seconds, Field(gt=0)] = 60
    derive: Derivation | None = None
    reason: str | None = None
    better: Literal["higher", "lower"] | None = None
    burst: bool = False


class Row(_Entry):
    """One item of the plan, and where it stands there.

    ``target`` and ``alert`` are numbers in the plan's own units, a range as ``{min, max}``; a
    number is compared as ``compare`` says (``>``: over it is an alert; ``>=``: on it as well).
    ``setting`` names the
    value that the plan leaves blank (``[Y]``), shown as "not set". ``baseline`` is for figures
    that the plan wants established on day 1. ``quorum`` is how many locations must see it before
    it is as severe as it says: see :mod:`synthetic.evaluate.quorum`. ``names`` is what an
    incident's title adds to that of a broader cause: the label that has it, or else the words.
    """

    id: Text
    kind: Kind
    part: Part
    heading: Text
    item: Text
    title: Text
    metric: str | None = None
    where: Labels = {}
    unit: Unit | None = None
    target: float | Span | None = None
    alert: float | Span | None = None
    compare: Comparison | None = None
    severity: Severity | None = None
    type: AlertType | None = None
    cause: str | None = None
    names: Text | None = None
    window: Seconds | None = None
    for_: Seconds = Field(default=0, alias="for")
    keep_firing_for: Seconds = 0
    quorum: Annotated[int, Field(ge=1)] | None = None
    phase: Phase | None = None
    key: str | None = None
    action: str | None = None
    acknowledge_within: Seconds | None = None
    resolve_within: Seconds | None = None
    observed_by: ObservedBy | None = None
    reason: str | None = None
    setting: str | None = None
    baseline: bool = False
    when: str | None = None

    @property
    def alerts(self) -> bool:
        """Whether it is a rule that can fire."""
        return self.alert is not None and self.severity is not None


class Destination(_Entry):
    """Where a notification goes: a channel, and which of its places (``#alerts``)."""

    channel: Literal["slack", "pagerduty", "sms", "email", "jira", "sentry", "webhook", "console"]
    place: str | None = None


class Route(_Entry):
    """Who is told of an alert of one of ``severities`` and one of ``types`` (none: any)."""

    id: Text
    part: Part
    heading: Text
    item: Text
    title: Text
    severities: tuple[Severity, ...] = ()
    types: tuple[AlertType, ...] = ()
    to: tuple[Destination, ...] = Field(min_length=1)

    def takes(self, severity: Severity, kind: AlertType | None) -> bool:
        """Whether an alert of this severity and type goes this way."""
        return (not self.severities or severity in self.severities) and (
            not self.types or kind in self.types
        )


class Cause(_Entry):
    """What may lie behind several alerts; ``explained_by`` are causes that bring it about.

    ``noticed`` is what users notice of it and ``workaround`` what they can do meanwhile, whole
    sentences in words that may be published; none where users notice nothing, or can do nothing.
    """

    name: Text
    title: Text
    runbook: Text
    explained_by: tuple[str, ...] = ()
    noticed: Text | None = None
    workaround: Text | None = None


class PhaseSpan(_Entry):
    """A phase: from ``begins`` to ``ends`` after the launch (no end: for ever), and its cadence.

    ``every`` holds seconds between things done regularly, by name (``smoke``, ``review`` …), from
    a moment of the phase on: ``{"0h": {"smoke": "15m"}, …}``.
    """

    name: Phase
    begins: Seconds
    ends: Seconds | None = None
    every: dict[str, dict[str, Annotated[Seconds, Field(gt=0)]]] = {}


class Tier(_Entry):
    """A step of the escalation: who is called, and after how long unresolved the next is."""

    id: Text
    part: Part
    heading: Text
    item: Text
    title: Text
    who: Text
    after: Seconds


class Plan(_Entry):
    """All of it, checked: see :mod:`synthetic.plan.load`."""

    metrics: dict[str, Metric]
    rows: tuple[Row, ...]
    routes: tuple[Route, ...]
    causes: dict[str, Cause]
    phases: tuple[PhaseSpan, ...]
    tiers: tuple[Tier, ...]
    settings: dict[str, Any] = {}

    def rules(self, phase: Phase) -> tuple[Row, ...]:
        """What can fire in a phase: rows of no phase, and its own, which override by ``key``."""
        own = [row for row in self.rows if row.alerts and row.phase == phase]
        keys = {row.key for row in own if row.key}
        always = [
            row for row in self.rows if row.alerts and row.phase is None and row.key not in keys
        ]
        return (*always, *own)
