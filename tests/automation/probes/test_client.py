"""Synthetic requests reach the public address by any name, and are marked as what they are."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from automation.polling import SystemClock
from automation.probes.client import direct_client, public_client
from automation.probes.exchange import BODY_LIMIT, NoAnswer, exchange
from automation.version import version
from components.contract.outputs import PROBE_HEADER
from tests.doubles.certificates import Authority
from tests.doubles.edge import Edge
from tests.doubles.web import HANG_UP, Asked, Reply, Web

HOST = "todo.localhost"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, HOST)


@pytest.fixture
def secure(authority: Authority) -> Iterator[Web]:
    with Web(lambda asked: Reply(body={"path": asked.path}), tls=authority.server_context()) as web:
        yield web


def get(client: httpx.Client, path: str, seconds: float = 5) -> int:
    return exchange(
        client, client.build_request("GET", path), clock=SystemClock(), seconds=seconds
    ).status


def test_a_localhost_name_that_nothing_resolves_is_reached_with_its_own_name(
    secure: Web, authority: Authority
) -> None:
    with public_client(f"https://{HOST}:{secure.port}", authority.ca) as client:
        assert client.get("/api/ready?full=1").json() == {"path": "/api/ready?full=1"}

    (asked,) = secure.asked
    assert asked.headers["host"] == f"{HOST}:{secure.port}"
    assert asked.headers[PROBE_HEADER] == "1"
    assert asked.headers["user-agent"] == f"slipway/{version()}"


def test_any_name_can_be_resolved_to_a_given_address(secure: Web, authority: Authority) -> None:
    base = f"https://{HOST}:{secure.port}"
    with public_client(base, authority.ca, resolve_to="127.0.0.1") as client:
        assert get(client, "/") == 200


def test_a_certificate_of_another_name_is_refused(secure: Web, authority: Authority) -> None:
    with (
        public_client(f"https://other.localhost:{secure.port}", authority.ca) as client,
        pytest.raises(NoAnswer, match="certificate does not verify"),
    ):
        get(client, "/")


def test_a_certificate_of_an_unknown_authority_is_refused(secure: Web) -> None:
    with (
        public_client(f"https://{HOST}:{secure.port}") as client,
        pytest.raises(NoAnswer, match="certificate does not verify"),
    ):
        get(client, "/")


def test_cookies_of_the_public_name_come_back(authority: Authority) -> None:
    def respond(asked: Asked) -> Reply:
        cookies = {"set-cookie": "session=abc; Path=/; Secure; HttpOnly; SameSite=Lax"}
        return Reply(body={"cookie": asked.headers.get("cookie")}, headers=cookies)

    with (
        Web(respond, tls=authority.server_context()) as web,
        public_client(f"https://{HOST}:{web.port}", authority.ca) as client,
    ):
        client.get("/")

        assert client.get("/").json() == {"cookie": "session=abc"}


def test_where_none_are_kept_every_request_is_a_strangers(authority: Authority) -> None:
    def respond(asked: Asked) -> Reply:
        return Reply(
            body={"cookie": asked.headers.get("cookie")},
            headers={"set-cookie": "slipway-backend=1.0.0; Path=/; Secure; HttpOnly"},
        )

    with (
        Web(respond, tls=authority.server_context()) as web,
        public_client(f"https://{HOST}:{web.port}", authority.ca, cookies=False) as client,
    ):
        client.get("/")

        assert client.get("/").json() == {"cookie": None}


def test_envoy_is_spoken_to_in_http_2(tmp_path: Path, authority: Authority) -> None:
    with (
        Web(lambda asked: Reply(body="hello")) as web,
        Edge(tmp_path, {"backend_blue": web.url}, authority) as edge,
        public_client(f"https://{HOST}:{edge.port}", authority.ca, http2=True) as client,
    ):
        response = client.get("/")

    assert (response.status_code, response.http_version) == (200, "HTTP/2")


def test_proxies_of_the_environment_do_not_come_between_us_and_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Web(lambda asked: Reply()) as web, direct_client() as direct:
        with public_client(web.url) as client:
            assert get(client, "/") == 200
        assert get(direct, web.url) == 200


def test_nobody_listening_is_said_plainly() -> None:
    with Web(lambda asked: Reply()) as web:
        url = web.url
    with direct_client() as client, pytest.raises(NoAnswer, match=r"^connection refused$"):
        get(client, url)


def test_a_connection_closed_without_an_answer_is_no_answer() -> None:
    with Web(lambda asked: HANG_UP) as web, direct_client() as client:
        with pytest.raises(NoAnswer, match="disconnected"):
            get(client, web.url)
        assert len(web.asked) == 1


def test_silence_ends_in_a_timeout() -> None:
    with (
        Web(lambda asked: web.hang()) as web,
        direct_client(timeout=0.2) as client,
        pytest.raises(NoAnswer, match="timed out"),
    ):
        get(client, web.url)


def test_an_endless_trickle_ends_at_the_deadline() -> None:
    def trickle() -> Iterator[bytes]:
        while not web.closing.wait(0.02):
            yield b"."

    with (
        Web(lambda asked: Reply(pieces=trickle)) as web,
        direct_client(timeout=10) as client,
        pytest.raises(NoAnswer, match=r"longer than 0\.3 s"),
    ):
        get(client, web.url, seconds=0.3)


def test_no_more_of_a_body_is_read_than_a_check_needs() -> None:
    def endless() -> Iterator[bytes]:
        while not web.closing.is_set():
            yield b"x" * 100_000

    with Web(lambda asked: Reply(pieces=endless)) as web, direct_client(timeout=10) as client:
        request = client.build_request("GET", web.url)
        answer = exchange(client, request, clock=SystemClock(), seconds=60)

    assert len(answer.body) == BODY_LIMIT
