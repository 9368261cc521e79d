"""What a run found, as frozen values with JSON both ways: the contract in the middle.

Times are RFC 3339 UTC with microseconds, durations in milliseconds unless the name says
otherwise. Nothing here does I/O.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

SCHEMA = "synthetic/run/1"
REPRO = "repro"
"""The trigger of a run that looks into an earlier failure: no example, and nobody is told."""
GATE = "gate"
"""The trigger of a run that is to tell whether a candidate may be deployed: neither is that."""
APART = frozenset({REPRO, GATE})
"""Triggers of runs that tell nobody, are no example and bend no rate."""

Verdict = Literal["passed", "degraded", "failed", "inconclusive"]
Origin = Literal["target", "dependency", "runner", "unknown"]
Status = Literal["passed", "failed", "skipped"]
Feature = Literal[
    "site",
    "health",
    "signup",
    "login",
    "dashboard",
    "session_create",
    "session_join",
    "video",
    "chat",
    "screen_share",
    "recording",
    "reconnect",
    "leave",
]
MediaKind = Literal["camera", "microphone", "screen"]
Identity = Literal["match", "mismatch", "absent"]
FindingKind = Literal["statistics", "console", "request", "code"]


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(_Value):
    """Why a step failed: an error type of :mod:`synthetic.errors` and one clear sentence."""

    type: str
    message: str


class Step(_Value):
    """One thing a user did and waited for. ``latency_ms`` is null unless the step passed.

    ``ended_at`` is when we knew how it ended, before evidence was taken.
    """

    name: str
    feature: Feature
    actor: str
    status: Status
    latency_ms: float | None = None
    started_at: Moment
    ended_at: Moment | None = None
    error: Problem | None = None
    origin: Origin | None = None


class Control(_Value):
    """A check of our own side, made after a failure; ``ok`` is null when it could not tell.

    ``said`` is one clause for people, such as "the same two browsers saw each other on a blank
    page".
    """

    name: str
    ok: bool | None
    said: str


class Journey(_Value):
    """One attempt at one test; a failed one says in ``story``, two sentences, what and why."""

    name: str
    attempt: int = 1
    status: Status
    origin: Origin | None = None
    story: str | None = None
    controls: tuple[Control, ...] = ()
    steps: tuple[Step, ...] = ()


class Request(_Value):
    """One request to an endpoint of the product; ``endpoint`` is the path with ids replaced.

    ``expected`` is true for an answer the journey wanted, a deliberate 4xx included.
    ``status`` is null when no answer came.
    """

    endpoint: str
    method: str
    status: int | None
    duration_ms: float | None
    at: Moment
    actor: str
    journey: str
    attempt: int = 1
    step: str | None
    expected: bool


class Latency(_Value):
    """Percentiles in milliseconds."""

    p50: float
    p95: float


class Media(_Value):
    """What one person received of another, of one kind; what a kind does not have is null.

    ``packet_loss`` and ``concealed`` are shares (0–1) of packets and of sounding audio,
    ``limited_by`` what held quality back and ``limited_side`` the role whose browser it was. Lost
    frames are those whose number was passed over. ``mouth_to_ear_ms`` is the sound's delay,
    ``audio_video_offset_ms`` by how much the sound comes after the picture; ``first_frame_ms``
    counts from the gesture that should bring it, ``interruptions`` how often a connection of the
    receiver that stood was lost. ``runner_busy`` is the share (0–1) of our own processors that was
    taken meanwhile: above 0.95 the figures may be spoiled by ourselves. ``impaired`` says what was
    done to the network, or asked of our machine, on purpose: such figures are not held against the
    plan.
    """

    kind: MediaKind
    from_: str = Field(alias="from")
    to: str
    journey: str
    attempt: int = 1
    step: str
    identity: Identity
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    bitrate_kbps: float | None = None
    glass_to_glass_ms: Latency | None = None
    longest_gap_ms: float | None = None
    frames_seen: int | None = None
    frames_unreadable: int | None = None
    frames_misread: int | None = None
    frames_lost: int | None = None
    frames_repeated: int | None = None
    frames_out_of_order: int | None = None
    first_frame_ms: float | None = None
    mouth_to_ear_ms: float | None = None
    audio_video_offset_ms: float | None = None
    codec: str | None = None
    ice_ms: float | None = None
    path: Literal["host", "reflexive", "relay"] | None = None
    packet_loss: float | None = None
    round_trip_ms: float | None = None
    jitter_ms: float | None = None
    concealed: float | None = None
    limited_by: str | None = None
    limited_side: str | None = None
    interruptions: int | None = None
    runner_busy: float | None = None
    impaired: str | None = None

    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid")


class Page(_Value):
    """How a page loaded for one actor at one size; web vitals as web.dev defines them."""

    page: str
    size: str
    journey: str
    attempt: int = 1
    step: str
    ttfb_ms: float | None = None
    fcp_ms: float | None = None
    lcp_ms: float | None = None
    cls: float | None = None
    inp_ms: float | None = None


class Finding(_Value):
    """Something odd that no step waits for: told, and no reason to fail."""

    kind: FindingKind
    actor: str
    text: str
    journey: str
    attempt: int = 1
    step: str | None = None


class Notification(_Value):
    """A message that was due: where to, and what became of it."""

    channel: str
    key: str
    status: Literal["sent", "shown", "undelivered"]
    at: Moment
    detail: str | None = None


class Sample(_Value):
    """A figure at a moment."""

    metric: str
    value: float
    at: Moment
    labels: dict[str, str] = Field(default_factory=dict)


class Run(_Value):
    """Everything one invocation did at one location, with one verdict.

    ``samples`` are figures of the target itself, such as ``certificate_days``.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    run_id: str
    suite: str
    target: str
    location: str
    trigger: str
    revision: str | None = None
    started_at: Moment
    finished_at: Moment | None = None
    duration_s: float | None = None
    verdict: Verdict = "inconclusive"
    origin: Origin | None = "runner"
    journeys: tuple[Journey, ...] = ()
    requests: tuple[Request, ...] = ()
    media: tuple[Media, ...] = ()
    pages: tuple[Page, ...] = ()
    findings: tuple[Finding, ...] = ()
    samples: tuple[Sample, ...] = ()
    alerts: tuple[dict[str, Any], ...] = ()
    notifications: tuple[Notification, ...] = ()

    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid")

    def to_json(self) -> str:
        """The record's text, as ``run.json`` holds it."""
        return self.model_dump_json(by_alias=True, indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Run:
        """Read a record; raises pydantic's ``ValidationError`` on anything else."""
        return cls.model_validate_json(text)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the run record."""
    return Run.model_json_schema(by_alias=True, mode="serialization")
