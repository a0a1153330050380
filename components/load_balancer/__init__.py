"""Platforms of the load balancer."""
