"""Secrets do not get past the border in any encoding, and what is no secret stays readable."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from synthetic.redaction import REDACTED, Redactor

SECRETS = [
    "471108",
    "guest@synthetic.test",
    "xoxb-17-ABCdef_~.42",
    'pa55 "wörd"/+=\\d',
    "a%2Fb&amp;c\\u0041d😀",
    "-----KEY\nline two of it\n-----",
]
redactor = Redactor(SECRETS)


def escaped(text: str) -> str:
    """Every character as JavaScript may write it."""
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url_safe_base64_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def in_json(text: str) -> str:
    return json.dumps({"a": "b", "note": text, "z": 1})


def in_readable_json(text: str) -> str:
    return json.dumps({"note": text}, ensure_ascii=False)


def in_jwt(text: str) -> str:
    parts = ['{"alg":"HS256"}', json.dumps({"sub": text}), "signature"]
    return ".".join(map(url_safe_base64_of, parts))


def mime_lines(text: str) -> str:
    return base64.encodebytes((f"{'x' * 40}{text}" * 3).encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "URL, small digits": lambda text: quote(text, safe="").lower(),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "every octet of a URL": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "JSON": in_json,
    "JSON, not escaped": in_readable_json,
    "JSON in JSON": lambda text: in_json(in_json(text)),
    "JSON three times": lambda text: in_json(in_json(in_json(text))),
    "JSON, every character": escaped,
    "JSON, every character, in JSON": lambda text: in_json(escaped(text)),
    "JavaScript": lambda text: "".join(f"\\u{{{ord(letter):x}}}" for letter in text),
    "HTML": lambda text: html.escape(text, quote=True),
    "HTML numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML hexadecimal numbers": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "URL in HTML in JSON": lambda text: in_json(html.escape(quote(text, safe=""))),
    "base64": base64_of,
    "base64, one octet on": lambda text: base64_of(f"x{text} and more"),
    "base64, two octets on": lambda text: base64_of(f"xx{text} and more"),
    "base64, after one letter": lambda text: f"k{base64_of(f'as {text}')}",
    "base64, after two letters": lambda text: f"k/{base64_of(f'as {text}')}",
    "base64, after three letters": lambda text: f"k-/{base64_of(f'as {text}')}",
    "base64url": lambda text: url_safe_base64_of(f"x{text}"),
    "base64 of base64": lambda text: base64_of(f"data {base64_of(f'as {text}')}"),
    "base64 of JSON of a URL": lambda text: base64_of(in_json(quote(text, safe=""))),
    "base64 in a URL": lambda text: quote(base64_of(f"??>>{text}"), safe=""),
    "base64 in lines": mime_lines,
    "base64 in lines in JSON": lambda text: in_json(mime_lines(text)),
    "hexadecimal digits": lambda text: text.encode().hex(),
    "hexadecimal digits, capitals": lambda text: text.encode().hex().upper(),
    "JWT": in_jwt,
    "Basic": lambda text: f"Basic {base64_of(f'ann:{text}')}",
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(f"{text} x".encode())).decode(),
}


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_secret_is_found_in_each_encoding(name: str, secret: str) -> None:
    encoded = ENCODINGS[name](secret)
    redacted = redactor.raw(f"before; {encoded} ; after")
    assert REDACTED in redacted
    assert redacted.startswith("before; ")
    assert redacted.endswith(" ; after")
    assert secret.lower() not in redacted.lower()
    assert encoded not in redacted


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize(
    "name", ["JSON", "JSON in JSON", "URL in HTML in JSON", "JSON three times"]
)
def test_json_stays_json(name: str, secret: str) -> None:
    redacted = redactor.raw(ENCODINGS[name](secret))
    values = json.loads(redacted)
    assert (values["a"], values["z"]) == ("b", 1)
    if name == "JSON":
        assert values["note"] == REDACTED


def test_an_address_is_known_in_capitals_too() -> None:
    assert redactor.raw("<Guest@Synthetic.TEST>") == f"<{REDACTED}>"


def test_only_the_secret_goes() -> None:
    url = f"https://x.test/a?b=c&next={quote(SECRETS[1], safe='')}&d=e"
    assert redactor.raw(url) == f"https://x.test/a?b=c&next={REDACTED}&d=e"


@pytest.mark.parametrize(
    "line",
    [
        '{"at": 1234.471108, "end": 471108.25}',
        '{"at": 1714711080000}',
        "0x4711089a is 14711081",
    ],
)
def test_a_code_is_not_seen_in_the_middle_of_a_number(line: str) -> None:
    assert redactor.raw(line) == line


@pytest.mark.parametrize("line", ['{"code":471108}', '{"a":[1, 471108]}', "[471108,2]"])
def test_a_code_that_is_a_number_leaves_json(line: str) -> None:
    redacted = redactor.raw(line)
    assert "471108" not in redacted
    json.loads(redacted)


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"
UNKNOWN = "Zq8-unknown-7"


@pytest.mark.parametrize(
    "line",
    [
        f"here is {JWT}".replace("c2ln", UNKNOWN),
        f"Bearer {UNKNOWN}abc",
        f"curl -H 'Authorization: token {UNKNOWN}'",
        f"https://hooks.slack.com/services/T0/B0/{UNKNOWN}",
        f"https://discord.com/api/webhooks/123/{UNKNOWN}",
        f"xoxb-{UNKNOWN}",
        f"postgresql://ann:{UNKNOWN}@db/x",
        f"/callback?state=1&code={UNKNOWN}",
        f"/callback?access_token={UNKNOWN}&x=1",
        f"next=%2Fcallback%3Faccess_token%3D{UNKNOWN}%26x%3D1",
        f"email=a&password={UNKNOWN}&x=1",
        f'{{"accessToken": "{UNKNOWN}"}}',
        f'{{"x-csrf-token":"{UNKNOWN}","a":1}}',
        json.dumps(json.dumps({"password": f'"{UNKNOWN}"'})),
        json.dumps({"text": f"GET /\r\nCookie: a=b; c={UNKNOWN}\r\nHost: x"}),
        json.dumps({"text": f'GET /\r\nCookie: a="b"; c={UNKNOWN}\r\nHost: x'}),
        f'<input name="csrf_token" value="{UNKNOWN}">',
        f'{{"type":"hidden","name":"csrf_token","value":"{UNKNOWN}"}}',
        f'["set-cookie","a={UNKNOWN}"]',
        f"token: {UNKNOWN}",
        f"{{'secret': '{UNKNOWN}'}}",
        base64_of(json.dumps({"password": UNKNOWN})),
        "-----BEGIN RSA PRIVATE KEY-----\nZq8+unknown/7\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_an_unknown_secret_gives_itself_away(line: str) -> None:
    redacted = Redactor().raw(line)
    assert REDACTED in redacted
    assert UNKNOWN not in redacted
    assert "unknown" not in redacted
    if line.startswith(('{"', "[")):
        json.loads(redacted)


@pytest.mark.parametrize(
    "line",
    ["982451 is your Kulti code", "Your code is 982451.", "code: 982451", '{"code":"982451"}'],
)
def test_a_code_that_nobody_read_gives_itself_away(line: str) -> None:
    assert "982451" not in Redactor().raw(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"code":"otp_wrong","status":401}',
        '{"code":1006,"reason":"closed"}',
        "closed with code 1006",
        '{"session_id":"b7c2","key":"Enter"}',
        '{"type":"password","name":"field"}',
        '["INPUT",{"type":"password","id":"code","autocomplete":"one-time-code"}]',
        "the token is missing: expired",
        "basic functionality of bearer authentication",
        "https://x.test:8080/a@b",
        "resources/0c05a78112d1064e096e97b0b83da38c192531b3.css",
        '{"token":null,"password":true,"cookies":[]}',
        "100% & \\ &nbsp; %zz \\q &unknown;",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert redactor.raw(line) == line


def test_what_was_cut_off_takes_nothing_else_with_it() -> None:
    console = json.dumps({"text": '{"token":"abc-cut-of', "next": "kept"})
    assert json.loads(Redactor().raw(console))["next"] == "kept"


def test_what_was_cut_off_ends_with_its_line() -> None:
    assert Redactor().raw("{'secret': 'abc\nnext line") == f"{{'secret': '{REDACTED}\nnext line"


def test_no_escape_is_cut_in_two() -> None:
    line = json.dumps({"note": "\nomad-4711", "link": "\u0142oud-4711"})
    for secret in ("nomad-4711", "142oud-4711"):
        json.loads(Redactor([secret]).raw(line))


@pytest.mark.parametrize("length", range(1990, 2010))
def test_no_part_of_a_secret_stands_at_a_cap(length: int) -> None:
    text = redactor.text("x " * (length // 2) + SECRETS[1] + " tail" * 2000)
    assert len(text) <= 2000
    assert "guest" not in text
    assert not text.rstrip("…").endswith("gu")


def test_no_part_of_a_secret_comes_into_sight_as_others_go() -> None:
    for length in range(4350, 4400, 7):
        header = f"Cookie: {'a;' * length}"[:length]
        text = redactor.text(f"{header}\n{SECRETS[1]}{' tail' * 9000}", cap=300)
        assert "gu" not in text


HOSTILE = {
    "backslashes": "\\" * 50,
    "escapes of escapes": "%252525252541",
    "ampersands": "&amp;amp;#38;",
    "base64": "QUFB",
    "alphabet": "abcdefgh_-/",
    "tokens": "eyJeyJ",
    "dots": "eyJaaaaaaaa.",
    "names": "cookie:",
    "quotes": '"password":"',
    "escaped quotes": '\\"otp\\":\\"\\\\\\"',
    "open lists": '"cookies":[',
    "parameters": "&code=token=",
    "schemes": "://a:",
    "credentials": "Bearer Basic ",
    "brackets": "[{",
    "unfinished": "token:'\\",
    "lines": "A" * 76 + "\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_only(name: str) -> None:
    def seconds(size: int) -> float:
        text = (HOSTILE[name] * size)[:size]
        begun = time.process_time()
        redactor.raw(text)
        return time.process_time() - begun

    once = min(seconds(100_000) for _ in range(2))
    assert seconds(800_000) < 8 * 3 * max(once, 0.02)


def test_capped_text_costs_little_however_long_it_is() -> None:
    text = "%41\\u0041" * 2_000_000
    begun = time.process_time()
    redactor.text(text)
    assert time.process_time() - begun < 0.5
