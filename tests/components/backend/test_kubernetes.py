"""What the program declares of a backend on Kubernetes."""

import json
from typing import Any

import pulumi
import pytest

from components.backend.kubernetes import ReleaseHasNoImage, slots
from components.backend.kubernetes_objects import replicas
from components.backend.kubernetes_pod import SlotPods
from components.backend.kubernetes_secrets import provider_class
from components.backend.kubernetes_slots import KubernetesBackend, KubernetesBackendArgs
from components.contract import outputs
from components.contract.desired import SLOTS, Audience, DesiredState, Rollout, Slot, Slots
from components.contract.settings import Settings
from tests.components.clusters import CHOSEN, GIVEN, IMAGE, declared, released
from tests.components.examples import live
from tests.doubles.program import Declared, declare

TYPES = {
    "application-backend": "slipway:backend:KubernetesBackend",
    "application-backend-account": "kubernetes:core/v1:ServiceAccount",
    "application-backend-blue": "kubernetes:apps/v1:Deployment",
    "application-backend-blue-autoscaler": "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "application-backend-blue-disruption-budget": "kubernetes:policy/v1:PodDisruptionBudget",
    "application-backend-blue-secrets": "kubernetes:core/v1:Secret",
    "application-backend-green": "kubernetes:apps/v1:Deployment",
    "application-backend-green-autoscaler": "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "application-backend-green-disruption-budget": "kubernetes:policy/v1:PodDisruptionBudget",
    "application-backend-green-secrets": "kubernetes:core/v1:Secret",
    "application-backend-network-policy": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
}
BLUE, GREEN = "application-backend-blue", "application-backend-green"
SECRET_VALUES = (GIVEN, "made-SESSION_KEY", "made-password")


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(live(released()))


def pod_of(found: Declared, name: str = BLUE) -> dict[str, Any]:
    spec: dict[str, Any] = found.inputs[name]["spec"]["template"]["spec"]
    return spec


def container(found: Declared, name: str = BLUE) -> dict[str, Any]:
    (one,) = pod_of(found, name)["containers"]
    return dict(one)


def told(found: Declared, name: str = BLUE) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(found, name)["env"]}


def test_names_and_types_of_all_resources_are_those_that_stacks_remember(running: Declared) -> None:
    kinds = running.types().items()
    found = {n: k.rpartition("$")[2] for n, k in kinds if n.startswith("application-backend")}

    assert found == TYPES


@pytest.mark.parametrize(
    "state",
    [DesiredState(), live(released()), live(released("1-a"), released("2-b"))],
    ids=["nothing", "one release", "two releases"],
)
def test_both_slots_are_always_declared(state: DesiredState, running: Declared) -> None:
    assert declared(state).types() == running.types()


def test_an_idle_slot_has_no_pods_and_is_no_other_thing_than_one_that_serves(
    running: Declared,
) -> None:
    blue, green = (running.inputs[name]["spec"] for name in (BLUE, GREEN))

    assert (blue["replicas"], green["replicas"]) == (2, 0)
    assert green["template"]["metadata"]["labels"]["slipway/release"] == "none"
    assert pod_of(running, GREEN).keys() == pod_of(running, BLUE).keys()
    assert green["selector"]["matchLabels"] == {
        "app.kubernetes.io/component": "backend",
        "slipway/slot": "green",
    }


def test_pods_may_do_nothing_but_answer(running: Declared) -> None:
    for name in (BLUE, GREEN):
        pod, one = pod_of(running, name), container(running, name)
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {volume["name"] for volume in pod["volumes"]} == {"tmp"}
    account = running.inputs["application-backend-account"]
    assert account["automountServiceAccountToken"] is False


def test_what_runs_is_an_image_by_digest(running: Declared) -> None:
    assert container(running)["image"] == IMAGE


@pytest.mark.parametrize("image", [None, "registry.example/acme/api:latest"])
def test_a_release_without_an_image_by_digest_is_refused_in_words(image: str | None) -> None:
    with pytest.raises(ReleaseHasNoImage, match=r"release 1\.0\.0-aa has no image .* by digest"):
        declared(live(released(image=image)))


def test_secrets_are_in_a_secret_and_nowhere_else(running: Declared) -> None:
    held = running.inputs[f"{BLUE}-secrets"]

    assert held["stringData"].keys() == {"DATABASE_URL", "MAIL_TOKEN", "SESSION_KEY"}
    assert held["stringData"]["MAIL_TOKEN"] == GIVEN
    assert held["immutable"] is True
    assert "stringData" in running.secret_inputs[f"{BLUE}-secrets"]
    assert "name" not in held["metadata"], "a name of its own tells other content apart"
    for name, kind in running.types().items():
        if "kubernetes:" not in kind:
            continue
        found, secret = running.inputs[name], running.secret_inputs[name]
        plain = {key: value for key, value in found.items() if key not in secret}
        for value in SECRET_VALUES:
            assert value not in json.dumps(plain, default=str), name


def test_a_container_is_told_what_is_no_secret_and_nothing_of_the_machine_that_built_it(
    running: Declared,
) -> None:
    assert told(running) == {
        "DATABASE_HOST": "127.0.0.1",
        "HOME": "/tmp",
        "LISTEN": "0.0.0.0:8000",
        "PORT": "8000",
        "PYTHONUNBUFFERED": "1",
        "RELEASE": "1.0.0-aa",
        "UVICORN_HEADERS": "x-slipway-release:1.0.0-aa",
    }
    (source,) = container(running)["envFrom"]
    assert source["secretRef"]["name"].startswith(f"{BLUE}-secrets-")
    assert "spec" not in running.secret_inputs[BLUE], "what is no secret can be read in a plan"


def test_a_pod_gets_no_request_before_it_is_ready_and_none_after_it_ends(running: Declared) -> None:
    spec, one = running.inputs[BLUE]["spec"], container(running)

    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert spec["minReadySeconds"] > 0
    assert one["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert one["livenessProbe"]["httpGet"]["path"] == "/health"
    startup = one["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 60
    drained = one["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod_of(running)["terminationGracePeriodSeconds"] >= drained + 20


def test_a_backend_without_health_paths_is_asked_for_a_connection() -> None:
    found = declared(live(released(health_path=None, ready_path=None)))

    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container(found)[probe]["tcpSocket"] == {"port": "http"}


def test_pods_have_what_the_settings_promise_them_and_are_spread() -> None:
    found = declared(live(released()), backend_cpu_limit="2", backend_memory_limit="1Gi")

    assert container(found)["resources"] == {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"cpu": "2", "memory": "1Gi"},
    }
    keys = [each["topologyKey"] for each in pod_of(found)["topologySpreadConstraints"]]
    assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def with_slots(blue: Slot, green: Slot, rollout: Rollout | None = None) -> DesiredState:
    both = live(released("1-a"), released("2-b"))
    slots = Slots(blue=blue, green=green)
    return DesiredState(**{**dict(both), "backend": slots, "rollout": rollout})


def bounds(state: DesiredState, **changes: Any) -> dict[str, tuple[float, float]]:
    found = declared(state, **changes)
    specs = {slot: found.inputs[f"application-backend-{slot}-autoscaler"]["spec"] for slot in SLOTS}
    for slot, spec in specs.items():
        assert spec["scaleTargetRef"]["name"] == f"backend-{slot}"
    return {slot: (spec["minReplicas"], spec["maxReplicas"]) for slot, spec in specs.items()}


def test_each_slot_with_traffic_is_scaled_from_its_declared_count_up() -> None:
    old, new = Slot(release="1-a", replicas=2), Slot(release="2-b", replicas=3)
    canary = with_slots(old.with_weight(95), new.with_weight(5))

    assert bounds(canary) == {"blue": (2, 6), "green": (3, 6)}
    assert bounds(canary, backend_maximum_replicas=9) == {"blue": (2, 9), "green": (3, 9)}
    assert bounds(canary, backend_maximum_replicas=1) == {"blue": (2, 2), "green": (3, 3)}


def test_chosen_users_are_traffic_too() -> None:
    chosen = Audience(kind="header", name="x-beta", value="1")
    old, new = Slot(release="1-a", replicas=2, weight=100), Slot(release="2-b", replicas=3)

    assert bounds(with_slots(old, new))["green"] == (3, 3)
    assert bounds(with_slots(old, new.model_copy(update={"audience": chosen})))["green"] == (3, 6)


def test_a_slot_without_traffic_is_held_at_its_declared_count() -> None:
    warm, new = Slot(release="1-a", replicas=2), Slot(release="2-b", replicas=3, weight=100)

    assert bounds(with_slots(warm, new)) == {"blue": (2, 2), "green": (3, 6)}
    assert bounds(DesiredState()) == {"blue": (1, 1), "green": (1, 1)}


def counted(state: DesiredState, desired: int) -> tuple[int, int]:
    """Return how many pods the slots are to have whose autoscalers want so many."""
    found = slots(Settings(**CHOSEN), state)
    blue, green = (replicas(found[slot], desired, maximum=9) for slot in SLOTS)
    return blue, green


def test_what_the_autoscaler_made_of_a_slot_with_traffic_is_declared() -> None:
    old, new = Slot(release="1-a", replicas=2), Slot(release="2-b", replicas=3)

    assert counted(with_slots(old.with_weight(95), new.with_weight(5)), 7) == (7, 7)
    assert counted(with_slots(old.with_weight(100), new), 7) == (7, 3)
    assert counted(with_slots(old, new.with_weight(100)), 12) == (2, 9), "no more than settings say"


@pytest.mark.parametrize("desired", [0, 1])
def test_a_slot_has_its_declared_count_at_least_whatever_its_autoscaler_says(desired: int) -> None:
    # So a slot which the engine finds stopped, though it has traffic, is started again.
    old, new = Slot(release="1-a", replicas=2, weight=95), Slot(release="2-b", replicas=3, weight=5)

    assert counted(with_slots(old, new), desired) == (2, 3)


def test_a_slot_that_is_stopped_before_its_traffic_moves_has_no_pods() -> None:
    stopped = Slot(release="1-a", replicas=0, weight=100)

    assert counted(with_slots(stopped, Slot()), 7) == (0, 0)


def test_a_rollout_that_replaces_pods_takes_them_away_unless_load_had_made_more() -> None:
    before = Slots(blue=Slot(release="1-a", replicas=3, weight=100))
    rollout = Rollout(
        deployment="d",
        strategy="rolling",
        step=3,
        steps=9,
        target="2-b",
        back_to="1-a",
        back_to_slots={"backend": before},
        owner="o",
    )
    left = Slot(release="1-a", replicas=2, weight=67)
    state = with_slots(left, Slot(release="2-b", replicas=1, weight=33), rollout)

    assert counted(state, 3) == (2, 3)
    assert counted(state, 7) == (7, 7)


def test_a_slot_begins_with_its_declared_count_as_its_autoscaler_has_said_nothing(
    running: Declared,
) -> None:
    assert running.inputs[BLUE]["spec"]["replicas"] == 2
    assert "application-backend-blue-autoscaler" in running.dependencies[BLUE]


def test_a_slot_is_held_at_its_declared_count_after_its_traffic_has_moved(
    running: Declared,
) -> None:
    waits = running.dependencies["application-backend-blue-autoscaler"]

    assert "application-load-balancer-route" in waits


def test_declared_replicas_win_over_the_autoscalers(running: Declared) -> None:
    # else an update of a slot that was scaled ends in a conflict of field managers
    assert running.inputs[BLUE]["metadata"]["annotations"]["pulumi.com/patchForce"] == "true"


def test_nodes_can_be_drained_even_of_pods_that_do_not_work(running: Declared) -> None:
    spec = running.inputs[f"{BLUE}-disruption-budget"]["spec"]

    assert spec["maxUnavailable"] == "25%"
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"] == running.inputs[BLUE]["spec"]["selector"]


def test_pods_are_reached_by_http_alone_and_reach_what_the_settings_say() -> None:
    found = declared(live(released()), backend_outbound_ports=(443, 6379))
    spec = found.inputs["application-backend-network-policy"]["spec"]

    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == [{"ports": [{"protocol": "TCP", "port": 8000}]}]
    allowed = [
        (each["protocol"], each["port"]) for rule in spec["egress"] for each in rule["ports"]
    ]
    assert allowed == [("UDP", 53), ("TCP", 53), ("TCP", 443), ("TCP", 6379)]


def test_a_pod_starts_after_it_is_routed_to_and_fenced_in(running: Declared) -> None:
    waits = running.dependencies[BLUE]

    assert waits >= {
        "application-load-balancer-route",
        "application-backend-network-policy",
        "application-backend-account",
        "application-database-database",
    }


def test_everything_says_whose_it_is(running: Declared) -> None:
    for name, kind in running.types().items():
        if kind.rpartition("$")[2].startswith("kubernetes:"):
            labels = running.inputs[name]["metadata"]["labels"]
            assert labels["app.kubernetes.io/name"] == "todo", name
            assert labels["slipway/environment"] == "staging", name
            assert labels["slipway/owner"] == "shop-team", name
            assert labels["slipway/release"], name
    of_release = running.inputs[BLUE]["spec"]["template"]["metadata"]["labels"]
    assert of_release["slipway/release"] == "1.0.0-aa"
    assert of_release["app.kubernetes.io/version"] == "1.0.0-build.7", "a label takes no plus"


def test_a_slot_is_reached_by_way_of_the_load_balancer(running: Declared) -> None:
    assert running.outputs[outputs.ENDPOINTS]["backend"] == {
        "blue": ["https://api.shop.example.com"],
        "green": [],
    }
    assert running.outputs[outputs.SLOT_URLS]["backend"] == {}


def test_a_registry_that_asks_for_credentials_gets_them() -> None:
    found = declared(live(released()), kubernetes_pull_secret="registry")

    account = found.inputs["application-backend-account"]
    assert account["imagePullSecrets"] == [{"name": "registry"}]


def in_a_store() -> Declared:
    reference = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-Ab12Cd#v-1"

    def program() -> dict[str, pulumi.Output[Any]]:
        content = pulumi.Output.secret({"SESSION_KEY": GIVEN})
        pods = SlotPods(image=IMAGE, replicas=1, secrets=("SESSION_KEY",))
        KubernetesBackend(
            "backend",
            KubernetesBackendArgs(
                provider=pulumi.ProviderResource("kubernetes", "cluster", {}),
                namespace="shop",
                slots=pulumi.Output.from_input(dict.fromkeys(SLOTS, pods)),
                variables=dict.fromkeys(SLOTS, pulumi.Output.from_input({"A": "1"})),
                secrets=dict.fromkeys(SLOTS, content),
                bundle=lambda name, kept, opts: pulumi.Output.from_input(reference),
            ),
        )
        return {}

    return declare(program)


def test_with_a_store_of_secrets_the_pods_fetch_them_there() -> None:
    found = in_a_store()
    spec = found.inputs["backend-blue-secrets"]["spec"]
    pod = found.inputs["backend-blue"]["spec"]["template"]["spec"]

    assert "kubernetes:core/v1:Secret" not in {k.rpartition("$")[2] for k in found.types().values()}
    assert GIVEN not in json.dumps(found.inputs, default=str)
    (filled,) = spec["secretObjects"]
    assert filled["data"] == [{"objectName": "SESSION_KEY", "key": "SESSION_KEY"}]
    (source,) = pod["containers"][0]["envFrom"]
    assert source["secretRef"]["name"] == filled["secretName"]
    (volume,) = (each["csi"] for each in pod["volumes"] if "csi" in each)
    assert volume["volumeAttributes"] == {"secretProviderClass": filled["secretName"]}


def test_another_version_in_the_store_is_another_secret_for_the_pods() -> None:
    one = provider_class("arn:x#v-1", ["A"], secret="s")

    assert "objectVersion: v-1" in one["parameters"]["objects"]
    assert one["parameters"]["usePodIdentity"] == "true"
    assert (
        "objectVersion" not in provider_class("arn:x", ["A"], secret="s")["parameters"]["objects"]
    )


@pytest.mark.parametrize("ports", [[0], [65536], [443, -1]])
def test_ports_that_are_none_are_refused(ports: list[int]) -> None:
    with pytest.raises(ValueError, match="expected port numbers from 1 to 65535"):
        Settings(backend_outbound_ports=ports)
