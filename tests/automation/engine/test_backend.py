from pathlib import Path

import pytest
import yaml

from automation.engine import backend, passphrase
from automation.engine.environment import KEY, SALT, EngineEnvironment
from automation.errors import InvalidInput
from automation.home import PROJECT, Home

OWN = Path("/home/ada/.slipway/state")


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    monkeypatch.delenv(backend.VARIABLE, raising=False)


def named(url: str) -> dict[str, dict[str, str]]:
    return {"config": {backend.KEY: url}}


def test_state_is_in_a_folder_of_this_installation_unless_somebody_says_otherwise():
    found = backend.configured({}, OWN)

    assert (found.folder, found.own) == (OWN, True)
    assert found.url == f"file://{OWN}?metadata=skip"


@pytest.mark.parametrize(
    "url", ["s3://acme-state/shop?region=eu-central-1", "https://api.pulumi.com"]
)
def test_the_file_of_an_environment_names_another_place(url: str):
    found = backend.configured(named(url), OWN)

    assert (found.url, found.folder, found.own) == (url, None, False)


def test_a_variable_counts_more_than_the_file(monkeypatch):
    monkeypatch.setenv(backend.VARIABLE, "s3://by-hand")

    assert backend.configured(named("s3://in-the-file"), OWN).url == "s3://by-hand"


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///srv/state", Path("/srv/state")),
        ("file://./state", PROJECT / "state"),
        ("file://~/state", Path.home() / "state"),
    ],
)
def test_a_folder_elsewhere_is_written_whole_too(url: str, folder: Path):
    found = backend.configured(named(url), OWN)

    assert (found.folder, found.url) == (folder, f"file://{folder}?metadata=skip")


@pytest.mark.parametrize("query", ["", "?metadata=skip&x=1"])
def test_the_engine_is_told_the_whole_path_of_a_folder_and_what_else_was_said(monkeypatch, query):
    url = f"file://{PROJECT / 'state'}{query}"
    monkeypatch.setenv(backend.VARIABLE, f"file://./state{query}")
    assert backend.configured({}, OWN).url == url

    monkeypatch.delenv(backend.VARIABLE)
    found = backend.configured(named(f"file://state{query}"), OWN)
    assert found.url == (url if query else f"{url}?metadata=skip")


def test_the_home_of_a_user_that_there_is_not_is_refused_by_what_named_it(monkeypatch):
    with pytest.raises(InvalidInput, match=f"{backend.KEY}: ~nosuchuser/x: "):
        backend.configured(named("file://~nosuchuser/x"), OWN)

    monkeypatch.setenv(backend.VARIABLE, "file://~nosuchuser/x")
    with pytest.raises(InvalidInput, match=f"{backend.VARIABLE}: ~nosuchuser/x: "):
        backend.configured({}, OWN)


@pytest.mark.parametrize("named", ["", "default", "passphrase"])
def test_a_passphrase_encrypts_unless_the_file_names_a_key(named: str):
    assert backend.provider({backend.PROVIDER: named}) == ""
    assert backend.provider({backend.PROVIDER: "awskms://alias/x"}) == "awskms://alias/x"


class WithKey(EngineEnvironment):
    """An environment whose checked-in file names a key."""

    @property
    def source(self) -> Path:
        return self.home.root / "checked-in.yaml"


@pytest.fixture
def environment(tmp_path) -> WithKey:
    found = WithKey(Home(tmp_path), "staging", tmp_path / "tools")
    found.source.write_text(yaml.safe_dump({backend.PROVIDER: "awskms://alias/state"}))
    return found


def test_the_encrypted_key_that_the_engine_made_is_kept_and_no_passphrase_is_made(environment):
    environment.prepare()
    written = environment.home.root / "written.yaml"
    written.write_text(yaml.safe_dump({KEY: "MDVmOGY3", SALT: "v1:of another provider"}))

    environment.keep_salt(written)
    environment.prepare()

    kept = yaml.safe_load(environment.config_file.read_text())
    assert (kept[KEY], SALT in kept) == ("MDVmOGY3", False)
    assert KEY not in environment.source.read_text()
    assert not environment.home.passphrase.exists()
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in environment.variables()


@pytest.mark.parametrize("name", passphrase.VARIABLES)
def test_beside_a_key_a_variable_for_a_passphrase_may_be_empty(environment, monkeypatch, name):
    monkeypatch.setenv(name, "")

    environment.prepare()

    assert environment.config_file.exists()


@pytest.mark.parametrize("text", ["config: [a]", "config: {a: b: c}", "x: 2024-02-30"])
def test_a_checked_in_file_that_is_wrong_is_refused_before_an_engine_runs(environment, text):
    environment.source.write_text(text)

    with pytest.raises(InvalidInput, match=r"checked-in\.yaml"):
        environment.prepare()


@pytest.mark.parametrize(
    "url", ["s3://ada:sentinel-7@bucket", "s3://b?endpoint=https://ada:sentinel-7@store"]
)
def test_a_url_with_a_password_is_refused_by_its_key_and_not_repeated(url: str):
    place = backend.configured(named(url), OWN)

    with pytest.raises(InvalidInput, match=r"Pulumi.staging.yaml: slipway:stateBackend") as caught:
        backend.refuse_credentials(place, "Pulumi.staging.yaml")

    assert "sentinel" not in caught.value.message


def test_a_folder_may_have_an_at_in_its_name():
    place = backend.configured(named("file:///home/ada@example.com/state"), OWN)

    backend.refuse_credentials(place, "Pulumi.staging.yaml")

    assert place.folder == Path("/home/ada@example.com/state")


def test_a_key_in_the_checked_in_file_counts_more(environment):
    environment.prepare()
    environment.config_file.write_text(yaml.safe_dump({KEY: "own"}))
    environment.source.write_text(yaml.safe_dump({backend.PROVIDER: "awskms://x", KEY: "shared"}))

    WithKey(environment.home, "staging", environment.tools).prepare()

    assert yaml.safe_load(environment.config_file.read_text())[KEY] == "shared"
