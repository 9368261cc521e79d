"""A real PostgreSQL with Kulti's tables: every figure is right, and ours are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.sources.gather import Gathered
from synthetic.sources.recipe import SqlRecipe
from synthetic.sources.sql import whole
from tests.services import kulti
from tests.services.postgresql import PostgreSQL
from tests.services.sql_sources import feeds, gathered, values

# Counted by hand from the population in kulti.py, which says who did what and when.
PRODUCT = {
    "total_users": 6,  # but Eve, who came today
    "signups": 1,
    "signups_daily": 1,
    "logins": 1,
    "logins_daily": 3,
    "active_users": 2,
    "dau": 4,
    "wau": 4,
    "mau": 5,
    "login_return_rate": 25,
    "retention_d1": 0,
    "retention_d7": 100,
    "retention_d30": 100,
    "churn_rate": 50,
    "inactive_users": 25,
    "peak_users": 2,
    "session_creation_rate": 1,
    "sessions_created": 3,
    "sessions_weekly": 3,
    "sessions_monthly": 5,
    "sessions_per_user": 1,
    "session_abandonment_rate": 50,
    "active_sessions": 1,
    "peak_sessions": 2,
    "session_duration": 30,
    "participants": 9,
    "participants_per_session": 1.5,
    "video_minutes": 99,
    "video_minutes_daily": 99,
    "video_minutes_monthly": 219 + 24 * 60,  # a day of what was never ended
    "screen_share_usage": 200 / 3,
    "recording_usage": 100 / 3,
    "chat_usage": 100 / 3,
    "ai_usage": 100 / 3,
}


@pytest.fixture(scope="module")
def database(postgresql: PostgreSQL) -> str:
    """The URL of a Kulti with people in it, as its owner."""
    return kulti.populated(postgresql)


@pytest.fixture(scope="module")
def reader(database: str) -> str:
    """The same, as a role that may read the tables."""
    return kulti.role(database, *kulti.READER)


@pytest.fixture(scope="module")
def product(reader: str, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """What the recipe ``product`` gives."""
    return gathered(feeds(tmp_path_factory.mktemp("product"), "product", url=reader))


def test_the_products_figures_are_right_and_leave_our_people_out(product: Gathered) -> None:
    assert not product.troubles
    assert values(product) == pytest.approx(PRODUCT)


def test_each_feature_has_its_share_of_the_sessions(product: Gathered) -> None:
    shares = {one.labels["feature"]: one.value for one in product.samples if one.labels}
    assert shares == pytest.approx({"chat": 100 / 3, "recording": 100 / 3, "screen_share": 200 / 3})


def test_a_figure_holds_when_its_hour_or_day_was_over(product: Gathered) -> None:
    at = {one.metric: one.at for one in product.samples}
    assert at["signups_daily"] == kulti.DAY
    assert at["signups"] == kulti.NOON.replace(minute=0)
    assert at["active_users"] == kulti.NOON


def test_without_our_addresses_we_would_be_counted(tmp_path: Path, reader: str) -> None:
    strangers = {
        "SYNTHETIC_ACCOUNTS__FRESH": "a@else.test", "SYNTHETIC_ACCOUNTS__STANDING": "b@else.test",
    }  # fmt: skip
    found = values(gathered(feeds(tmp_path, "product", url=reader, **strangers)))
    assert found["total_users"] == PRODUCT["total_users"] + 2
    assert found["sessions_created"] == PRODUCT["sessions_created"] + 1


def test_payments_and_backups_have_tables_of_their_own(tmp_path: Path, reader: str) -> None:
    found = gathered(feeds(tmp_path, "payments", "backups", url=reader))
    assert values(found) == {"revenue": 25, "backup_age": 6}


def test_an_empty_product_has_zeros_and_unknown_shares(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.new_database()
    kulti.make_tables(url)
    found = gathered(feeds(tmp_path, "product", url=url))
    assert not found.troubles
    known = values(found)
    assert known["total_users"] == known["peak_users"] == known["video_minutes"] == 0
    assert not {"retention_d7", "session_duration", "chat_usage"} & set(known)


def test_tables_come_along_only_where_they_are_looked_at(tmp_path: Path, database: str) -> None:
    (known,) = feeds(tmp_path, "product", url=database)
    recipe = known.recipe
    assert isinstance(recipe, SqlRecipe)
    statement = whole(recipe, recipe.metric["total_users"].value)
    assert "users" in statement
    assert "participants" not in statement
    assert "messages" not in statement
    peak = whole(recipe, recipe.metric["peak_users"].value)
    assert peak.upper().count("WITH ") == 1
