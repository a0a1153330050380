"""The alert rules, defined once: what they are, and how Prometheus is asked for them."""
