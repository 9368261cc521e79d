"""SMS, e-mail and anything else that apprise has an address for."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from synthetic.errors import DeliveryError
from synthetic.notify.channels import wording
from synthetic.store.values import Note, Parcel

SMS = 160  # septets of one message in GSM's own alphabet (3GPP TS 23.038)
_SUBJECT, _BODY = 200, 10_000
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = set("^{}\\[~]|€")  # what takes two septets
_LIKE = {"…": "...", "–": "-", "—": "-", "·": "-", "’": "'", "“": '"', "”": '"', "−": "-"}


def sms(note: Note) -> str:
    """The note in one SMS: the headline, and as much of the story as there is room for.

    What GSM's alphabet lacks is written as its likeness or left out, since a single other
    character would leave room for 70 instead of 160.
    """
    told = " ".join(filter(None, (wording.headline(note), wording.story(note, 500))))
    text = " ".join("".join(map(_in_gsm, told)).split())
    if _septets(text) <= SMS:
        return text
    while _septets(text) > SMS - 3:
        text = text[:-1]
    return f"{text.rstrip()}..."


def _in_gsm(character: str) -> str:
    if character in _GSM or character in _GSM_TWICE:
        return character
    plain = _LIKE.get(character) or unicodedata.normalize("NFKD", character)
    kept = "".join(one for one in plain if one in _GSM)
    return kept or ("?" if unicodedata.category(character)[0] in "LN" else "")


def _septets(text: str) -> int:
    return sum(2 if one in _GSM_TWICE else 1 for one in text)


def mail(note: Note) -> tuple[str, str]:
    """Subject and body of a plain message."""
    return wording.cut(wording.headline(note), _SUBJECT), wording.plain(note, _BODY)


@dataclass(frozen=True)
class AppriseChannel:
    """Sends by the address of its name, or of its name and place where there is one.

    ``sms`` with the place ``Engineering Lead`` goes to ``sms_engineering_lead``, else to ``sms``.
    """

    name: str
    urls: Mapping[str, SecretStr]
    timeout_s: float
    at_least_once = True

    def send(self, parcel: Parcel, _: str | None) -> str | None:
        """Hand over; apprise says no more than whether all who were to be told were."""
        import apprise

        chosen = self._chosen(parcel.place)
        setting = f"SYNTHETIC_APPRISE__URLS__{chosen.upper()}"
        asset = apprise.AppriseAsset(async_mode=False, app_id="synthetic")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # loading its services warns of what Python will drop
            service = apprise.Apprise.instantiate(self.urls[chosen].get_secret_value(), asset=asset)
        if service is None:
            raise DeliveryError(f"apprise knows no such address as {setting} has; correct it")
        service.socket_connect_timeout = service.socket_read_timeout = self.timeout_s
        apobj = apprise.Apprise(asset=asset)
        apobj.add(service)
        title, body = self._composed(parcel.note)
        result = apobj.notify(body, title, body_format="text", timeout=2 * self.timeout_s)
        if not result:
            codes = re.findall(r"error=(\d{3})", " ".join(log.message for log in result.logs()))
            said = f"the service answered {codes[-1]}" if codes else "no answer"
            raise DeliveryError(f"{self.name} was not sent ({said}); check {setting}")
        return None

    def find(self, _: Parcel, __: str | None) -> str | None:
        """No such service can be asked."""
        return None

    def _chosen(self, place: str | None) -> str:
        own = wording.slug(f"{self.name} {place or ''}")
        return own if own in self.urls else self.name

    def _composed(self, note: Note) -> tuple[str, str]:
        return ("", sms(note)) if self.name.startswith("sms") else mail(note)
