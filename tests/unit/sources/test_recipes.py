"""The shipped recipes feed what the plan wants of sources, in its units, and say what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.plan.load import load as plan
from synthetic.sources.binding import needs
from synthetic.sources.load import load, names
from synthetic.sources.recipe import AnyRecipe, HttpRecipe

NOT_FED = {
    "vercel_edge_active": "Vercel has no edge functions of their own any more, and no API for it.",
    "hms_quota": "100ms documents no endpoint that tells how much of its quota is used.",
}
"""What the plan wants of sources and no recipe gives: why."""
BESIDES = {"replication_lag"}
"""The plan's own probes look at these too."""
RECIPES = load(names())


def ids(recipe: AnyRecipe) -> str:
    return recipe.name


def test_every_metric_that_the_plan_wants_of_sources_is_fed_or_has_its_reason() -> None:
    wanted = {name for name, one in plan().metrics.items() if one.observed_by == "source"}
    fed = {metric for recipe in RECIPES for metric in recipe.metric}
    assert wanted - fed == set(NOT_FED)
    assert fed - wanted == BESIDES


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_figures_have_the_units_of_the_plan(recipe: AnyRecipe) -> None:
    metrics = plan().metrics
    assert {name: one.unit for name, one in recipe.metric.items()} == {
        name: metrics[name].unit for name in recipe.metric
    }


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_a_figure_of_an_hour_or_a_day_outlives_the_time_to_the_next(recipe: AnyRecipe) -> None:
    lengths = {"now": 0, "hour": 3600, "day": 86400}
    metrics = plan().metrics
    for name, figure in recipe.metric.items():
        assert metrics[name].interval * 1.5 >= lengths[figure.at], name


@pytest.mark.parametrize("recipe", RECIPES, ids=ids)
def test_a_recipe_says_after_which_pages_and_what_of_synthetic_accounts(recipe: AnyRecipe) -> None:
    assert recipe.docs
    assert not any("://" in page for page in recipe.docs)
    assert recipe.synthetic.endswith(".")


@pytest.mark.parametrize("recipe", [one for one in RECIPES if isinstance(one, HttpRecipe)], ids=ids)
def test_vendors_are_only_read(recipe: HttpRecipe) -> None:
    posts = {ask.path for ask in recipe.ask.values() if ask.method != "GET"}
    assert posts <= {"/v2/observability/query"}


def test_two_recipes_that_feed_one_metric_have_labels_alike() -> None:
    labels: dict[str, set[tuple[str, ...]]] = {}
    for recipe in RECIPES:
        for name, figure in recipe.metric.items():
            labels.setdefault(name, set()).add(figure.labels)
    assert all(len(each) == 1 for each in labels.values())


def test_the_docs_tell_of_every_recipe_of_what_it_needs_and_of_what_none_feeds() -> None:
    text = (Path(__file__).parents[3] / "docs" / "sources.md").read_text()
    for recipe in RECIPES:
        (row,) = (line for line in text.splitlines() if line.startswith(f"| `{recipe.name}` |"))
        for need in needs(recipe):
            assert need.optional or f"`{need.setting}`" in row
    rows = {line for line in text.splitlines() if line.startswith("| `")}
    assert {f"| `{metric}` | {reason} |" for metric, reason in NOT_FED.items()} <= rows
