import os
import stat
from pathlib import Path

import pytest

from automation.engine import passphrase
from automation.errors import Blocked, InvalidInput


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for name in passphrase.VARIABLES:
        monkeypatch.delenv(name, raising=False)


def refused() -> str:
    with pytest.raises(Blocked) as caught:
        passphrase.check()
    return caught.value.message


def test_it_is_made_once_and_for_its_owner_only(tmp_path):
    file = tmp_path / "passphrase"
    before = os.umask(0)
    try:
        passphrase.make(file)
    finally:
        os.umask(before)
    made = file.read_text()

    passphrase.make(file)

    assert file.read_text() == made
    assert len(made) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_two_that_make_it_at_once_have_the_same(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("theirs")

    passphrase.make(file)

    assert file.read_text() == "theirs"


@pytest.mark.parametrize("content", ["", "\n"])
def test_a_file_that_was_cut_short_is_refused_and_left_for_a_person(tmp_path, content):
    file = tmp_path / "passphrase"
    file.write_text(content)

    with pytest.raises(Blocked, match=f"{file} is empty") as caught:
        passphrase.make(file)

    assert "backup" in caught.value.hint
    assert file.read_text() == content


@pytest.mark.parametrize("name", passphrase.VARIABLES)
def test_a_variable_that_is_empty_is_refused_by_its_name(monkeypatch, name):
    monkeypatch.setenv(name, "")

    assert refused().startswith(f"{name} is set, but empty")


def test_an_empty_passphrase_is_refused_beside_a_file_since_the_engine_takes_it_first(
    monkeypatch, tmp_path
):
    (tmp_path / "given").write_text("given")
    monkeypatch.setenv(passphrase.FILE, str(tmp_path / "given"))
    passphrase.check()

    monkeypatch.setenv(passphrase.VARIABLE, "")

    assert refused().startswith(f"{passphrase.VARIABLE} is set")


def test_a_file_without_a_name_counts_nothing_beside_a_passphrase(monkeypatch):
    monkeypatch.setenv(passphrase.VARIABLE, "given")
    monkeypatch.setenv(passphrase.FILE, "")

    passphrase.check()

    assert passphrase.given()


def test_a_file_of_a_user_that_there_is_not_is_refused_by_the_variables_name(monkeypatch):
    monkeypatch.setenv(passphrase.FILE, "~nosuchuser/passphrase")

    with pytest.raises(InvalidInput, match=f"{passphrase.FILE}: ~nosuchuser/passphrase: "):
        passphrase.check()


def test_an_empty_file_that_a_variable_names_is_refused(monkeypatch, tmp_path: Path):
    (tmp_path / "given").touch()
    monkeypatch.setenv(passphrase.FILE, str(tmp_path / "given"))

    assert refused().startswith(f"{tmp_path / 'given'} is empty")
