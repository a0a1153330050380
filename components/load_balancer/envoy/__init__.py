"""Envoy's configuration as data. Pure: what it says depends on the arguments alone."""
