"""A real API server, for every test of this folder."""

from tests.doubles.kubernetes.fixture import api_server as api_server
