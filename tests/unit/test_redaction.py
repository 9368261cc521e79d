"""Secrets do not get past the border, in whatever form they travel."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from synthetic.redaction import REDACTED, Redactor

SECRET = 'pa55 "wörd"/+='
redactor = Redactor([SECRET])


@pytest.mark.parametrize(
    "form", [SECRET, quote(SECRET, safe=""), quote_plus(SECRET), json.dumps(SECRET)[1:-1]]
)
def test_a_secret_is_replaced_in_each_form(form: str) -> None:
    assert redactor.text(f"before {form} after") == f"before {REDACTED} after"


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_secret_inside_base64_is_replaced(offset: int) -> None:
    text = base64.b64encode(b"x" * offset + SECRET.encode() + b" and more").decode()
    assert REDACTED in redactor.text(text)


def test_a_secret_that_came_later_is_replaced_from_then_on() -> None:
    late = Redactor()
    late.add("123456")
    assert late.text("code 123456") == f"code {REDACTED}"


def test_too_short_a_secret_would_blank_out_ordinary_text() -> None:
    assert Redactor(["on", ""]).text("once upon") == "once upon"


def test_a_secret_that_holds_another_is_replaced_whole() -> None:
    assert Redactor(["sesame", "sesame-open"]).text("sesame-open") == REDACTED


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer abc.def",
        "cookie: a=b; c=d",
        "Set-Cookie: session=abc",
        "X-Api-Key=abc",
        '{"authorization": "Bearer abc"}',
        '{"name":"Cookie","value":"session=abc"}',
        '{"name": "set-cookie", "value": "session=abc"}',
        r"{\"authorization\":\"Bearer abc\"}",
    ],
)
def test_headers_that_carry_credentials_are_replaced(line: str) -> None:
    redacted = redactor.raw(line)
    assert REDACTED in redacted
    assert not any(value in redacted for value in ("abc", "a=b", "c=d"))


def test_what_stands_after_a_header_is_kept() -> None:
    assert redactor.raw("Cookie: a=b\nHost: c") == f"Cookie: {REDACTED}\nHost: c"
    rows = json.loads(redactor.raw('[{"name":"cookie","value":"a=b"},{"name":"host","value":"c"}]'))
    assert rows[1] == {"name": "host", "value": "c"}


def test_cookies_of_a_recorded_request_are_left_out() -> None:
    har = '{"cookies": [{"name": "s", "value": "a]\\"b"}], "url": "/"}'
    assert redactor.raw(har) == '{"cookies": [], "url": "/"}'


def test_control_characters_go() -> None:
    assert redactor.text("\x1b[31mred\x00\u202e \t\n") == "[31mred \t\n"


def test_control_characters_do_not_split_a_secret() -> None:
    assert Redactor(["sesame"]).text("ses\x00ame") == REDACTED


def test_text_is_capped_after_secrets_are_gone() -> None:
    text = Redactor(["sesame"]).text("a" * 15 + "sesame", cap=20)
    assert len(text) == 20
    assert text.endswith("…")
    assert "ses" not in text


def test_an_archive_is_rewritten_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "trace.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("trace.network", f'{{"url": "?key={quote(SECRET, safe="")}"}}')
        archive.writestr("resources/body.bin", b"\xff\xfe" + SECRET.encode())
    redactor.archive(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["trace.network"]
        assert archive.read("trace.network").decode() == f'{{"url": "?key={REDACTED}"}}'
    assert [left.name for left in tmp_path.iterdir()] == ["trace.zip"]
