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
    from components.dns import none
    from components.dns.base import DnsArgs
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
    dns = none.declare("application-dns", DnsArgs(foundation=foundation, targets={{}}), below)
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
            dns=dns,
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
        f"Update {SCALER} {BLUE}-autoscaler",
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
    assert plugins.changes() == [
        f"Update {ROUTE} application-load-balancer-route",
        f"Update {SCALER} {GREEN}-autoscaler",
    ], "from its first user on, it is scaled"
    stack.declare(both(50, 50))
    plugins.forget()
    engine.up().ok()
    assert plugins.changes() == [f"Update {ROUTE} application-load-balancer-route"]
    weights = [
        each["weight"]
        for each in spec(plugins, ROUTE, "application-load-balancer-route")["rules"][-1][
            "backendRefs"
        ]
    ]
    assert weights == [50, 50]

    # A slot that has lost its traffic goes back to its own count, even where the engine has not
    # looked since it was scaled.
    scale(plugins, BLUE, 5)
    stack.declare(both(0, 100))
    plugins.forget()
    engine.up().ok()
    assert plugins.changes() == [
        f"Update {ROUTE} application-load-balancer-route",
        f"Update {SCALER} {BLUE}-autoscaler",
    ]
    assert counts(plugins) == (2, 2)

    assert engine.outputs()["endpoints"] == {
        "blue": ["https://api.shop.example.com"],
        "green": ["https://api.shop.example.com"],
    }
    engine.destroy().ok()
    assert plugins.objects() == []


def scale(plugins: Plugins, name: str, count: int) -> None:
    """Let load have changed a slot."""
    plugins.change(plugins.object(DEPLOYMENT, name), {"spec.replicas": count})
    status = {"status.currentReplicas": count, "status.desiredReplicas": count}
    plugins.change(plugins.object(SCALER, f"{name}-autoscaler"), status)


def counts(plugins: Plugins) -> tuple[int, int]:
    blue, green = (spec(plugins, DEPLOYMENT, name)["replicas"] for name in (BLUE, GREEN))
    return blue, green


def test_what_load_made_of_a_slot_stays_until_its_traffic_has_moved(
    stack: Stack, plugins: Plugins
) -> None:
    engine = stack.declare(live(released("1-a"))).engine
    engine.up().ok()

    # Each command asks the cluster first.
    scale(plugins, BLUE, 5)
    plugins.forget()
    engine.pulumi("preview", "--refresh", "--expect-no-changes").ok()
    engine.up("--refresh").ok()
    assert plugins.changes() == []
    assert counts(plugins) == (5, 0)

    # A change of other things in the slot takes no pod away.
    (engine.folder / "settings.json").write_text(
        json.dumps({**CHOSEN, "backend_memory_limit": "1Gi"})
    )
    plugins.forget()
    engine.up("--refresh").ok()
    assert f"Update {DEPLOYMENT} {BLUE}" in plugins.changes()
    assert counts(plugins) == (5, 0)

    # The new release begins with its own count, and is scaled beside the old one.
    stack.declare(both(100, 0, replicas=3))
    engine.up("--refresh").ok()
    assert counts(plugins) == (5, 3)
    stack.declare(both(50, 50, replicas=3))
    engine.up().ok()
    scale(plugins, GREEN, 4)
    plugins.forget()
    engine.up("--refresh").ok()
    assert plugins.changes() == []
    assert counts(plugins) == (5, 4)

    # The old one is kept as it was declared, and then not at all.
    stack.declare(both(0, 100, replicas=3))
    engine.up("--refresh").ok()
    assert counts(plugins) == (2, 4)
    stack.declare(stopped(both(0, 100, replicas=3)))
    engine.up("--refresh").ok()
    assert counts(plugins) == (0, 4)
    engine.unchanged()


def stopped(state: DesiredState) -> DesiredState:
    """Return the state without pods in blue, whatever its traffic."""
    empty = state.backend.blue.model_copy(update={"replicas": 0})
    return DesiredState(**{**dict(state), "backend": state.backend.with_slot("blue", empty)})


def test_a_slot_with_traffic_that_is_found_stopped_is_started_again(
    stack: Stack, plugins: Plugins
) -> None:
    # `recreate` stops the old release before it has lost its traffic; that step was cut short.
    engine = stack.declare(both(100, 0)).engine
    engine.up().ok()
    scale(plugins, BLUE, 0)

    engine.up("--refresh").ok()
    assert counts(plugins) == (2, 2)

    stack.declare(stopped(both(100, 0)))
    engine.up("--refresh").ok()
    assert counts(plugins) == (0, 2)
    stack.declare(both(100, 0))
    engine.up().ok()
    assert counts(plugins) == (2, 2)


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
