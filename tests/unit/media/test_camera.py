"""Camera feeds as files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from synthetic.errors import FeedError
from synthetic.media import camera
from synthetic.media.camera import HEIGHT, SLATE_HEIGHT, WIDTH, split_frames, stack, write_feed
from synthetic.media.mark import CELLS_PER_HEIGHT, FRAMES, TOP_CELLS, Mark, cells_of

NONCE = 0x3C1


def jpeg(height: int, colour: str) -> bytes:
    buffer = io.BytesIO()
    picture = Image.new("RGB", (WIDTH, height), colour)
    picture.save(buffer, "JPEG", quality=80, subsampling="4:2:0", restart_marker_rows=1)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture.convert("L")


def card_in(picture: Image.Image) -> tuple[tuple[int, ...], ...]:
    """The cells found where the mark's layout says, 1 for white."""
    cell = picture.height // CELLS_PER_HEIGHT
    left = picture.width // 2 - 5 * cell
    middle = cell // 2

    def white(column: int, row: int) -> int:
        at = (left + column * cell + middle, (TOP_CELLS + row) * cell + middle)
        value = picture.getpixel(at)
        assert isinstance(value, int)
        return int(value > 127)

    return tuple(tuple(white(column, row) for column in range(10)) for row in range(7))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenes made once for this module."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def feed(cache: Path) -> list[bytes]:
    """The frames of a guest's feed."""
    path = cache / "guest.mjpeg"
    write_feed(path, "guest", NONCE, cache)
    return split_frames(path.read_bytes())


def test_stacked_pictures_decode_at_their_joint_height() -> None:
    picture = decoded(stack(jpeg(160, "white"), jpeg(200, "black")))
    assert picture.size == (WIDTH, 360)
    assert picture.getpixel((300, 150)) == 255
    assert picture.getpixel((300, 170)) == 0


def test_a_feed_shows_every_mark_in_order(feed: list[bytes]) -> None:
    for frame in (0, 1, 117, FRAMES - 1):
        picture = decoded(feed[frame])
        assert picture.size == (WIDTH, HEIGHT)
        assert card_in(picture) == cells_of(Mark(1, False, NONCE, frame))


def test_the_moving_picture_is_dense_and_moves(feed: list[bytes]) -> None:
    one, other = (decoded(feed[frame]).crop((0, 170, WIDTH, HEIGHT)) for frame in (0, 15))
    assert one.tobytes() != other.tobytes()
    assert len(set(one.tobytes())) > 100


def test_the_scene_is_made_once(
    feed: list[bytes], cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "_scenes", lambda _: pytest.fail("made anew"))
    write_feed(tmp_path / "again.mjpeg", "guest", NONCE, cache)
    assert split_frames((tmp_path / "again.mjpeg").read_bytes()) == feed


@pytest.mark.parametrize("damage", [lambda old: old[:-1000], lambda _: b"", lambda _: b"no JPEG"])
def test_a_damaged_cache_is_an_error_with_its_cure(tmp_path: Path, damage: type[bytes]) -> None:
    scene = tmp_path / "scene-host-1.mjpeg"
    scene.write_bytes(damage(jpeg(HEIGHT - SLATE_HEIGHT, "grey") * FRAMES))
    with pytest.raises(FeedError, match=f"the camera feed of host .* remove {tmp_path}"):
        write_feed(tmp_path / "host.mjpeg", "host", NONCE, tmp_path)


def test_the_cure_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    still = Image.new("RGB", (WIDTH, HEIGHT - SLATE_HEIGHT), "grey")
    monkeypatch.setattr(camera, "_scenes", lambda _: [still] * FRAMES)
    scene = tmp_path / "scene-host-1.mjpeg"
    scene.write_bytes(b"damaged")
    scene.unlink()
    write_feed(tmp_path / "host.mjpeg", "host", NONCE, tmp_path)
    assert len(split_frames((tmp_path / "host.mjpeg").read_bytes())) == FRAMES


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(FeedError, match="free some space"):
        write_feed(tmp_path / "host.mjpeg", "host", NONCE, tmp_path / "cache")
