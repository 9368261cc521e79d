"""Where ``synthetic init`` meets lines of one's own, and files that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic.settings import load
from tests.unit.commands.setting_up import GIVEN, Captured, first, run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ('# mine\n\n[inbox]\nkind = "mailpit"\n', "you set `inbox` in line 3 of synthetic.toml: "
         'make its `kind` "imap" there, or take that away'),
        ('a = """\n[inbox]"""\ninbox = {}\n', "you set `inbox` in line 3 of synthetic.toml"),
        ('base_url = "https://x.test"\n', "you set `base_url` in line 1 of synthetic.toml: make it "
         '"https://kulti.test" there'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [(), ("--force",)])
def test_a_line_of_ones_own_that_is_in_the_way_is_named(
    capsys: Captured, own: str, said: str, more: tuple[str, ...]
) -> None:
    Path("synthetic.toml").write_text(own)
    given = {name.replace("-", "_"): text for name, text in GIVEN.items()}
    shown = run(capsys, *more, code=2, **given)
    assert said in shown
    assert "mailpit" not in shown
    assert Path("synthetic.toml").read_text() == own
    assert not Path(".env").exists()


def test_a_line_in_the_way_is_counted_with_our_own_above_it(capsys: Captured) -> None:
    first(capsys)
    path = Path("synthetic.toml")
    path.write_text(path.read_text().replace('inbox.kind = "imap"\n', "") + "[inbox]\n")
    assert "`inbox` in line 5 of synthetic.toml" in run(capsys, code=2, inbox_kind="imap")
    path.write_text(f"inbox = {{}}\n{path.read_text().replace('[inbox]', '')}")
    assert "`inbox` in line 1 of synthetic.toml" in run(capsys, code=2, inbox_kind="imap")


def test_what_lines_of_ones_own_say_already_is_left_out(capsys: Captured) -> None:
    own = 'base_url = "https://kulti.test"\n[inbox]\nkind = "imap"\ntimeout_s = 9\n'
    Path("synthetic.toml").write_text(f"\ufeff{own}")
    first(capsys)
    assert Path("synthetic.toml").read_text().splitlines()[1] == 'location = "local"'
    assert Path("synthetic.toml").read_text().endswith(f"\n\n{own}")
    settings = load(Path(), {})
    assert (settings.inbox.kind, settings.inbox.timeout_s) == ("imap", 9)
    assert "wrote" not in run(capsys)


def test_files_that_would_not_be_settings_are_not_written(capsys: Captured) -> None:
    own = "[jira]\ntokn = 7\n"
    Path("synthetic.toml").write_text(own)
    shown = run(capsys, code=2, **{name.replace("-", "_"): text for name, text in GIVEN.items()})
    assert "jira.tokn in synthetic.toml is no setting" in shown
    assert Path("synthetic.toml").read_text() == own
    assert not Path(".env").exists()


def test_files_that_cannot_be_written_are_named(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("synthetic.commands.init_files.tempfile.mkstemp", full)
    shown = run(capsys, code=2, **{name.replace("-", "_"): text for name, text in GIVEN.items()})
    assert ".env cannot be written: No space left on device" in shown


def test_a_write_that_fails_leaves_no_secret_behind(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    shown = run(capsys, code=2, **{name.replace("-", "_"): text for name, text in GIVEN.items()})
    assert ".env cannot be written: No space left on device" in shown
    assert list(Path().iterdir()) == []
