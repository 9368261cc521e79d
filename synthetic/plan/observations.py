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
    "health_hms": Observed("bool", _PROBE),
    "health_external": Observed("bool", _PROBE),
    "certificate_days": Observed("d", _PROBE),
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
