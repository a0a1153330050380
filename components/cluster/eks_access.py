"""The way into a cluster of EKS, by the identity of whoever is at work."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes


def way_in(
    name: str, cluster: aws.eks.Cluster, region: str, opts: pulumi.ResourceOptions
) -> kubernetes.Provider:
    """Declare the provider that reaches a cluster."""
    authority = cluster.certificate_authority.data
    config = kubeconfig(cluster.name, cluster.endpoint, authority, region)
    return kubernetes.Provider(
        name,
        kubeconfig=pulumi.Output.json_dumps(config),
        # Named by what it is: another token or endpoint replaces nothing that is in it.
        cluster_identifier=cluster.arn,
        opts=opts,
    )


def kubeconfig(
    name: pulumi.Input[str],
    endpoint: pulumi.Input[str],
    authority: pulumi.Input[str],
    region: str,
) -> dict[str, object]:
    """Return a kubeconfig that holds no credential: `aws eks get-token` makes one when needed."""
    arguments = ["eks", "get-token", "--cluster-name", name, "--region", region]
    get_token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [*arguments, "--output", "json"],
        "interactiveMode": "Never",
    }
    cluster = {"server": endpoint, "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "eks", "cluster": cluster}],
        "users": [{"name": "eks", "user": {"exec": get_token}}],
        "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "eks"}}],
        "current-context": "eks",
    }
