"""Settings of continuous watching: probes, sources, cadence, the dashboard, exports."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, HttpUrl, SecretStr

from synthetic._settings_sources import Group, as_list, as_table

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

    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=10, description="limit of one request with all of its answer, seconds"
    )
    repeat: Annotated[int, Field(ge=1, le=20)] = Field(
        default=2, description="how often each endpoint that only reads is asked in a round"
    )
    session: str | None = Field(
        default=None,
        description="session whose messages are listed; unset: the first that the account's list "
        "names",
    )
    sign_in_every_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=900, description="least time between two log-ins of the standing account, seconds"
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of authorities that vouch for the target, instead of the system's",
    )


class Feed(Group):
    """What a recipe is given; docs/sources.md says which of it each one needs."""

    url: HttpUrl | None = None
    database: SecretStr | None = None
    user: str | None = None
    token: SecretStr | None = None
    values: Annotated[dict[str, str], BeforeValidator(as_table)] = Field(default={})


class Feeds(Group):
    """Where figures are read that cannot be seen from outside."""

    on: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        default=(),
        description="recipes that are read; of two that feed one metric the first counts",
    )
    recipes: Annotated[dict[str, Feed], BeforeValidator(as_table)] = Field(
        default={},
        description="by recipe: `url`, `database`, `user`, `token`, `values`; as in "
        "`SYNTHETIC_FEEDS__RECIPES__SENTRY__TOKEN`",
    )
    folder: Path | None = Field(
        default=None,
        description="folder of recipes of your own; one of a shipped name takes its place",
    )
    timeout_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        default=20, description="limit of reading one recipe, seconds"
    )


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
    hosts: Annotated[tuple[str, ...], BeforeValidator(as_list)] = Field(
        default=(), description="names by which others reach it, such as behind a proxy"
    )


class Gate(Group):
    """What stands before a deploy."""

    baseline: Annotated[dict[str, SecretStr], BeforeValidator(as_table)] = Field(
        default={},
        description="settings that are others for runs of the baseline, by name without the "
        "prefix, such as `INBOX__URL`",
    )


class Exports(Group):
    """What is pushed to systems of others."""

    victoriametrics_url: HttpUrl | None = Field(
        default=None, description="VictoriaMetrics (single-node) to import each run's samples into"
    )
    otlp_url: HttpUrl | None = Field(
        default=None, description="OTLP/HTTP endpoint for traces, whole: it ends in `/v1/traces`"
    )
    otlp_headers: Annotated[dict[str, SecretStr], BeforeValidator(as_table)] = Field(
        default={}, description="headers that the OTLP endpoint wants, by name, such as a key"
    )
    traceparent: bool = Field(
        default=False,
        description="what pages ask of the target's own origin carries the ids of the run's trace",
    )
