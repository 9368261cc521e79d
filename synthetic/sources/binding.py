"""Recipes and what the settings give them: addresses, secrets, values, whom to leave out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import SecretStr

from synthetic._settings_sources import PREFIX, secret_values
from synthetic._settings_watching import Feed
from synthetic.errors import SettingsError
from synthetic.redaction import Redactor
from synthetic.settings import Settings
from synthetic.sources.load import load, names
from synthetic.sources.recipe import AnyRecipe, HttpRecipe, SqlRecipe
from synthetic.sources.templates import SYNTHETIC, Moments, filled, places
from synthetic.wording import harmless

_LONGEST_QUOTE = 200
_DATABASE = "postgresql://user:password@host/name"
_NO_MOMENTS = Moments(datetime.min.replace(tzinfo=UTC))  # an address has places for values only


@dataclass(frozen=True)
class Bound:
    """A recipe that can be read. ``values`` are those of its places, ``people`` are addresses of
    ours with ``*`` for anything; ``limit_s`` is how long reading it may take."""

    recipe: AnyRecipe
    limit_s: float
    url: str = ""
    user: str = ""
    token: SecretStr | None = None
    database: SecretStr | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    redactor: Redactor = field(default_factory=Redactor, compare=False, repr=False)

    def quote(self, text: str) -> str:
        """The first words of what somebody else said: on one line, harmless, without secrets."""
        return harmless(self.redactor.text(text, _LONGEST_QUOTE))


def bound(settings: Settings) -> tuple[Bound, ...]:
    """The recipes that are switched on, the preferred first.

    Raises :class:`~synthetic.errors.RecipeError` and :class:`~synthetic.errors.SettingsError`, one
    sentence a line for each mistake.
    """
    feeds = settings.feeds
    recipes = load(feeds.on, feeds.folder)
    said = list(_strangers(settings))
    found = []
    for recipe in recipes:
        feed = feeds.recipes.get(recipe.name, Feed())
        wrong = list(_wrong(recipe, feed))
        said += wrong
        if not wrong:
            found.append(_bound(recipe, feed, people(settings), feeds.timeout_s))
    if said:
        raise SettingsError("\n".join(said))
    return tuple(found)


def people(settings: Settings) -> tuple[str, ...]:
    """Our accounts' addresses: as settings have them, and with anything between + and @."""
    accounts = settings.accounts
    known = dict.fromkeys((accounts.fresh, *accounts.standing))
    return tuple(one for address in known for one in (address, address.replace("@", "+*@", 1)))


def like(pattern: str) -> str:
    """The pattern for SQL's LIKE, where ``*`` is anything."""
    return re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%")


def _bound(recipe: AnyRecipe, feed: Feed, ours: tuple[str, ...], limit_s: float) -> Bound:
    values = {name: one.default for name, one in recipe.values.items() if one.default is not None}
    values |= feed.values
    url, user = "", ""
    if not isinstance(recipe, SqlRecipe):
        url = str(feed.url or filled(recipe.url or "", values, _NO_MOMENTS, _quoted)).rstrip("/")
        user = feed.user or recipe.user or ""
    if isinstance(recipe, HttpRecipe) and recipe.without:
        values[SYNTHETIC] = " ".join(recipe.without.replace("{person}", one) for one in ours)
    redactor = Redactor(secret_values(feed))
    return Bound(
        recipe, limit_s, url, user, feed.token, feed.database, values, ours, redactor
    )  # fmt: skip


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _strangers(settings: Settings) -> Iterator[str]:
    known = names(settings.feeds.folder)
    for name in settings.feeds.recipes:
        if name not in known:
            yield f"{variable(name)} is given to no recipe: there are {', '.join(known)}."


@dataclass(frozen=True)
class Need:
    """A setting of a recipe: the end of its variable, what it is, and whether it may be unset."""

    setting: str
    what: str
    optional: bool

    def unmet(self, feed: Feed) -> bool:
        """Whether it is needed and not given."""
        kind, _, name = self.setting.lower().partition("__")
        given = name in feed.values if name else getattr(feed, kind) is not None
        return not given and not self.optional


def needs(recipe: AnyRecipe) -> Iterator[Need]:
    """What the settings can give a recipe."""
    for name, one in recipe.values.items():
        spared = one.optional or one.default is not None
        yield Need(f"VALUES__{name.upper()}", one.about, spared)
    if isinstance(recipe, SqlRecipe):
        yield Need("DATABASE", _DATABASE, False)
        return
    yield Need("URL", "the address of its server", recipe.url is not None)
    if recipe.auth != "none":
        yield Need("TOKEN", "its secret", recipe.auth == "any")
    if recipe.auth in ("basic", "any"):
        spared = recipe.auth == "any" or recipe.user is not None
        yield Need("USER", "who the token belongs to", spared)


def _wrong(recipe: AnyRecipe, feed: Feed) -> Iterator[str]:
    spared = _spared(recipe, feed)
    for need in needs(recipe):
        if need.unmet(feed) and need.setting not in spared:
            lacking = f"{variable(recipe.name)}__{need.setting} is missing"
            yield f"{lacking}, which {recipe.title} needs: {need.what}."
    for name in sorted(set(feed.values) - set(recipe.values)):
        known = ", ".join(recipe.values) or "none"
        yield f"{variable(recipe.name)}__VALUES__{name.upper()} is no value of it; it has {known}."
    database = feed.database.get_secret_value() if feed.database else _DATABASE
    if not database.startswith(("postgresql://", "postgres://")):
        yield f"{variable(recipe.name)}__DATABASE should be {_DATABASE}."
    if feed.url is not None and (feed.url.username or feed.url.password):
        yield f"{variable(recipe.name)}__URL must hold no password: set USER and TOKEN."


def _spared(recipe: AnyRecipe, feed: Feed) -> set[str]:
    """Values that only stand in an address which another takes the place of."""
    if feed.url is None or isinstance(recipe, SqlRecipe | HttpRecipe):
        return set()
    return {f"VALUES__{name.upper()}" for name in places(recipe.url)}


def variable(name: str) -> str:
    """The beginning of the variables of a recipe."""
    return f"{PREFIX}FEEDS__RECIPES__{name.upper()}"
