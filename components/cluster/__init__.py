"""Clusters of Kubernetes: one that exists, or one that is made."""
