"""What `slipway secret` refuses before an engine runs."""

import io
import sys

import pytest

from automation.commands.secret import secret
from automation.errors import InvalidInput
from components.contract.outputs import HOME_VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("piped", "told"),
    [(b"sentinel\xff\n", "KEY: the value is not UTF-8 text"), (b"\n", "KEY: an empty value")],
)
def test_a_value_that_cannot_be_kept_is_refused_and_not_repeated(monkeypatch, home, piped, told):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped), encoding="utf-8"))

    with pytest.raises(InvalidInput, match=told) as caught:
        secret("staging", "KEY")

    assert "sentinel" not in caught.value.message
    assert list(home.iterdir()) == []
