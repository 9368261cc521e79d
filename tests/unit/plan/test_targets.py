"""A single run is held to the plan's own figures, read from its rows."""

from __future__ import annotations

from synthetic.plan.targets import Span, held_to, media_targets, reconnect_alert_share, step_target
from synthetic.results import Latency, Media


def test_a_step_is_held_to_the_ladder_of_p95() -> None:
    target = step_target("signup")
    assert (target.target_ms, target.alert_ms) == (2000, 5000)
    assert target.source.startswith("Part A, Response Time Thresholds and Actions")


def test_the_site_is_held_to_the_daily_check() -> None:
    target = step_target("site")
    assert (target.target_ms, target.alert_ms) == (2000, 5000)
    assert target.source.startswith("Part F, Daily Manual Checks")


def test_lost_connections_are_held_to_the_reconnect_rate() -> None:
    assert reconnect_alert_share() == 0.05


def test_media_is_held_to_the_streaming_metrics() -> None:
    camera, screen = media_targets("camera"), media_targets("screen")
    assert camera["bitrate_kbps"].target == Span(min=500, max=2000)
    assert camera["bitrate_kbps"].alert == Span(min=300, max=3000)
    assert (camera["fps"].target, camera["fps"].alert) == (Span(min=24, max=30), Span(min=20))
    assert (screen["height"].target, screen["height"].alert) == (Span(min=1080), Span(min=720))


def test_what_the_plan_gives_no_figure_for_has_one_of_ours() -> None:
    assert media_targets("camera")["height"].alert == Span(min=120)
    for kind in ("camera", "screen"):
        delay = media_targets(kind)["glass_to_glass_ms"]
        assert (delay.target, delay.alert) == (Span(max=400), Span(max=1500))
        assert delay.source.startswith("Part F, Beside the plan")


def test_the_median_of_percentiles_is_what_is_held() -> None:
    figures = {"kind": "screen", "from": "host", "to": "guest", "identity": "match"}
    late = {"glass_to_glass_ms": Latency(p50=1600, p95=9000)}
    media = Media.model_validate({**figures, "journey": "j", "step": "s", **late})
    ((value, target),) = held_to(media)
    assert (value, target.alert.holds(value)) == (1600, False)
