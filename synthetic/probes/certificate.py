"""What a host's certificate is worth: how long it lasts, and what is wrong with it.

OpenSSL decides whether it is trusted, as for any client; where it is not, a second look without
that decision finds every reason, so that an expired certificate still says when it expired.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from synthetic.errors import SettingsError, TargetUnreachable
from synthetic.wording import harmless

_UNTRUSTED = frozenset({2, 18, 19, 20, 21})  # of OpenSSL's X509_V_ERR codes: all about issuers
_OLD_PROTOCOL = (
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
)  # what OpenSSL calls it, by which side gives up
_DAY = timedelta(days=1)
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Certificate:
    """``days`` until it expires (negative: since), a sentence per problem, such as ``TLSv1.3``."""

    days: float
    problems: tuple[str, ...]
    protocol: str


@dataclass(frozen=True)
class _Seen:
    """One handshake: what the host sent, its own certificate first."""

    chain: tuple[x509.Certificate, ...]
    protocol: str


def certificate(
    host: str,
    port: int,
    *,
    timeout_s: float,
    clock: Callable[[], datetime],
    ca_file: Path | None = None,
) -> Certificate:
    """What ``host`` shows at ``port``.

    Blocks while its name is looked up, as long as the system takes for that, and then for at most
    about four times ``timeout_s``: to connect and to agree on TLS, with trust and without.
    ``clock`` gives aware times; ``ca_file`` names authorities to trust instead of the system's.
    Raises :class:`TargetUnreachable` when no certificate could be seen, and
    :class:`SettingsError` for a ``ca_file`` that cannot be read.
    """
    trusting = trust(ca_file)
    try:
        seen, refusal = _handshake(host, port, trusting, timeout_s), None
    except ssl.SSLError as error:
        if not _is_refusal(error):
            raise _unreachable(host, port, error) from error
        refusal = error
        seen = _seen_anyway(host, port, timeout_s)
    except (OSError, ValueError) as error:
        raise _unreachable(host, port, error) from error
    own, now = seen.chain[0], clock()
    days = (own.not_valid_after_utc - now) / _DAY
    if refusal is None:
        return Certificate(days, (), seen.protocol)
    problems = tuple(_problems(host, seen, refusal, now))
    return Certificate(days, problems or (_unexplained(host, refusal),), seen.protocol)


def _is_refusal(error: ssl.SSLError) -> bool:
    """Whether it is what they show that is not taken; an end amid the handshake shows nothing."""
    return isinstance(error, ssl.SSLCertVerificationError) or error.reason in _OLD_PROTOCOL


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Who is trusted to vouch for the target; raises :class:`SettingsError` for a bad file."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise SettingsError(
            f"SYNTHETIC_PROBES__CA_FILE cannot be read as certificates ({error}); "
            "name a file in PEM form."
        ) from error


def _seen_anyway(host: str, port: int, timeout_s: float) -> _Seen:
    """The same without any trust, and with protocols that nobody should speak any more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        return _handshake(host, port, context, timeout_s)
    except (OSError, ValueError) as error:
        raise _unreachable(host, port, error) from error


def _handshake(host: str, port: int, context: ssl.SSLContext, timeout_s: float) -> _Seen:
    with _connected(host, port, timeout_s) as plain:
        plain.settimeout(timeout_s)  # of the whole handshake, however many bytes it comes in
        with context.wrap_socket(plain, server_hostname=host) as tls:
            chain = tuple(x509.load_der_x509_certificate(one) for one in _sent(tls))
            return _Seen(chain, tls.version() or "")


def _connected(host: str, port: int, timeout_s: float) -> socket.socket:
    """A connection to the first address that takes one, within ``timeout_s`` over all.

    Each has its share of what is left, so that one that swallows everything leaves some.
    """
    last = OSError(f"{host} has no address")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    until = time.monotonic() + timeout_s
    for place, (*_, address) in enumerate(found):
        share_s = (until - time.monotonic()) / (len(found) - place)
        if share_s <= 0:
            break
        try:
            # The stubs know addresses of families that a look-up by host and port never gives.
            return socket.create_connection(address[:2], share_s)  # type: ignore[arg-type]
        except OSError as error:
            last = error
    raise last


def _sent(tls: ssl.SSLSocket) -> list[bytes]:
    """Every certificate that the host sent, as DER."""
    # Public from Python 3.13 on; before that only the object within has it.
    whole = getattr(tls, "get_unverified_chain", None) or getattr(
        getattr(tls, "_sslobj", None), "get_unverified_chain", None
    )
    sent = whole() if whole else None
    if not sent:
        return [tls.getpeercert(binary_form=True) or b""]
    return [
        one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes())
        for one in sent
    ]


def _problems(host: str, seen: _Seen, refusal: ssl.SSLError, now: datetime) -> Iterator[str]:
    own = seen.chain[0]
    if seen.protocol in ("SSLv3", "TLSv1", "TLSv1.1"):
        yield f"{host} speaks {seen.protocol} only, which browsers refuse: offer TLS 1.2 and 1.3."
    if own.not_valid_after_utc < now:
        ago = (now - own.not_valid_after_utc) / _DAY
        yield f"the certificate of {host} expired {ago:.1f} days ago: renew it."
    if own.not_valid_before_utc > now:
        ahead = (own.not_valid_before_utc - now) / _DAY
        yield f"the certificate of {host} is valid in {ahead:.1f} days only: see the clocks."
    if not _is_for(own, host):
        names = ", ".join(_names(own)) or "nobody"
        yield f"the certificate that {host} shows is for {names[:300]}, not for {host}."
    if getattr(refusal, "verify_code", 0) in _UNTRUSTED:
        yield _why_untrusted(host, seen.chain)


def _why_untrusted(host: str, chain: Sequence[x509.Certificate]) -> str:
    own, last = chain[0], chain[-1]
    if _signed_itself(own):
        return f"the certificate of {host} is self-signed: nobody vouches for it."
    if len(chain) == 1:
        return (
            f"{host} sends its own certificate only, without that of {_issuer(own)} who issued it, "
            "which is no authority that we know: send the whole chain."
        )
    return f"the certificates of {host} lead to {_issuer(last)}, whom we have no reason to trust."


def _signed_itself(one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(one)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _issuer(one: x509.Certificate) -> str:
    said = one.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(said[0].value) if said else one.issuer.rfc4514_string()
    return f"“{harmless(text)[:_LONGEST_NAME]}”"


def _names(one: x509.Certificate) -> list[str]:
    """The hosts and addresses that it is for."""
    try:
        said = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    dns = said.get_values_for_type(x509.DNSName)
    addresses = map(str, said.get_values_for_type(x509.IPAddress))
    return [harmless(name)[:_LONGEST_NAME] for name in (*dns, *addresses)]


def _is_for(one: x509.Certificate, host: str) -> bool:
    try:
        host = str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        host = host.lower().rstrip(".")
    parent = host.partition(".")[2]
    return any(name.lower() in (host, f"*.{parent}") for name in _names(one))


def _unexplained(host: str, refusal: ssl.SSLError) -> str:
    why = getattr(refusal, "verify_message", "") or refusal.reason or type(refusal).__name__
    return f"the certificate of {host} is refused: {harmless(why)[:200]}."


def _unreachable(host: str, port: int, error: Exception) -> TargetUnreachable:
    why = harmless(str(error))[:200]
    return TargetUnreachable(
        f"no certificate can be seen at {host}:{port} ({type(error).__name__}: {why}); see whether "
        "TLS is spoken there"
    )
