"""What a revision says to Slipway."""

import ast

import pytest

from automation.errors import InvalidInput
from automation.specification.downgrade import irreversible_because
from automation.specification.marker import Marker, read_marker


def marker(text: str) -> Marker:
    return read_marker(ast.parse(text), "versions/a.py")


def test_a_revision_says_its_phase_its_patience_and_what_it_may():
    text = 'slipway = {"phase": "contract", "lock_timeout_seconds": 30, "allow": ["drop-column"]}'

    assert marker(text) == Marker(
        phase="contract", lock_timeout_seconds=30.0, allow=("drop-column",)
    )


def test_a_revision_that_says_nothing_is_an_ordinary_one():
    assert marker("revision = 'a'") == Marker()


def test_an_annotation_is_no_hindrance():
    assert marker("slipway: dict = {'phase': 'contract'}").phase == "contract"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("slipway = {'fase': 'contract'}", "unknown key 'fase'; did you mean 'phase'"),
        ("slipway = {'xyz': 1}", "known: phase, lock_timeout_seconds, allow"),
        ("slipway = {'phase': 'later'}", "phase: expected 'expand' or 'contract', got 'later'"),
        ("slipway = {'lock_timeout_seconds': 0}", "lock_timeout_seconds: expected a number"),
        ("slipway = {'lock_timeout_seconds': True}", "lock_timeout_seconds: expected a number"),
        ("slipway = {'allow': 'drop-column'}", "allow: expected a list"),
        ("slipway = ['contract']", "expected a dictionary"),
        ("slipway = make()", "expected a dictionary"),
    ],
)
def test_a_wrong_marker_is_named_with_its_file_and_key(text, told):
    with pytest.raises(InvalidInput) as wrong:
        marker(text)

    assert wrong.value.message.startswith("versions/a.py: slipway: ")
    assert told in wrong.value.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def upgrade(): op.a()\ndef downgrade(): op.b()", ""),
        ("def upgrade(): op.a()", "it has no downgrade()"),
        ("def upgrade(): op.a()\ndef downgrade(): pass", "its downgrade() does nothing"),
        ("def upgrade(): op.a()\ndef downgrade():\n    '''No.'''\n    ...",
         "its downgrade() does nothing"),
        ("def upgrade(): op.a()\ndef downgrade(): raise NotImplementedError('no')",
         "its downgrade() raises NotImplementedError"),
        ("def upgrade(): op.a()\ndef downgrade():\n    print('no')\n    raise NotImplementedError",
         "its downgrade() raises NotImplementedError"),
        ("def upgrade(): pass\ndef downgrade(): pass", ""),
        ("def upgrade(): op.a()\ndowngrade = undo", ""),
    ],
)  # fmt: skip
def test_a_revision_that_cannot_be_taken_back_says_why(text, reason):
    assert irreversible_because(ast.parse(text)) == reason
