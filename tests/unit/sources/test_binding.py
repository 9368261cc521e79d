"""Settings give recipes what they need; what is missing or wrong is said, and secrets are not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from synthetic import settings
from synthetic.errors import SettingsError
from synthetic.sources.binding import Bound, bound, like, people
from synthetic.sources.templates import Moments, filled, filled_in_all, places

RECIPE = "SYNTHETIC_FEEDS__RECIPES__"
SENTRY = {f"{RECIPE}SENTRY__TOKEN": "hush", f"{RECIPE}SENTRY__VALUES__ORG": "kulti"}
NOW = datetime(2026, 12, 9, 12, 20, 30, 456_000, tzinfo=UTC)


def load(tmp_path: Path, on: str, given: dict[str, str]) -> tuple[Bound, ...]:
    return bound(settings.load(tmp_path, {"SYNTHETIC_FEEDS__ON": on, **given}))


def test_nothing_is_on_until_somebody_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, "", {}) == ()


def test_what_is_on_comes_in_that_order_with_its_own_address(tmp_path: Path) -> None:
    given = {
        **SENTRY,
        f"{RECIPE}PROMETHEUS__URL": "http://127.0.0.1:9090/",
        f"{RECIPE}SUPABASE__VALUES__PROJECT": "kulti/../x",
        f"{RECIPE}SUPABASE__TOKEN": "hush",
    }
    feeds = load(tmp_path, "supabase, prometheus, sentry", given)
    assert [(one.recipe.name, one.url) for one in feeds] == [
        ("supabase", "https://kulti%2F..%2Fx.supabase.co"),
        ("prometheus", "http://127.0.0.1:9090"),
        ("sentry", "https://sentry.io"),
    ]
    assert feeds[0].user == "service_role"


@pytest.mark.parametrize(
    ("on", "given", "message"),
    [
        ("sentry", {}, "SYNTHETIC_FEEDS__RECIPES__SENTRY__VALUES__ORG is missing, which Sentry "
         "needs: the organization's slug.\nSYNTHETIC_FEEDS__RECIPES__SENTRY__TOKEN is missing, "
         "which Sentry needs: its secret."),
        ("sentry", {**SENTRY, f"{RECIPE}SENTRY__VALUES__TEAM": "x"},
         "SYNTHETIC_FEEDS__RECIPES__SENTRY__VALUES__TEAM is no value of it; it has org, quota."),
        ("sentry", {**SENTRY, f"{RECIPE}SENTRY__URL": "https://a:hush@b.test"},
         "SYNTHETIC_FEEDS__RECIPES__SENTRY__URL must hold no password: set USER and TOKEN."),
        ("upstash", {f"{RECIPE}UPSTASH__TOKEN": "hush", f"{RECIPE}UPSTASH__VALUES__DATABASE": "1"},
         "SYNTHETIC_FEEDS__RECIPES__UPSTASH__USER is missing, which Upstash needs: who the token "
         "belongs to."),
        ("product", {}, "SYNTHETIC_FEEDS__RECIPES__PRODUCT__DATABASE is missing, which Product "
         "database needs: postgresql://user:password@host/name."),
        ("product", {f"{RECIPE}PRODUCT__DATABASE": "mysql://a:hush@b/c"},
         "SYNTHETIC_FEEDS__RECIPES__PRODUCT__DATABASE should be "
         "postgresql://user:password@host/name."),
        ("prometheus", {}, "SYNTHETIC_FEEDS__RECIPES__PROMETHEUS__URL is missing, which Prometheus "
         "needs: the address of its server."),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_said_without_secrets(
    on: str, given: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, on, given)
    assert str(caught.value) == message
    assert "hush" not in str(caught.value)


def test_a_name_that_is_no_recipe_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match="RECIPES__SENTRI is given to no recipe: there are back"
    ):
        load(tmp_path, "", {f"{RECIPE}SENTRI__TOKEN": "hush"})


def test_a_recipe_that_is_off_may_keep_what_it_was_given(tmp_path: Path) -> None:
    assert load(tmp_path, "", SENTRY) == ()


def test_secrets_are_known_to_redaction_and_in_no_repr(tmp_path: Path) -> None:
    database = {f"{RECIPE}PRODUCT__DATABASE": "postgresql://reader:whisper@db.test/kulti"}
    given = settings.load(tmp_path, {"SYNTHETIC_FEEDS__ON": "sentry,product", **SENTRY, **database})
    assert {"hush", "whisper"} <= settings.secrets(given)
    for feed in bound(given):
        assert "hush" not in repr(feed)
        assert "whisper" not in repr(feed)
        assert "whisper" not in feed.quote("password whisper is wrong") or feed.database is None


def test_our_people_are_left_out_with_whatever_stands_between_plus_and_at(tmp_path: Path) -> None:
    accounts = {
        "SYNTHETIC_ACCOUNTS__FRESH": "host@synthetic.test",
        "SYNTHETIC_ACCOUNTS__STANDING": "guest_1@synthetic.test",
    }
    ours = people(settings.load(tmp_path, accounts))
    assert ours == (
        "host@synthetic.test", "host+*@synthetic.test",
        "guest_1@synthetic.test", "guest_1+*@synthetic.test",
    )  # fmt: skip
    assert like(ours[3]) == r"guest\_1+%@synthetic.test"
    (feed,) = load(tmp_path, "sentry", {**SENTRY, **accounts})
    assert feed.values["synthetic"].split() == [f"!user.email:{one}" for one in ours]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{now}", "2026-12-09T12:20:30.456Z"),
        ("{hour}", "2026-12-09T12:00:00.000Z"),
        ("{hour-1h}..{day-30d}", "2026-12-09T11:00:00.000Z..2026-11-09T00:00:00.000Z"),
        ("{day|s}", "1796774400"),
        ("{day|ms}", "1796774400000"),
        ("/x/{project}/y", "/x/a b/y"),
        ("data[].{value: n} {{le}} {a=1}", "data[].{value: n} {{le}} {a=1}"),
    ],
)
def test_places_are_filled_with_moments_and_values(text: str, written: str) -> None:
    values = {"project": "a b", "le": "{le}"}
    assert filled(text, values, Moments(NOW)) == written


def test_a_body_is_filled_in_all_of_its_texts() -> None:
    body = {"scope": {"ids": ["{project}"], "limit": 3}, "all": True}
    assert filled_in_all(body, {"project": "p"}, Moments(NOW)) == {
        "scope": {"ids": ["p"], "limit": 3}, "all": True,
    }  # fmt: skip
    assert list(places(body)) == ["project"]
