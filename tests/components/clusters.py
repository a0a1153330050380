"""Environments whose backend runs in a cluster, to declare."""

from pathlib import Path
from typing import Any

import pulumi

from components import settings
from components.application import Application
from components.contract.desired import DesiredState
from components.contract.release import Release
from components.contract.settings import Settings
from tests.components.examples import backend, release
from tests.doubles.program import Declared, declare

IMAGE = f"registry.example/acme/api@sha256:{'0' * 64}"
GIVEN = "given-value"
VARIABLES = {
    "PATH": "/artifacts/backend/venv/bin:/usr/bin",
    "VIRTUAL_ENV": "/artifacts/backend/venv",
    "PYTHONUNBUFFERED": "1",
    "DATABASE_URL": "${database.url}",
    "DATABASE_HOST": "${database.host}",
    "MAIL_TOKEN": "${secret.MAIL_TOKEN}",
    "SESSION_KEY": "${secret.SESSION_KEY}",
    "RELEASE": "${release.id}",
    "LISTEN": "0.0.0.0:${port}",
}
CHOSEN: dict[str, Any] = {
    "application": "examples/todo",
    "owner": "shop-team",
    "frontend_platform": "local",
    "backend_platform": "kubernetes",
    "load_balancer_platform": "gateway",
    "certificate_platform": "cert_manager",
    "domain": "shop.example.com",
    "kubernetes_gateway_class": "eg",
}


def released(id_: str = "1.0.0-aa", **changes: Any) -> Release:
    """Return a release whose backend is an image."""
    made = backend(**{"image": IMAGE, "variables": VARIABLES, **changes})
    return release(id_, backend=made, version="1.0.0+build.7", required_secrets=("MAIL_TOKEN",))


def declared(state: DesiredState, name: str = "staging", **changes: Any) -> Declared:
    """Declare the whole application with the backend in an existing cluster."""
    inputs = settings.Inputs(
        environment=name,
        settings=Settings(**{**CHOSEN, **changes}),
        state=pulumi.Output.from_input(state),
        home=Path("/home"),
        given={"MAIL_TOKEN": pulumi.Output.secret(GIVEN)},
    )
    return declare(lambda: Application("application", inputs).outputs(), stack=name)
