"""How long a certificate lasts is a figure of the run, where there is a certificate."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from synthetic.journeys.certificates import look_at_certificate
from synthetic.results import Sample
from tests.journeys.conftest import standin_serving


class Looking:
    """As much of a journey as is needed, which keeps what was measured."""

    limit_s = 2.0

    def __init__(self) -> None:
        self.taken: list[Sample] = []
        self.witness: Any = self

    def measured(self, sample: Sample) -> None:
        self.taken.append(sample)

    def now(self) -> datetime:
        return datetime.now(UTC)


def look(url: str) -> list[Sample]:
    looking: Any = Looking()
    look_at_certificate(looking, url)
    taken: list[Sample] = looking.taken
    return taken


def test_plain_http_has_no_certificate() -> None:
    assert look("http://127.0.0.1:1") == []


def test_the_days_left_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with standin_serving("certificate-expires=3") as standin:
        monkeypatch.setenv("SSL_CERT_FILE", standin.env["SSL_CERT_FILE"])
        (taken,) = look(standin.url)
    assert taken.metric == "certificate_days"
    assert taken.value == pytest.approx(3, abs=0.01)


def test_what_cannot_be_seen_is_told_and_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert look("https://127.0.0.1:1") == []
    assert "the certificate was not seen: no certificate can be seen at 127.0.0.1" in caplog.text
