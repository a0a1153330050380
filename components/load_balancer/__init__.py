"""Platforms of the load balancer."""

PLATFORMS = {
    "local": "components.load_balancer.local:LocalLoadBalancer",
}
