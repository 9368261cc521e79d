"""What ``synthetic init`` writes: ``.env`` with what is private, ``synthetic.toml`` with the rest.

Lines that it did not write stay as they are.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synthetic._settings_sources import DOTENV, PREFIX, TOML
from synthetic.errors import UsageError

IGNORE = ".gitignore"
BEGIN = "# These lines are written by `synthetic init`; add your own below them."
END = "# The end of what `synthetic init` wrote."
_PLAIN = re.compile(r"[\w@%+=:,./?&~*!-]+", re.ASCII)
_PRIVATE = 0o600


@dataclass(frozen=True)
class Change:
    """A file as it is and as it should be; ``shown`` is the difference, without secrets.

    ``replaces`` is whether something is taken away, for which one has to ask.
    """

    path: Path
    text: str
    shown: tuple[str, ...]
    replaces: bool
    private: bool = False

    @property
    def needed(self) -> bool:
        """Whether the file is not so already."""
        return bool(self.shown)

    def write(self) -> None:
        """Put it in the file's place at once; raises :class:`UsageError` where that fails."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f"{self.path.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(self.text)
                Path(name).chmod(_PRIVATE if self.private else self._mode())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink()  # it may hold secrets, and git would not ignore it
                raise
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be written: {error.strerror or error}; make its folder "
                "writable"
            ) from error

    def _mode(self) -> int:
        return self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644


def dotenv(folder: Path, private: Mapping[str, str]) -> Change:
    """``.env`` with these settings, by the names of variables."""
    path = folder / DOTENV
    lines, shown, replaces = lines_of(path), [], False
    for name, value in private.items():
        wanted = f"{name}={_quoted(name, value)}"
        at = next((n for n, line in enumerate(lines) if _name_of(line) == name), None)
        if at is None:
            lines.append(wanted)
            shown.append(f"+ {name}=*****")
        elif lines[at] != wanted:
            lines[at] = wanted
            shown.append(f"~ {name}=***** (another value than before)")
            replaces = True
    if path.exists() and not shown and path.stat().st_mode & 0o077:
        shown.append("  (made unreadable to others)")
    return Change(path, "".join(f"{line}\n" for line in lines), tuple(shown), replaces, True)


def toml(folder: Path, public: Mapping[str, str]) -> Change:
    """``synthetic.toml`` with these settings, by dotted names, in a block of its own at the top.

    What lines that are not ours set so already is left out. Raises :class:`UsageError` where they
    set it otherwise, or in a way that ours cannot stand beside.
    """
    path = folder / TOML
    before = lines_of(path)
    ours, rest = _parted(before)
    wanted = {name: value for name, value in public.items() if _own(rest, name) != value}
    above = before.index(BEGIN) if ours else len(before)
    troubles = [
        _in_the_way(name, value, number + len(ours) * (number > above))
        for name, value in wanted.items()
        if (number := _collision(rest, name, value))
    ]
    if troubles:
        raise UsageError("\n".join(troubles))
    lines = [f"{name} = {_string(value)}" for name, value in wanted.items()]
    block = [BEGIN, *lines, END] if lines else []
    after = [*block, *([""] if block and rest and rest[0] else []), *rest]
    replaces = any(line not in block for line in ours)
    return Change(path, "".join(f"{line}\n" for line in after), difference(before, after), replaces)


def difference(before: list[str], after: list[str]) -> tuple[str, ...]:
    """The lines that go and come, without those around them: they may hold secrets."""
    told = list(difflib.unified_diff(before, after, lineterm="", n=0))
    return tuple(line for line in told[2:] if not line.startswith("@@"))


def _own(lines: list[str], name: str) -> object:
    """What these lines set; none where they do not, or are no TOML by themselves."""
    value: object = _table(lines)
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _collision(lines: list[str], name: str, value: str) -> int | None:
    """The first of these lines, from 1, that this setting cannot stand above; none where it can."""
    ours = f"{name} = {_string(value)}"
    if _table([ours, *lines]) is not None:
        return None
    for number in range(1, len(lines) + 1):
        part = lines[:number]
        if _table(part) is not None and _table([ours, *part]) is None:
            return number
    return None


def _table(lines: list[str]) -> dict[str, object] | None:
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _in_the_way(name: str, value: str, number: int) -> str:
    top, _, key = name.partition(".")
    it = f"its `{key}`" if key else "it"
    return (
        f"you set `{top}` in line {number} of {TOML}: make {it} {_string(value)} there, or take "
        "that away; lines of your own are not changed"
    )


def gitignore(folder: Path) -> Change:
    """``.gitignore`` with ``.env``: what is secret is never committed."""
    path = folder / IGNORE
    lines = lines_of(path)
    if {DOTENV, f"/{DOTENV}"} & {line.strip() for line in lines}:
        return Change(path, "", (), False)
    text = "".join(f"{line}\n" for line in (*lines, DOTENV))
    return Change(path, text, (f"+ {DOTENV}",), False)


def variable(setting: str) -> str:
    """The variable of a setting: ``inbox.url`` is ``SYNTHETIC_INBOX__URL``."""
    return PREFIX + setting.replace(".", "__").upper()


def lines_of(path: Path) -> list[str]:
    """The file's lines, none if there is no file; raises :class:`UsageError` for other trouble."""
    try:
        return path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}); make it a readable file") from error


def _parted(lines: list[str]) -> tuple[list[str], list[str]]:
    """Our block, and all that is not in it."""
    if BEGIN not in lines or END not in lines:
        return [], lines
    first, last = lines.index(BEGIN), lines.index(END)
    return lines[first : last + 1], [*lines[:first], *lines[last + 1 :]]


def _name_of(line: str) -> str:
    return line.strip().removeprefix("export ").partition("=")[0].strip()


def _quoted(name: str, value: str) -> str:
    if not value.isprintable():
        raise UsageError(f"{name} should be one line of printable characters")
    if _PLAIN.fullmatch(value):
        return value
    # Within single quotes neither python-dotenv nor GitHub's command line fills in variables.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # as TOML has them


def differences(changes: tuple[Change, ...]) -> Iterator[str]:
    """What would change, file by file."""
    for change in changes:
        if change.needed:
            yield f"{change.path}:"
            yield from (f"  {line}" for line in change.shown)
