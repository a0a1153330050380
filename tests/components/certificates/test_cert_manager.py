"""What the program declares of a certificate by cert-manager."""

import pulumi
import pytest

from components.certificates.cert_manager import CertManagerArgs
from tests.components.clusters import declared, released
from tests.components.examples import live


def test_the_gateway_gets_the_secret_that_cert_manager_fills_and_renews() -> None:
    found = declared(live(released()), kubernetes_issuer="corporate")
    spec = found.inputs["application-certificate-certificate"]["spec"]

    assert spec["dnsNames"] == ["api.shop.example.com"]
    assert spec["issuerRef"] == {"name": "corporate", "kind": "ClusterIssuer"}
    assert spec["privateKey"]["rotationPolicy"] == "Always"
    assert spec["renewBeforePercentage"] == 33
    listeners = found.inputs["application-load-balancer-gateway"]["spec"]["listeners"]
    (reference,) = listeners[1]["tls"]["certificateRefs"]
    assert reference["name"] == spec["secretName"]


@pytest.mark.parametrize(
    ("hosts", "issuer", "told"),
    [((), "letsencrypt", "slipway:domain"), (("a.example",), "", "slipway:kubernetesIssuer")],
)
def test_what_is_missing_is_named_by_its_key(
    hosts: tuple[str, ...], issuer: str, told: str
) -> None:
    provider = object.__new__(pulumi.ProviderResource)

    with pytest.raises(ValueError, match=told):
        CertManagerArgs(provider=provider, namespace="shop", hosts=hosts, issuer=issuer)
