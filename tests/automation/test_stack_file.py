from pathlib import Path

import pytest

from automation import stack_file
from automation.errors import InvalidInput

NAME = "Pulumi.staging.yaml"


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        stack_file.read(path, NAME)
    return caught.value.message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"config:\n  a: b\n  c: caf\xe9\n", "line 3: not UTF-8 text"),
        (b"config:\n  a: 2024-02-30\n", "line 2: not valid YAML: no timestamp; write text in"),
        (b"config:\n  a: !!int x\n", "line 2: not valid YAML: no int;"),
        (b"config:\n  a: !!bool x\n", "line 2: not valid YAML: no bool;"),
        (b"config:\n  a: !!timestamp x\n", "line 2: not valid YAML: no timestamp;"),
        (b"a: \x00", "not valid YAML"),
        (b"- a", "expected a mapping with `config`"),
        (b"config: [a]", "config: expected a mapping of keys to values"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(tmp_path, content, told):
    message = refused(tmp_path / "file", content)

    assert message.startswith(NAME)
    assert told in message


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=f"{NAME} cannot be read: Is a directory"):
        stack_file.read(tmp_path, NAME)
    with pytest.raises(InvalidInput, match=f"{NAME} is missing in {tmp_path}"):
        stack_file.read(tmp_path / "gone", NAME)


def test_values_are_returned_as_they_are_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("config: {a: 01234, b: yes, c: 'x', d: }")

    assert stack_file.written(file, NAME) == {"a": "01234", "b": "yes", "c": "x", "d": ""}
    assert stack_file.read(file, NAME)["config"] == {"a": 668, "b": True, "c": "x", "d": None}
