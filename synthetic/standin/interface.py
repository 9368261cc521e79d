"""A network interface for Janus, which leaves out those that are called loopback.

It carries 127.0.0.2. The kernel delivers whatever is sent there on this machine, and nothing that
is sent to 127.* ever goes out, so all media stays here. All processes share one: when interfaces
or addresses come and go, Chromium ends the requests that wait (net::ERR_NETWORK_CHANGED).
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ADDRESS = "127.0.0.2"
STANDING = "synthetic-sfu"
"""Its name. One that was made by somebody else is used as it is, and needs no rights."""
ADVICE = (
    f"Janus needs an interface with the address {ADDRESS}, and making one takes root; run as root, "
    f"or once: sudo sh -c 'ip link add {STANDING} type dummy && ip addr add {ADDRESS}/32 dev "
    f"{STANDING} && ip link set {STANDING} up'."
)

# linux/if_tun.h and linux/sockios.h
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI, _IFF_MULTI_QUEUE = 0x400454CA, 0x0001, 0x1000, 0x0100
_SIOCSIFADDR, _SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8916, 0x8914, 0x1, 0x40


class NoSfu(Exception):
    """There can be no SFU here; the text says why, and what to do."""


@contextmanager
def loopback_interface() -> Iterator[str]:
    """Gives the name of an interface that carries :data:`ADDRESS`.

    One that is made here ends with the last process that uses it, however that ends, because the
    kernel removes a tunnel with its last file descriptor. Raises :class:`NoSfu`.
    """
    if _made_by_somebody_else():
        yield STANDING
        return
    try:
        tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise NoSfu(ADVICE) from error
    try:
        _set_up(tunnel)
        yield STANDING
    finally:
        os.close(tunnel)


def _made_by_somebody_else() -> bool:
    """Whether it stands and is no tunnel, which others may use as well."""
    standing = STANDING in {name for _, name in socket.if_nameindex()}
    return standing and not Path(f"/sys/class/net/{STANDING}/tun_flags").exists()


def _set_up(tunnel: int) -> None:
    flags = _IFF_TUN | _IFF_NO_PI | _IFF_MULTI_QUEUE
    name = STANDING.encode()
    try:
        fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH22x", name, flags))
        _leave_ipv6_out()
        address = struct.pack("16sH2x4s16x", name, socket.AF_INET, socket.inet_aton(ADDRESS))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, _SIOCSIFADDR, address)
            up = struct.pack("16sH22x", name, _IFF_UP | _IFF_RUNNING)
            fcntl.ioctl(control, _SIOCSIFFLAGS, up)
    except OSError as error:
        raise NoSfu(ADVICE) from error


def _leave_ipv6_out() -> None:
    """An address of it would come by itself a second later: one more change of the network."""
    with suppress(OSError):  # there is none, or a container may not say so: the change is borne
        Path(f"/proc/sys/net/ipv6/conf/{STANDING}/disable_ipv6").write_text("1", "ascii")
