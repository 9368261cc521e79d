"""What carries a call's packets: a port of ours for every address that a browser sends to.

A mapping belongs to the actor whose browser was led to it. For each of that browser's sockets it
has a socket of its own towards the real address, as a router has, so that answers find the way.
The other browser answers to that socket and never learns another address. In a mesh each packet so
crosses one mapping, which may be either person's: it passes the lines of both.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from synthetic.errors import UsageError
from synthetic.media.relay_line import Direction, Line

Address = tuple[str, int]
Passages = list[tuple[Line, Direction]]

_LONGEST_PACKET = 65_536
_AT_ONCE = 64
_BUFFER = 1 << 20
# A page that asks for more than this is not making calls.
_MOST_MAPPINGS = 500


@dataclass
class _Mapping:
    owner: str
    to: Address
    near: socket.socket
    far: dict[Address, socket.socket] = field(default_factory=dict)


class UdpRelay:
    """Runs in ``loop``, to which all its methods belong; ``line_of`` knows the actors' lines."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        line_of: Callable[[str], Line],
        random: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._line_of = line_of
        self._random = random
        self._mappings: dict[tuple[str, Address], _Mapping] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._owners: dict[Address, str] = {}

    @property
    def ports(self) -> frozenset[int]:
        """The ports of ours that browsers see as the other end."""
        return frozenset(self._sockets)

    def learn(self, who: str, address: str, port: int) -> None:
        """Say that ``who``'s own browser is at that address."""
        self._owners[_address(address, port)] = who

    def port_for(self, who: str, address: str, port: int) -> int:
        """The port on 127.0.0.1 that leads ``who`` to that address; raises :class:`UsageError`."""
        to = _address(address, port)
        known = self._mappings.get((who, to))
        if known is None:
            if len(self._mappings) >= _MOST_MAPPINGS:
                raise UsageError(
                    f"the page of {who} asked for the {_MOST_MAPPINGS + 1}st media address of this "
                    "network; open fewer connections in one journey, or split it"
                )
            near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            near.bind(("127.0.0.1", 0))
            known = self._mappings[who, to] = _Mapping(who, to, near)
            self._listen(near, partial(self._from_owner, known))
        return int(known.near.getsockname()[1])

    def close(self) -> None:
        """Give up all sockets."""
        for one in self._sockets.values():
            self._loop.remove_reader(one)
            one.close()
        self._sockets.clear()

    def _listen(self, one: socket.socket, on_readable: Callable[[], None]) -> None:
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._sockets[one.getsockname()[1]] = one
        self._loop.add_reader(one, on_readable)

    def _from_owner(self, mapping: _Mapping) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, source = mapping.near.recvfrom(_LONGEST_PACKET)
            except BlockingIOError:
                return
            self._owners[source] = mapping.owner
            far = mapping.far.get(source) or self._opened(mapping, source)
            self._carry(self._passages(mapping, "up", "down"), data, far.send)

    def _opened(self, mapping: _Mapping, source: Address) -> socket.socket:
        family = socket.AF_INET6 if ":" in mapping.to[0] else socket.AF_INET
        far = mapping.far[source] = socket.socket(family, socket.SOCK_DGRAM)
        # Connected, so that the system chooses the address of ours that can reach it; where none
        # can, each packet is lost for itself.
        if far.connect_ex(mapping.to):
            far.bind(("", 0))
        self._listen(far, partial(self._to_owner, mapping, source, far))
        return far

    def _to_owner(self, mapping: _Mapping, source: Address, far: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data = far.recv(_LONGEST_PACKET)
            except BlockingIOError:
                return
            except OSError:
                # Word that an earlier packet found nobody, which an application does not hear.
                continue
            back = partial(_send_to, mapping.near, source)
            self._carry(self._passages(mapping, "down", "up"), data, back)

    def _passages(self, mapping: _Mapping, own: Direction, theirs: Direction) -> Passages:
        passages = [(self._line_of(mapping.owner), own)]
        other = self._owners.get(mapping.to, mapping.owner)
        if other != mapping.owner:
            passages.append((self._line_of(other), theirs))
        return passages

    def _carry(self, passages: Passages, data: bytes, send: Callable[[bytes], object]) -> None:
        now = at = self._loop.time()
        lost = any(line.cut for line, _ in passages) or any(
            self._random() < line.loss for line, _ in passages if line.loss
        )
        for line, direction in passages:
            bucket = line.buckets.get(direction)
            if lost or not bucket:
                continue
            leaves_at = bucket.leaves_at(at, len(data))
            lost = leaves_at is None
            at = leaves_at or at
        if lost:
            _count(passages, dropped=True)
        elif at > now:
            self._loop.call_at(at, self._deliver, passages, data, send)
        else:
            self._deliver(passages, data, send)

    def _deliver(self, passages: Passages, data: bytes, send: Callable[[bytes], object]) -> None:
        dropped = any(line.cut for line, _ in passages)
        try:
            if not dropped:
                send(data)
        except OSError:
            # Full buffers and closed ports lose packets, as they do on any network.
            dropped = True
        _count(passages, dropped=dropped)
        if not dropped and _is_media(data):
            for line, _ in passages:
                line.media_at = self._loop.time()


def _send_to(near: socket.socket, source: Address, data: bytes) -> None:
    near.sendto(data, source)


def _count(passages: Passages, *, dropped: bool) -> None:
    for line, _ in passages:
        if dropped:
            line.dropped += 1
        else:
            line.carried += 1


def _is_media(packet: bytes) -> bool:
    """Whether it is RTP or RTCP, by its first byte (RFC 7983)."""
    return bool(packet) and 128 <= packet[0] <= 191


def _address(address: str, port: int) -> Address:
    try:
        text = ip_address(address).compressed
    except ValueError as error:
        raise UsageError(
            f"{address!r} is no IP address, and the relay leads to addresses only; "
            "leave the candidate out"
        ) from error
    if not 0 < port < 65_536:
        raise UsageError(f"{port} is no UDP port to lead to; leave the candidate out")
    return text, port
