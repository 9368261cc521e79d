"""What a page is; which there are, :mod:`synthetic.dashboard.views` says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from synthetic.dashboard.watched import Watched

Asked = Mapping[str, str]
"""What a page was asked: the parts of its path, and those parameters that were given."""
LONGEST_TEXT = 100
"""Characters of a parameter that may be any text."""


class BadQuery(Exception):
    """A page cannot be asked so: a sentence for whoever asked."""


class NotThere(Exception):
    """There is no such thing: a sentence for whoever asked."""


@dataclass(frozen=True)
class Page:
    """A page: where it is, what it is called, and how it comes about.

    ``parameters`` are those that its address may have, each with the values that it may take, or
    None where any short text will do; ``listed`` is whether the navigation has it, ``charts``
    whether it has any. A view may raise :class:`NotThere` or :class:`BadQuery`.
    """

    path: str
    title: str
    template: str
    view: Callable[[Watched, Asked], Any]
    parameters: Mapping[str, Collection[str] | None] = field(default_factory=dict)
    listed: bool = True
    charts: bool = False

    def checked(self, given: Collection[tuple[str, str]]) -> dict[str, str]:
        """The parameters, once each; raises :class:`BadQuery`."""
        asked: dict[str, str] = {}
        for name, value in given:
            if name not in self.parameters or name in asked:
                raise BadQuery(f"{self.title} takes no such parameter, or takes it only once")
            allowed = self.parameters[name]
            if allowed is None and len(value) > LONGEST_TEXT:
                raise BadQuery(f"{name} may have {LONGEST_TEXT} characters at most")
            if allowed is not None and value not in allowed:
                raise BadQuery(f"{name} should be one of: {', '.join(allowed)}")
            asked[name] = value
        return asked
