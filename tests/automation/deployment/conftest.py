"""An installation of a small application, and the state that a first deployment leaves."""

import tempfile
from pathlib import Path

import pytest

from automation.home import Home
from tests.automation.deployment.endings import SENTINEL
from tests.doubles.certificates import Authority
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, SharedArtifacts, tiny


@pytest.fixture(scope="session")
def first():
    """The artifacts that tests share, an authority, and the state after a first deployment."""
    with tempfile.TemporaryDirectory(prefix="slipway-") as path:
        folder = Path(path)
        home = Home(folder / "home")
        home.root.mkdir()
        authority = Authority(folder, "127.0.0.1").ca
        with FakeEngine(authority=authority) as engine:
            installation = Installation(home, tiny(folder), engine)
            assert installation.deploy(installation.open()) == "deployed"
            yield home, authority, engine.state()


@pytest.fixture
def installation(first, tmp_path):
    home, authority, _ = first
    with FakeEngine(authority=authority, secrets={"SECRET_KEY": SENTINEL}) as engine:
        own = SharedArtifacts(tmp_path / "home", home.artifacts)
        own.root.mkdir()
        yield Installation(own, tiny(tmp_path), engine)


@pytest.fixture
def live(installation, first):
    """The id of a release that serves, and a change to deploy after it."""
    _, _, state = first
    installation.engine.live, installation.engine.created = state, True
    next(installation.deployments)
    installation.change()
    return state.live_release().id
