"""The evidence of one attempt as values: whatever is missing, damaged or huge reads as absent."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from markupsafe import Markup
from PIL import Image
from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from synthetic.media.mark import ROLES
from synthetic.results import Control, Origin

_log = logging.getLogger(__name__)

NOT_TO_BE_HAD = "not to be had:"
_MOST_BYTES = 40_000_000
_MOST_TEXT = 400_000
_MOST_ITEMS = 2000
_WIDEST, _TALLEST = 960, 1200
_QUALITY = 72
_ERROR_STARTS = ("error: ", "page error: ")
# The console repeats every refused request, which stands among the requests.
_REPEATED = "error: Failed to load resource"


class _Read(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", allow_inf_nan=False, coerce_numbers_to_str=True
    )


class Exchange(_Read):
    """A request and its answer, as ``network.json`` has it."""

    method: str
    url: str
    status: int | None = None
    duration_ms: float | None = None
    at: AwareDatetime
    headers: dict[str, str] = Field(
        default={}, validation_alias=AliasChoices("headers", "response_headers")
    )
    version: str | None = None


class Answer(_Read):
    """What an answer held, as ``answers.json`` has it; ``odd`` where JSON was due and not had."""

    method: str
    url: str
    at: AwareDatetime
    said: str
    odd: bool = False


class Socket(_Read):
    """A WebSocket, as ``sockets.json`` has it."""

    url: str
    opened_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    error: str | None = None


class Mail(_Read):
    """A mail with a code; its text is not kept."""

    subject: str = ""
    at: AwareDatetime | None = Field(
        default=None, validation_alias=AliasChoices("received_at", "at", "arrived_at")
    )
    sent_at: AwareDatetime | None = Field(
        default=None, validation_alias=AliasChoices("sent_at", "date")
    )


class Ruling(_Read):
    """Whose fault a failure was, and the controls that say so, as ``controls.json`` has it."""

    origin: Origin | None = None
    story: str | None = None
    controls: tuple[Control, ...] = ()


class Picture(_Read):
    """Who was in one picture: entries ``[at ms, 24 bits of a mark, width, height, seen]``."""

    track: str | None = None
    owner: int | None = None
    entries: tuple[tuple[float, int, float | None, float | None, bool], ...] = ()


class Voice(_Read):
    """Who was heard in one sounding element: entries ``[at ms, role]``."""

    own: bool = False
    entries: tuple[tuple[float, int], ...] = ()


class Connection(_Read):
    """A peer connection: its ICE states over time, and what it says of itself."""

    state: str = ""
    states: tuple[tuple[float, str], ...] = ()
    stats: tuple[Mapping[str, Any], ...] = ()


class Snapshot(_Read):
    """What a page knew of its media at a moment (milliseconds since the epoch)."""

    at: float
    pictures: tuple[Picture, ...] = ()
    voices: tuple[Voice, ...] = ()
    connections: tuple[Connection, ...] = ()


@dataclass(frozen=True)
class ActorEvidence:
    """What is left of one actor's side; ``missing`` says by file name why a piece is not there."""

    actor: str
    folder: Path
    console: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    answers: tuple[Answer, ...] = ()
    sockets: tuple[Socket, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    pictures: tuple[Picture, ...] = ()
    mails: tuple[Mail, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[str]:
        """The console's errors, without those that repeat a request."""
        said = [text for text in self.console if text.startswith(_ERROR_STARTS)]
        return list(dict.fromkeys(one for one in said if not one.startswith(_REPEATED)))

    @property
    def screenshot(self) -> Path:
        """Where the picture at failure is, if it is."""
        return self.folder / "screenshot.png"


def read_actors(attempt: Path) -> tuple[ActorEvidence, ...]:
    """What the folder of an attempt holds of each actor, the host first."""
    folders = {path.name: path for path in sorted(attempt.glob("*/")) if path.is_dir()}
    known = [role for role in ROLES if role in folders]
    return tuple(_read_actor(folders[role]) for role in dict.fromkeys([*known, *folders]))


def _read_actor(folder: Path) -> ActorEvidence:
    missing = _missing(folder)
    console = "" if "console" in missing else _text(folder / "console.txt")
    snapshots = _items(folder / "webrtc.json", Snapshot)
    return ActorEvidence(
        actor=folder.name,
        folder=folder,
        console=tuple(line for line in console.splitlines() if line)[-_MOST_ITEMS:],
        exchanges=tuple(_items(folder / "network.json", Exchange)),
        answers=tuple(_items(folder / "answers.json", Answer)),
        sockets=tuple(_items(folder / "sockets.json", Socket)),
        snapshots=tuple(sorted(snapshots, key=lambda one: one.at)),
        pictures=tuple(_items(folder / "frames.json", Picture)),
        mails=tuple(_items(folder / "mail.json", Mail)),
        missing=missing,
    )


def read_ruling(folder: Path) -> Ruling:
    """What an attempt's folder holds of whose fault it was."""
    return next(iter(_items(folder / "controls.json", Ruling)), Ruling())


def data_uri(path: Path) -> Markup | None:
    """A picture as a ``data:`` address, made smaller where it is large; None if there is none."""
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (_WIDEST, _TALLEST))
            small = picture.convert("RGB")
            small.thumbnail((_WIDEST, _TALLEST))
            octets = io.BytesIO()
            small.save(octets, "JPEG", quality=_QUALITY, optimize=True)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        _log.warning("%s is no picture that can be shown: %s", path, error)
        return None
    return Markup("data:image/jpeg;base64," + base64.b64encode(octets.getvalue()).decode())


def _missing(folder: Path) -> dict[str, str]:
    reasons = {}
    for path in sorted(folder.glob("*.txt")):
        text = _text(path, 600)
        if text.startswith(NOT_TO_BE_HAD):
            reasons[path.stem] = text.removeprefix(NOT_TO_BE_HAD).strip()
    return reasons


def _text(path: Path, most: int = _MOST_TEXT) -> str:
    try:
        with path.open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
        return ""


_Item = TypeVar("_Item", bound=BaseModel)


def _items(path: Path, kind: type[_Item]) -> list[_Item]:
    """The items of a file that holds one or a list of them; what is none is passed over."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            _log.warning("%s is too large to be shown", path)
            return []
        found = _ANYTHING.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError) as error:
        _log.warning("%s cannot be read: %s", path, str(error).partition("\n")[0])
        return []
    rows = found if isinstance(found, list) else [found]
    items = []
    for row in rows[-_MOST_ITEMS:]:
        try:
            items.append(kind.model_validate(row))
        except ValidationError:
            _log.warning("%s holds something that is no %s", path, kind.__name__)
    return items


_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
