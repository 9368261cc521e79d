"""What a recipe's parts must keep to among each other: key, and the end of a sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synthetic.sources.expressions import wrong
from synthetic.sources.recipe import (
    Addressed,
    AnyRecipe,
    Ask,
    ExpositionRecipe,
    HttpRecipe,
    PromqlRecipe,
    SqlRecipe,
)
from synthetic.sources.templates import MOMENTS, SYNTHETIC, places

GIVEN = "given"
"""Under this name an expression finds the recipe's values and moments."""
PARAMETERS = (*MOMENTS, SYNTHETIC)
"""What a statement may have bound: three moments, and patterns of our people's addresses."""
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_Problems = Iterator[tuple[str, str]]


def problems(recipe: AnyRecipe) -> _Problems:
    """Everything that is wrong with a recipe whose keys are all in order."""
    yield from _clashes(recipe)
    if isinstance(recipe, SqlRecipe):
        yield from _statements(recipe)
        return
    yield from _places("url", recipe.url, recipe, ())
    if isinstance(recipe, HttpRecipe):
        yield from _asks(recipe)
    for name, figure in recipe.metric.items():
        key = f"metric.{name}"
        if isinstance(recipe, PromqlRecipe | ExpositionRecipe) and figure.of:
            yield f"{key}.of", f"is for recipes of kind http: take it away from kind {recipe.kind}"
        said = None if isinstance(recipe, PromqlRecipe) else wrong(figure.value)
        if said:
            yield f"{key}.value", said


def parameters_of(statement: str) -> set[str]:
    """The names that a statement wants bound."""
    return set(_PARAMETER.findall(_QUOTED.sub("", statement)))


def _clashes(recipe: AnyRecipe) -> _Problems:
    for name in recipe.values:
        if name in PARAMETERS:
            yield f"values.{name}", f"should have another name than {', '.join(PARAMETERS)}"
    for name, figure in recipe.metric.items():
        for label in figure.labels:
            if label in ("value", "part", "whole"):
                yield f"metric.{name}.labels", f"should have another name than {label}"


def _asks(recipe: HttpRecipe) -> _Problems:
    for name, ask in recipe.ask.items():
        yield from _places(f"ask.{name}", [ask.path, ask.query, ask.body], recipe)
        yield from _paging(f"ask.{name}", ask)
        if name == GIVEN:
            yield f"ask.{name}", f"should have another name: {GIVEN} holds the recipe's values"
    used = set()
    for name, figure in recipe.metric.items():
        used |= set(figure.of)
        unknown = [one for one in figure.of if one not in recipe.ask]
        if unknown or not figure.of:
            yield f"metric.{name}.of", f"should name some of {', '.join(recipe.ask)}"
    for name in sorted(set(recipe.ask) - used):
        yield f"ask.{name}", "is looked at by no metric: name it in the `of` of one"


def _paging(key: str, ask: Ask) -> _Problems:
    paging = ask.paging
    if paging is None:
        return
    if (paging.next is None) != (paging.into is None):
        yield f"{key}.paging", "should have both next and into, or neither for a Link header"
    for field in ("items", "next"):
        expression = getattr(paging, field)
        said = wrong(expression) if expression else None
        if said:
            yield f"{key}.paging.{field}", said


def _places(
    key: str, data: object, recipe: Addressed, moments: tuple[str, ...] = MOMENTS
) -> _Problems:
    sure = {name for name, one in recipe.values.items() if not one.optional}
    if isinstance(recipe, HttpRecipe) and recipe.without:
        sure.add(SYNTHETIC)
    for name in dict.fromkeys(places(data)):
        if name not in {*moments, *sure}:
            known = ", ".join((*moments, *sorted(sure))) or "the recipe's values"
            yield key, f"has a place for {{{name}}}, which is none of {known}"


def _statements(recipe: SqlRecipe) -> _Problems:
    texts = {f"tables.{name}": text for name, text in recipe.tables.items()}
    for name, figure in recipe.metric.items():
        texts[f"metric.{name}.value"] = figure.value
        if figure.of:
            yield f"metric.{name}.of", "is for recipes of kind http: take it away from kind sql"
    for key, text in texts.items():
        bare = _QUOTED.sub("", text)
        if not bare.strip().lower().startswith(("select", "with")) or ";" in bare:
            yield key, "should be one SELECT"
        for name in sorted(parameters_of(text)):
            if name not in PARAMETERS:
                yield key, f"binds :{name}, which is none of {', '.join(PARAMETERS)}"
