"""Which locators find what they should on the target's pages, and what to write where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from synthetic.browser.locator import Locator
from synthetic.journeys.walking import PAGES, Walk
from synthetic.pages.proposals import Sight, proposals
from synthetic.wording import fit

_THERE = 8  # things that a page shows, of a line that lists them
_LONGEST = 60


@dataclass(frozen=True)
class Place:
    """One locator on the page where it is needed; ``count`` is how much it finds there.

    ``entries`` are lines for ``[pages.<page>]``, the likeliest first; ``there`` is what else the
    page shows, where none is likely.
    """

    page: str
    path: str
    looked_for: str
    count: int
    entries: tuple[str, ...] = ()
    there: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether it finds nothing."""
        return self.count == 0


def places(walk: Walk, table: Mapping[str, Locator]) -> tuple[Place, ...]:
    """What was looked for, in the order of the walk."""
    return tuple(
        _place(sight, table[path], table) for sight in walk.sights for path in sight.counts
    )


def _place(sight: Sight, locator: Locator, table: Mapping[str, Locator]) -> Place:
    count = sight.counts[locator.path]
    page, element = sight.page, locator.path.partition(".")[2]
    if count == 1:
        return Place(page, locator.path, str(locator), count)
    entries = tuple(one.toml(element) for one in proposals(locator, sight, table))
    there = () if entries or count else tuple(_there(sight))
    return Place(page, locator.path, str(locator), count, entries, there)


def _there(sight: Sight) -> Iterator[str]:
    for item in sight.items[:_THERE]:
        yield fit(f'{item.role} "{item.name or item.text}"', _LONGEST)


def not_seen(walk: Walk) -> Sequence[str]:
    """The pages that the walk did not come to."""
    seen = {sight.page for sight in walk.sights}
    return [page for page in PAGES if page not in seen]


def told(walk: Walk, found: Sequence[Place]) -> Iterator[str]:
    """The walk for a terminal; untrusted texts in it are still to be redacted."""
    for sight in walk.sights:
        here = [one for one in found if one.page == sight.page]
        good = sum(not one.missing for one in here)
        sign = "✓" if good == len(here) else "✗"
        yield f"{sign} {sight.page}: {good} of {len(here)} locators find something"
        for one in here:
            yield from _told(one)
    if walk.trouble:
        yield f"✗ the walk ended there: {fit(walk.trouble, 600)}"
    for page in not_seen(walk):
        yield f"· {page}: not seen"
    for trouble in walk.left:
        yield f"✗ not removed, the next run tries again: {fit(trouble, 200)}"


def _told(place: Place) -> Iterator[str]:
    page, _, element = place.path.partition(".")
    if place.count == 1:
        return
    if place.count > 1:
        yield f"    {place.path} finds {place.count}, and the first is used ({place.looked_for})"
        return
    yield f"    {place.path} finds nothing: looked for {place.looked_for}"
    if place.entries:
        yield f"      under [pages.{page}] in synthetic.toml put the right one of"
        yield from (f"        {entry}" for entry in (*place.entries, f"{element} = {{}}"))
        yield "      (the last where the product has no such thing)"
    else:
        yield f"      there is {', '.join(place.there) or 'nothing that has a role'}"
        how = f"{element} = {{ … }}"
        yield f"      say under [pages.{page}] in synthetic.toml how it is found: {how}"
