"""A single run is held to the plan's own figures, read from its rows."""

from __future__ import annotations

from synthetic.plan.targets import Span, media_targets, reconnect_alert_share, step_target


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
    targets = media_targets()
    assert targets["bitrate_kbps"].target == Span(min=500, max=2000)
    assert targets["bitrate_kbps"].alert == Span(min=300, max=3000)
    assert (targets["fps"].target, targets["fps"].alert) == (Span(min=24, max=30), Span(min=20))
    assert (targets["height"].target, targets["height"].alert) == (Span(min=1080), Span(min=720))
    assert targets["height"].kinds == ("screen",)


def test_what_the_plan_gives_no_figure_for_has_one_of_ours() -> None:
    targets = media_targets()
    assert targets["delay"].alert == Span(max=1500)
    assert targets["camera_height"].alert == Span(min=120)
