"""The certificate of the local authority, as clients see it."""

import datetime
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from pulumi.runtime import rpc

from components.dynamic.certificate import NAMES, RENEW, CertificateProvider
from components.dynamic.issuing import VALID

PROVIDER = CertificateProvider()
HOSTS = ["todo.localhost", "localhost", "127.0.0.1", "::1"]


def props(folder: Path, hosts: list[str] | None = None) -> dict[str, Any]:
    return {"directory": str(folder), "hosts": hosts or HOSTS}


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Any]:
    outs: dict[str, Any] = PROVIDER.create(props(tmp_path / "tls")).outs
    return outs


def shake_hands(made: dict[str, Any], host: str) -> str | None:
    """Return the version of TLS that both sides agree on. Raise SSLError where they do not."""
    here, there = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made["certificate"], made["key"])
    client = ssl.create_default_context(cafile=made["authority"])
    client.verify_flags |= ssl.VERIFY_X509_STRICT

    def serve() -> None:
        try:
            server.wrap_socket(there, server_side=True).close()
        except (ssl.SSLError, OSError):
            there.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        with client.wrap_socket(here, server_hostname=host) as secure:
            return secure.version()
    finally:
        thread.join(10)


@pytest.mark.parametrize("host", HOSTS)
def test_the_chain_verifies_strictly_for_every_host(made: dict[str, Any], host: str) -> None:
    assert shake_hands(made, host) == "TLSv1.3"


def test_a_host_longer_than_a_common_name_has_a_certificate_too(tmp_path: Path) -> None:
    host = f"{'a' * 40}.{'b' * 40}.localhost"
    made = PROVIDER.create(props(tmp_path, [host, "localhost"])).outs

    assert made is not None
    assert shake_hands(made, host) == "TLSv1.3"


def test_another_host_is_refused(made: dict[str, Any]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(made, "other.localhost")


def test_only_its_owner_reads_the_key_and_the_authoritys_key_is_nowhere(
    made: dict[str, Any],
) -> None:
    folder = Path(made["directory"])

    assert Path(made["key"]).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    keys = [path.name for path in folder.iterdir() if "PRIVATE KEY" in path.read_text()]
    assert keys == ["key.pem"]


def test_the_certificate_says_what_browsers_ask_for(made: dict[str, Any]) -> None:
    leaf = x509.load_pem_x509_certificate(Path(made["certificate"]).read_bytes())
    lifetime = leaf.not_valid_after_utc - leaf.not_valid_before_utc

    assert lifetime <= datetime.timedelta(days=398)
    assert leaf.not_valid_after_utc.isoformat() == made["expires"]
    constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca


def test_it_is_renewed_near_its_end_and_not_before(made: dict[str, Any]) -> None:
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    same = props(Path(made["directory"]))

    assert VALID > RENEW
    near = {**made, "expires": (now + RENEW - hour).isoformat()}
    far = {**made, "expires": (now + RENEW + hour).isoformat()}
    assert PROVIDER.diff("", near, same).changes
    assert not PROVIDER.diff("", far, same).changes


def test_other_hosts_get_another_certificate_in_the_same_place(made: dict[str, Any]) -> None:
    new = props(Path(made["directory"]), ["other.localhost"])

    assert PROVIDER.diff("", made, new).changes
    after = PROVIDER.update("", made, new).outs

    assert after["certificate"] == made["certificate"]
    assert shake_hands(after, "other.localhost") == "TLSv1.3"
    assert not PROVIDER.diff("", after, new).changes


def test_another_folder_is_another_certificate(made: dict[str, Any], tmp_path: Path) -> None:
    assert PROVIDER.diff("", made, props(tmp_path / "other")).replaces == ["directory"]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_seen(made: dict[str, Any], name: str) -> None:
    identity = made["directory"]
    assert PROVIDER.read(identity, made).id == identity

    (Path(identity) / name).unlink()

    assert PROVIDER.read(identity, made).id == ""


def test_nothing_is_left_after_the_end(made: dict[str, Any]) -> None:
    PROVIDER.delete(made["directory"], made)
    PROVIDER.delete(made["directory"], made)

    assert list(Path(made["directory"]).iterdir()) == []


def test_unknown_hosts_in_a_preview_are_a_change(made: dict[str, Any]) -> None:
    assert PROVIDER.diff("", made, {**props(Path("/")), "hosts": rpc.UNKNOWN}).changes
