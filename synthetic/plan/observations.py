"""The observations that a run leaves, and probes: their names, units and labels. Pure.

A derivation may look at these, and at what arrives as samples under a metric's own name. The
store makes observations under exactly these names and labels, which a test holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, get_args

from synthetic.plan.model import Unit
from synthetic.results import Feature, MediaKind

_REQUEST = ("endpoint", "source", "location")
_MEDIA = ("kind", "from", "to", "location")
_PAGE = ("page", "size", "location")
_PROBE = ("source", "location")
SOURCE_READ = "source_read"
"""What every look at a recipe leaves that answered, if only that there is nothing to measure."""
EVALUATED = "watch_evaluated"
"""What every evaluation of a watcher leaves that came to its end."""
CLOCK_AHEAD = "watch_clock_ahead_s"
"""What a location leaves whose clock is wrong, in place of all that it observed; behind: negative.
It is stamped with the time of the history's server."""


class Observed(NamedTuple):
    """What an observation is measured in, and the labels it may have."""

    unit: Unit
    labels: tuple[str, ...]


OBSERVATIONS: Mapping[str, Observed] = {
    "request_failed": Observed("bool", _REQUEST),
    "request_ms": Observed("ms", _REQUEST),
    "step_ms": Observed("ms", ("feature", "actor", "location")),
    "outcome": Observed("bool", ("feature", "journey", "location", "burst")),
    "works": Observed("bool", ("feature", "journey", "location")),
    "media_fps": Observed("fps", _MEDIA),
    "media_bitrate_kbps": Observed("kbps", _MEDIA),
    "media_height": Observed("px", _MEDIA),
    "media_glass_to_glass_ms": Observed("ms", _MEDIA),
    "media_packet_loss": Observed("ratio", _MEDIA),
    "media_identity": Observed("bool", _MEDIA),
    "reconnected": Observed("bool", ("location",)),
    "recording_stage": Observed("bool", ("stage", "location")),
    "page_ttfb_ms": Observed("ms", _PAGE),
    "page_fcp_ms": Observed("ms", _PAGE),
    "page_lcp_ms": Observed("ms", _PAGE),
    "page_inp_ms": Observed("ms", _PAGE),
    "page_cls": Observed("score", _PAGE),
    "run_failed": Observed("bool", ("suite", "location")),
    "run_inconclusive": Observed("bool", ("suite", "location")),
    "error": Observed("count", ("fingerprint", "feature", "endpoint", "location")),
    "security_finding": Observed("count", ("feature", "location")),
    "site_up": Observed("bool", _PROBE),
    "site_ms": Observed("ms", _PROBE),
    "health_up": Observed("bool", _PROBE),
    "health_ms": Observed("ms", _PROBE),
    "health_database": Observed("bool", _PROBE),
    "health_database_query": Observed("bool", _PROBE),
    "health_connections": Observed("count", _PROBE),
    "replication_lag": Observed("s", _PROBE),
    "health_hms": Observed("bool", _PROBE),
    "health_hms_rooms": Observed("bool", _PROBE),
    "health_hms_latency": Observed("ms", _PROBE),
    "health_hms_status": Observed("bool", _PROBE),
    "health_external": Observed("bool", _PROBE),
    "health_twilio": Observed("bool", _PROBE),
    "health_anthropic": Observed("bool", _PROBE),
    "health_upstash": Observed("bool", _PROBE),
    "health_email": Observed("bool", _PROBE),
    "health_response": Observed("ms", _PROBE),
    "health_error_rate": Observed("%", _PROBE),
    "health_query_time": Observed("ms", _PROBE),
    "health_cache_hit_rate": Observed("%", _PROBE),
    "certificate_days": Observed("d", _PROBE),
    "cache_hit": Observed("bool", _PROBE),
    "probe_dns_ms": Observed("ms", _REQUEST),
    "probe_connect_ms": Observed("ms", _REQUEST),
    "probe_tls_ms": Observed("ms", _REQUEST),
    "probe_first_byte_ms": Observed("ms", _REQUEST),
    "probe_body_ms": Observed("ms", _REQUEST),
    SOURCE_READ: Observed("bool", ("recipe",)),
    EVALUATED: Observed("bool", ("location",)),
    CLOCK_AHEAD: Observed("s", ("location",)),
}

LABEL_VALUES: Mapping[str, tuple[str, ...]] = {
    "source": ("journeys", "probes", "traffic"),
    "feature": get_args(Feature),
    "kind": get_args(MediaKind),
    "stage": ("initiated", "completed", "uploaded", "processed"),
    "burst": ("yes", "no"),
    "suite": ("smoke", "full"),
}
"""Labels that have no other values than these."""
