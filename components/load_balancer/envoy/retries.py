"""What is tried again, and where."""

from typing import Any

from components.load_balancer.envoy.messages import extension

NEVER_ARRIVED = "connect-failure,refused-stream,reset-before-request"
"""The application has not seen the request, so that none is done twice."""
RETRIES = 3
ASSET_RETRIES = 2
"""Slot, file server, slot: where the file server is down, its absence is not what is answered."""
ELSEWHERE = (404, 500, 502, 503, 504)
SAFE_METHODS = "GET|HEAD"


def unsafe() -> dict[str, Any]:
    """Return the policy for requests that may change something."""
    return _other_replica(NEVER_ARRIVED)


def safe() -> dict[str, Any]:
    """Return the policy for GET and HEAD: a replica that dies over one does not end it."""
    return _other_replica(f"{NEVER_ARRIVED},reset")


def assets() -> dict[str, Any]:
    """Return the policy for files: what the slot does not have, the file server may."""
    return {
        "retry_on": f"{NEVER_ARRIVED},reset,retriable-status-codes",
        "retriable_status_codes": list(ELSEWHERE),
        "num_retries": ASSET_RETRIES,
        "retry_back_off": {"base_interval": "0.001s"},
        "retry_priority": extension(
            "next-priority",
            "retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
            update_frequency=1,
        ),
    }


def _other_replica(conditions: str) -> dict[str, Any]:
    predicate = "retry.host.previous_hosts.v3.PreviousHostsPredicate"
    return {
        "retry_on": conditions,
        "num_retries": RETRIES,
        "retry_host_predicate": [extension("other-replica", predicate)],
        "host_selection_retry_max_attempts": 3,
    }
