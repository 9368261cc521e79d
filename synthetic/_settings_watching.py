"""Settings of continuous watching: probes, sources, cadence, the dashboard, exports."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, HttpUrl, SecretStr

from synthetic._settings_sources import Group

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value)
    if not found or not float(found[1]):
        raise ValueError("should be a duration such as 5s, 15m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class Probes(Group):
    """What is asked of the target between runs."""


class Feeds(Group):
    """Where figures are read that cannot be seen from outside."""


class Watch(Group):
    """How often what is done; unset: as the phase of the plan says."""

    probe_every: Duration | None = Field(default=None, description="time between probes")
    source_every: Duration | None = Field(default=None, description="time between looks at sources")
    smoke_every: Duration | None = Field(default=None, description="time between smoke runs")
    full_every: Duration | None = Field(default=None, description="time between full runs")
    evaluate_every: Duration | None = Field(
        default=None, description="time between evaluations of the plan"
    )
    heartbeat_url: SecretStr | None = Field(
        default=None, description="asked after each evaluation, so that others miss us when we stop"
    )


class Dashboard(Group):
    """Who may look, and who may act."""

    token: SecretStr | None = Field(
        default=None,
        description="what viewers must know when others than this machine can reach it",
    )


class Exports(Group):
    """What is pushed to systems of others."""

    victoriametrics_url: HttpUrl | None = Field(
        default=None, description="VictoriaMetrics to import samples into"
    )
    otlp_url: HttpUrl | None = Field(default=None, description="OTLP/HTTP endpoint for traces")
    traceparent: bool = Field(
        default=False, description="send a traceparent with first-party requests"
    )
