"""Names within the limits of the services that take them. Pure."""

import hashlib

DIGEST_LENGTH = 6


def within(limit: int, name: str) -> str:
    """Return the name, shortened to `limit` characters where it is longer.

    What is cut off still counts, as a digest at the end: two names do not become the same.
    """
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{name[: limit - DIGEST_LENGTH - 1].rstrip('-')}-{digest}"
