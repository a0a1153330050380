import base64
import html
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.redaction import PLACEHOLDER, Redactor

SECRET = "pä$$ w'ord/\"+<&>*_x="


def knowing(*values):
    redactor = Redactor()
    redactor.register_all(values)
    return redactor


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        html.escape(SECRET),
        shlex.quote(SECRET),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_known_in_every_form_it_travels_in(form):
    shown = knowing(SECRET).text(f"before {form} after")

    assert PLACEHOLDER in shown
    assert form not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@given(before=st.binary(max_size=8), after=st.binary(max_size=8))
def test_a_secret_inside_longer_base64_is_found_at_any_offset(before, after):
    encoded = base64.b64encode(before + b"correct-horse-battery" + after).decode()

    assert PLACEHOLDER in knowing("correct-horse-battery").text(encoded)


@given(st.text(min_size=6), st.text(), st.text())
def test_no_text_keeps_a_registered_value(secret, before, after):
    shown = knowing(secret).text(f"{before}{secret}{after}")

    assert secret not in shown.replace(PLACEHOLDER, "\0")


def test_the_password_in_a_connection_url_is_known_by_itself():
    redactor = knowing("postgresql://todo:hunter%2F22@127.0.0.1:5432/todo")

    assert redactor.text("hunter/22 and hunter%2F22") == f"{PLACEHOLDER} and {PLACEHOLDER}"
    assert redactor.text("127.0.0.1:5432") == "127.0.0.1:5432"


def test_each_line_of_a_key_is_known_but_not_its_frame():
    redactor = knowing("-----BEGIN KEY-----\nabcdefghij\n-----END KEY-----\n")

    assert redactor.text("  abcdefghij") == f"  {PLACEHOLDER}"
    assert redactor.text("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_the_longer_of_two_overlapping_secrets_goes_first():
    assert knowing("abcdef", "abcdef-ghijkl").text("abcdef-ghijkl") == PLACEHOLDER


def test_very_short_values_are_not_registered():
    assert knowing("abc", "").text("abc abcdef") == "abc abcdef"


def test_plain_data_keeps_its_shape():
    data = {"token-123456": ["token-123456", 123456, None, True, ("x",)]}

    assert knowing("token-123456", "123456").data(data) == {
        PLACEHOLDER: [PLACEHOLDER, 123456, None, True, ["x"]]
    }
