"""Measurements as the integers that the report's schema asks for."""


def whole(value: float | None) -> int | None:
    """Round a measurement to the nearest integer; what was not measured stays None."""
    return None if value is None else round(value)
