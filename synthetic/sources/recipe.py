"""What a recipe is made of, as frozen values. Pure.

A recipe says how figures of one vendor or database are read: where, with which secrets (by name;
the settings have them), and for each metric an expression. Three kinds of place: ``http`` (JSON,
JMESPath), ``exposition`` (Prometheus' text, JMESPath) or ``promql`` (its query API), and ``sql``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

At = Literal["now", "hour", "day"]
"""When a figure holds: as of our look, or of the last whole hour or day (UTC)."""
Auth = Literal["none", "bearer", "basic", "any"]
"""``bearer`` wants a token, ``basic`` a user and a token, ``any`` takes what there is."""
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Figure(_Entry):
    """How one metric is read: ``value`` is an expression, ``of`` are the asks that it looks at.

    It gives one number (or truth), or, where ``labels`` names some, a row for each label set,
    with ``value`` and those labels. ``scale`` turns it into ``unit``. With ``increase`` it gives
    ``part`` and ``whole``, two counters, and the figure is how much the one grew by how much the
    other did since the look before. ``may_be_empty``: nothing to measure is no trouble.
    """

    value: Text
    unit: Text
    of: tuple[Name, ...] = ()
    labels: tuple[Name, ...] = ()
    scale: Annotated[float, Field(gt=0)] = 1
    at: At = "now"
    increase: bool = False
    may_be_empty: bool = False
    about: Text | None = None


class Paging(_Entry):
    """How a list goes on: the next page's mark, at ``next`` in the answer or in its Link header.

    The mark goes ``into`` a parameter of the query (with a Link header all of its parameters do).
    ``items`` is where the list stands, unset if it is the answer itself. The list ends where there
    is no mark, and on a page of fewer than ``size``.
    """

    items: Text | None = None
    next: Text | None = None
    into: Text | None = None
    size: Annotated[int, Field(ge=1)] | None = None


class Ask(_Entry):
    """One request, which only reads; with ``paging`` its answer is the whole list.

    ``path``, ``query`` and ``body`` may hold ``{project}``, a value that the settings give, and
    moments: ``{now}``, ``{hour-1h}``, ``{day-30d|ms}``.
    """

    path: Annotated[str, Field(pattern="^/")]
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, str] = {}
    body: dict[str, Any] | None = None
    paging: Paging | None = None


class Given(_Entry):
    """A value that the settings give, such as a project's id; ``optional`` ones may be missing."""

    about: Text
    default: str | None = None
    optional: bool = False


class Recipe(_Entry):
    """What every kind has: ``docs`` are the pages that it was made after.

    ``synthetic`` says how synthetic accounts are left out, or that they cannot be.
    """

    name: Name
    title: Text
    docs: Annotated[tuple[Text, ...], Field(min_length=1)]
    synthetic: Text
    values: dict[Name, Given] = {}
    metric: Annotated[dict[Name, Figure], Field(min_length=1)]


class Addressed(Recipe):
    """One that is read over HTTP; ``url`` may hold values: ``https://{project}.example.org``."""

    url: Annotated[str, Field(pattern="^https?://")] | None = None
    auth: Auth = "none"
    user: str | None = None


class HttpRecipe(Addressed):
    """``without`` is the term of a query that leaves ``{person}`` out; ``{synthetic}`` has all."""

    kind: Literal["http"]
    ask: Annotated[dict[Name, Ask], Field(min_length=1)]
    without: Text | None = None


class ExpositionRecipe(Addressed):
    """Prometheus' text at ``path``."""

    kind: Literal["exposition"]
    path: Annotated[str, Field(pattern="^/")] = "/metrics"


class PromqlRecipe(Addressed):
    """Queries of a server that speaks Prometheus' API."""

    kind: Literal["promql"]


class SqlRecipe(Recipe):
    """``tables`` are named SELECTs over the product's own tables, which the metrics look at."""

    kind: Literal["sql"]
    tables: dict[Name, Text] = {}


AnyRecipe = HttpRecipe | ExpositionRecipe | PromqlRecipe | SqlRecipe
KINDS: dict[str, type[AnyRecipe]] = {
    "http": HttpRecipe,
    "exposition": ExpositionRecipe,
    "promql": PromqlRecipe,
    "sql": SqlRecipe,
}
