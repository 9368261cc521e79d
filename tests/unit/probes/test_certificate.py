"""What certificates are worth, as real handshakes on loopback show them."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from synthetic.errors import SettingsError, TargetUnreachable
from synthetic.probes.certificate import Certificate, certificate
from tests.unit.probes.servers import raw

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


def server_side(*certificates: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for one in certificates:
        one.configure_cert(context)
    return context


def seen(context: ssl.SSLContext, ca_file: Path | None, host: str = "localhost") -> Certificate:
    with raw(lambda line: line.recv(1), context, asked=False) as port:
        return certificate(host, port, timeout_s=5, clock=lambda: NOW, ca_file=ca_file)


def test_a_good_one_has_days_and_no_problem(authority: trustme.CA, ca_file: Path) -> None:
    own = authority.issue_cert("localhost", not_after=NOW + timedelta(days=90))
    found = seen(server_side(own), ca_file)
    assert found.problems == ()
    assert found.days == pytest.approx(90, abs=0.01)
    assert found.protocol == "TLSv1.3"


def test_the_protocol_is_the_one_that_was_agreed_on(authority: trustme.CA, ca_file: Path) -> None:
    context = server_side(authority.issue_cert("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert seen(context, ca_file).protocol == "TLSv1.2"


def test_an_expired_one_says_since_when(authority: trustme.CA, ca_file: Path) -> None:
    own = authority.issue_cert(
        "localhost", not_before=NOW - timedelta(days=90), not_after=NOW - timedelta(days=3)
    )
    found = seen(server_side(own), ca_file)
    assert found.days == pytest.approx(-3, abs=0.01)
    assert found.problems == ("the certificate of localhost expired 3.0 days ago: renew it.",)


def test_one_of_tomorrow_points_at_the_clocks(authority: trustme.CA, ca_file: Path) -> None:
    own = authority.issue_cert("localhost", not_before=NOW + timedelta(days=1))
    (problem,) = seen(server_side(own), ca_file).problems
    assert problem == "the certificate of localhost is valid in 1.0 days only: see the clocks."


def test_one_of_another_host_names_it(authority: trustme.CA, ca_file: Path) -> None:
    found = seen(server_side(authority.issue_cert("other.test")), ca_file)
    assert found.problems == (
        "the certificate that localhost shows is for other.test, not for localhost.",
    )
    assert found.days > 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_names_and_addresses_are_both_hosts(
    authority: trustme.CA, ca_file: Path, host: str
) -> None:
    assert seen(server_side(authority.issue_cert(host)), ca_file, host).problems == ()


def test_a_self_signed_one_has_nobody_to_vouch(tmp_path: Path, ca_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    own = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=9))
    own = own.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    pem = trustme.Blob(own.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    secret = trustme.Blob(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem.write_to_path(str(tmp_path / "own.pem"))
    secret.write_to_path(str(tmp_path / "key.pem"))
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")
    found = seen(context, ca_file)
    assert found.problems == (
        "the certificate of localhost is self-signed: nobody vouches for it.",
    )
    assert found.days == pytest.approx(9, abs=0.01)


def test_an_incomplete_chain_names_what_is_missing(authority: trustme.CA, tmp_path: Path) -> None:
    between = authority.create_child_ca()
    own = between.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.cert_chain_pems[0].write_to_path(str(tmp_path / "own.pem"))
    own.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")
    (problem,) = seen(context, tmp_path / "ca.pem").problems
    assert "localhost sends its own certificate only" in problem
    assert problem.endswith("send the whole chain.")
    assert seen(server_side(own), tmp_path / "ca.pem").problems == ()


def test_an_unknown_authority_is_named(ca_file: Path) -> None:
    stranger = trustme.CA(organization_name="Strangers").create_child_ca()
    (problem,) = seen(server_side(stranger.issue_cert("localhost")), ca_file).problems
    assert problem.startswith("the certificates of localhost lead to “")
    assert "Strangers" in problem
    assert problem.endswith("whom we have no reason to trust.")


def test_every_problem_has_its_own_sentence(ca_file: Path) -> None:
    stranger = trustme.CA().create_child_ca()
    own = stranger.issue_cert("other.test", not_after=NOW - timedelta(days=1))
    assert len(seen(server_side(own), ca_file).problems) == 3


def test_hostile_names_are_harmless_and_short(ca_file: Path) -> None:
    stranger = trustme.CA(organization_name="\x1b[31m<b>" + "x" * 60).create_child_ca()
    names = [f"{'a' * 60}{n}.test" for n in range(50)]
    found = seen(server_side(stranger.issue_cert(*names)), ca_file)
    assert all(len(problem) < 500 and "\x1b" not in problem for problem in found.problems)


@pytest.mark.parametrize(
    "answer", [lambda _: None, lambda line: line.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")]
)
def test_where_no_tls_is_spoken_none_is_seen(answer: Callable[[socket.socket], None]) -> None:
    with (
        raw(answer) as port,
        pytest.raises(TargetUnreachable, match=r"no certificate can be seen at 127\.0\.0\.1:"),
    ):
        certificate("127.0.0.1", port, timeout_s=2, clock=lambda: NOW)


def test_a_handshake_that_trickles_is_given_up() -> None:
    over = threading.Event()

    def trickle(line: socket.socket) -> None:
        line.sendall(b"\x16\x03\x03\x40\x00")  # a handshake of 16 KB follows
        while not over.wait(0.02):
            line.sendall(b"\x02")

    began = time.monotonic()
    with raw(trickle) as port:
        with pytest.raises(TargetUnreachable, match="timed out"):
            certificate("127.0.0.1", port, timeout_s=0.3, clock=lambda: NOW)
        over.set()
    assert time.monotonic() - began < 3


def test_a_line_that_ends_amid_the_handshake_is_no_refusal(
    authority: trustme.CA, ca_file: Path
) -> None:
    """Even where the next one goes well: nothing was shown that could be refused."""
    context = server_side(authority.issue_cert("localhost"))
    first = threading.Event()

    def ends_once(line: socket.socket) -> None:
        if not first.is_set():
            first.set()
            line.recv(4096)
            return
        with context.wrap_socket(line, server_side=True):
            pass

    with (
        raw(ends_once, asked=False) as port,
        pytest.raises(TargetUnreachable, match="no certificate"),
    ):
        certificate("localhost", port, timeout_s=5, clock=lambda: NOW, ca_file=ca_file)


def test_an_address_that_swallows_everything_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, ca_file: Path
) -> None:
    known, look_up = socket.create_connection, socket.getaddrinfo
    shares: list[float] = []

    def both(host: str, port: int, *how: object, **more: object) -> list[object]:
        if host != "localhost":
            return look_up(host, port, *how, **more)  # type: ignore[arg-type,return-value]
        return [(0, 0, 0, "", (one, port)) for one in ("192.0.2.1", "127.0.0.1")]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        shares.append(timeout)
        if address[0] == "192.0.2.1":
            raise TimeoutError
        return known(address, timeout)

    monkeypatch.setattr(socket, "getaddrinfo", both)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert seen(server_side(authority.issue_cert("localhost")), ca_file).problems == ()
    assert shares == [pytest.approx(2.5, abs=0.1), pytest.approx(5, abs=0.1)]


def test_a_file_that_is_no_authority_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    with pytest.raises(SettingsError, match="SYNTHETIC_PROBES__CA_FILE"):
        certificate("localhost", 1, timeout_s=1, clock=lambda: NOW, ca_file=tmp_path / "ca.pem")
