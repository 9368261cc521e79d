"""A stand-in serves HTTPS with a certificate that lasts as long as it was told."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from synthetic.standin.certificates import certify
from tests.journeys.conftest import standin_serving


@pytest.mark.parametrize("days", [5.0, -1.0])
def test_it_lasts_as_long_as_asked(tmp_path: Path, days: float) -> None:
    made = certify(tmp_path, days)
    own = ssl._ssl._test_decode_cert(str(made.certificate))  # type: ignore[attr-defined]
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(own["notAfter"]), UTC)
    asked = datetime.now(UTC) + timedelta(days=days)
    assert abs(ends - asked) < timedelta(seconds=30)
    assert made.key.stat().st_mode & 0o077 == 0


def test_who_uses_what_it_says_trusts_it_until_it_expires() -> None:
    with standin_serving("certificate-expires=2") as standin:
        trusted = ssl.create_default_context(cafile=standin.env["SSL_CERT_FILE"])
        assert httpx.get(standin.url, verify=trusted).status_code == 200
        assert standin.url.startswith("https://127.0.0.1:")


def test_nobody_trusts_what_has_expired() -> None:
    with standin_serving("certificate-expired") as standin:
        trusted = ssl.create_default_context(cafile=standin.env["SSL_CERT_FILE"])
        with pytest.raises(httpx.ConnectError, match="certificate has expired"):
            httpx.get(standin.url, verify=trusted)
