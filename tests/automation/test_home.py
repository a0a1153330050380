import pytest

from automation.errors import InvalidInput
from automation.home import PROJECT, Home
from components.contract.outputs import HOME_VARIABLE


def test_it_is_in_the_project_unless_somebody_says_otherwise(monkeypatch):
    monkeypatch.delenv(HOME_VARIABLE, raising=False)

    assert Home.locate().root == PROJECT / ".slipway"


def test_a_home_is_found_from_where_the_command_runs_and_from_ones_own_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")

    for named, found in (("state", tmp_path / "state"), ("~/state", "/home/ada/state")):
        monkeypatch.setenv(HOME_VARIABLE, named)
        assert str(Home.locate().root) == str(found)


def test_the_home_of_a_user_that_there_is_not_is_refused_by_the_variables_name(monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, "~nosuchuser/state")

    with pytest.raises(InvalidInput, match=f"{HOME_VARIABLE}: ~nosuchuser/state: ") as caught:
        Home.locate()

    assert "whole path" in caught.value.hint
