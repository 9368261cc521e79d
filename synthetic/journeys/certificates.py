"""How long the target's certificate lasts: a figure of the run, which nobody waits for."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from synthetic.errors import TargetUnreachable
from synthetic.journeys.journey import Journey
from synthetic.probes.certificate import certificate
from synthetic.results import Sample

_HTTPS = 443
_log = logging.getLogger(__name__)


def look_at_certificate(journey: Journey, url: str) -> None:
    """Note the days that are left; whether it is valid at all, whoever asks the site finds out."""
    address = urlsplit(url)
    if address.scheme != "https":
        return
    host, port = address.hostname or "", address.port or _HTTPS
    try:
        seen = certificate(host, port, timeout_s=journey.limit_s, clock=journey.now)
    except TargetUnreachable as error:  # it answered a moment ago, and steps follow
        _log.warning("the certificate was not seen: %s", error)
    else:
        sample = Sample(metric="certificate_days", value=seen.days, at=journey.now())
        journey.witness.measured(sample)
