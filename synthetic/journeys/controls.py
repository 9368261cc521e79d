"""Checks of our own side, made only after a failure: each says whether something of ours works.

What they say is weighed in ``origin.py``.
"""

from __future__ import annotations

import secrets
import smtplib
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpx

from synthetic.errors import SyntheticError
from synthetic.inbox.model import Mailbox
from synthetic.journeys.headroom import CLOCK_JUMP_S, Headroom, shortages
from synthetic.results import Control

WAY_OUT_S = 3.0
MAIL_S = 10.0
SECOND_LOOK_S = 10.0
_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused)
_STUN_MAGIC = bytes.fromhex("2112a442")
_STUN_REQUEST, _STUN_SUCCESS = b"\x00\x01", b"\x01\x01"


def machine(left: Headroom) -> Control:
    """Whether this machine had enough of everything while the step went on."""
    short = shortages(left)
    if short:
        return Control(name="machine", ok=False, said="; ".join(short))
    said = f"this machine was {left.busy:.0%} busy during the step and short of nothing"
    return Control(name="machine", ok=True, said=said)


def clock(left: Headroom) -> Control | None:
    """Our clock, where it jumped while the step went on."""
    if abs(left.clock_jump_s) < CLOCK_JUMP_S:
        return None
    said = f"our clock jumped by {left.clock_jump_s:+.1f} s during the step"
    return Control(name="clock", ok=False, said=said)


def network(cut_off: Sequence[datetime]) -> Control | None:
    """Our own network, where it changed while the step went on.

    ``cut_off`` is when our browsers' requests to the product failed of that, and of nothing there.
    """
    if not cut_off:
        return None
    many = len(cut_off)
    what = "a request of our browsers was" if many == 1 else f"{many} requests of our browsers were"
    said = f"our own network changed during the step: {what} cut off at {min(cut_off):%H:%M:%S} UTC"
    return Control(name="network", ok=False, said=said)


def second_look(client: Callable[[], httpx.Client], url: str) -> Control:
    """Whether the target answers plain HTTP, whatever it answers; no browser takes part."""
    started = time.monotonic()
    try:
        with client() as asking:
            request = asking.stream("GET", url, timeout=SECOND_LOOK_S, follow_redirects=False)
            with request as answer:  # its head is enough: a body may drip for ever
                status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = f"plain HTTP gets no answer from the target, either ({type(error).__name__})"
        return Control(name="target", ok=False, said=said)
    took_ms = (time.monotonic() - started) * 1000
    said = f"the target answers plain HTTP with {status} after {took_ms:.0f} ms"
    return Control(name="target", ok=True, said=said)


def way_out(hosts: Sequence[str]) -> Control:
    """Whether any of ``hosts`` (``host:port``), which have nothing to do with the target, accepts
    a TCP connection.
    """
    for host in hosts:
        try:
            with socket.create_connection(_address(host), timeout=WAY_OUT_S):
                return Control(name="way out", ok=True, said=f"{host} can be reached from here")
        except OSError:
            continue  # one of them may be down; all of them are our own network
    if not hosts:
        said = "no other host is known to try (SYNTHETIC_CONTROLS__TCP)"
        return Control(name="way out", ok=None, said=said)
    said = f"neither {' nor '.join(hosts)} can be reached from here"
    return Control(name="way out", ok=False, said=said)


def udp(server: str) -> Control:
    """Whether a STUN server (``host:port``) answers over UDP."""
    request = _STUN_REQUEST + b"\x00\x00" + _STUN_MAGIC + secrets.token_bytes(12)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            *_address(server), type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as line:
            line.settimeout(WAY_OUT_S / 3)
            line.connect(address)
            answered = any(_answers(line, request) for _ in range(3))
    except OSError:
        answered = False
    if answered:
        return Control(name="udp", ok=True, said=f"UDP passes: {server} answers")
    return Control(name="udp", ok=False, said=f"UDP does not pass from here: {server} is silent")


def _answers(line: socket.socket, request: bytes) -> bool:
    line.send(request)
    try:
        answer = line.recv(2048)
    except TimeoutError:
        return False
    return answer[:2] == _STUN_SUCCESS and answer[4:20] == request[4:20]


def _address(host: str) -> tuple[str, int]:
    name, _, port = host.rpartition(":")
    return name.strip("[]"), int(port)


def mail_to_ourselves(smtp_url: str | None, open_box: Callable[[], Mailbox], to: str) -> Control:
    """Whether a mail that we send comes to the mailbox where the code did not."""
    if smtp_url is None:
        said = "whether our mailbox gets mail was not tried (SYNTHETIC_INBOX__SMTP_URL is not set)"
        return Control(name="mail", ok=None, said=said)
    try:
        box = open_box()
    except SyntheticError as error:
        return Control(name="mail", ok=False, said=f"our mailbox cannot be read ({error})")
    try:
        before = box.ids_to(to)
        _send(smtp_url, to)
        came = _comes(box, to, before)
    except _REFUSALS as error:
        said = f"a mail to ourselves was refused ({type(error).__name__})"
        return Control(name="mail", ok=False, said=said)
    except SyntheticError as error:
        return Control(name="mail", ok=False, said=f"our mailbox cannot be read ({error})")
    except (OSError, smtplib.SMTPException) as error:  # the way to send, not the mailbox
        said = f"a mail to ourselves could not be sent ({type(error).__name__})"
        return Control(name="mail", ok=None, said=said)
    finally:
        box.close()
    if came:
        return Control(name="mail", ok=True, said="a mail to ourselves came to the same mailbox")
    said = f"a mail to ourselves did not come to the mailbox within {MAIL_S:g} s, either"
    return Control(name="mail", ok=False, said=said)


def _comes(box: Mailbox, to: str, before: frozenset[str]) -> bool:
    deadline = time.monotonic() + MAIL_S
    while (left_s := deadline - time.monotonic()) > 0:
        if box.ids_to(to) - before:
            return True
        box.wait(left_s)
    return False


def _send(smtp_url: str, to: str) -> None:
    parts = urlsplit(smtp_url)
    secure = parts.scheme == "smtps"
    connect = smtplib.SMTP_SSL if secure else smtplib.SMTP
    port = parts.port or (465 if secure else 25)
    with connect(parts.hostname or "", port, timeout=MAIL_S) as server:
        if parts.username:
            if not secure:
                server.starttls()  # a password never travels in the clear
            server.login(unquote(parts.username), unquote(parts.password or ""))
        message = EmailMessage()
        message["From"], message["To"] = to, to
        message["Subject"] = "synthetic: does this mailbox get mail?"
        message.set_content("A check of our own, made since a code did not come.\n")
        server.send_message(message)


@dataclass(frozen=True)
class Asked:
    """What a failure asks of the controls."""

    headroom: Headroom
    cut_off: Sequence[datetime]
    target: Callable[[], Control]
    way_out: Callable[[], Control] | None
    udp: Callable[[], Control] | None
    call: Callable[[], Control] | None
    mail: Callable[[], Control] | None


def made(asked: Asked) -> list[Control]:
    """The controls' results; another way out is looked for only when the target is silent."""
    seldom = (clock(asked.headroom), network(asked.cut_off))
    found = [machine(asked.headroom), *(one for one in seldom if one)]
    look = asked.target()
    found.append(look)
    if asked.way_out and not look.ok:
        found.append(asked.way_out())
    found += [ask() for ask in (asked.mail, asked.udp, asked.call) if ask]
    return found
