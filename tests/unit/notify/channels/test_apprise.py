"""An SMS is one SMS; a mail has a subject of one line and a plain body."""

from __future__ import annotations

import pytest

from synthetic.notify.channels.apprise import mail, sms
from tests.notes import RUNBOOK, hostile, note

TWO_SEPTETS = "^{}\\[~]|€"
GSM = set(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + TWO_SEPTETS
)


def septets(text: str) -> int:
    return sum(2 if one in TWO_SEPTETS else 1 for one in text)


def test_an_sms_says_it_all_in_one() -> None:
    assert sms(note()) == (
        "CRITICAL: Error rate 12% for 9 min - kulti.test Error rate is 12%, alert line > 10%, "
        "since 09:21. Of real users 0 of 14 joined."
    )


@pytest.mark.parametrize(
    "more",
    [{"title": "x" * 500}, {"title": "[{~}]" * 80}, {"story": "€" * 300}, {"story": "日本語" * 90}],
)
def test_an_sms_is_never_two(more: dict[str, str]) -> None:
    assert septets(sms(note(**more))) <= 160


def test_what_is_hostile_fits_into_one_sms() -> None:
    text = sms(hostile().note)
    assert septets(text) <= 160
    assert set(text) <= GSM


def test_what_gsm_lacks_is_written_like_it() -> None:
    title = "Señor “Łukasz” – café… 日"
    assert sms(note(title=title, story="")) == 'Señor "?ukasz" - café... ?'


def test_a_mail_says_everything() -> None:
    subject, body = mail(note())
    assert subject == "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test"
    assert "Error rate: 12%, alert line > 10%" in body
    assert body.endswith(f"Runbook: {RUNBOOK}")


def test_no_header_can_be_smuggled_into_a_mail() -> None:
    subject, _ = mail(note(title="Hello\r\nBcc: everybody@x.test\r\n\r\nBuy"))
    assert "\n" not in subject
    assert "\r" not in subject


def test_a_mail_ends() -> None:
    subject, body = mail(hostile().note)
    assert len(subject) <= 200
    assert len(body) <= 10_000
