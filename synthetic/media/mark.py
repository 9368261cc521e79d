"""The mark: who is in a picture, of which run, and which frame, readable by a machine.

A card of 10 × 7 square cells, centred, one cell below the upper edge; a cell is 1/18 of the
picture's height, so the card survives scaling and every centred crop down to 9:16. The left
column is white and the right one black, which gives the decoder its thresholds and tells a
mirrored picture; the rows above and below the data alternate. The 8 × 5 cells within hold,
row by row, most significant bit first: 24 bits of data and their CRC-16, both whitened.

``mark.js`` reads what is drawn here, with the same :data:`LAYOUT`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

COLUMNS, ROWS = 8, 5
CELLS_PER_HEIGHT = 18
TOP_CELLS = 1
WHITENING = 0xA5C3965A3C
FPS = 30  # of camera feeds
FRAMES = 240  # 8 s; the counter has 8 bits
NONCES = 1 << 12
ROLES = ("host", "guest", "third", "fourth")

LAYOUT = {
    "columns": COLUMNS,
    "rows": ROWS,
    "cellsPerHeight": CELLS_PER_HEIGHT,
    "topCells": TOP_CELLS,
    "whitening": f"{WHITENING:x}",
    "frames": FRAMES,
}


@dataclass(frozen=True)
class Mark:
    """``role`` indexes :data:`ROLES`; ``nonce`` is 12 bits, ``frame`` 8 bits."""

    role: int
    screen: bool
    nonce: int
    frame: int

    @property
    def data(self) -> int:
        """The 24 bits that name the frame."""
        return self.role << 21 | self.screen << 20 | self.nonce << 8 | self.frame


def new_nonce(randomness: random.Random) -> int:
    """A nonce for a run."""
    return randomness.randrange(1, NONCES)


def crc16(data: int, bits: int = 24) -> int:
    """CRC-16/CCITT-FALSE over ``bits`` bits of ``data``, most significant first."""
    crc = 0xFFFF
    for position in range(bits - 1, -1, -1):
        carry = (crc >> 15) ^ (data >> position & 1)
        crc = crc << 1 & 0xFFFF
        if carry:
            crc ^= 0x1021
    return crc


def bits_of(mark: Mark) -> tuple[int, ...]:
    """The 40 data cells, 1 for white, row by row."""
    word = (mark.data << 16 | crc16(mark.data)) ^ WHITENING
    return tuple(word >> position & 1 for position in range(COLUMNS * ROWS - 1, -1, -1))


def cells_of(mark: Mark) -> tuple[tuple[int, ...], ...]:
    """The whole card, 7 rows of 10 cells, 1 for white."""
    bits = bits_of(mark)
    edge = tuple(column % 2 for column in range(COLUMNS))
    inner = [bits[row * COLUMNS : (row + 1) * COLUMNS] for row in range(ROWS)]
    return tuple((1, *row, 0) for row in (edge, *inner, edge))
