"""Wrong settings stop a run before it begins: usage error, one sentence each, nothing started."""

from pathlib import Path

import pytest

from tests.journeys.conftest import REPO, Smoke

ELSEWHERE = ("-c", str(REPO / "pyproject.toml"), "--rootdir", str(REPO), str(REPO / "tests/smoke"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "SYNTHETIC_BASE_ULR",
            "http://localhost",
            "SYNTHETIC_BASE_ULR in the environment is no setting; the nearest is "
            "SYNTHETIC_BASE_URL.",
        ),
        (
            "SYNTHETIC_STEP_TIMEOUT_S",
            "soon",
            "SYNTHETIC_STEP_TIMEOUT_S in the environment should be a number.",
        ),
        (
            "SYNTHETIC_BASE_URL",
            "kulti.example",
            "SYNTHETIC_BASE_URL in the environment should be a URL such as https://host.",
        ),
        (
            "SYNTHETIC_PAGES",
            '{"room": {"tiel": {"css": ".tile"}}}',
            "[pages.room] in synthetic.toml: there is no element 'tiel'; did you mean tile?",
        ),
        (
            "SYNTHETIC_PAGES",
            '{"room": {"tile": {"rolle": "group"}}}',
            "pages.room.tile in synthetic.toml: there is no key 'rolle'; did you mean role?",
        ),
    ],
    ids=["unknown name", "wrong type", "bad URL", "unknown locator", "unknown way to locate"],
)
def test_a_bad_variable_is_told_and_nothing_starts(
    smoke: Smoke, name: str, value: str, sentence: str
) -> None:
    run = smoke(env={name: value})
    assert run.code == 4
    run.tells(f"ERROR: {sentence}")
    assert not run.reports.exists()


def test_a_dotenv_that_cannot_be_read_is_told(smoke: Smoke, tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    run = smoke(*ELSEWHERE, cwd=tmp_path)
    assert run.code == 4
    run.tells("ERROR: .env cannot be read: is a directory; make it a readable file.")
    assert not run.reports.exists()


def test_all_that_is_wrong_is_told_at_once(smoke: Smoke, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SYNTHETIC_LOCATON=lab\n")
    run = smoke(*ELSEWHERE, cwd=tmp_path, env={"SYNTHETIC_STEP_TIMEOUT_S": "0"})
    assert run.code == 4
    run.tells("SYNTHETIC_LOCATON in .env", "SYNTHETIC_STEP_TIMEOUT_S in the environment should be")
