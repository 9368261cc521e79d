"""Samples pushed to a Prometheus Pushgateway, grouped by job, location and suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.error import HTTPError, URLError

from synthetic.errors import DeliveryError
from synthetic.results import Run, Sample

JOB = "synthetic"
_GROUPED = ("location", "suite")


def push(url: str, run: Run, samples: Sequence[Sample], *, timeout_s: float) -> None:
    """Replace what the gateway holds for this location and suite.

    Raises :class:`DeliveryError` when it does not take them within ``timeout_s``.
    """
    from prometheus_client import CollectorRegistry, Gauge, push_to_gateway

    registry = CollectorRegistry()
    by_metric: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_metric[sample.metric].append(sample)
    for metric, rows in by_metric.items():
        names = sorted(set().union(*(row.labels for row in rows)) - set(_GROUPED))
        gauge = Gauge(metric, metric, names, registry=registry)
        for row in rows:
            values = {name: row.labels.get(name, "") for name in names}
            (gauge.labels(**values) if names else gauge).set(row.value)
    key = {"location": run.location, "suite": run.suite}
    try:
        push_to_gateway(url, JOB, registry, grouping_key=key, timeout=timeout_s)
    except HTTPError as error:
        error.close()
        raise DeliveryError(
            f"the Pushgateway at {url} answered {error.code}; the samples are kept in "
            "reports/samples.jsonl"
        ) from error
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise DeliveryError(
            f"the Pushgateway at {url} took nothing within {timeout_s:g} s ({reason}); check "
            "SYNTHETIC_PUSHGATEWAY_URL. The samples are kept in reports/samples.jsonl"
        ) from error
