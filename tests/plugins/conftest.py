"""An engine and the doubles of its plugins, for one test."""

from pathlib import Path

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.doubles.plugins.fixture import plugins as plugins
from tests.plugins.engine import Engine


@pytest.fixture
def engine(tmp_path: Path, plugins: Plugins) -> Engine:
    return Engine(tmp_path, plugins)
