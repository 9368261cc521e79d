"""Archives, compressed files and pictures hold no secret, at any depth; logs do not either."""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import zipfile
from pathlib import Path

import pytest

from synthetic.redaction import REDACTED, Redactor, redacted_logs

SECRET = "sesame-4711-open"
JPEG = b"\xff\xd8\xff\xe0 some picture"
redactor = Redactor([SECRET])


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def members(content: bytes | None) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content or b"")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_trace_is_rewritten_at_every_depth() -> None:
    text = f"here is {SECRET}".encode()
    inner = zipped(text=text, inner=zipped(text=gzip.compress(text)))
    seen = members(redactor.content(zipped(page=JPEG, body=gzip.compress(text), inner=inner)))
    told = f"here is {REDACTED}".encode()
    assert seen["page"] == JPEG
    assert gzip.decompress(seen["body"]) == told
    within = members(seen["inner"])
    assert within["text"] == told
    assert gzip.decompress(members(within["inner"])["text"]) == told


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe" + SECRET.encode("utf-16-le"),
        b"OggS\0\x02\xff\xfe what is no picture",
        JPEG + SECRET.encode(),
        JPEG + SECRET.encode("utf-16-le"),
        gzip.compress(b"cut off")[:-6],
        b"PK\x03\x04 no archive",
    ],
)
def test_what_cannot_be_vouched_for_is_left_out(content: bytes) -> None:
    assert redactor.content(content) is None
    assert list(members(redactor.content(zipped(a=content, b=b"text")))) == ["b"]


def test_an_archive_within_too_many_others_is_left_out() -> None:
    content = SECRET.encode()
    for _ in range(9):
        content = zipped(inner=content)
    while content := members(redactor.content(content)).get("inner", b""):
        assert SECRET.encode() not in content


def test_an_archive_bomb_is_left_out() -> None:
    bomb = gzip.compress(b"a" * 80_000_000)
    assert members(redactor.content(zipped(bomb=bomb, text=b"kept"))) == {"text": b"kept"}


def test_names_of_members_are_redacted_and_comments_go(tmp_path: Path) -> None:
    path = tmp_path / "trace.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"resources/{SECRET}.txt", "text")
        archive.comment = SECRET.encode()
    redactor.archive(path)
    assert list(members(path.read_bytes())) == [f"resources/{REDACTED}.txt"]
    assert SECRET.encode() not in path.read_bytes()


def test_an_archive_is_moved_without_ever_being_there_unredacted(tmp_path: Path) -> None:
    path, into = tmp_path / "trace.zip", tmp_path / "evidence" / "trace.zip"
    into.parent.mkdir()
    path.write_bytes(zipped(text=SECRET.encode()))
    redactor.archive(path, into)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [into]
    assert members(into.read_bytes()) == {"text": REDACTED.encode()}


def test_what_is_no_archive_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "trace.zip"
    path.write_bytes(SECRET.encode())
    with pytest.raises(OSError, match=r"trace.zip cannot be read as an archive"):
        redactor.archive(path)
    assert list(tmp_path.iterdir()) == []


def test_the_lines_of_a_trace_stay_json() -> None:
    token = base64.b64encode(f"ann:{SECRET}".encode()).decode()
    headers = [
        {"name": "Authorization", "value": f"Basic {token}"},
        {"name": "Accept", "value": "a/b"},
    ]
    nested = json.dumps({"body": json.dumps({"password": 'quoted " and \\ more', "kept": True})})
    lines = [
        {"type": "resource", "snapshot": {"headers": headers, "cookies": [{"name": SECRET}]}},
        {"params": {"value": SECRET, "text": nested}},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    first, second = (json.loads(line) for line in redactor.raw(text).splitlines())
    told = first["snapshot"]["headers"]
    assert told == [{"name": "Authorization", "value": REDACTED}, headers[1]]
    assert first["snapshot"]["cookies"] == []
    assert second["params"]["value"] == REDACTED
    inner = json.loads(json.loads(second["params"]["text"])["body"])
    assert inner == {"password": REDACTED, "kept": True}


def test_logs_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("some.library")
    with redacted_logs(redactor):
        log.warning("asked %s with %d", SECRET, 7)
        try:
            raise ValueError(f"wrong: {SECRET}")
        except ValueError:
            log.exception("it broke")
    assert SECRET not in caplog.text
    assert f"asked {REDACTED} with 7" in caplog.text
    assert f"ValueError: wrong: {REDACTED}" in caplog.text


def test_logs_are_as_before_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    with redacted_logs(redactor):
        pass
    logging.getLogger("some.library").warning("asked %s", SECRET)
    assert SECRET in caplog.text
