"""The application with its backend on Kubernetes, on the real engine."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.contract.desired import DesiredState, Slot, Slots
from tests.components.clusters import CHOSEN, IMAGE, released
from tests.components.examples import live
from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
DEPLOYMENT, SECRET = "kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Secret"
ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BLUE, GREEN = "application-backend-blue", "application-backend-green"
PROGRAM = f"""
    import os, sys
    from pathlib import Path

    sys.path.insert(0, {str(ROOT)!r})
    import pulumi
    import pulumi_random as random
    from components.backend import kubernetes as backend
    from components.certificates import cert_manager
    from components.certificates.base import CertificateArgs
    from components.contract.desired import DesiredState
    from components.contract.settings import Settings
    from components.foundation import Foundation
    from components.load_balancer import gateway
    from components.load_balancer.base import LoadBalancerArgs
    from components.secrets.config import ConfigSecrets
    from components.service import ServiceArgs
    from components.settings import Inputs

    state = DesiredState.model_validate_json(Path("state.json").read_bytes())
    made = random.RandomPassword("made", length=24, special=False).result
    known = pulumi.Output.from_input(state)
    chosen = Settings.model_validate_json(Path("settings.json").read_bytes())
    inputs = Inputs("staging", chosen, known, Path("/home"), {{}})
    root = pulumi.ComponentResource("slipway:index:Application", "application")
    foundation = Foundation("application", inputs, root)
    below = pulumi.ResourceOptions(parent=root)
    certificate = cert_manager.declare(
        "application-certificate",
        CertificateArgs(foundation=foundation, hosts=(foundation.backend_domain,)),
        below,
    )
    balancer = gateway.declare(
        "application-load-balancer",
        LoadBalancerArgs(
            foundation=foundation,
            state=known,
            address=pulumi.Output.from_input(None),
            certificate=certificate,
        ),
        below,
    )
    class Kept:
        def bundle(self, name, content, opts):
            return None
    KEY = "secret.SESSION_KEY"
    known_values = {{
        "environment": "staging",
        "database.url": "postgresql://app",
        "database.host": "db.example",
        "secret.MAIL_TOKEN": "mail-token-given",
    }}
    service = backend.declare(
        "application-backend",
        ServiceArgs(
            foundation=foundation,
            state=known,
            values=pulumi.Output.secret(made.apply(lambda m: {{**known_values, KEY: m}})),
            load_balancer=balancer,
            secrets=Kept(),
        ),
        below,
    )
    pulumi.export("endpoints", service.endpoints)
    pulumi.export("made", made)
"""


class Stack:
    """A stack whose desired state a test chooses."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine.program(PROGRAM)
        (engine.folder / "settings.json").write_text(json.dumps(CHOSEN))

    def declare(self, state: DesiredState) -> "Stack":
        (self.engine.folder / "state.json").write_text(state.model_dump_json())
        return self


@pytest.fixture
def stack(engine: Engine) -> Stack:
    return Stack(engine)


def both(blue: int, green: int, *, replicas: int = 2) -> DesiredState:
    state = live(released("1-a"), released("2-b", image=IMAGE.replace("0" * 8, "1" * 8)))
    slots = Slots(
        blue=Slot(release="1-a", replicas=2, weight=blue),
        green=Slot(release="2-b", replicas=replicas, weight=green),
    )
    return DesiredState(**{**dict(state), "backend": slots})


def spec(plugins: Plugins, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = plugins.object(kind, name).outputs["spec"]
    return found


def test_a_rollout_changes_one_thing_at_a_time_and_every_step_is_clean(
    stack: Stack, plugins: Plugins
) -> None:
    engine = stack.engine
    stack.declare(DesiredState())
    engine.up().ok()
    engine.unchanged()

    # The first release goes to blue, which is all that changes.
    stack.declare(live(released("1-a")))
    plugins.forget()
    engine.up().ok()
    assert set(plugins.changes()) == {
        f"Create {SECRET} {BLUE}-secrets",
        f"Delete {SECRET} {BLUE}-secrets",
        f"Update {DEPLOYMENT} {BLUE}",
        f"Update {ROUTE} application-load-balancer-route",
        f"Update {SCALER} application-backend-autoscaler",
    }
    changes = plugins.changes()
    route, pods = (f"Update {ROUTE}", f"Update {DEPLOYMENT}")
    order = [one.rpartition(" ")[0] for one in changes]
    assert order.index(route) < order.index(pods), "routed before it runs"
    assert changes[-1].startswith("Delete"), "pods that run keep their secrets"
    engine.unchanged()

    # The second one waits in green; then traffic moves, and nothing else.
    stack.declare(both(100, 0))
    engine.up().ok()
    stack.declare(both(75, 25))
    plugins.forget()
    engine.up().ok()
    assert plugins.changes() == [f"Update {ROUTE} application-load-balancer-route"]
    weights = [
        each["weight"]
        for each in spec(plugins, ROUTE, "application-load-balancer-route")["rules"][-1][
            "backendRefs"
        ]
    ]
    assert weights == [75, 25]

    # What the autoscaler made of the live slot stays when traffic moves.
    plugins.change(plugins.object(DEPLOYMENT, BLUE), {"spec.replicas": 7})
    stack.declare(both(0, 100))
    plugins.forget()
    engine.up().ok()
    assert sorted(plugins.changes()) == [
        f"Update {SCALER} application-backend-autoscaler",
        f"Update {ROUTE} application-load-balancer-route",
    ]
    assert spec(plugins, DEPLOYMENT, BLUE)["replicas"] == 7
    assert spec(plugins, SCALER, "application-backend-autoscaler")["scaleTargetRef"]["name"] == (
        "backend-green"
    )

    assert engine.outputs()["endpoints"] == {
        "blue": ["https://api.shop.example.com"],
        "green": ["https://api.shop.example.com"],
    }
    engine.destroy().ok()
    assert plugins.objects() == []


def test_secrets_are_encrypted_in_the_state_and_never_in_a_plan(
    stack: Stack, plugins: Plugins
) -> None:
    engine = stack.declare(live(released("1-a"))).engine
    engine.up().ok()
    made = engine.outputs()["made"]
    state = engine.state()
    shown = engine.preview("--refresh").ok().output

    for value in (made, "mail-token-given", "postgresql://app"):
        assert value not in state
        assert value not in shown
    assert "db.example" in state, "what is no secret can be read"


def test_a_release_without_an_image_is_refused_in_words(stack: Stack) -> None:
    stack.declare(live(released("1-a", image=None)))

    shown = stack.engine.preview().failed("release 1-a has no image of its backend by digest")

    assert "Traceback" not in shown.output
