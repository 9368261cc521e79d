"""Settings about the product: its mailbox, its accounts, how we tidy up, and what we look at
beside it."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from synthetic import _settings_sources as sources
from synthetic._settings_sources import PREFIX, Group

INBOX_SCHEMES: dict[str, tuple[str, ...]] = {
    "mailpit": ("http", "https"),
    "imap": ("imap", "imaps"),
    "supabase": ("http", "https"),
    "fixed": (),
}
INBOX_DELIVERS = {"mailpit": True, "imap": True, "supabase": False, "fixed": False}


def _address(text: str) -> str:
    name, _, domain = text.partition("@")
    if not name or not domain or "@" in domain or any(letter.isspace() for letter in text):
        raise ValueError("should be an e-mail address such as guest@example.org")
    return text


def display_name(address: str) -> str:
    """How a product shows somebody who gave an address only: its local part without the tag."""
    return address.partition("@")[0].partition("+")[0]


def _call(text: str) -> str:
    method, _, path = text.partition(" ")
    if text in ("", "off"):
        return ""
    if not method.isupper() or not path.startswith("/"):
        raise ValueError("should be a method and a path such as POST /api/auth/login, or off")
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"should be a regular expression ({error})") from None
    return text


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("should be a host and a port such as example.org:443")
    return text


HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
Address = Annotated[str, AfterValidator(_address)]
Call = Annotated[str, AfterValidator(_call)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Inbox(Group):
    """Where OTP mails are read."""

    kind: Literal["mailpit", "imap", "supabase", "fixed"] = Field(
        default="mailpit",
        description="how codes are read: in mails (mailpit, imap), or without any (supabase issues "
        "them, fixed ones are known)",
    )
    url: str | None = Field(
        default=None,
        description="mailbox: http(s)://host for mailpit and supabase, imap(s)://host for imap",
    )
    username: str | None = Field(default=None, description="user name of the mailbox")
    password: SecretStr | None = Field(
        default=None, description="password of the mailbox; for supabase its service-role key"
    )
    codes: Annotated[dict[Address, SecretStr], BeforeValidator(sources.as_table)] = Field(
        default={},
        description="codes by address, for the kind fixed; one without + is for all its tags, too",
    )
    folder: str = Field(default="INBOX", description="folder in which codes arrive (imap)")
    timeout_s: Seconds = Field(default=20, description="longest wait for a code, seconds")
    code_pattern: Annotated[str, AfterValidator(_regex)] | None = Field(
        default=None, description="regular expression of a code other than 4-8 digits"
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp(s)://[user:password@]host[:port], by which we mail it to see if it works",
    )
    resend_after_s: float = Field(
        default=60,
        ge=0,
        allow_inf_nan=False,
        description="another code may be asked for after this",
    )
    code_lifetime_s: Seconds | None = Field(
        default=None, description="a code expires after this, seconds; unset: not tried"
    )

    @property
    def delivers(self) -> bool:
        """Whether codes come in mails, so that one in hand shows that mails arrive."""
        return INBOX_DELIVERS[self.kind]

    @field_validator("smtp_url")
    @classmethod
    def _can_send(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url else None
        if parts and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("should be smtp://host or smtps://user:password@host")
        if parts and not INBOX_DELIVERS[info.data.get("kind", "mailpit")]:
            raise ValueError(f"is for mailboxes that get mails, not for {info.data['kind']}")
        return url

    @field_validator("url")
    @classmethod
    def _fits_the_kind(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None or "kind" not in info.data:
            return url
        schemes = INBOX_SCHEMES[info.data["kind"]]
        if not schemes:
            raise ValueError(f"should be unset, since the inbox kind is {info.data['kind']}")
        scheme, _, rest = url.partition("://")
        host = rest.partition("/")[0]
        if scheme not in schemes or not host.strip(":"):
            wanted = " or ".join(f"{scheme}://host" for scheme in schemes)
            raise ValueError(f"should be {wanted}, since the inbox kind is {info.data['kind']}")
        if "@" in host:
            raise ValueError(
                f"must not hold a user name or password: set {PREFIX}INBOX__USERNAME and "
                f"{PREFIX}INBOX__PASSWORD"
            )
        return url


class Accounts(Group):
    """Who the actors are."""

    fresh: Address = Field(
        default="host@synthetic.test", description="signs up anew; gets +<run id> before its @"
    )
    standing: Annotated[tuple[Address, ...], BeforeValidator(sources.as_list)] = Field(
        default=("guest@synthetic.test",),
        min_length=1,
        description="standing accounts, leased to runs",
    )

    @field_validator("standing")
    @classmethod
    def _other_people(cls, standing: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        # Two people of one name cannot be told apart in a list of participants.
        fresh = info.data.get("fresh")
        if fresh and any(display_name(one) == display_name(fresh) for one in standing):
            raise ValueError(
                "should be people of another name than the fresh one: what stands before + and @ "
                "is how others see them"
            )
        return standing


class Cleanup(Group):
    """How what a run created is removed; ``off`` switches a step off."""

    log_in: Call = Field(
        default="POST /api/auth/login", description="starts a session for cleaning up"
    )
    end_session: Call = Field(
        default="POST /api/sessions/{session_id}/end", description="ends a session of ours"
    )
    delete_account: Call = Field(
        default="DELETE /api/users/profile", description="removes an account of ours"
    )


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", text, re.ASCII):
        raise ValueError("should be a name of a header or of a query, such as x-bypass")
    return text


class TargetPass(Group):
    """What opens a protected target, such as a preview, at the first visit."""

    name: Annotated[str, AfterValidator(_header_name)] | None = Field(
        default=None, description="header or query that opens a protected target; unset: none"
    )
    value: SecretStr | None = Field(default=None, description="its value")
    sent_as: Literal["header", "query", "off"] = Field(
        default="header",
        description="how it is sent, once, to the target's own origin; the cookie it sets does the "
        "rest",
    )
    also: Annotated[
        dict[Annotated[str, AfterValidator(_header_name)], str], BeforeValidator(sources.as_table)
    ] = Field(
        default={},
        description="what goes with it and is no secret, by name, such as "
        '`{"x-vercel-set-bypass-cookie": "true"}`',
    )

    @field_validator("value")
    @classmethod
    def _one_line(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().isprintable():
            raise ValueError("should be one line of printable characters")
        return value

    def sent(self) -> dict[str, str]:
        """What is sent, by name; nothing where no pass is set."""
        if self.name is None or self.value is None or self.sent_as == "off":
            return {}
        return {self.name: self.value.get_secret_value(), **self.also}


class Controls(Group):
    """What is looked at beside the target when something failed."""

    tcp: Annotated[tuple[HostAndPort, ...], BeforeValidator(sources.as_list)] = Field(
        default=("one.one.one.one:443", "dns.google:443"),
        description="independent hosts that show whether we have a network",
    )
    stun: HostAndPort | None = Field(
        default="stun.l.google.com:19302",
        description="STUN server that shows whether UDP passes; off for a target on this machine",
    )
