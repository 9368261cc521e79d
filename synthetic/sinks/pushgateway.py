"""Samples pushed to a Prometheus Pushgateway, grouped by job, location and suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import SplitResult, unquote, urlsplit

from synthetic.errors import DeliveryError
from synthetic.results import Run, Sample

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

JOB = "synthetic"
_GROUPED = ("location", "suite")
_KEPT = "The samples are kept in reports/samples.jsonl"


def push(url: str, run: Run, samples: Sequence[Sample], *, timeout_s: float) -> None:
    """Replace what the gateway holds for this location and suite.

    A user name and password in ``url`` are sent as basic authentication. Raises
    :class:`DeliveryError` when the gateway does not take the samples within ``timeout_s``.
    """
    from prometheus_client import push_to_gateway

    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    key = {"location": run.location, "suite": run.suite}
    try:
        push_to_gateway(
            address, JOB, _registry(samples), key, timeout=timeout_s, handler=_handler(parts)
        )
    except HTTPError as error:
        error.close()
        raise DeliveryError(
            f"the Pushgateway at {address} answered {error.code}; check "
            f"SYNTHETIC_PUSHGATEWAY_URL and the gateway's log. {_KEPT}"
        ) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise DeliveryError(
            f"the Pushgateway at {address} took nothing within {timeout_s:g} s ({reason}); check "
            f"SYNTHETIC_PUSHGATEWAY_URL. {_KEPT}"
        ) from error


def _registry(samples: Sequence[Sample]) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry, Gauge

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
    return registry


_Headers = list[tuple[str, str]]


def _handler(
    parts: SplitResult,
) -> Callable[[str, str, float | None, _Headers, bytes], Callable[[], None]]:
    from prometheus_client.exposition import basic_auth_handler, default_handler

    def send(
        url: str, method: str, timeout: float | None, headers: _Headers, data: bytes
    ) -> Callable[[], None]:
        if parts.username is None:
            return default_handler(url, method, timeout, headers, data)
        name, password = unquote(parts.username), unquote(parts.password or "")
        return basic_auth_handler(url, method, timeout, headers, data, name, password)

    return send
