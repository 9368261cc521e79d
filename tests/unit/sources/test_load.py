"""A recipe is read whole or not at all, and all that is wrong with it is said in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.errors import RecipeError
from synthetic.sources.load import load, names

HEAD = 'title = "Mine"\nkind = "{kind}"\ndocs = ["a page"]\nsynthetic = "left out"\n'
HTTP = HEAD.format(kind="http") + '[ask.rooms]\npath = "/rooms"\n'
ROOMS = '[metric.rooms]\nof = ["rooms"]\nvalue = "length(rooms)"\nunit = "count"\n'
SQL = HEAD.format(kind="sql")
COUNT = '[metric.users]\nunit = "count"\nvalue = "{}"\n'
PAGED = HTTP + "[ask.rooms.paging]\n{}\n" + ROOMS

BAD = [
    ("", "kind in mine.toml should be one of http, exposition, promql, sql."),
    ('kind = "soap"', "kind in mine.toml should be one of http, exposition, promql, sql."),
    ("kind = ", "mine.toml is not valid TOML: Invalid value (at end of document); "
     "correct that line."),
    ('kind = "http"', "title in mine.toml is missing.\ndocs in mine.toml is missing.\n"
     "synthetic in mine.toml is missing.\nmetric in mine.toml is missing.\n"
     "ask in mine.toml is missing."),
    (HTTP + ROOMS + "uint = 1\n",
     "metric.rooms.uint in mine.toml is unknown; the nearest is unit."),
    ("colour = 1\n" + HTTP + ROOMS, "colour in mine.toml is unknown; there are ask, auth, docs, "
     "kind, metric, synthetic, title, url, user, values, without."),
    (HTTP + ROOMS + "scale = 0\n",
     "metric.rooms.scale in mine.toml should be greater than 0."),
    (HTTP + ROOMS + 'scale = "a"\n', "metric.rooms.scale in mine.toml should be a number."),
    (HTTP + ROOMS + 'at = "week"\n',
     "metric.rooms.at in mine.toml should be 'now', 'hour' or 'day'."),
    (HTTP + ROOMS + 'labels = "region"\n', "metric.rooms.labels in mine.toml should be a list."),
    ('name = "other"\n' + HTTP + ROOMS, "name in mine.toml is unknown; the file's name is it."),
    (HTTP.replace('"/rooms"', '"rooms"') + ROOMS,
     "ask.rooms.path in mine.toml should begin with /."),
    (HTTP + ROOMS.replace("metric.rooms", 'metric."Rooms!"'),
     "metric.Rooms! in mine.toml should be small letters, digits and _."),
    (HTTP + ROOMS.replace('["rooms"]', '["room"]'), "metric.rooms.of in mine.toml should name some "
     "of rooms.\nask.rooms in mine.toml is looked at by no metric: name it in the `of` of one."),
    (HTTP + ROOMS.replace("length(", "lenght("),
     "metric.rooms.value in mine.toml calls lenght(), which is no function."),
    (HTTP + ROOMS.replace("length(", "(("), "metric.rooms.value in mine.toml is no JMESPath: "),
    (HTTP + 'query = { since = "{yesterday}" }\n' + ROOMS, "ask.rooms in mine.toml has a place for "
     "{yesterday}, which is none of now, hour, day."),
    (HTTP + 'query = { a = "{synthetic}" }\n' + ROOMS, "ask.rooms in mine.toml has a place for "
     "{synthetic}, which is none of now, hour, day."),
    ('url = "here"\n' + HTTP + ROOMS, "url in mine.toml should begin with https:// or http://."),
    ('url = "https://{host}"\n' + HTTP + ROOMS,
     "url in mine.toml has a place for {host}, which is none of the recipe's values."),
    (HTTP + ROOMS + '[values.now]\nabout = "x"\n', "values.now in mine.toml should have another "
     "name than now, hour, day, synthetic."),
    (HTTP + ROOMS + 'labels = ["value"]\n',
     "metric.rooms.labels in mine.toml should have another name than value."),
    (PAGED.format('next = "last"'), "ask.rooms.paging in mine.toml should have both next and into, "
     "or neither for a Link header."),
    (PAGED.format('items = "da ta"'), "ask.rooms.paging.items in mine.toml is no JMESPath: "),
    (HTTP.replace("ask.rooms", "ask.given") + ROOMS.replace('["rooms"]', '["given"]'),
     "ask.given in mine.toml should have another name: given holds the recipe's values."),
    (SQL + COUNT.format("DELETE FROM users"),
     "metric.users.value in mine.toml should be one SELECT."),
    (SQL + COUNT.format("SELECT 1; DROP TABLE users"),
     "metric.users.value in mine.toml should be one SELECT."),
    (SQL + COUNT.format("SELECT :yesterday"), "metric.users.value in mine.toml binds :yesterday, "
     "which is none of now, hour, day, synthetic."),
    (SQL + COUNT.format("SELECT 1") + 'of = ["x"]\n', "metric.users.of in mine.toml is for recipes "
     "of kind http: take it away from kind sql."),
    (SQL + '[tables]\nall = "users"\n' + COUNT.format("SELECT 1"),
     "tables.all in mine.toml should be one SELECT."),
    (HEAD.format(kind="promql") + COUNT.format("up") + 'of = ["x"]\n', "metric.users.of in "
     "mine.toml is for recipes of kind http: take it away from kind promql."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_recipe_is_refused_with_its_sentence(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(RecipeError) as caught:
        load(["mine"], tmp_path)
    said = str(caught.value)
    assert said == message if message.endswith(".") else said.startswith(message)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';' AS value",
        "SELECT 1 AS value -- ; nothing more",
        "WITH a AS (SELECT 1) SELECT count(*) AS value FROM a",
        "SELECT now()::date - '12:30'::time AS value",
    ],
)
def test_a_statement_that_only_reads_is_taken(statement: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SQL + COUNT.format(statement))
    assert load(["mine"], tmp_path)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("kind = ")
    (tmp_path / "two.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(RecipeError) as caught:
        load(["one", "two", "sentri"], tmp_path)
    assert str(caught.value).splitlines() == [
        "one.toml is not valid TOML: Invalid value (at end of document); correct that line.",
        "two.toml is not UTF-8 at line 1: save it as UTF-8.",
        "sentri in SYNTHETIC_FEEDS__ON is no recipe; the nearest is sentry.",
    ]


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="SYNTHETIC_FEEDS__FOLDER should name one with recipes"):
        load(["sentry"], tmp_path / "gone")


def test_a_recipe_of_ones_own_takes_the_place_of_one_shipped(tmp_path: Path) -> None:
    (tmp_path / "sentry.toml").write_text(HTTP + ROOMS)
    assert [one.title for one in load(["sentry", "hms"], tmp_path)] == ["Mine", "100ms"]
    assert set(names(tmp_path)) == set(names())
