"""What the watcher knows, as Prometheus scrapes it at ``/metrics``. Pure.

=========================================  =====================================================
``synthetic_plan_<metric>``                a gauge of the plan, in the plan's own unit: what the
                                           rules of ``synthetic plan --prometheus`` look at
``synthetic_alert``                        1 for each alert that is pending or fires, by ``rule``,
                                           ``severity``, ``type``, ``state``, ``stale``
``synthetic_alert_since_timestamp_seconds``  since when its condition holds, by ``rule``
``synthetic_evaluated_timestamp_seconds``  when the plan was evaluated last
``synthetic_<figure>``                     the watcher's own: lag, memory, what was skipped
``synthetic_series_left_out``              how many series were too many
=========================================  =====================================================

What is unknown has no sample. A gauge of a metric stands for the evaluation, so it is stamped by
the scrape. A label of a gauge that would hide one of ours is ``exported_<label>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from synthetic.evaluate.arrivals import NO_DATA
from synthetic.evaluate.history import Gauge
from synthetic.evaluate.quorum import as_told
from synthetic.evaluate.rules import OPEN
from synthetic.exports.prometheus import ALERT, EVALUATED, series
from synthetic.plan.model import Metric, Plan
from synthetic.results import Sample
from synthetic.store.values import Alert

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_SERIES = 1000
"""Of one metric; those that come first by their labels."""
_LONGEST_LABEL = 300
_ALERT_SINCE = f"{ALERT}_since_timestamp_seconds"
_LEFT_OUT = "synthetic_series_left_out"
_UNITS = {"bool": "1 is yes", "count": "", "ratio": "a ratio", "text": "1 where there is any"}
# Of the watcher's own figures: Prometheus measures in seconds and bytes.
_BASE = {"s": ("seconds", 1), "ms": ("seconds", 1e-3), "mb": ("bytes", 1e6), "gb": ("bytes", 1e9)}
_NO_NAME = re.compile(r"[^a-zA-Z0-9_]")
Row = tuple[Mapping[str, str], float]


def exposition(
    plan: Plan,
    gauges: Mapping[str, tuple[Gauge, ...]],
    alerts: Iterable[Alert],
    own: Iterable[Sample],
    at: datetime,
) -> str:
    """The page, of the evaluation ``at`` a moment; ``own`` are figures of the watcher itself."""
    page = _Page()
    for name in sorted(gauges.keys() & plan.metrics.keys()):
        rows = ((dict(one.labels), one.value) for one in gauges[name])
        page.family(series(name), _help(plan.metrics[name]), rows)
    open_ = [one for one in alerts if one.state in OPEN]
    page.family(ALERT, "Alerts that are pending or fire", _alerts(plan, open_))
    since = ((_labels(one, {"rule": one.rule}), one.since.timestamp()) for one in open_)
    page.family(_ALERT_SINCE, "Since when the condition of an alert holds", since)
    page.family(EVALUATED, "When the plan was evaluated last", [({}, at.timestamp())])
    for name, figures in _own(own).items():
        page.family(name, "The watcher about itself", figures)
    page.family(_LEFT_OUT, "Series that were too many", [({}, page.left_out)])
    return "\n".join(page.lines) + "\n"


@dataclass
class _Page:
    lines: list[str] = field(default_factory=list)
    left_out: int = 0

    def family(self, name: str, says: str, rows: Iterable[Row]) -> None:
        """A metric and its samples; of two with the same labels the first."""
        found: dict[str, float] = {}
        for labels, value in rows:
            if isfinite(value):
                found.setdefault(_in_braces(labels), value)
        if not found:
            return
        self.lines += [f"# HELP {name} {_escaped(says)}", f"# TYPE {name} gauge"]
        kept = sorted(found.items())[:MOST_SERIES]
        self.lines += [f"{name}{labels} {value!r}" for labels, value in kept]
        self.left_out += len(found) - len(kept)


def _help(metric: Metric) -> str:
    unit = _UNITS.get(metric.unit, f"in {metric.unit}")
    return f"{metric.title}, {unit}" if unit else metric.title


def _alerts(plan: Plan, alerts: Iterable[Alert]) -> Iterator[Row]:
    rules = {row.id: row for row in (*plan.rows, NO_DATA)}
    for one in alerts:
        row = as_told(rules[one.rule], one) if one.rule in rules else None
        ours = {
            "rule": one.rule,
            "state": one.state,
            "stale": str(one.stale).lower(),
            "severity": (row.severity if row else None) or "",
            "type": (row.type if row else None) or "",
        }
        yield _labels(one, ours), 1.0


def _labels(alert: Alert, ours: Mapping[str, str]) -> dict[str, str]:
    theirs = {f"exported_{name}" if name in ours else name: text for name, text in alert.labels}
    return {**theirs, **ours}


def _own(samples: Iterable[Sample]) -> dict[str, list[Row]]:
    families: dict[str, list[Row]] = {}
    for one in samples:
        stem, _, unit = one.metric.rpartition("_")
        base, factor = _BASE.get(unit, (unit, 1))
        name = _NO_NAME.sub("_", f"synthetic_{stem}_{base}" if stem else f"synthetic_{one.metric}")
        families.setdefault(name, []).append((one.labels, one.value * factor))
    return families


def _in_braces(labels: Mapping[str, str]) -> str:
    pairs = ",".join(
        f'{_name(name)}="{_quoted(text[:_LONGEST_LABEL])}"'
        for name, text in sorted(labels.items())
        if text
    )
    return f"{{{pairs}}}" if pairs else ""


def _name(label: str) -> str:
    """A label's name that Prometheus takes; those that begin with two underscores are its own."""
    name = _NO_NAME.sub("_", label).lstrip("_")
    return name if name and not name[0].isdigit() else f"_{name}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    plain = text.encode(errors="replace").decode()  # halves of a character are none
    return _escaped(plain).replace('"', r"\"")
