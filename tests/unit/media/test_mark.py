"""The mark's bits and layout."""

from __future__ import annotations

import random
from itertools import combinations

from synthetic.media.mark import (
    COLUMNS,
    FRAMES,
    NONCES,
    ROWS,
    WHITENING,
    Mark,
    bits_of,
    cells_of,
    crc16,
    new_nonce,
)

MARK = Mark(role=1, screen=True, nonce=0x5A5, frame=77)


def read(bits: tuple[int, ...]) -> int | None:
    """The data of 40 cells, as a decoder reads them; None where the CRC disagrees."""
    word = int("".join(map(str, bits)), 2) ^ WHITENING
    return word >> 16 if crc16(word >> 16) == word & 0xFFFF else None


def test_crc_is_ccitt_false() -> None:
    # The check value of CRC-16/CCITT-FALSE in the catalogues of CRCs.
    assert crc16(int.from_bytes(b"123456789"), bits=72) == 0x29B1


def test_data_holds_role_kind_nonce_and_frame() -> None:
    assert MARK.data == 1 << 21 | 1 << 20 | 0x5A5 << 8 | 77


def test_what_is_drawn_can_be_read() -> None:
    assert read(bits_of(MARK)) == MARK.data


def test_one_or_two_flipped_cells_are_noticed() -> None:
    bits = bits_of(MARK)
    places = range(COLUMNS * ROWS)
    for flipped in [*combinations(places, 1), *combinations(places, 2)]:
        assert read(tuple(bit ^ (at in flipped) for at, bit in enumerate(bits))) is None


def test_guards_tell_thresholds_and_mirrors() -> None:
    cells = cells_of(MARK)
    assert (len(cells), {len(row) for row in cells}) == (ROWS + 2, {COLUMNS + 2})
    assert {(row[0], row[-1]) for row in cells} == {(1, 0)}
    assert cells[0] == cells[-1] == (1, 0, 1, 0, 1, 0, 1, 0, 1, 0)


def test_data_stand_row_by_row_within_the_guards() -> None:
    inner = [bit for row in cells_of(MARK)[1:-1] for bit in row[1:-1]]
    assert tuple(inner) == bits_of(MARK)


def test_no_two_frames_of_a_feed_look_alike() -> None:
    cards = {bits_of(Mark(0, False, 1, frame)) for frame in range(FRAMES)}
    assert len(cards) == FRAMES <= 256


def test_a_nonce_is_never_zero_and_fits() -> None:
    drawn = {new_nonce(random.Random(seed)) for seed in range(2000)}
    assert min(drawn) >= 1
    assert max(drawn) < NONCES
    assert len(drawn) > 1000
