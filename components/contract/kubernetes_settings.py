"""Keys of an environment whose backend runs on Kubernetes."""

from typing import Literal

from pydantic import Field, field_validator

from components.contract.base import Contract

QUANTITY = r"^([0-9]+m|[0-9]+(\.[0-9]+)?|[0-9]+[KMGT]i)?$"


class KubernetesSettings(Contract):
    """What is asked of the cluster, and of each replica in it."""

    kubernetes_context: str = Field(
        "", description="`kubernetes`: context of the kubeconfig; empty, its current one."
    )
    kubernetes_namespace: str = Field(
        "",
        pattern=r"^[a-z0-9-]{0,63}$",
        description="Namespace; empty, `<application>-<environment>`.",
    )
    kubernetes_gateway_class: str = Field(
        "", description="`gateway`: GatewayClass; needed unless a gateway is named."
    )
    kubernetes_gateway: str = Field(
        "", description="`gateway`: an existing Gateway as `namespace/name`; empty, one of its own."
    )
    kubernetes_sticky: bool = Field(
        True,
        description="`gateway`: a cookie keeps a browser with one of two releases that have "
        "traffic; the class has to match headers by regular expressions.",
    )
    kubernetes_pull_secret: str = Field(
        "", description="Secret in the namespace that lets nodes fetch the image; empty, none."
    )
    kubernetes_issuer: str = Field(
        "letsencrypt", description="`cert_manager`: ClusterIssuer that issues the certificate."
    )
    backend_image_repository: str = Field(
        "", description="Where the backend's image is pushed, such as `ghcr.io/acme/shop-api`."
    )
    backend_base_image: str = Field(
        "python:3.11-slim", description="Image that the backend's files are laid upon."
    )
    backend_architecture: Literal["amd64", "arm64"] = Field(
        "amd64",
        description="Architecture of the nodes that run the backend's image; `aws_eks`: amd64.",
    )
    backend_domain: str = Field(
        "", description="Host name of `gateway` or `aws_alb`; empty, `api.<domain>`."
    )
    backend_cpu_request: str = Field(
        "100m",
        pattern=QUANTITY,
        description="In a cluster: CPU that each replica of the backend is promised.",
    )
    backend_cpu_limit: str = Field(
        "",
        pattern=QUANTITY,
        description="In a cluster: CPU that a replica may use; empty, what is free.",
    )
    backend_memory_request: str = Field(
        "256Mi", pattern=QUANTITY, description="In a cluster: memory that each replica is promised."
    )
    backend_memory_limit: str = Field(
        "512Mi",
        pattern=QUANTITY,
        description="In a cluster: memory above which a replica is ended.",
    )
    backend_maximum_replicas: int = Field(
        0,
        ge=0,
        le=100,
        description="In a cluster: autoscaling goes up to this; 0, three times backendReplicas.",
    )
    backend_cpu_target_percent: int = Field(
        70,
        ge=10,
        le=95,
        description="In a cluster: CPU use, of what is promised, that autoscaling aims at.",
    )
    backend_outbound_ports: tuple[int, ...] = Field(
        (443, 5432),
        description="In a cluster: TCP ports that replicas may reach, besides name servers'.",
    )

    @field_validator("backend_outbound_ports")
    @classmethod
    def _port_numbers(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not all(0 < port < 65536 for port in value):
            raise ValueError("expected port numbers from 1 to 65535, such as [443, 5432]")
        return value
