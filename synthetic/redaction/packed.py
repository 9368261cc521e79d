"""Files without secrets: archives and compressed files are rewritten, at any depth.

Text is redacted. Pictures and fonts are kept as they are, unless a secret stands in their octets.
What else is binary cannot be searched, so it is left out.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

_LARGEST = 64 * 1024 * 1024
"""Octets of a member, unpacked; a larger one is left out."""
_DEEPEST = 4
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_GZIP = b"\x1f\x8b"
_SEEN_NOT_READ = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF8",
    b"RIFF",  # WebP
    b"\0\0\1\0",  # ICO
    b"wOFF",
    b"wOF2",
    b"\0\1\0\0",  # TrueType
    b"OTTO",
)

Redact = Callable[[bytes], bytes]
Holds = Callable[[bytes], bool]
Damaged = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # an unknown compression
    RuntimeError,  # encrypted
)


def redacted(content: bytes, redact: Redact, holds: Holds, deep: int = _DEEPEST) -> bytes | None:
    """``content`` without secrets; None when that cannot be vouched for."""
    if len(content) > _LARGEST:
        return None
    try:
        if content.startswith((_ZIP, _EMPTY_ZIP)):
            return _zip(content, redact, holds, deep)
        if content.startswith(_GZIP):
            return _gzip(content, redact, holds, deep)
    except (*Damaged, OSError):
        return None
    if content.startswith(_SEEN_NOT_READ):
        return None if holds(content) else content
    return redact(content) if _is_text(content) else None


def rewrite(path: Path, into: Path, redact: Callable[[bytes], bytes | None]) -> None:
    """Rewrite the archive at ``path`` member by member, to ``into``, and remove the old one.

    Raises :class:`OSError` when it is no archive.
    """
    unfinished = into.with_name(f"{into.name}.redacted")
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(unfinished, "w") as new:
            _copy(old, new, redact)
        unfinished.replace(into)
    except Damaged as error:
        path.unlink(missing_ok=True)  # or it would stay with what it holds
        raise OSError(f"{path.name} cannot be read as an archive: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
        if into != path:
            path.unlink(missing_ok=True)


def _copy(
    old: zipfile.ZipFile, new: zipfile.ZipFile, redact: Callable[[bytes], bytes | None]
) -> None:
    names: set[str] = set()
    for member in old.infolist():
        name = (redact(member.filename.encode()) or b"").decode()
        if name in names or member.is_dir() or member.file_size > _LARGEST:
            continue
        with old.open(member) as packed:
            content = packed.read(_LARGEST + 1)  # what it says of its size may be wrong
        seen = redact(content)
        if seen is not None:
            names.add(name)
            new.writestr(name, seen, zipfile.ZIP_DEFLATED)


def _zip(content: bytes, redact: Redact, holds: Holds, deep: int) -> bytes | None:
    if not deep:
        return None
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        _copy(old, new, lambda member: redacted(member, redact, holds, deep - 1))
    return result.getvalue()


def _gzip(content: bytes, redact: Redact, holds: Holds, deep: int) -> bytes | None:
    if not deep:
        return None
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
        whole = packed.read(_LARGEST + 1)
    seen = redacted(whole, redact, holds, deep - 1)
    return None if seen is None else gzip.compress(seen, mtime=0)


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
