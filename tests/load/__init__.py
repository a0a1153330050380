"""A load on a deployment, from a generator that retries nothing."""
