"""The real API server as a fixture, one for a whole run; skipped where it cannot be built."""

from collections.abc import Iterator

import pytest

from tests.doubles.kubernetes.programs import Unavailable
from tests.doubles.kubernetes.server import ApiServer


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Give a real API server. Names in it are shared: use a namespace of one's own."""
    try:
        server = ApiServer(tmp_path_factory.mktemp("kubernetes"))
    except Unavailable as reason:
        pytest.skip(f"no real API server: {reason}")
    with server:
        yield server
