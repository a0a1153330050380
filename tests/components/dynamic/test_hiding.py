from automation.redaction import PLACEHOLDER
from automation.redaction import SHORTEST as REDACTORS_SHORTEST
from components.dynamic.hiding import MARK, SHORTEST, hidden

KEY = "-----BEGIN KEY-----\nMIIEsentinel\nlines\n-----END KEY-----"
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://shop:sentinel%2Fpluto@127.0.0.1:5432/shop",
    "JWT_SECRET": 'sentinel-"mars"',
    "KEY": KEY,
    "PATH": "/opt/venv/bin:/usr/bin",
    "VIRTUAL_ENV": "/opt/venv",
    "PORT": "8000",
}


def test_a_program_that_prints_its_configuration_shows_none_of_it():
    printed = f"{ENVIRONMENT!r}\n{KEY}\npassword sentinel/pluto of sentinel-%22mars%22 refused"

    shown = hidden(printed, ENVIRONMENT)

    assert "sentinel" not in shown
    assert f"password {MARK} of {MARK} refused" in shown


def test_where_it_failed_stays_readable():
    line = 'File "/opt/venv/lib/main.py", line 8000, in lines'

    assert hidden(line, ENVIRONMENT) == line


def test_the_mark_is_the_one_of_the_redactor():
    assert (MARK, SHORTEST) == (PLACEHOLDER, REDACTORS_SHORTEST)
