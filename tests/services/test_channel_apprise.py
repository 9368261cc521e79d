"""Mail and SMS by apprise: whom they reach, and what is said when they do not."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import apprise
import pytest
from pydantic import SecretStr

from synthetic.errors import DeliveryError
from synthetic.notify.channels.apprise import AppriseChannel, sms
from tests.notes import hostile, parcel
from tests.services import smtp_server, vendor
from tests.services.smtp_server import SmtpServer
from tests.services.vendor import Answer, Fault, Request, Vendor


@dataclass
class Gateway(Vendor):
    """What a gateway for SMS got: texts by path."""

    texts: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        self.texts.append((request.path, json.loads(request.body)["message"]))
        return Answer(200)

    def address(self, path: str) -> str:
        return f"{self.url.replace('http', 'json')}/{path}"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with vendor.serving(Gateway()) as gateway:
        yield gateway


@pytest.fixture
def mailbox(free_port: Callable[[], int]) -> Iterator[SmtpServer]:
    with smtp_server.serving(free_port()) as server:
        yield server


def channel(name: str, **urls: str) -> AppriseChannel:
    return AppriseChannel(name, {key: SecretStr(url) for key, url in urls.items()}, timeout_s=1)


def test_a_mail_arrives_as_plain_text(mailbox: SmtpServer) -> None:
    channel("email", email=mailbox.url("oncall@kulti.test")).send(parcel(channel="email"), None)
    (mail,) = mailbox.mails
    assert mail["Subject"] == "🔴 CRITICAL: Error rate 12% for 9 min · kulti.test"
    assert "oncall@kulti.test" in mail["To"]
    assert mail.get_content_type() == "text/plain"
    assert "Error rate: 12%, alert line > 10%" in mail.get_content()


def test_hostile_text_neither_breaks_nor_marks_up_a_mail(mailbox: SmtpServer) -> None:
    evil = hostile(title="x\r\nBcc: all@x.test", story="<script>alert(1)</script>")
    channel("email", email=mailbox.url("oncall@kulti.test")).send(evil, None)
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "text/plain"
    assert "<script>" in mail.get_content()


def test_an_sms_is_the_text_alone(gateway: Gateway) -> None:
    channel("sms", sms=gateway.address("all")).send(hostile(channel="sms"), None)
    assert gateway.texts == [("/all", sms(hostile().note))]


@pytest.mark.parametrize(
    ("place", "path"), [(None, "/all"), ("Engineering Lead", "/lead"), ("VP Engineering", "/all")]
)
def test_an_escalation_calls_its_person(gateway: Gateway, place: str | None, path: str) -> None:
    urls = {"sms": gateway.address("all"), "sms_engineering_lead": gateway.address("lead")}
    channel("sms", **urls).send(parcel(channel="sms", place=place), None)
    assert [one for one, _ in gateway.texts] == [path]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_refusal_is_said(gateway: Gateway, status: int) -> None:
    gateway.fault = Fault(status, times=9)
    with pytest.raises(
        DeliveryError, match=rf"answered {status}\); check SYN\S+APPRISE__URLS__SMS"
    ):
        channel("sms", sms=gateway.address("hidden")).send(parcel(), None)


def test_a_mail_that_is_refused_is_said(mailbox: SmtpServer) -> None:
    mailbox.refusal = "550 no such mailbox"
    with pytest.raises(DeliveryError, match="email was not sent"):
        channel("email", email=mailbox.url("oncall@kulti.test")).send(parcel(), None)


def test_one_that_hangs_is_left(gateway: Gateway) -> None:
    gateway.fault = Fault(0, hangs=True)
    began = time.monotonic()
    with pytest.raises(DeliveryError, match="sms was not sent"):
        replace(channel("sms", sms=gateway.address("x")), timeout_s=0.2).send(parcel(), None)
    assert time.monotonic() - began < 2


def test_no_connection_is_waited_for_longer_than_the_limit(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[tuple[float, float]] = []

    def notify(self: apprise.Apprise, *_: object, **__: object) -> bool:
        limits.extend(service.request_timeout for service in self)
        return True

    monkeypatch.setattr(apprise.Apprise, "notify", notify)
    channel("sms", sms=gateway.address("x")).send(parcel(), None)
    assert limits == [(1, 1)]


@pytest.mark.parametrize("url", ["nonsense://hush", "mailto://", "twilio://hush"])
def test_an_address_that_apprise_does_not_know_is_not_shown(url: str) -> None:
    with pytest.raises(DeliveryError, match="SYNTHETIC_APPRISE__URLS__SMS has") as said:
        channel("sms", sms=url).send(parcel(), None)
    assert "hush" not in str(said.value)


def test_nothing_secret_is_shown_or_logged(
    free_port: Callable[[], int],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"json://robot:hush@127.0.0.1:{free_port()}/hidden"
    with caplog.at_level(logging.WARNING), pytest.raises(DeliveryError) as said:
        channel("sms", sms=url).send(parcel(), None)
    told = str(said.value) + caplog.text + "".join(capsys.readouterr())
    assert "hush" not in told
    assert "hidden" not in told


def test_no_such_service_can_be_asked() -> None:
    one = channel("sms", sms="json://127.0.0.1")
    assert one.at_least_once
    assert one.find(parcel(), None) is None
