from pathlib import Path

import pytest

from automation.environments import check_environment
from automation.errors import InvalidInput
from automation.settings import load
from components.contract.outputs import HOME_VARIABLE

FILE = "Pulumi.staging.yaml"
SET_THERE = (
    "after `./slipway env staging`: pulumi config set --secret secrets:KEY --stack staging "
    f"--config-file {FILE}"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def read(folder: Path, text: str):
    (folder / FILE).write_text(text)
    return load("staging", folder)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(folder, text)
    assert caught.value.exit_code == 3
    return "\n".join((caught.value.message, *caught.value.details))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conifg: {}", f"{FILE}: unknown key conifg; did you mean config?"),
        ("zebra: {}", f"{FILE}: unknown key zebra; known: config"),
        ("[]", f"{FILE}: expected a mapping with `config`"),
        ("config: [a]", f"{FILE}: config: expected a mapping of keys to values"),
        ("config: {a: b: c}", f"{FILE} line 1: not valid YAML"),
        ("config:\n  x: [1\n", f"{FILE} line"),
        (
            "config: {slipway:strateg: recreate}",
            f"{FILE}: unknown key slipway:strateg; did you mean slipway:strategy?",
        ),
        ("config: {slipway:zzz: 1}", f"{FILE}: unknown key slipway:zzz; known keys: "),
        (
            "config: {slpway:strategy: x}",
            f"{FILE}: unknown namespace slpway; did you mean slipway?",
        ),
        ("config: {slipway:strategy: canery}", f"{FILE}: slipway:strategy: Input should be"),
        ("config: {slipway:backendReplicas: '0'}", f"{FILE}: slipway:backendReplicas: Input"),
        ("config: {slipway:backendReplicas: many}", "(got 'many')"),
        ("config: {slipway:publicPort: 70000}", f"{FILE}: slipway:publicPort: Input should be"),
        ("config: {slipway:domain: 'https://a.b'}", f"{FILE}: slipway:domain: Value error"),
        ("config: {slipway:rollbackEnabled: maybe}", f"{FILE}: slipway:rollbackEnabled"),
        ("config: {variables:HOSTS: [a, b]}", f"{FILE}: variables:HOSTS: expected a plain value"),
        ("config: {variables:X: false}", f"{FILE}: variables:X: YAML reads no text here; write it"),
        ("config: {variables:X: }", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 01234}", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 1_000}", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 12:30}", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 1.10}", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 2024-01-31}", f"{FILE}: variables:X: YAML reads no text here"),
        ("config: {variables:X: 2024-02-30}", f"{FILE} line 1: not valid YAML: no timestamp"),
        ("config: {secrets:KEY: hunter2}", f"{FILE}: secrets:KEY: holds a secret in the clear"),
        ("config: {secrets:KEY: hunter2}", f"remove the line, then set it {SET_THERE}"),
    ],
)
def test_a_mistake_is_told_with_its_file_its_key_and_the_remedy(tmp_path, text, told):
    assert told in refused(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path):
    told = refused(
        tmp_path, "config:\n  slipway:strateg: x\n  slipway:publicPort: -1\n  zz:a: 1\nfoo: 1\n"
    )

    assert all(word in told for word in ("strateg;", "publicPort", "namespace zz", "key foo"))


@pytest.mark.parametrize(
    "text",
    [
        "secrets:KEY: hunter2",
        "slipway:stateBackend: 'https://ada:hunter2@host'",
        "slipway:stateBackend: 'ada:hunter2@host'",
        "slipway:prometheusUrl: 'https://host/a b?token=hunter2'",
        "slipway:notificationEmail: hunter2, slipway:rollingSurge: 0",
    ],
)
def test_a_secret_in_the_clear_is_not_repeated(tmp_path, text):
    assert "hunter2" not in refused(tmp_path, f"config: {{{text}}}")


def test_a_file_that_is_missing_is_named_with_its_folder(tmp_path):
    with pytest.raises(InvalidInput, match=rf"{FILE} is missing in {tmp_path}"):
        load("staging", tmp_path)


@pytest.mark.parametrize(("name", "hint"), [("stagin", "did you mean staging?"), ("x", "choose")])
def test_an_unknown_environment_is_refused_with_the_known_ones(name, hint):
    with pytest.raises(InvalidInput, match="known: development, staging, production") as caught:
        check_environment(name)

    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["", "config:\n", "encryptionsalt: v1:abc\n"])
def test_a_file_that_sets_nothing_means_the_defaults(tmp_path, text):
    file = read(tmp_path, text)

    assert file.settings.strategy == "blue_green"
    assert file.variables == {}
    assert file.given == frozenset()


def test_numbers_and_switches_are_read_as_the_engine_writes_them(tmp_path):
    file = read(
        tmp_path,
        "config:\n  slipway:backendReplicas: '3'\n  slipway:rollbackEnabled: 'false'\n"
        "  aws:region: eu-central-1\n  variables:PORTS: 8\n",
    )

    assert (file.settings.backend_replicas, file.settings.rollback_enabled) == (3, False)
    assert file.variables == {"PORTS": "8"}


def test_variables_are_text_and_numbers_as_they_are_written(tmp_path):
    file = read(
        tmp_path,
        "config:\n  variables:A: '01234'\n  variables:B: -5\n  variables:C: ''\n"
        "  variables:D: 'false'\n  variables:E: a b\n",
    )

    assert file.variables == {"A": "01234", "B": "-5", "C": "", "D": "false", "E": "a b"}


def test_a_copy_of_this_installation_that_is_wrong_is_named_by_its_whole_path(tmp_path, home):
    own = home / "staging" / FILE
    own.parent.mkdir(parents=True)
    own.write_text("config: {a: b: c}")

    with pytest.raises(InvalidInput, match=f"{own} line 1: not valid YAML") as caught:
        read(tmp_path, "config: {}")

    assert "slipway secret" in caught.value.hint


def test_secrets_of_this_installation_are_read_beside_those_that_are_checked_in(tmp_path, home):
    own = home / "staging" / FILE
    own.parent.mkdir(parents=True)
    own.write_text(
        "config:\n  secrets:OWN: {secure: v1:a}\n  secrets:BOTH: {secure: v1:own}\n"
        "  slipway:strategy: recreate\n"
    )
    both = "config:\n  secrets:BOTH: {secure: v1:shared}\n"

    file = read(tmp_path, both)

    assert file.given == {"OWN", "BOTH"}
    assert file.shared == {"BOTH"}
    assert file.settings.strategy == "blue_green"
