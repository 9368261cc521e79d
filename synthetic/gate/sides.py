"""What the command line names, read into values: two addresses, a history, a time limit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import HttpUrl, TypeAdapter, ValidationError

from synthetic.errors import StoreError, UsageError
from synthetic.gate.figures import values_of
from synthetic.gate.judging import Against
from synthetic.gate.model import Values
from synthetic.gate.unpaired import FEWEST_RUNS, MOST_RUNS
from synthetic.results import APART, Run
from synthetic.store.observations import BURST
from synthetic.wording import harmless

if TYPE_CHECKING:
    from synthetic.store.history import Store

RECENT = timedelta(days=14)
"""How far back production's runs say what is usual."""
BUDGET_S = {"smoke": 300.0, "full": 3600.0}
_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)


def address(option: str, text: str) -> str:
    """An address of a product, in full; raises :class:`UsageError`."""
    try:
        url = _URL.validate_python(text.strip())
    except ValidationError:
        raise UsageError(
            f"{option} {harmless(text)[:80]!r} should be a URL such as https://host"
        ) from None
    if url.username or url.password:
        raise UsageError(f"{option} must not hold a user name or password: records name it")
    if url.query or url.fragment:
        raise UsageError(f"{option} should end with the path: take away what follows ? or #")
    return str(url)


def is_address(text: str) -> bool:
    """Whether a baseline is a product rather than a history."""
    return text.strip().lower().startswith(("http://", "https://"))


def store_url(text: str) -> str:
    """The database that a baseline names, by its URL or its path."""
    if "://" in text:
        return text
    if not Path(text).is_file():
        raise UsageError(
            f"--baseline {harmless(text)[:80]!r} is neither a URL nor a file: name production's "
            "address, or its history as a SQLAlchemy URL or the path of history.db"
        )
    return f"sqlite:///{Path(text).resolve()}"


def history(
    opened: Callable[[], AbstractContextManager[Store]],
    production: str | None,
    *,
    suite: str,
    location: str,
    now: datetime,
) -> Against:
    """What production's recent scheduled runs measured at the same place with the same suite.

    ``production`` is how records name it, or none where the history knows of one target only;
    raises :class:`UsageError` where it knows of several. One that cannot be read is no baseline,
    which is said.
    """
    try:
        with opened() as store:
            target = production or _only(store.targets())
            heads = [
                one
                for one in store.runs(target, now - RECENT, now)
                if _comparable(one, suite, location)
            ]
            runs = [store.run(one.run_id) for one in heads[-MOST_RUNS:]]
    except StoreError as error:
        return Against(notes=(f"No comparison: {harmless(str(error))}",))
    measured: tuple[Values, ...] = tuple(values_of(one) for one in runs if one)
    if len(measured) < FEWEST_RUNS:
        few = (
            f"No comparison: the history has {len(measured)} good {suite} runs of {target} from "
            f"{location} in {RECENT.days} days, and {FEWEST_RUNS} are needed."
        )
        return Against(notes=(harmless(few),))
    return Against(history=measured)


def _only(targets: tuple[str, ...]) -> str:
    if len(targets) == 1:
        return targets[0]
    known = ", ".join(targets) or "nothing"
    raise UsageError(
        f"the history knows of {harmless(known)[:200]}: say with SYNTHETIC_BASE_URL which of them "
        "is production"
    )


def _comparable(one: Run, suite: str, location: str) -> bool:
    apart = one.trigger in APART or one.trigger == BURST
    good = one.verdict in ("passed", "degraded")
    return good and not apart and (one.suite, one.location) == (suite, location)
