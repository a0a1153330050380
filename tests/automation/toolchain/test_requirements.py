import re

import pytest

from automation.home import PROJECT


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_no_registry_is_named(name):
    text = (PROJECT / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]

    pinned = re.compile(r"[\w.-]+(\[[\w,]+\])?==[\w.]+( ;.*)?$")
    unpinned = [line for line in lines if not pinned.match(line)]

    assert unpinned in ([], ["-r requirements.txt"])
    assert "://" not in text
