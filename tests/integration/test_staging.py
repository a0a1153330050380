"""`staging`, whole: a frontend at Vercel, a backend on Kubernetes, a database at Neon, Prometheus.

The engine is real, its plugins are doubles, and the world serves what they hold.
"""

from collections.abc import Iterator

import pytest

from tests.integration.clouds import Shop, shop

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.xdist_group("staging")]
ENVIRONMENT = "staging"
DEPLOYMENTS = "kubernetes:apps/v1:Deployment"
ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
EXPECTED = (
    *("Namespace", "NetworkPolicy", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Gateway"),
    *("HTTPRoute", "Certificate", "PrometheusRule", "ServiceMonitor", "Project", "Alias", "Branch"),
)


@pytest.fixture(scope="module")
def staging() -> Iterator[Shop]:
    """A shop whose first release is live; what a preview said before is kept."""
    with shop(ENVIRONMENT) as made:
        made.foreseen = made("preview", ENVIRONMENT).ok().stdout
        made.up().ok()
        yield made


def test_a_preview_lists_every_resource_before_there_is_any(staging: Shop) -> None:
    missing = [kind for kind in EXPECTED if kind not in staging.foreseen]

    assert missing == []
    assert "no such stack" not in staging.foreseen


def test_the_public_gets_page_and_backend_and_the_engine_has_nothing_left_to_do(
    staging: Shop,
) -> None:
    staging.greets("hello")
    staging.is_clean()


def test_no_secret_is_in_what_the_engine_keeps_nor_in_what_was_logged(staging: Shop) -> None:
    secrets = staging.slipway.outputs(ENVIRONMENT, secrets=True)["secrets"]
    home = staging.slipway.home

    def holding(*texts: str) -> list[str]:
        return [
            str(file.relative_to(home))
            for file in home.rglob("*")
            if file.is_file()
            and "artifacts" not in file.parts
            and any(text.encode() in file.read_bytes() for text in texts)
        ]

    assert holding(staging.status()["release"]), "what is written down is found"
    assert secrets
    assert holding(*secrets.values()) == []


def test_the_next_release_takes_over_with_its_migration_and_a_rollback_returns_from_any_machine(
    staging: Shop,
) -> None:
    first = staging.status()["release"]
    staging.change(greeting="second")
    staging.revise()

    staging.up().ok()

    staging.greets("second")
    assert staging.status()["alembic_head"] == "0002"
    staging.is_clean()

    staging.leave_artifacts_behind()
    staging("rollback", ENVIRONMENT).ok()
    staging.greets("hello")
    assert staging.status()["release"] == first
    staging("verify", ENVIRONMENT).ok()
    staging("smoke", ENVIRONMENT).ok()
    staging.is_clean()


def test_a_release_that_never_gets_ready_leaves_the_old_one_where_it_was(staging: Shop) -> None:
    live = staging.status()["release"]
    staging.settings(healthTimeoutSeconds="10")
    staging.change("sick", greeting="third")

    staging.up().ok(6)

    staging.greets("hello")
    assert staging.status()["release"] == live
    assert staging.report()["overall_status"]["outcome"] == "rolled_back"
    staging.change(greeting="second")
    staging.settings()


def test_drift_behind_the_engines_back_is_seen_and_mended(staging: Shop) -> None:
    live = staging.world.plugins.object(DEPLOYMENTS, f"*-{staging.live_slot()}")
    staging.world.plugins.change(live, {"spec.template.spec.containers.0.image": "evil:latest"})
    [route] = [r for r in staging.world.plugins.objects(ROUTE) if r.name.endswith("-route")]
    staging.world.plugins.delete(route)
    release = staging.status()["release"]

    staging.up().ok()

    mended = staging.world.plugins.object(DEPLOYMENTS, f"*-{staging.live_slot()}")
    image = mended.inputs["spec"]["template"]["spec"]["containers"][0]["image"]
    assert "@sha256:" in image
    assert release != staging.status()["release"]
    staging.greets("second")
    staging.is_clean()


def test_destroyed_nothing_of_it_is_left(staging: Shop) -> None:
    staging("destroy", ENVIRONMENT, "--yes").ok()

    kept = [each for each in staging.world.plugins.objects() if each.name != "zone"]
    assert kept == []
