"""A certificate for this machine that lasts as long as asked, by an authority made for it alone."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_AGE, _AUTHORITY_LASTS = timedelta(days=90), timedelta(days=3650)
_NAMES = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


@dataclass(frozen=True)
class Certified:
    """Files: the certificate and its key, and the authority that whoever asks has to trust."""

    certificate: Path
    key: Path
    authority: Path


def certify(folder: Path, days: float) -> Certified:
    """Make all three in ``folder``; the certificate expires after ``days`` (negative: it has)."""
    now = datetime.now(UTC)
    ca_name, ca_key = _named("Stand-in's authority"), ec.generate_private_key(ec.SECP256R1())
    authority = (
        _begun(ca_name, ca_name, ca_key, now, now + _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    own = (
        _begun(_named("Stand-in"), ca_name, key, now, now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(_NAMES), critical=False)
        .sign(ca_key, SHA256())
    )
    made = Certified(folder / "certificate.pem", folder / "key.pem", folder / "authority.pem")
    made.certificate.write_bytes(own.public_bytes(Encoding.PEM))
    made.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    made.key.touch(0o600)
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _AGE)
        .not_valid_after(until)
    )
