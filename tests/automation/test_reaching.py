"""Which address the driver asks: the public one, a slot's own, or the backend's until it opens."""

from types import SimpleNamespace
from typing import Any

import pytest

from automation.reaching import everybodys_client, slot_client
from components.contract import outputs
from components.contract.desired import DesiredState, Slots
from tests.doubles.releases import release

PUBLIC, OWN, BACKEND = (
    "https://shop.example.com",
    "https://shop-one.vercel.app",
    "https://api.shop.example.com",
)


def context(frontend: Slots, platform: str = "vercel") -> Any:
    """What reaching looks at: a backend with all traffic in blue, and this frontend."""
    backend = Slots.model_validate({"blue": {"release": "r1", "replicas": 1, "weight": 100}})
    found = {
        outputs.PUBLIC_URL: PUBLIC,
        outputs.ENDPOINTS: {"backend": {"blue": [BACKEND]}, "frontend": {"blue": [OWN]}},
        outputs.SLOT_URLS: {"frontend": {"blue": OWN}} if platform == "vercel" else {},
    }
    return SimpleNamespace(
        settings=SimpleNamespace(frontend_platform=platform),
        declared=DesiredState(releases={"r1": release("r1")}, backend=backend, frontend=frontend),
        outputs=found,
        access={"x-let-me": "in"},
    )


IDLE = Slots.model_validate({"blue": {"release": "r1", "replicas": 1}})
LIVE = Slots.model_validate({"blue": {"release": "r1", "replicas": 1, "weight": 100}})


@pytest.mark.parametrize(
    ("frontend", "platform", "base"),
    [(IDLE, "vercel", BACKEND), (LIVE, "vercel", PUBLIC), (IDLE, "local", PUBLIC)],
    ids=["not open yet", "open", "on this machine it is always open"],
)
def test_the_backend_is_asked_where_it_answers(frontend: Slots, platform: str, base: str) -> None:
    seen = context(frontend, platform)

    with (
        slot_client(seen, {"backend": "blue"}) as named,
        everybodys_client(seen, "backend") as all_,
    ):
        assert str(named.base_url).rstrip("/") == str(all_.base_url).rstrip("/") == base
        assert named.headers[outputs.SLOT_HEADER] == "blue"
        assert outputs.SLOT_HEADER not in all_.headers
        assert "x-let-me" not in named.headers


def test_a_slot_with_an_address_of_its_own_is_asked_there_by_who_is_let_in() -> None:
    with slot_client(context(IDLE), {"frontend": "blue"}) as client:
        assert str(client.base_url).rstrip("/") == OWN
        assert client.headers["x-let-me"] == "in"
