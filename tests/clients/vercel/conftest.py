"""A client of the fake, and something to deploy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clients.vercel.transport import Api
from tests.doubles.clock import FakeClock
from tests.doubles.vercel.fake import FakeVercel
from tests.doubles.vercel.model import Project


@pytest.fixture
def fake() -> Iterator[FakeVercel]:
    with FakeVercel() as fake:
        yield fake


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(fake: FakeVercel, clock: FakeClock) -> Api:
    return Api(fake.token, fake.url, now=clock.time, sleep=clock.sleep)


@pytest.fixture
def project(fake: FakeVercel) -> Project:
    made = fake.service.add_project({"name": "shop", "autoAssignCustomDomains": False})
    made.domains.append("shop.example.org")
    return made


@pytest.fixture
def prebuilt(tmp_path: Path) -> Callable[[str], Path]:
    """Make a folder with a page that says a text."""

    def make(text: str) -> Path:
        output = tmp_path / text.replace(" ", "-") / ".vercel" / "output"
        (output / "static").mkdir(parents=True)
        (output / "static" / "index.html").write_text(text)
        (output / "config.json").write_text(json.dumps({"version": 3}))
        return output.parent.parent

    return make
