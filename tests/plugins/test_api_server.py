"""A real API server behind the double: it admits and keeps what the engine applies."""

import pytest

from tests.doubles.kubernetes.fixture import api_server
from tests.doubles.kubernetes.server import ApiServer
from tests.doubles.plugins.fixture import Plugins
from tests.doubles.plugins.kubernetes_server import VARIABLE
from tests.plugins.engine import Engine

__all__ = ["api_server"]
pytestmark = [
    pytest.mark.integration,
    pytest.mark.long,
    pytest.mark.xdist_group("api-server"),
]
PROGRAM = """
import pulumi
import pulumi_kubernetes as kubernetes
config = pulumi.Config()
space = kubernetes.core.v1.Namespace("space", metadata={"name": config.require("space")})
kubernetes.core.v1.Service(
    "service",
    metadata={"name": config.get("name") or "api", "namespace": space.metadata["name"]},
    spec={"ports": [{"port": config.get_int("port") or 80}], "selector": {"app": "api"}},
)
"""


def test_what_is_applied_changed_and_deleted_is_so_at_the_server(
    engine: Engine, plugins: Plugins, api_server: ApiServer
) -> None:
    engine.environment[VARIABLE] = str(api_server.kubeconfig)
    engine.program(PROGRAM).configure(space="behind-the-double").up().ok()
    sought = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "api", "namespace": "behind-the-double"},
    }

    with api_server.client() as client:
        there = client.get(sought)
        known = plugins.object("kubernetes:core/v1:Service").outputs["metadata"]
        assert there is not None
        assert there["metadata"]["uid"] == known["uid"]
        engine.unchanged()

        engine.configure(port=8080).up().ok()
        there = client.get(sought)
        assert there is not None
        assert [each["port"] for each in there["spec"]["ports"]] == [8080]

        client.delete(sought)
        engine.refresh().ok()
        assert plugins.objects("kubernetes:core/v1:Service") == []
        engine.up().ok()
        assert client.get(sought) is not None

        engine.destroy().ok()
        assert client.get(sought) is None


def test_what_the_server_refuses_is_the_plugins_error(
    engine: Engine, api_server: ApiServer
) -> None:
    engine.environment[VARIABLE] = str(api_server.kubeconfig)
    # Nobody finishes the deletion of a namespace there: each test has its own.
    engine.program(PROGRAM).configure(space="behind-it-too", port=70000)

    engine.up().failed("must be between 1 and 65535")
